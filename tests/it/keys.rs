//! What is declared of each key holds: its default is the one that the compiler takes and that its words name, its example is
//! one that the compiler takes.
#![expect(clippy::disallowed_methods, reason = "these tests look at files of the repository")]

use std::fs;

use jsonschema::Validator;
use serde_json::Value as Json;
use sovereign_compile::compile;
use sovereign_language::described::{self, Form};
use sovereign_language::guide;
use sovereign_language::input::{Input, NoDirectories};
use sovereign_language::kit::Kits;
use sovereign_language::manifest::{decode, schema};
use sovereign_text::diag::{Code, Diagnostics};
use sovereign_text::source::Source;

use crate::schema::{files, toml, value};

/// The manifests in which keys are given other values: examples, and cases that are right.
fn bases() -> Vec<Json> {
    let mut paths = files("examples", 1);
    paths.extend(files("tests/ui", 2).into_iter().filter(|path| path.ends_with("pass.toml")));
    let read = |path: std::path::PathBuf| value(&fs::read_to_string(path).expect("reads"));
    let mut bases: Vec<_> = paths.into_iter().filter_map(read).collect();
    let organization = |path: std::path::PathBuf| {
        value(&fs::read_to_string(path).expect("reads")).expect("TOML")["organization"].take()
    };
    // The tenants of the example, in the manifest.
    let mut tenants = value(&fs::read_to_string("examples/tenants.toml").expect("reads")).expect("TOML");
    tenants.as_object_mut().expect("a table").remove("organization-source");
    tenants["organization"] = files("examples/organizations", 1).into_iter().map(organization).collect();
    bases.push(tenants);
    bases
}

/// The tables of a manifest that a path of keys leads to, as JSON pointers.
fn tables(value: &Json, path: &[&str], at: &str, found: &mut Vec<String>) {
    if let Json::Array(items) = value {
        for (place, item) in items.iter().enumerate() {
            tables(item, path, &format!("{at}/{place}"), found);
        }
        return;
    }
    let Some(table) = value.as_object() else { return };
    match path.split_first() {
        None => found.push(at.to_owned()),
        Some((&"<name>", rest)) => {
            for (name, item) in table {
                tables(item, rest, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Some((key, rest)) => {
            if let Some(item) = table.get(*key) {
                tables(item, rest, &format!("{at}/{key}"), found);
            }
        }
    }
}

/// Puts a value at a key of every kind of table that the bases have, and gives the manifests with it.
fn with(bases: &[Json], path: &str, value: &Json, is_absent: bool) -> Vec<(Json, Json)> {
    let mut keys: Vec<_> = path.split('.').collect();
    let key = keys.pop().expect("a key");
    let mut made = Vec::new();
    for base in bases {
        let mut found = Vec::new();
        tables(base, &keys, "", &mut found);
        for pointer in found {
            let table = base.pointer(&pointer).expect("a table");
            if !table.is_object()
                || is_absent && table.get(key).is_some()
                || table.get("kit").is_none() && pointer.is_empty()
            {
                continue;
            }
            let mut changed = base.clone();
            changed.pointer_mut(&pointer).expect("a table")[key] = value.clone();
            made.push((base.clone(), changed));
        }
    }
    made
}

fn source(document: &Json) -> Source {
    Source::manifest("sovereign.toml", toml(document).into_bytes()).map_err(|(why, _)| why).expect("text")
}

#[test]
fn every_key_has_an_example_that_is_taken() {
    let bases = bases();
    let generated = schema::generate();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for described in described::keys() {
        let (path, key) = (&described.path, described.key);
        let Some(example) = key.schema.example() else {
            wrong.push(format!("{path} has no example"));
            continue;
        };
        let manifests = with(&bases, path, example, false);
        // A key whose table no manifest has is one of a table whose own example was tried.
        let is_taken = manifests.iter().any(|(_, manifest)| {
            let mut diags = Diagnostics::new();
            decode(&source(manifest), &mut diags);
            // That keys do not go together is said of other manifests too.
            let together = [Code::UnsupportedKey, Code::MissingKey, Code::UnknownKey];
            let of_value = |code: Code| !together.contains(&code);
            !diags.sorted().iter().any(|finding| of_value(finding.code))
        });
        tried += usize::from(!manifests.is_empty());
        if !manifests.is_empty() && !is_taken {
            wrong.push(format!("{path} = {} is refused", described::toml(example)));
        }
        if !fits(&generated, path, example) {
            wrong.push(format!("{path} = {} is refused by its schema", described::toml(example)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 250, "{tried} examples stood in a manifest");
}

/// Whether a value fits what the schema says of a key.
fn fits(generated: &Json, path: &str, example: &Json) -> bool {
    let steps = path.split('.');
    let mut schema = generated.clone();
    for step in steps {
        schema = below(generated, &schema, step);
    }
    schema["definitions"] = generated["definitions"].clone();
    let validator: Validator = jsonschema::draft7::new(&schema).expect("a schema");
    validator.is_valid(example)
}

/// The schema of a key, through references, lists and names.
fn below(root: &Json, schema: &Json, key: &str) -> Json {
    let mut open = vec![schema.clone()];
    while let Some(schema) = open.pop() {
        let named = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
        open.extend(named.map(|name| root["definitions"][name].clone()));
        for list in ["allOf", "anyOf"] {
            open.extend(schema[list].as_array().into_iter().flatten().cloned());
        }
        open.extend(schema.get("items").cloned());
        if let Some(found) = schema["properties"].get(key) {
            return found.clone();
        }
        if let Some(any) = schema.get("additionalProperties").filter(|any| any.is_object() && key == "<name>")
        {
            return any.clone();
        }
    }
    panic!("{key} is no key");
}

#[test]
fn words_and_declarations_name_the_same_defaults() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for described in described::keys() {
        let words = described.key.schema.description();
        let declared = described.key.schema.default().map(described::toml);
        count += usize::from(declared.is_some());
        let shown = declared.as_deref().map(|value| value.trim_matches('"').to_owned());
        let is_named = |value: &String| {
            let (plain, code) = (format!("Default {value}."), format!("`{value}`"));
            words.contains(&plain)
                || words.contains(&format!("Default {code}"))
                || words.contains(&format!("{code} (default)"))
                || value.is_empty() && words.contains("(`\"\"`)")
        };
        if let Some(shown) = shown.filter(|shown| !is_named(shown)) {
            wrong.push(format!("{}: {shown:?} is not what it says: {words}", described.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 40, "{count} defaults");
}

/// What is written where nobody writes it changes nothing: the objects are the same.
#[test]
fn a_default_that_is_written_changes_nothing() {
    let kits = Kits::embedded();
    let bases: Vec<_> = bases().into_iter().filter(|base| tree(base, &kits).is_some()).collect();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for described in described::keys() {
        let Some(default) = described.key.schema.default() else { continue };
        if described.key.schema.form() == Form::Table {
            continue;
        }
        let found = with(&bases, &described.path, default, true);
        tried += usize::from(!found.is_empty());
        let written = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        let is_same = |(before, after): &(Json, Json)| {
            let (Some(before), Some(after)) = (tree(before, &kits), tree(after, &kits)) else { return false };
            before.len() == after.len()
                && before.iter().zip(&after).all(|(one, other)| only_says(one, other, &written))
        };
        // In some manifests it contradicts what else is written.
        if !found.is_empty() && !found.iter().take(MOST_TREES).any(is_same) {
            wrong.push(format!("{} = {} changes something", described.path, described::toml(default)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 25, "{tried} defaults were written");
}

/// A manifest is tried in so many places: the first few tables of a kind are as good as all.
const MOST_TREES: usize = 6;

/// Whether two files are the same, but for lines that say the default: what reads them takes it too.
fn only_says(before: &(String, String), after: &(String, String), written: &str) -> bool {
    let mut rest = before.1.lines();
    let mut next = rest.next();
    for line in after.1.lines() {
        if next == Some(line) {
            next = rest.next();
        } else if !line.trim_matches('"').ends_with(written) {
            return false;
        }
    }
    before.0 == after.0 && next.is_none()
}

/// The files of a tree without those that hold the digest of the manifest.
fn tree(document: &Json, kits: &Kits) -> Option<Vec<(String, String)>> {
    let input = Input::gather(source(document), &NoDirectories);
    let tree = compile(&input, kits, &mut Diagnostics::new()).ok()?;
    let files = tree.files().iter().map(|(path, text)| (path.to_string(), text.clone()));
    Some(files.filter(|(path, _)| path != "README.md" && path != "sovereign.lock").collect())
}

#[test]
fn the_reference_is_what_the_declarations_say() {
    const PAGE: &str = "docs/reference.md";
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        assert!(std::env::var_os("CI").is_none(), "BLESS is refused where CI is set");
        fs::write(PAGE, guide::reference()).expect("writes");
    }
    let page = fs::read_to_string(PAGE).expect("reads");
    assert!(page == guide::reference(), "run `BLESS=1 cargo test reference` and look at the difference");
    for described in described::keys() {
        let name = described.path.rsplit('.').next().expect("a name");
        assert!(page.contains(name), "{} is not explained", described.path);
    }
}
