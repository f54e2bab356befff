//! The work tree and the index: they come along with the branch, and never at the cost of what a person did there.

use std::fs;

use super::bench::{Place, manifest, root, write};

#[test]
fn everything_comes_along_and_edits_elsewhere_stay() {
    let place = Place::new();
    let repository = place.repository("r");
    write(&repository.join("README.md"), "edited\n");
    write(&repository.join("staged.txt"), "staged\n");
    write(&repository.join("untracked.txt"), "untracked\n");
    place.git(&repository, &["add", "staged.txt"]);
    place.sovereign(&repository, &["commit", "--worktree"]).says(0, &[]);
    let status = place.git(&repository, &["status", "--porcelain"]);
    assert_eq!(status, "M README.md\nA  staged.txt\n?? untracked.txt");
    assert!(repository.join(root("one")).join("sovereign.lock").exists());
    // Files that go away go away here too.
    let text = manifest("one", 1).replace("fsn1", "nbg1");
    write(&repository.join("sovereign.toml"), &text);
    place.git(&repository, &["commit", "-q", "-m", "moved", "--", "sovereign.toml"]);
    let ended = place.sovereign(&repository, &["commit", "--worktree"]);
    if ended.code == Some(0) {
        assert!(!repository.join(root("one")).join("fsn1").exists());
    }
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), status);
}

#[test]
fn an_edit_in_a_file_of_ours_is_not_lost() {
    let place = Place::new();
    let repository = place.repository("r");
    place.sovereign(&repository, &["commit", "--worktree"]).says(0, &[]);
    let file = repository.join(root("one")).join("sovereign.lock");
    let text = format!("{}# mine\n", fs::read_to_string(&file).expect("a file"));
    write(&file, &text);
    place.save(&repository, "sovereign.toml", &manifest("one", 1));
    let head = place.head(&repository, "HEAD");
    let ended = place.sovereign(&repository, &["commit", "--worktree"]);
    ended.says(1, &["sovereign.lock", "commit or stash them first"]);
    assert_eq!((place.head(&repository, "HEAD"), fs::read_to_string(&file).expect("a file")), (head, text));
    assert!(!repository.join(".git/sovereign-index").exists());
    // An untracked file in the way.
    fs::remove_file(&file).expect("removes");
    place.git(&repository, &["reset", "-q", "--hard"]);
    place.save(&repository, "two.toml", &manifest("two", 0));
    let other = repository.join(root("two")).join("README.md");
    write(&other, "not yours\n");
    place.sovereign(&repository, &["commit", "--worktree", "two.toml"]).says(1, &["README.md"]);
    assert_eq!(fs::read_to_string(&other).expect("a file"), "not yours\n");
}

#[test]
fn a_tree_that_build_wrote_is_adopted() {
    let place = Place::new();
    let repository = place.repository("r");
    for round in 0..2 {
        if round > 0 {
            place.save(&repository, "sovereign.toml", &manifest("one", round));
        }
        place.sovereign(&repository, &["build", "--quiet"]).says(0, &[]);
        place.sovereign(&repository, &["commit", "--worktree"]).says(0, &["1 commit"]);
        assert_eq!(place.git(&repository, &["status", "--porcelain"]), "");
    }
}

#[test]
fn what_others_pushed_comes_along() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let url = format!("file://{}", remote.display());
    place.git(&place.path(""), &["clone", "-q", &url, "bot"]);
    let bot = place.path("bot");
    place.save(&first, "notes.txt", "a note\n");
    place.git(&first, &["push", "-q", &url, "main"]);
    // Not asked: the branch here stays, since its files do.
    place.sovereign(&bot, &["commit", "--push"]).says(0, &["1 commit", "git pull"]);
    assert_eq!(place.git(&bot, &["status", "--porcelain"]), "");
    place.sovereign(&bot, &["commit", "--push", "--worktree"]).says(0, &["nothing changed"]);
    assert_eq!(place.git(&bot, &["status", "--porcelain"]), "");
    assert_eq!(place.head(&bot, "main"), place.head(&remote, "main"));
    assert!(bot.join("notes.txt").exists());
}

#[test]
fn linked_work_trees_packed_refs_and_attributes() {
    let place = Place::new();
    let repository = place.repository("r");
    place.save(&repository, ".gitattributes", "* text=auto eol=crlf\n*.yaml ident\n");
    place.git(&repository, &["config", "core.autocrlf", "true"]);
    place.git(&repository, &["pack-refs", "--all"]);
    place.git(&repository, &["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = place.path("side");
    let main = place.head(&repository, "main");
    place.sovereign(&side, &["commit", "--worktree"]).says(0, &["refs/heads/side"]);
    assert_eq!(place.head(&repository, "main"), main);
    assert_eq!(place.git(&side, &["status", "--porcelain"]), "");
    assert!(side.join(root("one")).join("sovereign.lock").exists());
    // The bytes in the repository are ours, whatever a check-out makes of them.
    place.sovereign(&side, &["verify"]).says(0, &["all "]);
    place.sovereign(&side, &["commit", "--worktree"]).says(0, &["nothing changed"]);
    place.fsck(&repository);
}

#[test]
fn the_environment_of_a_hook_leads_nowhere_else() {
    let place = Place::new();
    let repository = place.repository("r");
    let other = place.repository("other");
    let heads = place.head(&other, "HEAD");
    let mut command = place.command(super::bench::PROGRAM, &repository);
    command.env("GIT_DIR", other.join(".git")).env("GIT_INDEX_FILE", other.join(".git/index"));
    command.env("GIT_WORK_TREE", &other).env("GIT_OBJECT_DIRECTORY", other.join(".git/objects"));
    let output = Place::output(command.args(["commit", "--worktree"]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(place.head(&other, "HEAD"), heads);
    assert_eq!(place.git(&other, &["status", "--porcelain"]), "");
    assert_eq!(place.git(&repository, &["status", "--porcelain"]), "");
    place.fsck(&repository);
}
