//! Texts that are right, and texts in the middle of being written.

use super::*;

fn names(text: &str) -> Vec<String> {
    let tree = Tree::new(text);
    tree.ids().skip(1).filter(|id| tree.children(*id).next().is_none()).map(|id| tree.name(id)).collect()
}

/// Returns what stands where `|` does.
fn at(marked: &str) -> (Tree, Place) {
    let offset = marked.find('|').expect("a mark");
    let tree = Tree::new(&marked.replacen('|', "", 1));
    let place = tree.at(offset);
    (tree, place)
}

fn free(marked: &str) -> String {
    let (tree, place) = at(marked);
    let Place::Free { table } = place else { panic!("{marked}: {place:?}") };
    tree.name(table)
}

fn value(marked: &str) -> String {
    let (tree, place) = at(marked);
    let Place::Value { node, .. } = place else { panic!("{marked}: {place:?}") };
    tree.name(node)
}

#[test]
fn a_text_that_is_right_gives_the_keys_that_the_decoder_finds() {
    let text = "a = 1\nb.c = \"x\"\n[[region]]\nname = \"sin\"\nworkers = { size = \"s\", n = [1, { k = 2 }] }\n[region.blueprint.\"a b\".values]\nx = '''\n[no]\n'''\n[[region]]\nname = \"hel\"\n";
    assert_eq!(
        names(text),
        [
            "a",
            "b.c",
            "region[sin].name",
            "region[sin].workers.size",
            "region[sin].workers.n[0]",
            "region[sin].workers.n[1].k",
            "region[sin].blueprint.\"a b\".values.x",
            "region[hel].name",
        ]
    );
}

#[test]
fn what_is_not_closed_ends_where_something_begins() {
    for broken in [
        "list = [1,",
        "t = { a = 1, b = ",
        "s = \"abc",
        "s = 'abc",
        "k",
        "k =",
        "k.",
        "[half",
        "[[half",
        "= 3",
        "]",
        "}",
    ] {
        let text = format!("{broken}\n[after]\nkey = \"found\"\n");
        let tree = Tree::new(&text);
        let after = tree.child(ROOT, "after").unwrap_or_else(|| panic!("{broken}: no table"));
        assert_eq!(tree.text(after, &["key"]), Some("found"), "{broken}");
    }
    let tree = Tree::new("list = [1,\nkey = \"found\"\n");
    assert_eq!(tree.text(ROOT, &["key"]), Some("found"));
}

#[test]
fn a_place_is_in_a_key_a_value_or_between() {
    assert_eq!(free("[a]\n|"), "a");
    assert_eq!(free("[a]\nb = 1\n|\n[c]\n"), "a");
    assert_eq!(free("x = { | }"), "x");
    assert_eq!(free("x = [{ a = 1, | }]"), "x[0]");
    assert_eq!(free("|"), "");
    assert_eq!(value("a = |"), "a");
    assert_eq!(value("a = \"x|\""), "a");
    assert_eq!(value("a = [\"x\", \"|\"]"), "a[1]");
    assert_eq!(value("a = [|]"), "a");
    assert_eq!(value("x = { a = \"|\" }"), "x.a");
    let (tree, place) = at("[region.blue|]\n");
    assert_eq!(place, Place::Header { section: 1, part: 1 });
    assert_eq!(tree.name(tree.sections[1].node), "region.blue");
    assert!(matches!(at("a.b| = 1").1, Place::Key { entry: 0, part: 1 }));
    assert!(matches!(at("x = { ab| }").1, Place::Key { entry: 1, part: 0 }));
    assert!(matches!(at("x = 1 # |").1, Place::Free { table: ROOT }));
}

#[test]
fn hostile_texts_cost_little() {
    for text in [
        "[".repeat(100_000),
        "{".repeat(100_000),
        "a.".repeat(50_000),
        "x=[".repeat(30_000),
        "\"\\".repeat(50_000),
    ] {
        let tree = Tree::new(&text);
        assert!(tree.ids().len() <= 300_001);
        tree.at(text.len());
    }
}
