//! What is refused: foreign files, edits by hand, symlinks, broken and hostile locks.

use super::*;

#[test]
fn foreign_files_in_the_way_are_refused_all_at_once() {
    let disk = Disk::with_first();
    let next = tree(&[("n/n.yaml", "n: 2\n"), ("m.yaml", ""), ("k", ""), ("l", ""), ("same", "same\n")]);
    disk.put("n/n.yaml", "theirs");
    disk.put("k/x", "a directory");
    symlink("same", disk.at("l")).unwrap();
    disk.put("same", "same\n");
    let text = disk.refuses(&next, &["k", "l", "n/n.yaml"], &[]);
    assert!(text.contains("nothing was written") && text.contains("\n  n/n.yaml"), "{text}");
    assert!(
        matches!(disk.apply(&next, ROUGH), Err(WriteError::Refused { .. })),
        "overwriting is for our files"
    );
}

#[test]
fn without_a_lock_everything_is_foreign_unless_it_is_equal() {
    let disk = Disk::with_first();
    fs::remove_file(disk.at(LOCK)).unwrap();
    disk.refuses(&second(), &["a/d.yaml"], &[]);
    let done = disk.apply(&first(), GENTLE).unwrap();
    assert_eq!((strings(&done.written), done.unchanged), (vec![LOCK], 4));
}

#[test]
fn an_edited_file_is_refused_with_a_diff_unless_overwritten() {
    let disk = Disk::with_first();
    disk.put("a/d.yaml", "d: mine\n");
    disk.put("a/b/c.yaml", &"line\n".repeat(100));
    let text = disk.refuses(&second(), &[], &["a/b/c.yaml", "a/d.yaml"]);
    assert!(text.contains("--- compiled\n+++ on disk\n@@ -1 +1 @@\n-d: 2\n+d: mine"), "{text}");
    assert!(text.contains("--- no longer compiled\n") && text.contains("(63 more lines)"), "{text}");
    disk.refuses(&first(), &[], &["a/b/c.yaml", "a/d.yaml"]);

    let done = disk.apply(&second(), ROUGH).unwrap();
    assert_eq!((done.written.len(), done.removed.len()), (3, 1));
    disk.holds(&second(), &[]);
}

#[test]
fn an_edit_to_exactly_the_new_bytes_is_no_conflict_and_huge_ones_have_no_diff() {
    let disk = Disk::with_first();
    disk.put("a/d.yaml", "d: 2\n");
    disk.apply(&second(), GENTLE).unwrap();
    disk.holds(&second(), &[]);
    disk.put("a/d.yaml", &"x".repeat(2 << 20));
    let Err(WriteError::Refused { edited, .. }) = disk.apply(&second(), GENTLE) else {
        panic!("not refused")
    };
    let diff = "(a/d.yaml holds 2097152 bytes: no diff)\n".to_owned();
    assert_eq!(edited, [Edited { path: TreePath::new("a/d.yaml").unwrap(), diff }]);
}

/// Nothing is taken for unchanged by its size and its times: other programs set these.
#[test]
fn an_edit_that_keeps_size_and_times_is_seen() {
    let disk = Disk::with_first();
    let times = fs::metadata(disk.at("a/d.yaml")).unwrap();
    disk.put("a/d.yaml", "d: 9\n");
    let file = File::options().write(true).open(disk.at("a/d.yaml")).unwrap();
    file.set_modified(times.modified().unwrap()).unwrap();
    disk.refuses(&first(), &[], &["a/d.yaml"]);
    disk.refuses(&second(), &[], &["a/d.yaml"]);
}

/// Both ways of looking and linking: many files, so that several processors share the work, in directories of each depth.
#[test]
fn a_large_tree_is_treated_like_a_small_one() {
    for swap in [Swap::Exchange, Swap::Renames] {
        let disk = Disk::new();
        let of = |files: &[(String, String)]| {
            tree(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
        };
        let file = |n: usize| (format!("{}{n}.yaml", "d/".repeat(n % 4)), format!("n: {n}\n"));
        let mut files: Vec<_> = (0..1500).map(file).collect();
        apply_by(&of(&files), disk.out(), GENTLE, swap).unwrap();
        disk.put("d/mine", "mine");
        disk.put("d/501.yaml", "n: mine\n");
        disk.refuses(&of(&files), &[], &["d/501.yaml"]);
        disk.put("d/501.yaml", "n: 501\n");
        files.truncate(1499);
        files[300].1 = "n: new\n".to_owned();
        let done = apply_by(&of(&files), disk.out(), GENTLE, swap).unwrap();
        assert_eq!((done.written.len(), done.removed.len(), done.unchanged), (2, 1, 1498));
        disk.holds(&of(&files), &["d/mine"]);
        let links = |path: &str| fs::metadata(disk.at(path)).unwrap().nlink();
        assert_eq!((links("0.yaml"), links("d/mine")), (1, 1));
    }
}

#[test]
fn a_deleted_file_comes_back() {
    let disk = Disk::with_first();
    fs::remove_dir_all(disk.at("a")).unwrap();
    let done = disk.apply(&first(), GENTLE).unwrap();
    assert_eq!(strings(&done.written), ["a/b/c.yaml", "a/d.yaml"]);
    disk.holds(&first(), &[]);
}

#[test]
fn files_and_directories_of_ours_take_each_others_names() {
    let disk = Disk::new();
    let (file, directory) = (tree(&[("x", "file")]), tree(&[("x/y/z", "below")]));
    for next in [&file, &directory, &file, &directory] {
        disk.apply(next, GENTLE).unwrap();
        disk.holds(next, &[]);
    }
    disk.put("x/y/mine", "");
    disk.refuses(&file, &["x"], &[]);
    fs::remove_file(disk.at("x/y/mine")).unwrap();
    disk.apply(&file, GENTLE).unwrap();
    disk.put("x", "edited");
    disk.refuses(&directory, &[], &["x"]);
    disk.apply(&directory, ROUGH).unwrap();
    disk.holds(&directory, &[]);
}

#[test]
fn nothing_is_written_through_a_symlink_or_a_file() {
    let elsewhere = tempfile::tempdir().unwrap();
    for path in
        ["clusters", "clusters/x.y", "clusters/x.y/a", "clusters/x.y/a/b", "clusters/x.y/sovereign.lock"]
    {
        let disk = Disk::new();
        let at = disk.out().join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        symlink(elsewhere.path(), &at).unwrap();
        disk.obstructed(&first(), &at);
        fs::remove_file(&at).unwrap();
        if !path.ends_with(LOCK) {
            fs::write(&at, "a file").unwrap();
            disk.obstructed(&first(), &at);
        }
    }
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_directory_of_ours_that_became_a_symlink_removes_nothing_behind_it() {
    let disk = Disk::with_first();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::rename(disk.at("a/b"), elsewhere.path().join("b")).unwrap();
    symlink(elsewhere.path().join("b"), disk.at("a/b")).unwrap();
    let done = disk.apply(&second(), GENTLE).unwrap();
    assert!(done.removed.is_empty());
    disk.holds(&second(), &["a/b"]);
    assert_eq!(fs::read(elsewhere.path().join("b/c.yaml")).unwrap(), b"c: 1\n");
}

#[test]
fn a_broken_or_hostile_lock_is_refused_with_its_line() {
    let disk = Disk::with_first();
    let lock = disk.text(LOCK);
    fs::write(disk.out().join("victim"), "v").unwrap();
    let victim = Digest::hash(b"v");
    for bad in [
        "<<<<<<< ours".to_owned(),
        format!("{victim}  ../../victim"),
        format!("{victim}  /etc/passwd"),
        "\u{1b}".into(),
    ] {
        disk.put(LOCK, &format!("{lock}{bad}\n"));
        let before = disk.picture();
        for options in [GENTLE, ROUGH] {
            let error = disk.apply(&second(), options).unwrap_err();
            assert!(!error.to_string().contains('\u{1b}'));
            let WriteError::BrokenLock { path, line, text } = error else { panic!("{error:?}") };
            assert_eq!((path, line, text), (disk.at(LOCK), lock.lines().count() + 1, bad.clone()));
        }
        assert_eq!(disk.picture(), before);
    }
    disk.put(LOCK, &format!("{lock}{victim}  {LOCK}\n{victim}  a\n{victim}  not/here\n"));
    disk.apply(&second(), GENTLE).unwrap();
    assert_eq!(fs::read(disk.out().join("victim")).unwrap(), b"v");
    fs::remove_file(disk.out().join("victim")).unwrap();
    disk.holds(&second(), &[]);
}
