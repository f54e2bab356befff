//! All mistakes in one file are found in one run, each at its line and column, in every format that names both.

use std::process::Command;

use serde_json::Value;

/// A manifest, and what is wrong with it: code, line, column, from 1 and in characters.
struct Case {
    file: &'static str,
    mistakes: &'static [(&'static str, u64, u64)],
}

/// Mistakes of twelve kinds, from every stage of a compilation.
const TWELVE: Case = Case {
    file: "tests/mistakes/twelve.toml",
    mistakes: &[
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
        ("secret-literal", 48, 18),
        ("outside-registry", 49, 20),
    ],
};
/// What upstream's own schema of the Continuum refuses.
const CONTINUUM: Case = Case {
    file: "tests/mistakes/continuum.toml",
    mistakes: &[
        ("unknown-choice", 29, 20),
        ("foreign-region", 33, 11),
        ("own-standby", 34, 12),
        ("unknown-choice", 35, 12),
        ("malformed-value", 36, 18),
        ("malformed-value", 39, 9),
        ("malformed-value", 40, 7),
        ("witness-resolvers", 47, 13),
        ("malformed-value", 47, 26),
        ("malformed-value", 50, 7),
    ],
};
const CASES: [Case; 2] = [TWELVE, CONTINUUM];

type Found = (String, u64, u64);

impl Case {
    /// What `sovereign check` says in a format: standard output and standard error.
    fn check(&self, format: &str) -> (String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_sovereign"))
            .args(["check", "--color", "never", "--format", format, self.file])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(1), "a manifest with errors");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (text(output.stdout), text(output.stderr))
    }

    fn expected(&self) -> Vec<Found> {
        self.mistakes.iter().map(|&(code, line, column)| (code.to_owned(), line, column)).collect()
    }

    /// `path:line:column: error[code]: message`.
    fn short_line(&self, line: &str) -> Found {
        let rest = line.strip_prefix(self.file).and_then(|rest| rest.strip_prefix(':')).expect("the path");
        let (position, message) = rest.split_once(": error[").expect("an error");
        let (line, column) = position.split_once(':').expect("line and column");
        let code = message.split(']').next().expect("a code");
        (code.to_owned(), line.parse().expect("a line"), column.parse().expect("a column"))
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn word(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

#[test]
fn the_codes_are_twelve_different_ones() {
    let codes: std::collections::BTreeSet<_> = TWELVE.mistakes.iter().map(|mistake| mistake.0).collect();
    assert_eq!(codes.len(), 12);
}

#[test]
fn people_read_all_of_them() {
    for case in CASES {
        let (out, short) = case.check("short");
        assert!(out.is_empty(), "words go to standard error: {out}");
        let found: Vec<_> = short.lines().map(|line| case.short_line(line)).collect();
        assert_eq!(found, case.expected());
        let (_, human) = case.check("human");
        for (code, line, column) in case.mistakes {
            assert!(human.contains(&format!("error[{code}]: ")), "{code} in\n{human}");
            assert!(
                human.contains(&format!("--> {}:{line}:{column}\n", case.file)),
                "{line}:{column} in\n{human}"
            );
        }
        assert!(human.ends_with(&format!("error: {} errors\n", case.mistakes.len())), "{human}");
    }
}

#[test]
fn programs_read_all_of_them_as_json() {
    for case in CASES {
        let (out, _) = case.check("json");
        let found = out.lines().map(|line| {
            let finding: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(finding["file"], case.file);
            let start = &finding["span"]["start"];
            (word(&finding["code"]), number(&start["line"]), number(&start["column"]))
        });
        assert_eq!(found.collect::<Vec<_>>(), case.expected());
    }
}

#[test]
fn code_scanning_reads_all_of_them_as_sarif() {
    for case in CASES {
        let (out, _) = case.check("sarif");
        let log: Value = serde_json::from_str(&out).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let found = results.iter().map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], case.file);
            let region = &place["region"];
            (word(&result["ruleId"]), number(&region["startLine"]), number(&region["startColumn"]))
        });
        assert_eq!(found.collect::<Vec<_>>(), case.expected());
    }
}
