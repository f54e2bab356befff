//! `docs/promises.md`: what the pages promise stands there, and so does the test that holds it.
#![expect(clippy::disallowed_methods, reason = "pages and tests are files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../docs/promises.md");

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Words without emphasis and line breaks, in small letters: a promise may begin a sentence or stand inside one.
fn plain(text: &str) -> String {
    text.replace("**", "").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The rows: promise, link, test.
fn rows() -> Vec<[&'static str; 3]> {
    let lines = PAGE.lines().filter(|line| line.starts_with("| ")).skip(1);
    lines
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            cells.try_into().unwrap_or_else(|_| panic!("three cells: {line}"))
        })
        .collect()
}

#[test]
fn what_is_promised_stands_where_it_is_said_to() {
    let mut seen = BTreeSet::new();
    for [promise, link, _] in rows() {
        assert!(seen.insert(promise), "twice: {promise}");
        let target = link.split_once("](").and_then(|(_, rest)| rest.strip_suffix(')')).expect("a link");
        let path = target.strip_prefix("../").map_or_else(|| format!("docs/{target}"), str::to_owned);
        assert!(plain(&text(&path)).contains(&plain(promise)), "{path} does not say: {promise}");
    }
    assert!(seen.len() > 40, "{} promises", seen.len());
}

#[test]
fn every_promise_has_a_test() {
    for [promise, _, test] in rows() {
        let test = test.trim_matches('`');
        let (path, name) = test.split_once("::").expect("path::name");
        let source = text(path);
        // Those that speak with real programs are listed in their `main.rs`.
        if let Some(module) = path.strip_prefix("tests/servers/").and_then(|file| file.strip_suffix(".rs")) {
            let trial = format!("\"{module}::{name}\"");
            assert!(
                text("tests/servers/main.rs").contains(&trial),
                "{test} is no test, and shall hold: {promise}"
            );
            continue;
        }
        let function =
            source.find(&format!("\nfn {name}(")).or_else(|| source.find(&format!("    fn {name}(")));
        let before = function.map(|at| source[..at].lines().rev().take(3).collect::<Vec<_>>());
        let is_test = before.is_some_and(|lines| lines.iter().any(|line| line.trim() == "#[test]"));
        assert!(is_test, "{test} is no test, and shall hold: {promise}");
    }
}

#[test]
fn every_page_promises_something() {
    let pages = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).expect("docs");
    let names = pages.map(|page| page.expect("a page").file_name().into_string().expect("a name"));
    // A page of choices, one of formats, one of words, this one, and one that a script holds (`release/test.sh`).
    let none = ["decisions.md", "glossary.md", "kits.md", "promises.md", "releasing.md"];
    for name in names.filter(|name| Path::new(name).extension().is_some() && !none.contains(&name.as_str())) {
        assert!(PAGE.contains(&format!("]({name})")), "docs/{name} promises nothing");
    }
}
