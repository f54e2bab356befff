//! `sovereign build`, and what it leaves on disk.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use super::*;

const TREE: &str = "out/clusters/omantel.omani.works";

/// Everything below a path: kind and mode, inode, times, bytes.
fn picture(at: &Path) -> BTreeMap<PathBuf, (u32, u64, [i64; 4], Vec<u8>)> {
    let (mut picture, mut waiting) = (BTreeMap::new(), vec![at.to_owned()]);
    while let Some(path) = waiting.pop() {
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        let bytes = if found.is_file() { fs::read(&path).expect("a file") } else { Vec::new() };
        if found.is_dir() {
            waiting.extend(fs::read_dir(&path).expect("a directory").map(|e| e.expect("an entry").path()));
        }
        let times = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
        picture.insert(path, (found.mode(), found.ino(), times, bytes));
    }
    picture
}

fn build(desk: &Desk, flags: &[&str]) -> Ran {
    run(&[&["build", &desk.arg("m.toml"), "--out", &desk.arg("out")], flags].concat())
}

fn built() -> Desk {
    let desk = Desk::new(&[("m.toml", OMANTEL)]);
    build(&desk, &[]).ends(0);
    desk
}

#[test]
fn the_first_build_writes_and_the_second_touches_nothing() {
    let desk = Desk::new(&[("m.toml", OMANTEL)]);
    let ran = build(&desk, &[]).ends(0).says("  wrote README.md\n").says(" more\n").says("tree sha256:");
    assert!(
        ran.err.contains("omantel.omani.works: ") && ran.err.contains(" 0 removed, 0 unchanged"),
        "{ran:?}"
    );
    let before = picture(desk.path());
    for flags in [&[][..], &["--overwrite"], &["--check"], &["--format", "short"], &["--format", "github"]] {
        build(&desk, flags).ends(0).says(&format!("{TREE} is up to date: "));
        build(&desk, &[flags, &["-q"]].concat()).ends(0).says_nothing();
    }
    let log = build(&desk, &["--format", "sarif", "--quiet"]).ends(0).gives();
    assert!(serde_json::from_str::<Json>(&log).is_ok());
    assert_eq!(picture(desk.path()), before);
}

#[test]
fn the_same_manifest_gives_the_same_tree_every_time() {
    let again = || {
        let desk = Desk::new(&[("m.toml", include_str!("../../../examples/three-regions.toml"))]);
        build(&desk, &["-q"]).ends(0);
        let name = |path: &Path| path.strip_prefix(desk.path()).expect("below").to_owned();
        picture(desk.path())
            .iter()
            .map(|(path, found)| (name(path), found.3.clone()))
            .collect::<BTreeMap<_, _>>()
    };
    let first = again();
    for _ in 0..3 {
        assert!(again() == first);
    }
}

#[test]
fn a_comparison_tells_and_writes_nothing() {
    let desk = Desk::new(&[("m.toml", OMANTEL)]);
    let before = picture(desk.path());
    for format in FORMATS {
        // A job that fails must say why, whatever it prints findings in.
        let ran = build(&desk, &["--check", "--format", format]).ends(1);
        assert!(
            ran.err.contains("would add README.md") && ran.err.contains(" to add, 0 to change"),
            "{ran:?}"
        );
    }
    build(&desk, &["--check", "-q"]).ends(1).says_nothing();
    assert_eq!(picture(desk.path()), before);

    build(&desk, &[]).ends(0);
    desk.put("m.toml", OMANTEL.replace("count = 2", "count = 3").replace("ops@omantel.om", "it@omantel.om"));
    let before = picture(desk.path());
    build(&desk, &["--check"]).ends(1).says("would change sovereign.lock").says(" differs: 0 to add, ");
    assert_eq!(picture(desk.path()), before);
    build(&desk, &[]).ends(0);
    build(&desk, &["--check"]).ends(0).says("is up to date");
}

#[test]
fn an_edit_by_hand_is_refused_with_its_diff_until_it_may_go() {
    let desk = built();
    let name = &format!("{TREE}/README.md");
    let ours = fs::read_to_string(desk.at(name)).expect("is there");
    desk.put(name, format!("{ours}mine\n"));
    let before = picture(desk.path());
    let ran =
        build(&desk, &[]).ends(1).says("error: nothing was written").says("edited by hand").says("\n+mine");
    assert!(ran.err.contains("  README.md\n") && ran.err.contains("--overwrite"), "{ran:?}");
    build(&desk, &["-q"]).ends(1).says("edited by hand");
    build(&desk, &["--check"]).ends(1).says("edited by hand: README.md").says("\n+mine");
    assert_eq!(picture(desk.path()), before);

    build(&desk, &["--overwrite"]).ends(0).says("wrote README.md").says(": 1 written, 0 removed");
    assert_eq!(fs::read_to_string(desk.at(name)).expect("is there"), ours);
}

#[test]
fn what_is_foreign_survives_and_in_the_way_is_refused() {
    let desk = Desk::new(&[("m.toml", OMANTEL)]);
    desk.put(&format!("{TREE}/README.md"), "mine");
    desk.put("out/clusters/other/notes", "mine");
    let before = picture(desk.path());
    for flag in ["--overwrite", "--quiet"] {
        let ran = build(&desk, &[flag]).ends(1).says("not ours, but in the way").says("\n  README.md");
        assert!(!ran.err.contains("--overwrite"), "it would not help: {ran:?}");
    }
    build(&desk, &["--check"]).ends(1).says("not ours, but in the way: README.md");
    assert_eq!(picture(desk.path()), before);

    fs::remove_file(desk.at(&format!("{TREE}/README.md"))).expect("removes");
    desk.put(&format!("{TREE}/notes/mine.txt"), "mine");
    build(&desk, &[]).ends(0);
    desk.put("m.toml", OMANTEL.replace("2026.04", "2026.05"));
    build(&desk, &[]).ends(0);
    for kept in [&format!("{TREE}/notes/mine.txt"), "out/clusters/other/notes"] {
        assert_eq!(fs::read_to_string(desk.at(kept)).expect("is there"), "mine");
    }
    let beside = fs::read_dir(desk.at("out/clusters")).expect("a directory");
    assert_eq!(beside.count(), 2, "no droppings");
}

#[test]
fn a_removed_region_takes_its_files_along() {
    let desk = Desk::new(&[]);
    run(&["init", &desk.arg("m.toml"), "--regions", "3"]).ends(0);
    let whole = fs::read_to_string(desk.at("m.toml")).expect("is there");
    let (before, after) = whole.rsplit_once("[[region]]").expect("has regions");
    let (_, after) = after.split_once("\n\n").expect("has more");
    build(&desk, &[]).ends(0);
    let tree = desk.at("out/clusters/my-sovereign.omani.works");
    assert!(tree.join("hel1").is_dir());
    let others = |name| picture(&tree.join(name)).into_values().map(|found| found.3).collect::<Vec<_>>();
    let nbg1 = others("nbg1");
    desk.put("m.toml", format!("{before}{after}"));
    build(&desk, &["--check"]).ends(1).says("would remove hel1/");
    build(&desk, &[]).ends(0).says("removed hel1/");
    assert!(!tree.join("hel1").exists() && tree.join("fsn1").is_dir());
    assert_eq!(others("nbg1"), nbg1, "another region's directory does not speak of it");
    build(&desk, &[]).ends(0).says("is up to date");
}

#[test]
fn a_repository_that_cannot_be_is_the_worlds_fault() {
    let desk = Desk::new(&[("m.toml", OMANTEL), ("out", "a file")]);
    build(&desk, &[]).ends(3).says("error: ");
    build(&desk, &["--check"]).ends(3).says("error: ");
    assert_eq!(fs::read_to_string(desk.at("out")).expect("is there"), "a file");
    fs::remove_file(desk.at("out")).expect("removes");
    build(&desk, &[]).ends(0);
    let lock = format!("{TREE}/sovereign.lock");
    let text = fs::read_to_string(desk.at(&lock)).expect("is there");
    desk.put(&lock, format!("<<<<<<< ours\n{text}"));
    build(&desk, &["--overwrite"]).ends(3).says("sovereign.lock` line 1 is no line of a lock");
}
