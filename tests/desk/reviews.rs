//! A reviewer of several regions reads what happens alike once, what is lost first, and what to paste to let it happen.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use super::run::{printed, sovereign};

const THREE: &str = "examples/three-regions.toml";
/// What GitHub takes of a comment.
const COMMENT: usize = 65_536;

/// Writes the example of three regions on each kit, and returns where: with a third region that both kits can make.
fn kits(directory: &Path) -> [String; 2] {
    let text = fs::read_to_string(THREE).expect("reads").replacen("\"sin\"", "\"fsn1\"", 1);
    ["2026.04", "2026.05"].map(|kit| {
        let path = directory.join(format!("{kit}.toml"));
        fs::write(&path, text.replacen("kit = \"2026.05\"", &format!("kit = {kit:?}"), 1)).expect("writes");
        path.display().to_string()
    })
}

#[test]
fn what_is_the_same_in_several_regions_is_said_once() {
    let scratch = tempfile::tempdir().expect("a directory");
    let [_, after] = kits(scratch.path());
    let text = printed(&["diff", &after, "--kit", "2026.04"]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "kit 2026.04 → 2026.05", "{text}");
    assert!(lines[1].starts_with("lost ("), "{text}");
    assert!(lines.contains(&"hel1, nbg1, fsn1"), "{text}");
    assert!(lines.len() < 270, "it was 321 lines, and is {}", lines.len());
    let mut section = "";
    let mut seen = BTreeSet::new();
    for line in lines {
        if !line.starts_with(' ') {
            section = line;
        } else if line.starts_with("    ") {
            assert!(seen.insert((section, line)), "twice in {section}: {line}");
        }
    }
    let objects = printed(&["diff", &after, "--kit", "2026.04", "--depth", "objects"]);
    assert!(objects.lines().any(|line| line.starts_with("fsn1, hel1, nbg1: HelmRelease")), "{objects}");
    let markdown = printed(&["diff", &after, "--kit", "2026.04", "--format", "markdown"]);
    assert!(markdown.contains("#### `hel1, nbg1, fsn1`\n"), "{markdown}");
    assert!(markdown.chars().count() <= COMMENT, "{}", markdown.chars().count());
    assert!(markdown.contains("lines are left out; `sovereign diff --depth text` shows the whole"));
    let (lost, first) = (markdown.find("**lost ("), markdown.find("#### "));
    assert!(lost.is_some() && lost < first, "{markdown}");
}

/// What is pasted is all that is asked for: afterwards nothing is refused.
#[test]
fn the_consents_that_are_needed_are_one_block_to_paste() {
    let scratch = tempfile::tempdir().expect("a directory");
    let [before, after] = kits(scratch.path());
    let args = ["diff", &after, "--manifest", &before];
    let refused = sovereign(&args).output().expect("runs");
    let said = String::from_utf8_lossy(&refused.stdout);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("unretired-removal"));
    let above = "if all of that is meant, add this to the manifest, and remove it after the commit:\n";
    let (_, block) = said.split_once(above).expect("a block");
    let lines = block.lines().take_while(|line| line.starts_with("  "));
    let tables: String = lines.flat_map(|line| [line.trim(), "\n"]).collect();
    assert!(tables.starts_with("[["), "{tables}");
    assert!(
        tables.lines().all(|line| tables.matches(line).count() == 1 || !line.contains("bp-")),
        "{tables}"
    );

    let json: Json =
        serde_json::from_str(&printed(&[&args[..], &["--format", "json"]].concat())).expect("JSON");
    let listed: Vec<_> =
        json["consents"].as_array().expect("a list").iter().filter_map(Json::as_str).collect();
    assert_eq!(listed.concat(), tables);
    assert_eq!((&json["kit"]["from"], &json["kit"]["to"]), (&"2026.04".into(), &"2026.05".into()));
    let markdown = printed(&[&args[..], &["--format", "markdown"]].concat());
    assert!(markdown.contains(&format!("```toml\n{tables}```\n")), "{markdown}");

    let consenting = scratch.path().join("after.toml");
    let text = fs::read_to_string(&after).expect("reads");
    fs::write(&consenting, format!("{text}\n{}", tables.replace("reason = \"\"", "reason = \"meant\"")))
        .expect("writes");
    let meant = sovereign(&["diff", &consenting.display().to_string(), "--manifest", &before])
        .output()
        .expect("runs");
    assert_eq!(meant.status.code(), Some(1), "{}", String::from_utf8_lossy(&meant.stderr));
}

#[test]
fn one_removal_from_three_regions_is_one_finding() {
    let scratch = tempfile::tempdir().expect("a directory");
    let text = fs::read_to_string(THREE).expect("reads");
    let after = scratch.path().join("after.toml");
    fs::write(&after, format!("{text}\n[blueprint.valkey]\nenabled = false\n")).expect("writes");
    let after = after.display().to_string();
    for (format, one) in [
        ("json", "\"code\":\"unretired-removal\""),
        ("github", "title=unretired-removal::"),
        ("short", "[unretired-removal]"),
    ] {
        let output =
            sovereign(&["diff", &after, "--manifest", THREE, "--findings", format]).output().expect("runs");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let found: Vec<_> =
            said.lines().filter(|line| line.contains(one) && line.contains("bp-valkey")).collect();
        assert_eq!(found.len(), 1, "{format}: {said}");
        assert!(found[0].contains("from `hel1`, `nbg1`, `sin`"), "{format}: {said}");
    }
    let summary = printed(&["diff", &after, "--manifest", THREE]);
    assert!(summary.contains("\n  `bp-valkey` of hel1, nbg1, sin: uninstalled "), "{summary}");
}

#[test]
fn what_programs_read_of_a_diff_names_its_version_and_schema() {
    for (of, title) in [("diff", "Answer of sovereign diff"), ("findings", "Finding of sovereign check")] {
        let schema: Json = serde_json::from_str(&printed(&["schema", of])).expect("JSON");
        assert_eq!(schema["title"], title);
        let schema = jsonschema::draft7::new(&schema).expect("a schema");
        let text = match of {
            "diff" => printed(&["diff", THREE, "--manifest", "examples/minimal.toml", "--format", "json"]),
            _ => printed(&["check", "tests/ui/unknown-key/far.toml", "--format", "json"])
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        let mut document: Json = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<_> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        document["version"] = 0.into();
        assert!(!schema.is_valid(&document), "another version is another form");
    }
}
