//! One call over many manifests: what it says, in which order, and with which exit code.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::Value as Json;

use super::bench::{Desk, files, program, sovereign};

const WRONG: &str = "[blueprint.harbour]\nenabled = true\n";

/// Five Sovereigns, of which `b` and `d` have a mistake.
fn five() -> Desk {
    let text =
        |name: &str| sovereign(name, &["hel1"], if matches!(name, "bb1" | "dd1") { WRONG } else { "" });
    let all = ["aa1", "bb1", "cc1", "dd1", "ee1"];
    Desk::with(&all.map(|name| (name, text(name))))
}

#[test]
fn a_directory_is_checked_in_order_with_one_summary() {
    let desk = five();
    let ran = desk.run(&["check", "sovereigns", "--format", "short"]).ends(1, &[]);
    let (first, second) = (ran.err.find("bb1/sovereign.toml"), ran.err.find("dd1/sovereign.toml"));
    assert!(first.is_some() && first < second, "{ran:?}");
    let last = ran.err.lines().last().unwrap_or_default();
    assert_eq!(last, "5 manifests: 3 right, 2 with errors; 2 errors, 5 warnings");
    // The same in any spelling, and again.
    for names in [&["sovereigns/*"][..], &["sovereigns/*/sovereign.toml"], &["**/sovereign.toml"]] {
        let args: Vec<&str> = [&["check", "--format", "short"], names].concat();
        assert_eq!(desk.run(&args).err, ran.err, "{names:?}");
    }
}

#[test]
fn one_file_says_what_it_says_alone() {
    let desk = five();
    let ran = desk
        .run(&["check", "sovereigns/aa1/sovereign.toml"])
        .ends(0, &["sovereigns/aa1/sovereign.toml is right"]);
    assert!(!ran.err.contains("manifest"), "no summary: {ran:?}");
    let missing = desk.run(&["check", "sovereigns/none.toml"]).ends(3, &["cannot read sovereigns/none.toml"]);
    assert!(!missing.err.contains("1 manifest"), "{missing:?}");
}

#[test]
fn the_worst_code_of_all_is_the_code() {
    let desk = five();
    let file = |name: &str| format!("sovereigns/{name}/sovereign.toml");
    desk.run(&["check", &file("aa1"), &file("cc1")]).ends(0, &["2 manifests: 2 right; 0 errors, 2 warnings"]);
    let ran = desk.run(&["check", &file("aa1"), &file("bb1"), "not-there.toml"]);
    ran.ends(3, &["cannot read not-there.toml", "1 right, 1 with errors, 1 not readable"]);
    desk.run(&["check", "sovereigns/*.json"]).ends(2, &["sovereigns/*.json matches no file"]);
    desk.put("empty/x", "");
    desk.run(&["check", "empty"]).ends(2, &["empty holds no sovereign.toml"]);
}

#[test]
fn machines_get_one_document() {
    let desk = five();
    let sarif = desk.run(&["check", "sovereigns", "--format", "sarif"]).ends(1, &[]);
    let log: Json = serde_json::from_str(&sarif.out).expect("one document");
    let runs = log["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1);
    let rules = runs[0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = runs[0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 7);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let uris: Vec<_> =
        results.iter().map(|it| &it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]).collect();
    assert_eq!(uris[0], "sovereigns/aa1/sovereign.toml");
    let json = desk.run(&["check", "sovereigns", "--format", "json"]).ends(1, &[]);
    let found: Vec<Json> =
        json.out.lines().map(|line| serde_json::from_str(line).expect("a finding")).collect();
    assert_eq!(found.len(), 7);
}

#[test]
fn of_all_findings_github_is_shown_ten() {
    let tables: Vec<_> = (0..5).map(|n| format!("[blueprint.x{n}]\n")).collect();
    let more = format!("{WRONG}{}", tables.concat());
    let desk = Desk::with(&["aa1", "bb1", "cc1"].map(|name| (name, sovereign(name, &["hel1"], &more))));
    let ran = desk.run(&["check", "sovereigns", "--format", "github"]).ends(1, &[]);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 10, "{ran:?}");
    assert!(
        lines[9].contains("more findings") && lines[0].starts_with("::error file=sovereigns/aa1/"),
        "{ran:?}"
    );
}

#[test]
fn every_tree_is_built_as_alone() {
    let desk = Desk::with(&["aa1", "bb1", "cc1"].map(|name| (name, sovereign(name, &["hel1"], ""))));
    desk.run(&["build", "sovereigns", "--out", "together"]).ends(0, &["3 manifests: 3 built"]);
    for name in ["aa1", "bb1", "cc1"] {
        desk.run(&["build", &format!("sovereigns/{name}/sovereign.toml"), "--out", "alone"]).ends(0, &[]);
    }
    let built = files(&desk.path("together"));
    assert!(built.len() > 300 && built == files(&desk.path("alone")));
    desk.run(&["build", "sovereigns", "--out", "together", "--check"]).ends(0, &["3 up to date"]);
    // What was built is no manifest.
    desk.run(&["check", "."]).ends(0, &["3 manifests: 3 right"]);
}

#[test]
fn two_manifests_of_one_tree_are_refused_before_anything_is_written() {
    let desk =
        Desk::with(&[("aa1", sovereign("same", &["hel1"], "")), ("bb1", sovereign("same", &["nbg1"], ""))]);
    let words = "sovereigns/aa1/sovereign.toml and sovereigns/bb1/sovereign.toml give one tree, clusters/same.omani.works";
    for command in ["build", "check", "plan"] {
        desk.run(&[command, "sovereigns"]).ends(1, &[words]);
    }
    assert!(!desk.path("clusters").exists());
}

#[test]
fn a_diff_of_many_is_one_document() {
    let desk = five();
    desk.save("");
    let ran = desk.run(&["diff", "sovereigns", "--format", "json", "--findings", "json"]).ends(2, &[]);
    let all: Json = serde_json::from_str(&ran.out).expect("one document");
    let manifests = all["manifests"].as_array().expect("manifests");
    let exits: Vec<_> = manifests.iter().map(|it| it["exit"].as_u64().expect("a code")).collect();
    assert_eq!((all["version"].as_u64(), exits), (Some(1), vec![1, 2, 1, 2, 1]));
    assert_eq!(manifests[0]["answer"]["root"], "clusters/aa1.omani.works");
    assert!(manifests[1]["answer"].is_null());
    let human = desk.run(&["diff", "sovereigns"]).ends(2, &["5 manifests: 3 with changes, 2 with errors"]);
    assert!(human.out.starts_with("sovereigns/aa1/sovereign.toml:\n"), "{human:?}");
    desk.run(&["diff", "sovereigns", "--format", "json", "--findings", "sarif"])
        .ends(2, &["two documents on one output"]);
}

#[test]
fn what_is_committed_is_verified_planned_and_simulated_for_many() {
    let regions = |name: &str| if name == "bb1" { vec!["hel1", "nbg1"] } else { vec!["hel1"] };
    let names = ["aa1", "bb1", "cc1"];
    let desk = Desk::with(&names.map(|name| (name, sovereign(name, &regions(name), ""))));
    desk.save("");
    desk.run(&["verify", "sovereigns"]).ends(1, &["3 manifests: 3 that differ or have errors"]);
    let mut args = vec!["commit"];
    let paths = names.map(|name| format!("sovereigns/{name}/sovereign.toml"));
    args.extend(paths.iter().map(String::as_str));
    desk.run(&args).ends(0, &["3 commits"]);
    desk.run(&["verify", "sovereigns/*"]).ends(0, &["3 manifests: 3 as manifest, kit and compiler give it"]);
    desk.run(&["plan", "sovereigns/*"]).ends(0, &[]);
    desk.run(&["simulate", "sovereigns", "--lose", "nbg1"])
        .ends(0, &["3 manifests: 3 that meet every objective"]);
    desk.run(&["simulate", "sovereigns", "--lose", "nbg2"])
        .ends(2, &["there is no region `nbg2`", "did you mean `nbg1`"]);
    let ran = desk.run(&["simulate", "sovereigns", "--all", "--format", "json"]);
    let all: Json = serde_json::from_str(&ran.out).expect("one document");
    assert_eq!(all["manifests"].as_array().map(Vec::len), Some(3));
}

#[test]
fn shards_in_processes_of_their_own_build_everything_once() {
    let names: Vec<String> = (0..12).map(|n| format!("sov{n}")).collect();
    let all: Vec<_> = names.iter().map(|name| (name.as_str(), sovereign(name, &["hel1"], ""))).collect();
    let desk = Desk::with(&all);
    let jobs: Vec<_> = (1..=4)
        .map(|part| {
            let mut command = program();
            command.current_dir(desk.path("")).stderr(Stdio::piped());
            command
                .args(["build", "sovereigns", "--out", "out", "--shard", &format!("{part}/4")])
                .spawn()
                .expect("a job")
        })
        .collect();
    let mut count = 0;
    for job in jobs {
        let ended = job.wait_with_output().expect("it ends");
        let said = String::from_utf8(ended.stderr).expect("text");
        assert!(ended.status.success(), "{said}");
        let summary = said.lines().last().unwrap_or_default();
        count += summary.split(' ').next().and_then(|n| n.parse::<usize>().ok()).expect("a number");
    }
    assert_eq!(count, 12);
    let built: BTreeSet<_> = files(&desk.path("out/clusters"))
        .keys()
        .filter_map(|path| path.iter().next().map(ToOwned::to_owned))
        .collect();
    assert_eq!(built.len(), 12);
    desk.run(&["build", "sovereigns", "--out", "out", "--check"]).ends(0, &["12 up to date"]);
    desk.run(&["check", "--shard", "5/4"]).ends(2, &["count from 1"]);
}
