//! Commits of so many files that they go into a pack of their own.
#![expect(clippy::disallowed_methods, reason = "these tests make repositories")]

use std::fs;
use std::path::Path;
use std::process::Command;

const MINIMAL: &str = include_str!("../../examples/minimal.toml");

fn run(directory: &Path, program: &str, args: &[&str]) -> String {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command.env_clear().env("PATH", path).env("HOME", directory).current_dir(directory).args(args);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    let output = command.output().expect("runs");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {args:?}: {words}");
    String::from_utf8(output.stdout).expect("text")
}

/// A repository with many manifests; gives their paths.
fn manifests(directory: &Path) -> Vec<String> {
    run(directory, "git", &["init", "--quiet", "--initial-branch=main"]);
    let paths: Vec<_> = (0..12).map(|index| format!("n{index}.toml")).collect();
    for (index, path) in paths.iter().enumerate() {
        let text = MINIMAL.replace("\"first\"", &format!("\"many-{index}\""));
        fs::write(directory.join(path), text).expect("writes");
    }
    run(directory, "git", &["add", "."]);
    run(directory, "git", &["commit", "--quiet", "-m", "manifests"]);
    paths
}

fn commit(directory: &Path, option: &[&str], paths: &[String]) -> usize {
    let paths: Vec<_> = paths.iter().map(String::as_str).collect();
    let out = run(
        directory,
        env!("CARGO_BIN_EXE_sovereign"),
        &[&["commit", "--quiet", "--format", "short"], option, &paths].concat(),
    );
    run(directory, "git", &["fsck", "--strict", "--full"]);
    out.lines().count()
}

#[test]
fn many_sovereigns_in_one_commit_are_one_pack_and_a_valid_repository() {
    let scratch = tempfile::tempdir().expect("a directory");
    let paths = manifests(scratch.path());
    assert_eq!(commit(scratch.path(), &["--together"], &paths), 1);
    let packs = fs::read_dir(scratch.path().join(".git/objects/pack")).expect("a directory");
    let packs = packs.filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|e| e == "pack"))
    });
    assert_eq!(packs.count(), 1);
    assert_eq!(commit(scratch.path(), &["--together"], &paths), 0);

    // The same tree as one commit each gives.
    let other = tempfile::tempdir().expect("a directory");
    let paths = manifests(other.path());
    assert_eq!(commit(other.path(), &[], &paths), 12);
    let tree = |directory: &Path| run(directory, "git", &["rev-parse", "HEAD^{tree}"]);
    assert_eq!(tree(scratch.path()), tree(other.path()));

    // A small commit on top, in the same repository.
    let first = fs::read_to_string(scratch.path().join(&paths[0])).expect("a manifest");
    fs::write(scratch.path().join(&paths[0]), first.replace("ops@", "team@")).expect("writes");
    run(scratch.path(), "git", &["commit", "--quiet", "-m", "change", &paths[0]]);
    assert_eq!(commit(scratch.path(), &[], &paths), 1);
}
