//! A repository of another user: read as Git reads it, where Git is told to trust it by its environment alone.

use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, chown};
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
