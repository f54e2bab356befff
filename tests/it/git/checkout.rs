//! A branch that moves where it is checked out, here or in another work tree: a person who commits there next takes nothing back.

use std::fs;
use std::path::Path;
use std::thread;

use super::bench::{Place, manifest, root, write};

/// Commits everything that a work tree says, as a person does, and expects the trees of ours to stay.
#[track_caller]
fn a_person_commits_all(place: &Place, worktree: &Path, roots: &[&str]) {
    write(&worktree.join("README.md"), "a person's\n");
    place.git(worktree, &["commit", "-q", "-a", "-m", "all that I see"]);
    assert_eq!(place.changed(worktree, "HEAD"), ["README.md"]);
    for name in roots {
        place.git(worktree, &["cat-file", "-e", &format!("HEAD:{}/sovereign.lock", root(name))]);
    }
}

#[test]
fn the_next_commit_of_a_person_keeps_the_tree() {
    let place = Place::new();
    let repository = place.repository("r");
    write(&repository.join("mine.txt"), "mine\n");
    place.git(&repository, &["add", "mine.txt"]);
    place.sovereign(&repository, &["commit"]).says(0, &["1 commit on refs/heads/main"]);
    // What was staged is staged, and all else is as it was committed.
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), "A  mine.txt");
    assert!(place.git(&repository, &["reflog", "-1"]).contains("sovereign: compiled"));
    place.git(&repository, &["rm", "-q", "--cached", "mine.txt"]);
    a_person_commits_all(&place, &repository, &["one"]);
    place.fsck(&repository);
}

#[test]
fn a_branch_in_another_work_tree_takes_that_along() {
    let place = Place::new();
    let repository = place.repository("r");
    place.git(&repository, &["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = place.path("side");
    place.sovereign(&repository, &["commit", "--branch", "side"]).says(0, &["refs/heads/side"]);
    assert_eq!(place.git(&side, &["status", "--porcelain"]), "");
    assert!(!repository.join("clusters").exists());
    a_person_commits_all(&place, &side, &["one"]);
    // And from the other one, that of the repository itself.
    place.sovereign(&side, &["commit", "--branch", "main"]).says(0, &["refs/heads/main"]);
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), "");
    a_person_commits_all(&place, &repository, &["one"]);
    // Where a work tree is gone, nobody can lose anything in it.
    fs::remove_dir_all(&side).expect("removes");
    place.sovereign(&repository, &["commit", "--branch", "side"]).says(0, &["nothing changed"]);
    place.save(&repository, "sovereign.toml", &manifest("one", 1));
    place.git(&repository, &["branch", "-f", "other"]);
    place.sovereign(&repository, &["commit", "--branch", "other"]).says(0, &["refs/heads/other"]);
    place.fsck(&repository);
}

#[test]
fn an_edit_in_any_work_tree_of_the_branch_is_not_lost() {
    let place = Place::new();
    let repository = place.repository("r");
    place.git(&repository, &["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = place.path("side");
    let file = side.join(root("one")).join("README.md");
    write(&file, "not yours\n");
    let (head, index) = (place.head(&side, "HEAD"), place.git(&side, &["ls-files", "--stage"]));
    let ended = place.sovereign(&repository, &["commit", "--branch", "side"]);
    ended.says(1, &["README.md", "the branch is checked out", "commit or stash them first"]);
    assert_eq!((place.head(&side, "HEAD"), place.git(&side, &["ls-files", "--stage"])), (head, index));
    assert_eq!(fs::read_to_string(&file).expect("a file"), "not yours\n");
    fs::remove_file(&file).expect("removes");
    place.sovereign(&repository, &["commit", "--branch", "side"]).says(0, &["1 commit"]);
    assert_eq!(place.git(&side, &["status", "--porcelain"]), "");
}

#[test]
fn many_runs_in_one_work_tree() {
    let place = Place::new();
    let repository = place.repository("r");
    let names: Vec<_> = (0..8).map(|n| format!("bot{n}")).collect();
    for name in &names {
        place.save(&repository, &format!("{name}.toml"), &manifest(name, 0));
    }
    thread::scope(|scope| {
        let run = |name: &String| {
            let file = format!("{name}.toml");
            let (place, repository) = (&place, &repository);
            scope.spawn(move || place.sovereign(repository, &["commit", &file]))
        };
        let runs: Vec<_> = names.iter().map(run).collect();
        for run in runs {
            run.join().expect("ends").says(0, &["1 commit"]);
        }
    });
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), "");
    let roots: Vec<_> = names.iter().map(String::as_str).collect();
    a_person_commits_all(&place, &repository, &roots);
    assert!(
        !repository.join(".git/index.lock").exists() && !repository.join(".git/sovereign-index").exists()
    );
    place.fsck(&repository);
}

/// What a remote refuses is kept on the branch, and where that is checked out nobody takes it back either.
#[test]
fn a_push_that_is_refused_keeps_files_and_index_with_the_branch() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    place.git(&first, &["remote", "add", "origin", &remote.display().to_string()]);
    write(&remote.join("hooks/pre-receive"), "#!/bin/sh\nexit 1\n");
    place.run(&remote, "chmod", &["755", "hooks/pre-receive"]);
    place.sovereign(&first, &["commit", "--push"]).says(3, &["kept here"]);
    assert_eq!(place.git(&first, &["status", "--porcelain"]), "");
    a_person_commits_all(&place, &first, &["one"]);
}

#[test]
fn the_lock_of_a_killed_run_is_in_nobodys_way() {
    let place = Place::new();
    let repository = place.repository("r");
    write(&repository.join(".git/index.lock"), "sovereign\n");
    place.sovereign(&repository, &["commit"]).says(0, &["1 commit"]);
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), "");
}
