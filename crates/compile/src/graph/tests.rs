use super::*;

fn graph(edges: &[(usize, usize)], names: &[&str]) -> Graph {
    let node = |name: &&str| Node { name: (*name).to_owned(), group: String::new(), note: String::new() };
    let edge = |(from, to): &(usize, usize)| Edge { from: *from, to: *to, label: "" };
    Graph {
        title: "t".to_owned(),
        nodes: names.iter().map(node).collect(),
        edges: edges.iter().map(edge).collect(),
        is_directed: true,
    }
}

#[test]
fn a_node_stands_behind_all_that_it_waits_for() {
    let graph = graph(&[(1, 0), (2, 1), (2, 0), (3, 3)], &["a", "b", "c", "d"]);
    assert_eq!(ranks(&graph), [0, 1, 2, 0]);
    assert_eq!(
        text::render(&graph),
        "t\n\nwave 0\n  a\n  d    ← d\n\nwave 1\n  b    ← a\n\nwave 2\n  c    ← b, a\n"
    );
}

/// Names have grammars; if one had none, it would still be text and nothing else.
#[test]
fn a_hostile_name_is_text() {
    let name = "\"]<script>alert(1)</script>\\'&\u{1}";
    let graph = graph(&[(1, 0)], &[name, "b"]);
    assert!(!svg::render(&graph).contains("<script"));
    assert!(svg::render(&graph).contains("&lt;script&gt;"));
    assert!(dot::render(&graph).contains("label=\"\\\"]<script>alert(1)</script>\\\\'&"));
    let mermaid = mermaid::render(&graph);
    assert!(!mermaid.contains('<') && mermaid.matches('"').count() == 4, "{mermaid}");
}

#[test]
fn two_thousand_nodes_take_a_moment() {
    let names: Vec<_> = (0..2000).map(|n| format!("n{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let edges: Vec<_> = (1..2000).flat_map(|n| [(n, n / 2), (n, n / 3)]).collect();
    let svg = svg::drawing(&graph(&edges, &names));
    assert_eq!(svg.matches("class=\"node\"").count(), 2000);
}
