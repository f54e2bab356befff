//! What another kit or compiler does to Sovereigns, before it is released.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value as Json;

use super::bench::{Desk, sovereign};

/// Four Sovereigns on the older kit: one plain, one that is wrong, one with a blueprint that the newer kit lacks, one on a kit of its
/// own; and one that is on the newer kit already.
fn fleet() -> Desk {
    let old = |name: &str, more: &str| sovereign(name, &["hel1"], more).replace("2026.05", "2026.04");
    let desk = Desk::with(&[
        ("aa1", old("aa1", "")),
        ("bb1", old("bb1", "[blueprint.harbour]\nenabled = true\n")),
        ("cc1", old("cc1", "[blueprint.langfuse]\nenabled = true\n")),
        ("dd1", sovereign("dd1", &["hel1"], "").replace("kit = \"2026.05\"", "kit = { path = \"kit\" }")),
        ("ee1", sovereign("ee1", &["hel1"], "")),
    ]);
    desk.put("sovereigns/dd1/kit/kit.toml", "extends = \"2026.05\"\nname = \"own\"\n");
    desk
}

fn json(text: &str) -> Json {
    let answer: Json = serde_json::from_str(text).expect("one document");
    let schema: Json = serde_json::from_str(include_str!("../../schema/impact.schema.json")).expect("JSON");
    let validator = jsonschema::draft7::new(&schema).expect("a schema");
    let wrong: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    answer
}

#[test]
fn a_kit_is_held_against_every_sovereign_and_summed() {
    let desk = fleet();
    let ran = desk.run(&["impact", "--kit", "2026.05", "sovereigns", "--format", "json"]).ends(1, &[]);
    let answer = json(&ran.out);
    let states: Vec<_> = answer["sovereigns"]
        .as_array()
        .expect("all")
        .iter()
        .map(|it| it["state"].as_str().expect("a word"))
        .collect();
    assert_eq!(states.len(), 5);
    assert_eq!(states[0], "refused", "what the newer kit lacks is uninstalled with its data: {answer:#}");
    assert_eq!((states[1], states[3], states[4]), ("broken", "not-compared", "unchanged"), "{answer:#}");
    let first = &answer["sovereigns"][0];
    assert!(first["lost"].as_array().is_some_and(|lost| !lost.is_empty()), "{first:#}");
    assert!(
        first["refused"][0]["code"].is_string() && first["events"]["upgraded"].as_u64() > Some(5),
        "{first:#}"
    );
    let lost: usize = answer["sovereigns"]
        .as_array()
        .expect("all")
        .iter()
        .map(|it| it["lost"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(answer["summary"]["lost"], lost);
    assert_eq!(answer["summary"]["states"]["broken"], 1);
    // What is said agrees with what `diff` says of one.
    let diff = desk.run(&["diff", "sovereigns/aa1/sovereign.toml", "--kit", "2026.05", "--format", "json"]);
    let diff: Json = serde_json::from_str(&diff.out).expect("a diff");
    assert_eq!(diff["root"], first["root"]);
}

#[test]
fn people_read_it_at_a_terminal_in_markdown_and_on_a_page() {
    let desk = fleet();
    let human = desk
        .run(&["impact", "--kit", "2026.05", "sovereigns"])
        .ends(1, &["5 Sovereigns on kit 2026.05: 1 unchanged"]);
    assert!(human.out.starts_with("lost ("), "the worst first: {human:?}");
    let args = ["impact", "--kit", "2026.05", "sovereigns", "--format", "markdown", "--html", "impact.html"];
    let ran = desk
        .run(&args)
        .ends(1, &["wrote impact.html", "## Not known, since they have errors as they are (1)"]);
    assert!(ran.out.starts_with("# Impact of `kit 2026.05`\n"));
    let page = fs::read_to_string(desk.path("impact.html")).expect("a page");
    assert!(
        page.contains("clusters/aa1.omani.works")
            && page.contains("not-compared")
            && !page.contains("<script")
    );
}

#[test]
fn nothing_to_worry_about_ends_with_zero() {
    let desk = Desk::with(&[("ee1", sovereign("ee1", &["hel1"], ""))]);
    desk.run(&["impact", "--kit", "2026.05", "sovereigns"])
        .ends(0, &["1 Sovereign on kit 2026.05: 1 unchanged; 0 releases"]);
    desk.run(&["impact", "--kit", "2026.06", "sovereigns"])
        .ends(2, &["no kit `2026.06`", "`2026.04`, `2026.05`"]);
    desk.run(&["impact", "sovereigns"]).ends(2, &["--kit"]);
}

#[test]
fn a_compiler_is_held_against_the_one_in_use() {
    let desk =
        Desk::with(&[("aa1", sovereign("aa1", &["hel1"], "")), ("bb1", sovereign("bb1", &["nbg1"], ""))]);
    let program = env!("CARGO_BIN_EXE_sovereign");
    desk.run(&["impact", "--compiler", program, "sovereigns"]).ends(0, &["2 unchanged"]);
    // One that gives another value, and refuses one manifest.
    let script = format!(
        "#!/bin/sh\ncase $2 in *bb1*) echo 'no such region' >&2; exit 1;; esac\n{program} \"$@\" || exit\n\
         sed -i 's/  interval: \"15m\"/  interval: \"14m\"/' \"$4\"/clusters/*/hel1/releases/35-coraza.yaml\n"
    );
    desk.put("other", &script);
    fs::set_permissions(desk.path("other"), fs::Permissions::from_mode(0o755)).expect("it may run");
    let other = desk.path("other").display().to_string();
    let ran = desk.run(&["impact", "--compiler", &other, "sovereigns", "--format", "json"]).ends(1, &[]);
    let answer = json(&ran.out);
    assert_eq!(answer["sovereigns"][0]["files"]["changed"], 1, "{answer:#}");
    assert_eq!(
        (&answer["sovereigns"][0]["state"], &answer["sovereigns"][1]["state"]),
        (&"changed".into(), &"broken".into())
    );
    assert!(answer["sovereigns"][1]["note"].as_str().is_some_and(|note| note.contains("no such region")));
    desk.run(&["impact", "--compiler", "./not-there", "sovereigns"]).ends(3, &["cannot run ./not-there"]);
}
