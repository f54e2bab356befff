//! `verify`: which files are not what they should be, and why.

use std::fs;

use super::bench::{Place, manifest, root};

#[test]
fn all_right_stale_input_and_another_compiler() {
    let place = Place::new();
    let repository = place.repository("r");
    place.sovereign(&repository, &["verify"]).says(1, &["not written yet"]);
    place.sovereign(&repository, &["commit", "--worktree"]).says(0, &[]);
    place.sovereign(&repository, &["verify"]).says(0, &["all "]);
    place.sovereign(&repository, &["verify", "--commit", "HEAD~1"]).says(1, &["not written yet"]);
    place.sovereign(&repository, &["verify", "--commit", "nonsense"]).says(3, &["nonsense"]);
    place.sovereign(&repository, &["verify", "nowhere.toml"]).says(3, &["nowhere.toml"]);

    place.save(&repository, "sovereign.toml", &manifest("one", 1));
    let ended = place.sovereign(&repository, &["verify"]);
    ended.says(1, &["sovereign.lock: out of date", "the manifest changed since"]);
    place.sovereign(&repository, &["commit", "--worktree"]).says(0, &[]);

    let lock = format!("{}/sovereign.lock", root("one"));
    let text = fs::read_to_string(repository.join(&lock)).expect("a lock");
    let version = env!("CARGO_PKG_VERSION");
    let other = text.replace(&format!("sovereign {version}"), "sovereign 0.0.9");
    assert_ne!(text, other);
    place.save(&repository, &lock, &other);
    place
        .sovereign(&repository, &["verify"])
        .says(1, &["sovereign.lock: out of date", "the compiler changed"]);
}

#[test]
fn a_manifest_with_a_mistake() {
    let place = Place::new();
    let repository = place.repository("r");
    place.save(&repository, "sovereign.toml", &manifest("one", 1).replace("hetzner", "hetzna"));
    place.sovereign(&repository, &["verify"]).says(1, &["hetzna"]);
    place.sovereign(&repository, &["commit"]).says(1, &["hetzna"]);
}
