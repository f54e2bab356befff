//! `sovereign simulate` as a person and a pipeline meet it.

use super::*;

const PAIR: &str = include_str!("../../../examples/huawei-pair.toml");
const ACTIVE: &str = include_str!("../../../examples/active-active.toml");

fn desk() -> Desk {
    Desk::new(&[("pair.toml", PAIR), ("active.toml", ACTIVE), ("bad.toml", "kit = 1\n")])
}

#[test]
fn a_loss_that_misses_an_objective_ends_with_one() {
    let desk = desk();
    let (pair, active) = (desk.arg("pair.toml"), desk.arg("active.toml"));
    let met = run(&["simulate", &active, "--lose", "fsn1"]).ends(0);
    assert!(met.out.starts_with("Lost: fsn1") && met.out.contains("What this cannot know"), "{met:?}");
    run(&["simulate", &active, "--all"]).ends(0);
    let missed = run(&["simulate", &pair, "--lose", "me-east-215-a"]).ends(1);
    assert!(missed.out.contains("openbao: stranded; rto 15m missed"), "{missed:?}");
    let all = run(&["simulate", &pair, "--all"]).ends(1);
    assert!(all.out.contains("LOST") && all.out.contains("me-east-215-a + me-east-215-b"), "{all:?}");
}

#[test]
fn every_region_may_be_lost_at_once() {
    let desk = desk();
    let ran = run(&["simulate", &desk.arg("pair.toml"), "--lose", "me-east-215-a", "me-east-215-b"]).ends(1);
    assert!(ran.out.contains("billing: down") && ran.out.contains("openbao: down"), "{ran:?}");
    let three = run(&["simulate", &desk.arg("active.toml"), "--lose", "fsn1", "hel1", "nbg1"]);
    assert!(three.out.contains("down"), "{three:?}");
}

#[test]
fn a_region_that_is_not_there_is_named_with_those_that_are() {
    let desk = desk();
    let ran = run(&["simulate", &desk.arg("active.toml"), "--lose", "fsn2", "hel1", "atlantis"]).ends(2);
    assert!(ran.out.is_empty(), "{ran:?}");
    for words in ["there is no region `fsn2`", "did you mean `fsn1`?", "`atlantis`", "`fsn1`, `hel1`, `nbg1`"]
    {
        assert!(ran.err.contains(words), "no {words:?} in {ran:?}");
    }
    run(&["simulate", &desk.arg("active.toml")]).ends(2).says("--lose");
    run(&["simulate", &desk.arg("active.toml"), "--all", "--lose", "fsn1"])
        .ends(2)
        .says("cannot be used with");
}

#[test]
fn a_bad_manifest_is_reported_as_check_does() {
    let desk = desk();
    let bad = desk.arg("bad.toml");
    let checked = run(&["check", &bad]).ends(1);
    let simulated = run(&["simulate", &bad, "--all", "--format", "json"]).ends(1);
    assert_eq!((checked.out, checked.err), (simulated.out, simulated.err));
    let found = run(&["simulate", &bad, "--all", "--findings", "short"]).ends(1);
    found.says("bad.toml:1:7: error[");
}

#[test]
fn programs_get_one_document() {
    let desk = desk();
    for args in [&["--all"][..], &["--lose", "me-east-215-a"]] {
        let pair = desk.arg("pair.toml");
        let args = ["simulate", &pair, "--format", "json"].into_iter().chain(args.iter().copied());
        let ran = run(&args.collect::<Vec<_>>()).ends(1);
        let document: Json = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!(document["version"], 1);
        let outcomes = document["outcomes"].as_array().expect("a list");
        assert!(outcomes.iter().any(|outcome| outcome["met"] == false), "{document}");
        assert!(!document["cannot-know"].as_array().expect("a list").is_empty());
    }
}

#[test]
fn only_a_terminal_sees_colour() {
    let desk = desk();
    let pair = desk.arg("pair.toml");
    let terminal = Environment { out_tty: true, ..Environment::default() };
    for args in [&["--all"][..], &["--lose", "me-east-215-a"]] {
        let all: Vec<_> = ["simulate", &pair].into_iter().chain(args.iter().copied()).collect();
        assert!(!run(&all).out.contains(ESCAPE));
        assert!(run_in(&terminal, &all).out.contains(ESCAPE));
        assert!(!run_in(&Environment { no_color: true, ..terminal.clone() }, &all).out.contains(ESCAPE));
        let json: Vec<_> = all.iter().copied().chain(["--format", "json"]).collect();
        assert!(!run_in(&terminal, &json).out.contains(ESCAPE), "data for programs has no colour");
    }
}
