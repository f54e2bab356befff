//! A repository of another user: read as Git reads it, where Git is told to trust it by its environment alone.

use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use super::bench::{Ended, PROGRAM, Place, manifest, root};

/// Nobody's on most systems; any other than that of this process will do.
const SOMEBODY: u32 = 65_534;

/// Gives a directory, and what is in it, to another user. Only root may do that.
fn give_away(place: &Place, directory: &Path) -> bool {
    match chown(directory, Some(SOMEBODY), None) {
        Ok(()) => {
            place.run(directory, "chown", &["-R", &SOMEBODY.to_string(), "."]);
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
            false
        }
    }
}

fn trusting(mut command: Command, directory: &str) -> Ended {
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "safe.directory");
    Ended::new(&Place::output(command.env("GIT_CONFIG_VALUE_0", directory)))
}

#[test]
fn a_repository_of_another_user_is_trusted_as_git_trusts_it() {
    let place = Place::new();
    let repository = place.repository("r");
    place.git(&repository, &["worktree", "add", "-q", "-b", "other", "../linked"]);
    if !give_away(&place, &repository) {
        // Without the right to give it away, what is one's own must stay readable.
        assert_eq!(
            repository.metadata().expect("is there").uid(),
            place.path("home").metadata().expect("is there").uid()
        );
        place.sovereign(&repository, &["commit"]).says(0, &["1 commit"]);
        return;
    }
    give_away(&place, &place.path("linked"));
    let commit = |directory: &Path, arguments: &[&str]| {
        let mut command = place.command(PROGRAM, directory);
        command.args(arguments);
        command
    };
    place.sovereign(&repository, &["commit"]).says(3, &["belongs to another user", "safe.directory"]);
    let elsewhere = trusting(commit(&repository, &["commit"]), "/elsewhere");
    elsewhere.says(3, &["belongs to another user"]);
    trusting(commit(&repository, &["commit"]), "*").says(0, &["1 commit on refs/heads/main"]);
    let status = |directory: &Path| {
        let mut command = place.command("git", directory);
        command.args(["status", "--porcelain"]);
        trusting(command, "*").out
    };
    // Index and files came along, in the linked work tree too when its branch moves from here.
    assert_eq!(status(&repository), "");
    assert!(repository.join(root("one")).join("sovereign.lock").is_file());
    trusting(commit(&repository, &["commit", "--branch", "other"]), "*").says(0, &["1 commit"]);
    assert_eq!(status(&place.path("linked")), "");
    assert!(place.path("linked").join(root("one")).join("sovereign.lock").is_file());
    // From the linked one, the main one follows.
    std::fs::write(place.path("linked/sovereign.toml"), manifest("one", 1)).expect("writes");
    let mut change = place.command("git", &place.path("linked"));
    change.args(["commit", "-qam", "other"]);
    trusting(change, "*").says(0, &[]);
    trusting(commit(&place.path("linked"), &["commit"]), "*").says(0, &["1 commit on refs/heads/other"]);
    assert_eq!(status(&place.path("linked")), "");
    assert_eq!(status(&repository), "");
    // The hook judges too: a manifest without its tree is refused.
    std::fs::write(repository.join("sovereign.toml"), manifest("one", 2)).expect("writes");
    let mut add = place.command("git", &repository);
    add.args(["add", "sovereign.toml"]);
    trusting(add, "*").says(0, &[]);
    trusting(commit(&repository, &["hook", "run"]), "*").says(1, &["is not what the staged manifest gives"]);
}

/// Runs a command as `git -c` starts what it starts.
fn told_by_git(mut command: Command, setting: &str) -> Ended {
    Ended::new(&Place::output(command.env("GIT_CONFIG_PARAMETERS", format!("'{setting}'"))))
}

#[test]
fn what_git_is_told_for_one_command_is_read_too() {
    let place = Place::new();
    let repository = place.repository("r");
    let remote = place.remote("remote.git", &repository);
    place.git(&repository, &["remote", "add", "origin", &remote.display().to_string()]);
    if !give_away(&place, &repository) {
        return;
    }
    let program = |directory: &Path, arguments: &[&str]| {
        let mut command = place.command(PROGRAM, directory);
        command.args(arguments);
        command
    };
    let commit = || program(&repository, &["commit", "--push"]);
    told_by_git(commit(), "safe.directory=/elsewhere").says(3, &["belongs to another user"]);
    told_by_git(commit(), "safe.directory=*").says(0, &["1 commit on refs/heads/main"]);
    // A repository without a work tree, named by its own directory.
    place.git(&place.path(""), &["clone", "-q", "--bare", "remote.git", "bare.git"]);
    give_away(&place, &place.path("bare.git"));
    let bare = || program(&place.path("bare.git"), &["verify", "--commit", "main", "sovereign.toml"]);
    told_by_git(bare(), "safe.directory=/elsewhere").says(3, &["belongs to another user"]);
    told_by_git(bare(), "safe.directory=*").says(0, &[]);
    // A hook that `git -c` starts.
    let hook = repository.join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().expect("a directory")).expect("creates");
    std::fs::write(&hook, format!("#!/bin/sh\nexec '{PROGRAM}' hook run\n")).expect("writes");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("may run");
    std::fs::write(repository.join("sovereign.toml"), manifest("one", 2)).expect("writes");
    let mut saved = place.command("git", &repository);
    saved.args(["-c", "safe.directory=*", "commit", "-qam", "Without its tree"]);
    Ended::new(&Place::output(&mut saved)).says(1, &["is not what the staged manifest gives"]);
}

#[test]
fn how_long_a_remote_has_may_stand_in_the_environment() {
    let place = Place::new();
    let repository = place.repository("r");
    place.git(&repository, &["remote", "add", "origin", "ext::sleep 60"]);
    let mut command = place.command(PROGRAM, &repository);
    command.args(["commit", "--push"]);
    command.env("GIT_CONFIG_COUNT", "2");
    command.env("GIT_CONFIG_KEY_0", "sovereign.timeout").env("GIT_CONFIG_VALUE_0", "1");
    command.env("GIT_CONFIG_KEY_1", "protocol.ext.allow").env("GIT_CONFIG_VALUE_1", "always");
    Ended::new(&Place::output(&mut command)).says(3, &["did not answer within 1 s"]);
}
