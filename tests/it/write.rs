//! A tree is written whole or not at all: `kill -9` at any moment, and builds at the same time.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use sovereign_compile::tree::{Origin, Tree, TreePath};
use sovereign_store::write::{Options, apply, compare};
use sovereign_text::digest::Digest;

use crate::moments::{Random, enough, rounds};

const TARGET: &str = "SOVEREIGN_TEST_WRITE_TARGET";
const FLEET: &str = "SOVEREIGN_TEST_WRITE_FLEET";
const ROUNDS: usize = 200;

/// Two trees with common, changed, added and removed files, in common and in own directories.
fn tree(which: char) -> Tree {
    let mut files = BTreeMap::new();
    let mut put = |path: String, text: String| files.insert(TreePath::new(path).expect("a plain path"), text);
    for n in 0..40 {
        put(format!("common/{}/{n}.yaml", n % 4), format!("same: {n}\n"));
        put(format!("changed/{n}.yaml"), format!("tree: {which}{n}\n").repeat(50));
        put(format!("only-{which}/{n}.yaml"), format!("only: {which}\n"));
    }
    let origin = Origin {
        input: Digest::hash(&[which as u8]),
        kit: ("2026.05".to_owned(), Digest::hash(b"kit")),
        compiler: "sovereign 0.1.0".to_owned(),
        regions: Vec::new(),
    };
    Tree::new(TreePath::new("clusters/x.example.org").expect("a plain path"), files, &origin)
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

fn add(directory: &Path, files: &mut Files) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            add(&path, files);
        } else {
            files.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
}

fn files(directory: &Path) -> Files {
    let mut files = Files::new();
    add(directory, &mut files);
    files
}

fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).expect("a directory");
    names.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect()
}

/// The process that [`killed_at_any_moment_the_tree_is_whole`] kills; as a test of its own, it does nothing.
#[test]
fn child() {
    let Some(out) = std::env::var_os(TARGET).map(PathBuf::from) else {
        return;
    };
    let trees = [tree('a'), tree('b')];
    let options = if std::env::var_os(FLEET).is_some() { LARGE } else { Options::default() };
    fs::write(out.join("ready"), b"").expect("writes");
    // An end, in case nobody is left to kill it.
    for tree in trees.iter().cycle().take(5_000) {
        apply(tree, &out, options).expect("applies");
    }
}

/// Every tree is a large one.
const LARGE: Options = Options { overwrite: false, fleet: 1 };

#[test]
fn killed_at_any_moment_the_tree_is_whole() {
    killed_at_any_moment(Options::default());
}

#[test]
fn killed_at_any_moment_a_large_tree_is_whole() {
    killed_at_any_moment(LARGE);
}

fn killed_at_any_moment(options: Options) {
    let scratch = tempfile::tempdir().expect("a directory");
    let out = scratch.path();
    let target = out.join("clusters/x.example.org");
    let trees = [tree('a'), tree('b')];

    apply(&trees[0], out, options).expect("applies");
    fs::write(target.join("changed/foreign.txt"), b"mine").expect("writes");
    let whole = trees.each_ref().map(|tree| {
        apply(tree, out, options).expect("applies");
        files(&target)
    });
    assert_ne!(whole[0], whole[1]);

    let (mut random, mut seen, mut leftovers) = (Random(0x2545_f491_4f6c_dd1d), [0, 0], 0);
    rounds(ROUNDS, |round| {
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        if options == LARGE {
            command.env(FLEET, "1");
        }
        let mut child = command
            .args(["--exact", "write::child", "--nocapture"])
            .env(TARGET, out)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let ready = (0..50_000).any(|_| {
            thread::sleep(Duration::from_micros(200));
            out.join("ready").exists()
        });
        assert!(ready, "round {round}: the child does not start");
        thread::sleep(Duration::from_micros(random.below(20_000)));
        child.kill().expect("kills");
        let status = child.wait().expect("ends");
        let mut said = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("reads");
        assert!(status.code().is_none(), "round {round}: ended by itself: {said}");
        fs::remove_file(out.join("ready")).expect("removes");

        let found = files(&target);
        let which = whole.iter().position(|whole| *whole == found);
        seen[which.unwrap_or_else(|| panic!("round {round}: neither tree: {:?}", found.keys()))] += 1;
        leftovers += usize::from(names(&out.join("clusters")).len() > 1);

        let next = usize::from(random.below(2) == 0);
        apply(&trees[next], out, options).expect("applies");
        assert_eq!(files(&target), whole[next], "round {round}");
        // Beside a large tree its spare and its record are left.
        let mut left = names(&out.join("clusters"));
        left.retain(|name| options != LARGE || name != ".sovereign");
        assert_eq!(left, ["x.example.org"], "round {round}");
        enough(seen.iter().all(|&n| n > 0) && leftovers > ROUNDS / 10)
    });
    // Otherwise the kills came too early or too late to show anything.
    assert!(seen.iter().all(|&n| n > 0) && leftovers > ROUNDS / 10, "{seen:?}, {leftovers} with leftovers");
}

#[test]
fn builds_at_the_same_time_do_not_hurt_each_other() {
    let scratch = tempfile::tempdir().expect("a directory");
    let out = scratch.path();
    thread::scope(|scope| {
        for which in ['a', 'b', 'a', 'b'] {
            scope.spawn(move || {
                for _ in 0..10 {
                    apply(&tree(which), out, Options::default()).expect("applies");
                    compare(&tree(which), out).expect("compares");
                }
            });
        }
    });
    let current = ['a', 'b'].map(|which| compare(&tree(which), out).expect("compares").is_current());
    assert!(current[0] ^ current[1]);
    assert_eq!(names(&out.join("clusters")), ["x.example.org"]);
}
