//! The regular expressions of docs/bots.md: what a bot finds in the examples with them.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value as Json;

const PAGE: &str = include_str!("../../docs/bots.md");

/// The expressions, by the order of the page, in the syntax of this language: names of groups have a `P` in older ones.
fn expressions() -> Vec<(String, regex::Regex)> {
    let block = PAGE.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    let config: Json = serde_json::from_str(block).expect("is JSON");
    let managers = config["customManagers"].as_array().expect("managers");
    let of = |manager: &Json| {
        let text = manager["matchStrings"][0].as_str().expect("an expression");
        let name = manager["depNameTemplate"].as_str().unwrap_or_default().to_owned();
        (name, regex::Regex::new(text).expect("is an expression"))
    };
    managers.iter().map(of).collect()
}

/// What they find in a text: `name version`.
fn found(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (fixed, expression) in expressions() {
        for captures in expression.captures_iter(text) {
            let name = captures.name("depName").map_or(fixed.as_str(), |name| name.as_str());
            found.push(format!("{name} {}", &captures["currentValue"]));
        }
    }
    found
}

#[test]
fn a_bot_finds_the_versions_of_every_example() {
    let mut shown = String::new();
    let mut files: Vec<_> = ["examples", "examples/organizations"]
        .into_iter()
        .flat_map(|directory| fs::read_dir(directory).expect("examples"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    for file in &files {
        let text = fs::read_to_string(file).expect("an example");
        let found = found(&text);
        // Whatever the file pins is found: every kit by its name, and every version.
        let kits = text.lines().filter(|line| line.starts_with("kit = \"")).count();
        let versions =
            text.lines().filter(|line| !line.starts_with('#') && line.contains("version = \"")).count();
        let others = text.lines().filter(|line| line.contains("k3s-version")).count();
        assert_eq!(found.len(), kits + versions - others, "{}: {found:?}", file.display());
        let _ = writeln!(shown, "{}: {}", file.display(), found.join(", "));
    }
    for known in [
        "examples/omantel.toml: sovereign-kit 2026.04\n",
        "examples/organizations/bakkal.toml: bp-wordpress 1.3.0\n",
    ] {
        assert!(shown.contains(known), "{shown}");
    }
    println!("{shown}");
}

#[test]
fn a_bot_finds_a_pin_wherever_it_stands() {
    let text = "kit = '2026.05'\n[blueprint.loki]\nenabled = true\nversion = \"1.0.3\"  # pinned\n\n[blueprint.mimir.values]\nversion = \"9.9.9\"\n\
                \n[region.blueprint.loki]\nversion = \"1.0.4\"\n";
    assert_eq!(found(text), ["sovereign-kit 2026.05", "loki 1.0.3", "loki 1.0.4"]);
}
