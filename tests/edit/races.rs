//! Edits that are committed: with the tree that follows, and made again where somebody else was faster.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;

use crate::bench::{Ended, Place, root, write};

const OTHERS: [&str; 15] = [
    "cilium",
    "cert-manager",
    "crossplane",
    "flux",
    "gitea",
    "grafana",
    "harbor",
    "keycloak",
    "kyverno",
    "mimir",
    "nats-jetstream",
    "openbao",
    "powerdns",
    "tempo",
    "trivy",
];

/// Returns the manifest at the tip of a branch.
fn tip(place: &Place, repository: &Path) -> String {
    place.git(repository, &["show", "main:sovereign.toml"])
}

#[test]
fn a_bot_bumps_a_version_while_fifteen_others_commit() {
    let place = Place::new();
    let first = place.repository("first");
    place.sovereign(&first, &["commit"]).says(0, &["1 commit"]);
    let remote = place.remote("remote.git", &first);
    let start: usize = place.git(&remote, &["rev-list", "--count", "main"]).parse().expect("a number");
    let url = format!("file://{}", remote.display());
    let run = |name: &str, args: &[&str]| -> Ended {
        place.git(&place.path(""), &["clone", "-q", &url, name]);
        place.sovereign(&place.path(name), &[args, &["--commit", "--push"]].concat())
    };
    let ends: Vec<Ended> = thread::scope(|scope| {
        let bumps = scope.spawn(|| run("bump", &["bump", "loki", "1.0.3"]));
        let others: Vec<_> = OTHERS
            .iter()
            .map(|name| {
                scope.spawn(move || run(name, &["set", &format!("blueprint.{name}.interval"), "20m"]))
            })
            .collect();
        std::iter::once(bumps).chain(others).map(|run| run.join().expect("ends")).collect()
    });
    let races: usize = ends.iter().map(|ended| ended.err.matches("the branch moved").count()).sum();
    for ended in &ends {
        ended.says(0, &["1 commit on refs/heads/main"]);
    }
    assert!(races > 0, "nobody was in anybody's way");
    let text = tip(&place, &remote);
    assert!(text.contains("[blueprint.loki]\nversion = \"1.0.3\""), "{text}");
    for name in OTHERS {
        assert!(text.contains(&format!("[blueprint.{name}]\ninterval = \"20m\"")), "{name} is lost:\n{text}");
    }
    let count: usize = place.git(&remote, &["rev-list", "--count", "main"]).parse().expect("a number");
    assert_eq!(
        (count - start, place.git(&remote, &["rev-list", "--merges", "--count", "main"])),
        (16, "0".to_owned())
    );
    let subjects = place.git(&remote, &["log", "-16", "--format=%s", "main"]);
    let subjects: BTreeSet<&str> = subjects.lines().collect();
    assert!(subjects.contains("one.omani.works: bump loki to 1.0.3"), "{subjects:?}");
    assert_eq!(subjects.len(), 16, "{subjects:?}");
    for commit in place.git(&remote, &["rev-list", "-16", "main"]).lines() {
        let changed = place.changed(&remote, commit);
        assert!(changed.iter().any(|path| path == "sovereign.toml"), "{changed:?}");
        assert!(
            changed.iter().all(|path| path == "sovereign.toml" || path.starts_with(&root("one"))),
            "{changed:?}"
        );
    }
    place.fsck(&remote);
    place.sovereign(&remote, &["verify", "--commit", "main", "sovereign.toml"]).says(0, &["all "]);
}

#[test]
fn an_edit_and_its_tree_are_one_commit_and_the_work_tree_follows() {
    let place = Place::new();
    let repository = place.repository("r");
    place.sovereign(&repository, &["commit"]).says(0, &[]);
    let run = |args: &[&str]| place.sovereign(&repository, args);
    run(&["set", "blueprint.loki.interval", "20m", "--commit"]).says(0, &["1 commit"]);
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), "");
    assert!(
        fs::read_to_string(repository.join("sovereign.toml"))
            .expect("a manifest")
            .contains("interval = \"20m\"")
    );
    assert_eq!(
        place.git(&repository, &["log", "-1", "--format=%s"]),
        "one.omani.works: set blueprint.loki.interval 20m"
    );
    // Again: nothing changes, and nothing is committed.
    let head = place.head(&repository, "HEAD");
    run(&["set", "blueprint.loki.interval", "20m", "--commit"]).says(0, &["nothing changed"]);
    // What changes no tree is a commit too.
    write(
        &repository.join("sovereign.toml"),
        &fs::read_to_string(repository.join("sovereign.toml"))
            .expect("a manifest")
            .replace("kit = ", "kit  =  "),
    );
    place.git(&repository, &["commit", "-qam", "ugly"]);
    run(&["fmt", "--commit"]).says(0, &["1 commit"]);
    assert_eq!(place.git(&repository, &["show", "--format=", "--name-only"]), "sovereign.toml");
    assert_ne!(place.head(&repository, "HEAD"), head);
    // What is wrong is refused, and so is what loses something that a person has changed.
    let head = place.head(&repository, "HEAD");
    run(&["set", "region.fsn1.control-plane.count", "2", "--commit"]).says(1, &["unknown-size"]);
    run(&["set", "region.moon.code", "x", "--commit"]).says(1, &["has no entry `moon`"]);
    write(&repository.join("sovereign.toml"), "# unfinished\n");
    run(&["set", "blueprint.loki.interval", "30m", "--commit"]).says(1, &["cannot be brought along"]);
    assert_eq!(fs::read_to_string(repository.join("sovereign.toml")).expect("a manifest"), "# unfinished\n");
    assert_eq!(place.head(&repository, "HEAD"), head);
    run(&["set", "kit", "2026.05", "--push"]).says(2, &["--commit"]);
}

#[test]
fn a_refused_push_leaves_nothing_behind() {
    let place = Place::new();
    let first = place.repository("first");
    place.sovereign(&first, &["commit"]).says(0, &[]);
    let remote = place.remote("remote.git", &first);
    let hook = remote.join("hooks/pre-receive");
    write(&hook, "#!/bin/sh\necho not today >&2\nexit 1\n");
    place.run(&remote, "chmod", &["+x", &hook.display().to_string()]);
    place.git(&place.path(""), &["clone", "-q", &format!("file://{}", remote.display()), "clone"]);
    let clone = place.path("clone");
    let head = place.head(&clone, "HEAD");
    let edit = ["set", "blueprint.loki.interval", "20m", "--commit", "--push"];
    place.sovereign(&clone, &edit).says(3, &["not today", "nothing is kept here"]);
    assert_eq!(place.head(&clone, "HEAD"), head);
    fs::remove_file(hook).expect("a hook");
    place.sovereign(&clone, &edit).says(0, &["1 commit"]);
    assert!(tip(&place, &remote).contains("interval = \"20m\""));
}
