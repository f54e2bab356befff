//! Locks that a killed process leaves.

use std::fs;

use super::bench::{Place, manifest, write};

#[test]
fn a_lock_that_a_killed_run_has_left_goes_after_a_while() {
    let place = Place::new();
    let repository = place.repository("r");
    place.sovereign(&repository, &["commit"]).says(0, &[]);
    let ours = place.head(&repository, "HEAD");
    for (round, left) in [String::new(), format!("{ours}\n")].iter().enumerate() {
        place.git(&repository, &["reset", "-q", "--hard"]);
        place.save(&repository, "sovereign.toml", &manifest("one", round + 1));
        write(&repository.join(".git/refs/heads/main.lock"), left);
        place.sovereign(&repository, &["commit"]).says(0, &["1 commit on refs/heads/main"]);
        assert!(!repository.join(".git/refs/heads/main.lock").exists());
    }
    place.fsck(&repository);
}

#[test]
fn a_lock_of_somebody_else_stays_and_is_named() {
    let place = Place::new();
    let repository = place.repository("r");
    let theirs = place.head(&repository, "HEAD");
    let lock = repository.join(".git/refs/heads/main.lock");
    write(&lock, &format!("{theirs}\n"));
    place.sovereign(&repository, &["commit"]).says(3, &["main.lock", "delete that file"]);
    assert_eq!(place.head(&repository, "main"), theirs);
    fs::remove_file(&lock).expect("removes");
    place.sovereign(&repository, &["commit"]).says(0, &[]);
}

#[test]
fn a_locked_index_is_named_before_anything_happens() {
    let place = Place::new();
    let repository = place.repository("r");
    let head = place.head(&repository, "HEAD");
    write(&repository.join(".git/index.lock"), "");
    place.sovereign(&repository, &["commit", "--worktree"]).says(1, &["index.lock", "delete"]);
    assert_eq!(place.head(&repository, "HEAD"), head);
    // Nobody's index follows a branch that is checked out nowhere.
    place.git(&repository, &["branch", "other"]);
    place.sovereign(&repository, &["commit", "--branch", "other"]).says(0, &["1 commit"]);
}

#[test]
fn a_lock_on_packed_refs_is_in_nobodys_way() {
    let place = Place::new();
    let repository = place.repository("r");
    place.git(&repository, &["pack-refs", "--all"]);
    write(&repository.join(".git/packed-refs.lock"), "");
    place.sovereign(&repository, &["commit"]).says(0, &[]);
    place.fsck(&repository);
}
