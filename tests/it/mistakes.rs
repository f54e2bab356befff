//! Twelve mistakes in one file are found in one run, each at its line and column, in every format that names both.

use std::process::Command;

use serde_json::Value;

const FILE: &str = "tests/mistakes/twelve.toml";
/// What is wrong with [`FILE`]: code, line, column, from 1 and in characters.
const MISTAKES: [(&str, u64, u64); 12] = [
    ("malformed-value", 6, 47),
    ("unknown-key", 14, 1),
    ("unknown-choice", 17, 12),
    ("unknown-size", 26, 26),
    ("missing-key", 32, 17),
    ("mesh-id", 33, 11),
    ("network-overlap", 34, 12),
    ("duplicate-name", 37, 8),
    ("unknown-blueprint", 41, 12),
    ("wrong-type", 45, 11),
    ("secret-literal", 48, 17),
    ("outside-registry", 49, 9),
];

type Found = (String, u64, u64);

/// What `sovereign check` says in a format: standard output and standard error.
fn check(format: &str) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sovereign"))
        .args(["check", "--color", "never", "--format", format, FILE])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1), "a manifest with errors");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

fn expected() -> Vec<Found> {
    MISTAKES.iter().map(|&(code, line, column)| (code.to_owned(), line, column)).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn word(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

/// `path:line:column: error[code]: message`.
fn short_line(line: &str) -> Found {
    let rest = line.strip_prefix(FILE).and_then(|rest| rest.strip_prefix(':')).expect("the path");
    let (position, message) = rest.split_once(": error[").expect("an error");
    let (line, column) = position.split_once(':').expect("line and column");
    let code = message.split(']').next().expect("a code");
    (code.to_owned(), line.parse().expect("a line"), column.parse().expect("a column"))
}

#[test]
fn the_codes_are_twelve_different_ones() {
    let codes: std::collections::BTreeSet<_> = MISTAKES.iter().map(|mistake| mistake.0).collect();
    assert_eq!(codes.len(), 12);
}

#[test]
fn people_read_all_twelve() {
    let (out, short) = check("short");
    assert!(out.is_empty(), "words go to standard error: {out}");
    assert_eq!(short.lines().map(short_line).collect::<Vec<_>>(), expected());
    let (_, human) = check("human");
    for (code, line, column) in MISTAKES {
        assert!(human.contains(&format!("error[{code}]: ")), "{code} in\n{human}");
        assert!(human.contains(&format!("--> {FILE}:{line}:{column}\n")), "{line}:{column} in\n{human}");
    }
    assert!(human.ends_with("error: 12 errors\n"), "{human}");
}

#[test]
fn programs_read_all_twelve_as_json() {
    let (out, _) = check("json");
    let found = out.lines().map(|line| {
        let finding: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(finding["file"], FILE);
        let start = &finding["span"]["start"];
        (word(&finding["code"]), number(&start["line"]), number(&start["column"]))
    });
    assert_eq!(found.collect::<Vec<_>>(), expected());
}

#[test]
fn code_scanning_reads_all_twelve_as_sarif() {
    let (out, _) = check("sarif");
    let log: Value = serde_json::from_str(&out).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let found = results.iter().map(|result| {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], FILE);
        let region = &place["region"];
        (word(&result["ruleId"]), number(&region["startLine"]), number(&region["startColumn"]))
    });
    assert_eq!(found.collect::<Vec<_>>(), expected());
}
