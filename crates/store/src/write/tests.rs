//! Every rule of the module, on a real disk.

mod fleet;
mod refusals;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::guard::Guard;
use super::stage::Swap;
use super::{Applied, Edited, Options, WriteError, apply, apply_by, compare};
use sovereign_compile::tree::{LOCK, Origin, Tree, TreePath};
use sovereign_text::digest::Digest;

const GENTLE: Options = Options { overwrite: false, fleet: usize::MAX };
const ROUGH: Options = Options { overwrite: true, fleet: usize::MAX };

fn tree_at(root: &str, files: &[(&str, &str)]) -> Tree {
    let origin = Origin {
        input: Digest::hash(b"i"),
        kit: ("2026.05".into(), Digest::hash(b"k")),
        compiler: "sovereign 0.1.0".into(),
        regions: Vec::new(),
    };
    let files = files.iter().map(|(p, t)| (TreePath::new(*p).unwrap(), (*t).to_owned())).collect();
    Tree::new(TreePath::new(root).unwrap(), files, &origin)
}

fn tree(files: &[(&str, &str)]) -> Tree {
    tree_at("clusters/x.y", files)
}

fn first() -> Tree {
    tree(&[("README.md", "one\n"), ("a/b/c.yaml", "c: 1\n"), ("a/d.yaml", "d: 1\n"), ("z.yaml", "z: 1\n")])
}

/// Changes `a/d.yaml`, adds `n/n.yaml`, removes `a/b/c.yaml`.
fn second() -> Tree {
    tree(&[("README.md", "one\n"), ("a/d.yaml", "d: 2\n"), ("n/n.yaml", "n: 2\n"), ("z.yaml", "z: 1\n")])
}

struct Disk(TempDir);

impl Disk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with_first() -> Self {
        let disk = Self::new();
        disk.apply(&first(), GENTLE).unwrap();
        disk
    }

    fn out(&self) -> &Path {
        self.0.path()
    }

    fn at(&self, path: &str) -> PathBuf {
        self.out().join("clusters/x.y").join(path)
    }

    fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    fn apply(&self, tree: &Tree, options: Options) -> Result<Applied, WriteError> {
        apply(tree, self.out(), options)
    }

    /// Returns everything below `out`: kind, mode, inode, bytes. Two equal pictures: nothing was touched.
    fn picture(&self) -> BTreeMap<PathBuf, (u32, u64, i64, Vec<u8>)> {
        let mut picture = BTreeMap::new();
        let mut waiting = vec![self.out().to_path_buf()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                let found = fs::symlink_metadata(&path).unwrap();
                let bytes = if found.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
                picture.insert(path.clone(), (found.mode(), found.ino(), found.mtime_nsec(), bytes));
                if found.is_dir() {
                    waiting.push(path);
                }
            }
        }
        picture
    }

    /// The disk holds this tree and these foreign things, and nothing else.
    #[track_caller]
    fn holds(&self, tree: &Tree, foreign: &[&str]) {
        for (path, text) in tree.files() {
            assert_eq!(self.text(path.as_str()), *text, "{path}");
        }
        let mut expected: Vec<PathBuf> = tree.files().keys().map(|path| self.at(path.as_str())).collect();
        expected.extend(foreign.iter().map(|path| self.at(path)));
        expected.sort();
        let found = self.picture();
        let leaves = found.keys().filter(|path| {
            !found.keys().any(|other| other != *path && other.starts_with(path)) // no empty directory hides here
        });
        assert_eq!(leaves.cloned().collect::<Vec<_>>(), expected);
    }

    /// Refused, with these paths, and nothing was touched; by `compare` likewise, as part of its answer.
    #[track_caller]
    fn refuses(&self, tree: &Tree, foreign: &[&str], edited: &[&str]) -> String {
        let before = self.picture();
        let error = self.apply(tree, GENTLE).unwrap_err();
        let comparison = compare(tree, self.out()).unwrap();
        assert_eq!(self.picture(), before);
        let text = error.to_string();
        let WriteError::Refused { foreign: f, edited: e, root } = error else { panic!("{error:?}") };
        assert_eq!(root, self.at("").components().collect::<PathBuf>());
        assert_eq!(strings(&f), foreign);
        assert_eq!(e.iter().map(|e| e.path.as_str()).collect::<Vec<_>>(), edited);
        assert_eq!((comparison.foreign, comparison.edited), (f, e));
        text
    }

    #[track_caller]
    fn obstructed(&self, tree: &Tree, at: &Path) {
        let before = self.picture();
        for result in [self.apply(tree, ROUGH).err(), compare(tree, self.out()).err()] {
            let Some(WriteError::Obstructed { path }) = result else { panic!("{result:?}") };
            assert_eq!(path, at);
        }
        assert_eq!(self.picture(), before);
    }
}

fn strings(paths: &[TreePath]) -> Vec<&str> {
    paths.iter().map(TreePath::as_str).collect()
}

#[test]
fn the_first_write_makes_everything_and_the_second_touches_nothing() {
    let disk = Disk::new();
    let seen = compare(&first(), disk.out()).unwrap();
    assert_eq!((seen.added.len(), seen.unchanged, seen.is_current()), (5, 0, false));
    assert!(disk.picture().is_empty(), "comparing creates nothing");
    let done = disk.apply(&first(), GENTLE).unwrap();
    assert_eq!(strings(&done.written), ["README.md", "a/b/c.yaml", "a/d.yaml", LOCK, "z.yaml"]);
    disk.holds(&first(), &[]);

    let before = disk.picture();
    let done = disk.apply(&first(), GENTLE).unwrap();
    assert_eq!((done.written.len(), done.removed.len(), done.unchanged), (0, 0, 5));
    assert!(compare(&first(), disk.out()).unwrap().is_current());
    assert_eq!(disk.picture(), before);
}

#[test]
fn an_out_directory_that_does_not_exist_is_made_and_may_be_a_symlink() {
    let disk = Disk::new();
    apply(&first(), &disk.out().join("not/yet"), GENTLE).unwrap();
    symlink(disk.out().join("not/yet"), disk.out().join("link")).unwrap();
    assert_eq!(apply(&first(), &disk.out().join("link"), GENTLE).unwrap().unchanged, 5);
    apply(&tree_at("flat", &[("a", "a")]), disk.out(), GENTLE).unwrap();
    assert_eq!(fs::read(disk.out().join("flat/a")).unwrap(), b"a");
}

#[test]
fn the_next_tree_takes_over_and_empty_directories_go() {
    for swap in [Swap::Exchange, Swap::Renames] {
        let disk = Disk::with_first();
        let kept = fs::metadata(disk.at("z.yaml")).unwrap().ino();
        let seen = compare(&second(), disk.out()).unwrap();
        assert_eq!(
            (strings(&seen.added), strings(&seen.changed)),
            (vec!["n/n.yaml"], vec!["a/d.yaml", LOCK])
        );
        let done = apply_by(&second(), disk.out(), GENTLE, swap).unwrap();
        assert_eq!(strings(&done.written), ["a/d.yaml", "n/n.yaml", LOCK]);
        assert_eq!((strings(&done.removed), done.unchanged), (vec!["a/b/c.yaml"], 2));
        disk.holds(&second(), &[]);
        assert_eq!(fs::metadata(disk.at("z.yaml")).unwrap().ino(), kept, "linked, not rewritten");
        assert_eq!(fs::metadata(disk.at("z.yaml")).unwrap().nlink(), 1);
    }
}

#[test]
fn what_is_foreign_survives_untouched() {
    for swap in [Swap::Exchange, Swap::Renames] {
        let disk = Disk::with_first();
        for path in ["mine.txt", "a/b/mine.txt", "own/deep/x", ".hidden/x", "n/mine.txt", "a/ä b"] {
            disk.put(path, path);
        }
        fs::create_dir_all(disk.at("empty/inside")).unwrap();
        fs::create_dir_all(disk.at("a/b/empty")).unwrap();
        symlink("nowhere", disk.at("dangling")).unwrap();
        symlink(disk.out(), disk.at("a/out")).unwrap();
        let made = Command::new("mkfifo").arg(disk.at("pipe")).status().unwrap();
        assert!(made.success());
        fs::set_permissions(disk.at("mine.txt"), Permissions::from_mode(0o751)).unwrap();
        fs::set_permissions(disk.at("own/deep"), Permissions::from_mode(0o500)).unwrap();
        fs::set_permissions(disk.at(""), Permissions::from_mode(0o750)).unwrap();
        let before = disk.picture();

        apply_by(&second(), disk.out(), GENTLE, swap).unwrap();
        let foreign = [
            "mine.txt",
            "a/b/mine.txt",
            "own/deep/x",
            ".hidden/x",
            "n/mine.txt",
            "a/ä b",
            "empty/inside",
            "a/b/empty",
            "dangling",
            "a/out",
            "pipe",
        ];
        disk.holds(&second(), &foreign);
        let after = disk.picture();
        for path in foreign.map(|path| disk.at(path)) {
            let (was, is) = (&before[&path], &after[&path]);
            assert_eq!((was.0, &was.3), (is.0, &is.3), "{}", path.display());
            let found = fs::symlink_metadata(&path).unwrap();
            assert!(
                found.is_dir() || found.is_symlink() || (was.1, was.2) == (is.1, is.2),
                "{}",
                path.display()
            );
        }
        assert_eq!(fs::read_link(disk.at("dangling")).unwrap(), Path::new("nowhere"));
        for (path, mode) in [("own/deep", 0o500), ("", 0o750)] {
            assert_eq!(fs::metadata(disk.at(path)).unwrap().mode() & 0o777, mode);
        }
    }
}

#[test]
#[cfg(target_os = "linux")] // Elsewhere file names are text.
fn a_name_that_is_no_text_survives() {
    use std::os::unix::ffi::OsStringExt as _;
    let disk = Disk::with_first();
    let path = disk.at("a").join(OsString::from_vec(vec![0xff, b'x']));
    fs::write(&path, "x").unwrap();
    disk.apply(&second(), GENTLE).unwrap();
    assert_eq!(fs::read(path).unwrap(), b"x");
}

#[test]
fn leftovers_of_interrupted_runs_go_and_a_tree_set_aside_comes_back() {
    let disk = Disk::with_first();
    let beside = |name: &str| disk.out().join("clusters").join(name);
    let (new, old) = (beside(".sovereign/x.y.new"), beside(".sovereign/x.y.old"));
    let workshop = || fs::create_dir_all(beside(".sovereign")).unwrap();
    disk.put("mine", "mine");

    // Killed while staging, or after the exchange while deleting.
    fs::create_dir_all(new.join("deep/er")).unwrap();
    fs::set_permissions(new.join("deep"), Permissions::from_mode(0o500)).unwrap();
    fs::write(new.join("part"), "x").unwrap();
    disk.apply(&first(), GENTLE).unwrap();
    disk.holds(&first(), &["mine"]);

    // Killed between the two renames.
    workshop();
    fs::rename(disk.at(""), &old).unwrap();
    fs::create_dir(&new).unwrap();
    let before = disk.picture();
    assert!(compare(&first(), disk.out()).unwrap().is_current());
    assert_eq!(disk.picture(), before);
    disk.apply(&second(), GENTLE).unwrap();
    disk.holds(&second(), &["mine"]);

    // Killed after both renames.
    fs::create_dir_all(old.join("x")).unwrap();
    disk.apply(&second(), GENTLE).unwrap();
    disk.holds(&second(), &["mine"]);

    // A symlink with a reserved name is deleted, not followed.
    workshop();
    symlink(disk.at(""), &new).unwrap();
    disk.apply(&second(), GENTLE).unwrap();
    disk.holds(&second(), &["mine"]);
}

#[test]
fn a_held_directory_is_waited_for_and_then_reported() {
    let disk = Disk::with_first();
    let held = Guard::exclusive(disk.out()).unwrap();
    for lock in [File::try_lock, File::try_lock_shared] {
        let Err(WriteError::Busy { path }) = Guard::wait(disk.out(), 2, lock) else { panic!("not busy") };
        assert_eq!(path, disk.out());
    }
    drop(held);
    let _one = Guard::shared(disk.out()).unwrap();
    let _other = Guard::shared(disk.out()).unwrap();
}

#[test]
fn a_failure_midway_leaves_the_old_tree() {
    let disk = Disk::with_first();
    // A name too long for the file system, after other files were staged: fails like a full disk.
    let long = format!("n/{}/x", vec!["y".repeat(250); 17].join("/"));
    let next = tree(&[("README.md", "two\n"), (&long, "x")]);
    let before = disk.picture();
    let error = disk.apply(&next, GENTLE).unwrap_err();
    assert!(
        matches!(error, WriteError::Io { action: "create", .. }) && error.source().is_some(),
        "{error:?}"
    );
    assert!(error.to_string().contains("cannot create `"), "{error}");
    let after = disk.picture();
    let clusters = disk.out().join("clusters");
    let same = |(path, _): &(&PathBuf, _)| **path != clusters;
    assert!(before.iter().filter(same).eq(after.iter().filter(same)));
}

/// Makes this thread one that permissions bind, also where the superuser runs the tests.
#[cfg(target_os = "linux")]
fn lose_privileges() {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none }).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_read_only_parent_leaves_the_old_tree() {
    let disk = Disk::with_first();
    let clusters = disk.out().join("clusters");
    fs::set_permissions(&clusters, Permissions::from_mode(0o555)).unwrap();
    let before = disk.picture();
    std::thread::scope(|scope| {
        let bound = scope.spawn(|| {
            lose_privileges();
            assert!(File::create(clusters.join("probe")).is_err());
            assert!(matches!(disk.apply(&second(), GENTLE), Err(WriteError::Io { action: "create", .. })));
            assert_eq!(disk.apply(&first(), GENTLE).unwrap().unchanged, 5);
        });
        bound.join().unwrap();
    });
    assert_eq!(disk.picture(), before);
    fs::set_permissions(&clusters, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn the_longest_name_there_is_fits() {
    let disk = Disk::new();
    let root = format!("clusters/{}", "x".repeat(255));
    let [one, two] = ["1", "2"].map(|text| tree_at(&root, &[("a", text)]));
    for (tree, text) in [(&one, "1"), (&two, "2")] {
        let done = disk.apply(tree, GENTLE).unwrap();
        assert_eq!(fs::read_to_string(done.root.join("a")).unwrap(), text);
    }
}
