//! Who owns what: hand edits, foreign files, conflicts.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::bench::{Place, manifest, root, write};

/// A repository with a committed tree, brought along, and a manifest that has moved on.
fn committed(place: &Place) -> PathBuf {
    let repository = place.repository("r");
    place.sovereign(&repository, &["commit", "--worktree"]).says(0, &[]);
    place.save(&repository, "sovereign.toml", &manifest("one", 1));
    repository
}

/// Commits everything in the work tree by hand.
fn by_hand(place: &Place, repository: &Path) {
    place.git(repository, &["add", "-A", "-f"]);
    place.git(repository, &["commit", "-q", "-m", "by hand"]);
}

/// A plain file of the tree, and its path.
fn a_file(repository: &Path) -> (PathBuf, String) {
    let path = format!("{}/README.md", root("one"));
    (repository.join(&path), path)
}

#[test]
fn a_hand_edit_is_refused_with_its_diff() {
    let place = Place::new();
    let repository = committed(&place);
    let (file, path) = a_file(&repository);
    write(&file, &format!("{}a note by hand\n", fs::read_to_string(&file).expect("a file")));
    by_hand(&place, &repository);
    let head = place.head(&repository, "HEAD");
    place
        .sovereign(&repository, &["commit"])
        .says(1, &[&path, "edited by hand", "+a note by hand", "--overwrite"]);
    assert_eq!(place.head(&repository, "HEAD"), head);
    place.sovereign(&repository, &["verify"]).says(1, &[&path, "edited by hand", "the manifest changed"]);
    place.sovereign(&repository, &["commit", "--overwrite"]).says(0, &["1 commit"]);
    place.sovereign(&repository, &["verify"]).says(0, &[]);
}

#[test]
fn a_deleted_file_comes_back() {
    let place = Place::new();
    let repository = committed(&place);
    let (file, path) = a_file(&repository);
    fs::remove_file(&file).expect("removes");
    by_hand(&place, &repository);
    place.sovereign(&repository, &["verify"]).says(1, &[&path, "removed by hand"]);
    place.sovereign(&repository, &["commit"]).says(0, &["1 commit"]);
    assert!(place.changed(&repository, "HEAD").contains(&path));
}

#[test]
fn files_of_others_stay_and_those_in_the_way_are_named() {
    let place = Place::new();
    let repository = place.repository("r");
    let theirs = format!("{}/fsn1/theirs.yaml", root("one"));
    place.save(&repository, &theirs, "theirs: true\n");
    place.save(&repository, &format!("{}/.hidden/x", root("one")), "x\n");
    place.sovereign(&repository, &["commit"]).says(0, &["1 commit"]);
    assert_eq!(place.git(&repository, &["show", &format!("HEAD:{theirs}")]), "theirs: true");
    assert!(place.changed(&repository, "HEAD").iter().all(|path| *path != theirs));

    let place = Place::new();
    let repository = place.repository("r");
    let (_, path) = a_file(&repository);
    place.save(&repository, &path, "# my own\n");
    let head = place.head(&repository, "HEAD");
    place.sovereign(&repository, &["commit", "--overwrite"]).says(1, &[&path, "not ours"]);
    assert_eq!(place.head(&repository, "HEAD"), head);
}

/// What stands where a directory or a file of ours must be: refused, at every height.
#[test]
fn obstacles() {
    for (at, what) in [
        ("clusters".to_owned(), "a file where a directory must be"),
        (root("one"), "a file where a directory must be"),
        (format!("{}/fsn1", root("one")), "a file where a directory must be"),
    ] {
        let place = Place::new();
        let repository = place.repository("r");
        place.save(&repository, &at, "in the way\n");
        let head = place.head(&repository, "HEAD");
        for flags in [&["commit"][..], &["commit", "--overwrite"]] {
            place.sovereign(&repository, flags).says(1, &[&at, what]);
        }
        assert_eq!(place.head(&repository, "HEAD"), head);
    }
    for at in ["clusters".to_owned(), root("one"), format!("{}/README.md", root("one"))] {
        // A symlink that points outside: nothing is written through it.
        let place = Place::new();
        let repository = place.repository("r");
        let outside = place.path("outside");
        write(&outside.join("x"), "x\n");
        let link = repository.join(&at);
        fs::create_dir_all(link.parent().expect("a parent")).expect("creates");
        symlink(&outside, &link).expect("links");
        by_hand(&place, &repository);
        place.sovereign(&repository, &["commit", "--worktree"]).says(1, &[&at, "a symlink"]);
        assert_eq!(fs::read_dir(&outside).expect("a directory").count(), 1);
        place.sovereign(&repository, &["verify"]).says(1, &[&at]);

        // A submodule.
        let place = Place::new();
        let repository = place.repository("r");
        let head = place.head(&repository, "HEAD");
        place.git(&repository, &["update-index", "--add", "--cacheinfo", &format!("160000,{head},{at}")]);
        place.git(&repository, &["commit", "-q", "-m", "a submodule"]);
        place.sovereign(&repository, &["commit"]).says(1, &[&at, "a submodule"]);
    }
    // A directory where a file must be; a hidden file in it makes it no less somebody's.
    for inner in ["notes.txt", ".notes"] {
        let place = Place::new();
        let repository = place.repository("r");
        place.save(&repository, &format!("{}/README.md/{inner}", root("one")), "notes\n");
        let said = place.sovereign(&repository, &["commit"]);
        said.says(1, &["README.md is a directory where a file must be"]);
    }
    // The same in the place of a file that we wrote.
    let place = Place::new();
    let repository = committed(&place);
    let (file, _) = a_file(&repository);
    fs::remove_file(&file).expect("removes");
    write(&file.join("notes.txt"), "notes\n");
    by_hand(&place, &repository);
    place.sovereign(&repository, &["commit"]).says(1, &["README.md is a directory where a file must be"]);
}

#[test]
fn an_untracked_symlink_in_the_work_tree_is_not_followed() {
    let place = Place::new();
    let repository = place.repository("r");
    let outside = place.path("outside");
    fs::create_dir(&outside).expect("creates");
    symlink(&outside, repository.join("clusters")).expect("links");
    let ended = place.sovereign(&repository, &["commit", "--worktree"]);
    assert_eq!(fs::read_dir(&outside).expect("a directory").count(), 0, "{}", ended.err);
    ended.says(1, &["clusters"]);
}

#[test]
fn conflict_markers() {
    let conflict = "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n";
    let place = Place::new();
    let repository = committed(&place);
    let (file, path) = a_file(&repository);
    write(&file, conflict);
    by_hand(&place, &repository);
    place.sovereign(&repository, &["commit"]).says(1, &[&path, "unresolved merge"]);

    let place = Place::new();
    let repository = committed(&place);
    let lock = format!("{}/sovereign.lock", root("one"));
    place.save(&repository, &lock, conflict);
    place.sovereign(&repository, &["commit"]).says(1, &[&lock, "unresolved merge"]);
    place.sovereign(&repository, &["verify"]).says(1, &[&lock, "edited by hand"]);

    let place = Place::new();
    let repository = committed(&place);
    place.save(&repository, "sovereign.toml", &format!("{}{conflict}", manifest("one", 2)));
    place.sovereign(&repository, &["commit"]).says(1, &["sovereign.toml", "merge"]);
}

#[test]
fn two_manifests_never_own_one_path() {
    let place = Place::new();
    let repository = place.repository("r");
    place.save(&repository, "other/sovereign.toml", &manifest("one", 9));
    let head = place.head(&repository, "HEAD");
    let ended = place.sovereign(&repository, &["commit", "sovereign.toml", "other/sovereign.toml"]);
    ended.says(1, &["two manifests want to own", &root("one")]);
    assert_eq!(place.head(&repository, "HEAD"), head);
}

#[test]
fn two_manifests_never_own_one_path_in_two_runs_either() {
    let place = Place::new();
    let repository = place.repository("r");
    place.sovereign(&repository, &["commit"]).says(0, &["1 commit"]);
    place.save(&repository, "other/sovereign.toml", &manifest("one", 9));
    let head = place.head(&repository, "HEAD");
    let ended = place.sovereign(&repository, &["commit", "other/sovereign.toml"]);
    ended.says(1, &[&root("one"), "is the tree of sovereign.toml", "remove one of the two"]);
    assert_eq!(place.head(&repository, "HEAD"), head);
    // A manifest that has moved is no second one.
    place.git(&repository, &["rm", "-q", "sovereign.toml"]);
    place.git(&repository, &["commit", "-q", "-m", "moved"]);
    place.sovereign(&repository, &["commit", "other/sovereign.toml"]).says(0, &["1 commit"]);
    place.save(&repository, "other/sovereign.toml", &manifest("one", 10));
    place.sovereign(&repository, &["commit", "other/sovereign.toml"]).says(0, &["1 commit"]);
}
