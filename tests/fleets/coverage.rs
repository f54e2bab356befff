//! `docs/coverage.md`: its counts are right, and what it names exists.
#![expect(clippy::disallowed_methods, reason = "pages and tests are files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../docs/coverage.md");

/// The rows: number, statement, state, what shows it.
fn rows() -> Vec<[&'static str; 4]> {
    let lines = PAGE.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit());
    lines
        .map(|line| {
            let cells: Vec<_> = line.trim_start_matches("| ").trim_end_matches(" |").split(" | ").collect();
            cells.try_into().unwrap_or_else(|_| panic!("four cells: {line}"))
        })
        .collect()
}

#[test]
fn every_statement_has_a_number_and_a_state_and_the_counts_are_right() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, [number, statement, state, shown]) in rows().into_iter().enumerate() {
        assert_eq!(number, (place + 1).to_string(), "{statement}");
        *counts.entry(state).or_default() += 1;
        let (is_named, has_reason) =
            (shown.starts_with('`'), !shown.starts_with('`') || shown.contains("`: "));
        match state {
            "holds" => assert!(is_named && !has_reason, "{statement}"),
            "in part" => assert!(is_named && has_reason, "{statement} has a reason"),
            "missing" | "run time" => assert!(!shown.is_empty(), "{statement} says what"),
            other => panic!("{other} is no state"),
        }
    }
    let [holds, part, missing, run] = ["holds", "in part", "missing", "run time"].map(|state| counts[state]);
    let head: String = PAGE.split_whitespace().collect::<Vec<_>>().join(" ");
    let sum = format!(
        "as {} statements in our own words, and what shows each. {holds} hold, {part} hold in part, {missing} are missing, {run} can be seen only",
        holds + part + missing + run
    );
    assert!(head.contains(&sum), "the page does not say: {sum}");
}

#[test]
fn what_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for [number, _, _, shown] in rows() {
        let Some(name) = shown.strip_prefix('`').and_then(|rest| rest.split('`').next()) else { continue };
        // A reason may begin with a word in code.
        if !name.contains('/') {
            continue;
        }
        if let Some((file, function)) = name.split_once("::") {
            let text = fs::read_to_string(root.join(file))
                .unwrap_or_else(|error| panic!("{number}: {file}: {error}"));
            let at = text
                .find(&format!("fn {function}("))
                .unwrap_or_else(|| panic!("{number}: no {function} in {file}"));
            assert!(
                text[..at].lines().rev().take(4).any(|line| line.trim() == "#[test]"),
                "{number}: {function} is no test"
            );
        } else if let Some((file, step)) = name.split_once(": ") {
            let text = fs::read_to_string(root.join(file)).expect("a script");
            assert!(text.contains(&format!("\n{step}()")), "{number}: no step {step} in {file}");
        } else {
            let count = fs::read_dir(root.join(name))
                .unwrap_or_else(|error| panic!("{number}: {name}: {error}"))
                .count();
            assert!(count > 0, "{number}: {name} is empty");
        }
    }
}
