//! Kits of one's own, from nothing to a tree.

use super::*;

const MANIFEST: &str = include_str!("../../../examples/own-kit.toml");
const FILES: [(&str, &str); 3] = [
    ("own-kit/kit.toml", include_str!("../../../examples/own-kit/kit.toml")),
    ("own-kit/81-dock-planner.toml", include_str!("../../../examples/own-kit/81-dock-planner.toml")),
    ("own-kit/82-tide-gauge.toml", include_str!("../../../examples/own-kit/82-tide-gauge.toml")),
];

fn desk() -> Desk {
    let files: Vec<_> = [("sovereign.toml", MANIFEST)].into_iter().chain(FILES).collect();
    Desk::new(&files)
}

/// Builds, and gives the files of the region by the ends of their paths.
fn file(desk: &Desk, path: &str) -> String {
    run(&["build", &desk.arg("sovereign.toml"), "--out", &desk.arg("out")]).ends(0);
    fs::read_to_string(desk.at("out/clusters/duqm.omani.works").join(path)).expect("is there")
}

#[test]
fn a_kit_that_was_begun_is_right_and_is_begun_once() {
    let desk = Desk::new(&[]);
    let kit = desk.arg("mine");
    run(&["kit", "new", &kit]).ends(0).says("kit.toml");
    run(&["kit", "check", &kit]).ends(0).says("three regions");
    let diff = run(&["kit", "diff", "2026.05", &kit]).gives();
    assert_eq!(diff, "2026.05 → mine: 0 added, 0 removed, 0 with another version\n");
    run(&["kit", "new", &kit]).ends(3).says("cannot make");
    run(&["kit", "new", &desk.arg("no kit\"")]).ends(3).says("is not the name");
}

#[test]
fn what_a_kit_says_reaches_the_tree() {
    let desk = desk();
    let harbor = file(&desk, "fsn1/releases/19-harbor.yaml");
    assert_eq!(harbor.matches("timeout: \"30m\"").count(), 3, "{harbor}");
    assert_eq!(harbor.matches("retries: 5").count(), 2, "{harbor}");
    assert!(
        harbor.contains("duqm.example/owner: registry") && !harbor.contains("- name: bp-cert-manager"),
        "{harbor}"
    );
    assert!(harbor.contains("targetPath: harbor.harborAdminPassword"), "{harbor}");
    assert!(harbor.contains("of kit shipyard-2026.11"), "{harbor}");
    assert!(file(&desk, "fsn1/releases/82-tide-gauge.yaml").contains("suspend: true"));
    let lock = file(&desk, "sovereign.lock");
    assert!(lock.contains("# kit shipyard-2026.11 sha256:") && !lock.contains("vcluster"), "{lock}");
    run(&["kit", "check", &desk.arg("own-kit")]).ends(0);
    let diff = run(&["kit", "diff", "2026.05", &desk.arg("own-kit")]).gives();
    let expected = [
        "2 added, 5 removed",
        "+ bp-tide-gauge 0.9.2",
        "- bp-sandbox",
        "changed by [blueprint.harbor]: independent-of, timeout",
    ];
    for words in expected {
        assert!(diff.contains(words), "{words}: {diff}");
    }
    let show = run(&["kit", "show", &desk.arg("own-kit"), "tide-gauge"]).gives();
    assert_eq!(show, FILES[2].1);
}

/// The digest of the kit follows every byte of it, and what was built from another one is out of date.
#[test]
fn a_kit_of_ones_own_is_part_of_the_input() {
    let desk = desk();
    let kit = |lock: &str| lock.lines().find(|line| line.starts_with("# kit")).map(str::to_owned);
    let before = kit(&file(&desk, "sovereign.lock"));
    desk.put("own-kit/kit.toml", format!("{}# more\n", FILES[0].1));
    let after = kit(&file(&desk, "sovereign.lock"));
    assert!(before.is_some() && before != after, "{before:?} {after:?}");
}

#[test]
fn a_blueprint_file_takes_the_place_of_the_one_of_its_name() {
    let desk = desk();
    let loki = run(&["kit", "show", "2026.05", "loki"]).gives();
    desk.put("own-kit/22-loki.toml", loki.replace("interval = \"15m\"", "interval = \"45m\""));
    let release = file(&desk, "fsn1/releases/22-loki.yaml");
    assert!(release.contains("interval: \"45m\"") && !release.contains("interval: \"15m\""), "{release}");
    run(&["kit", "check", &desk.arg("nowhere")]).ends(1).says("unreadable-source");
    run(&["kit", "show", &desk.arg("nowhere")]).ends(2);
    run(&["kit", "diff", "2026.05", &desk.arg("nowhere")]).ends(2);
}
