//! `kill -9` of the real program at any moment: the tree is the old one or the new one, to the byte.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::moments::{Random, enough, rounds};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sovereign");
const OMANTEL: &str = include_str!("../../examples/omantel.toml");
const NAME: &str = "omantel.omani.works";
/// How many builds are killed over an old tree, and how many over nothing.
const ROUNDS: usize = 120;
const FIRST_ROUNDS: usize = 40;

type Files = BTreeMap<PathBuf, Vec<u8>>;

fn files(directory: &Path) -> Files {
    let (mut files, mut waiting) = (Files::new(), vec![directory.to_owned()]);
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.insert(path.clone(), fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).expect("a directory");
    names.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect()
}

/// A directory with the two manifests, and the repository that they are compiled into.
struct Place {
    scratch: tempfile::TempDir,
    manifests: [PathBuf; 2],
}

impl Place {
    fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a directory");
        let manifests = ["old.toml", "new.toml"].map(|name| scratch.path().join(name));
        let later = OMANTEL.replace("2026.04", "2026.05");
        assert_ne!(OMANTEL, later);
        fs::write(&manifests[0], OMANTEL).expect("writes");
        fs::write(&manifests[1], later).expect("writes");
        Self { scratch, manifests }
    }

    fn out(&self) -> PathBuf {
        self.scratch.path().join("repository")
    }

    fn clusters(&self) -> PathBuf {
        self.out().join("clusters")
    }

    fn target(&self) -> PathBuf {
        self.clusters().join(NAME)
    }

    fn start(&self, which: usize) -> Child {
        let mut command = Command::new(PROGRAM);
        command.args(["build", "--quiet", "--format", "json"]).arg(&self.manifests[which]);
        command.arg("--out").arg(self.out());
        command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("starts")
    }

    /// Builds in peace: nothing is left beside the tree, and its lock is true.
    fn build(&self, which: usize) -> Files {
        assert!(self.start(which).wait().expect("ends").success());
        assert_eq!(names(&self.clusters()), [NAME]);
        files(&self.target())
    }

    fn lock_is_true(&self) {
        let check = Command::new("sha256sum")
            .args(["--check", "--strict", "--quiet", "sovereign.lock"])
            .current_dir(self.target())
            // Its header is a comment to us, and to some versions a line to warn of.
            .stderr(Stdio::inherit())
            .status();
        assert!(check.expect("sha256sum runs").success());
    }

    /// Starts a build and kills it: some time after its start, after its staging directory appears, or after the swap. So
    /// many die while they write, some while they swap and some while they clear up, whatever the speed of the machine.
    /// Says whether it died.
    fn kill(&self, which: usize, random: &mut Random) -> bool {
        let inode = |path: &Path| fs::metadata(path).map(|found| found.ino()).ok();
        let staging = self.clusters().join(".sovereign").join(format!("{NAME}.new"));
        let before = inode(&self.target());
        let mut child = self.start(which);
        let (sign, most): (&dyn Fn() -> bool, _) = match random.below(3) {
            0 => (&|| true, 60_000),
            1 => (&|| staging.exists(), 1_000 << random.below(5)),
            _ => (&|| inode(&self.target()) != before, 1_000 << random.below(4)),
        };
        while !sign() && child.try_wait().expect("is asked").is_none() {
            thread::yield_now();
        }
        thread::sleep(Duration::from_micros(random.below(most)));
        child.kill().expect("kills");
        child.wait().expect("ends").code().is_none()
    }

    fn has_droppings(&self) -> bool {
        self.clusters().exists() && names(&self.clusters()).iter().any(|name| name != NAME)
    }
}

#[test]
fn a_build_killed_at_any_moment_leaves_the_old_tree_or_the_new_one() {
    let place = Place::new();
    place.build(0);
    let foreign = place.target().join("hel1/releases/notes.txt");
    fs::create_dir_all(foreign.parent().expect("a parent")).expect("creates");
    fs::write(&foreign, "mine").expect("writes");
    let whole = [place.build(0), place.build(1)];
    assert_ne!(whole[0], whole[1]);
    assert!(whole.iter().all(|files| files.get(&foreign).is_some_and(|text| text == b"mine")));

    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut died, mut midway, mut seen) = (0, 0, [0, 0]);
    let mut now = 1;
    rounds(ROUNDS, |round| {
        let next = 1 - now;
        died += usize::from(place.kill(next, &mut random));
        midway += usize::from(place.has_droppings());
        let found = files(&place.target());
        let which = whole.iter().position(|whole| *whole == found);
        now = which.unwrap_or_else(|| panic!("round {round}: neither tree: {:?}", found.keys()));
        seen[usize::from(now == next)] += 1;
        // Every now and then, in between: a build that nobody kills.
        if round % 10 == 9 {
            now = round / 10 % 2;
            assert!(place.build(now) == whole[now], "round {round}");
            place.lock_is_true();
        }
        enough(died > ROUNDS / 3 && midway > ROUNDS / 10 && seen.iter().all(|&n| n > 0))
    });
    assert!(died > ROUNDS / 3 && midway > ROUNDS / 10, "{died} died, {midway} midway");
    assert!(seen.iter().all(|&n| n > 0), "{seen:?}: all too early, or all too late");
}

#[test]
fn a_first_build_killed_at_any_moment_leaves_nothing_or_the_whole_tree() {
    let place = Place::new();
    fs::create_dir(place.out()).expect("creates");
    let whole = place.build(0);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut midway, mut seen) = (0, [0, 0]);
    rounds(FIRST_ROUNDS, |round| {
        fs::remove_dir_all(place.out()).expect("removes");
        fs::create_dir(place.out()).expect("creates");
        place.kill(0, &mut random);
        midway += usize::from(place.has_droppings());
        let there = place.target().exists();
        assert!(!there || files(&place.target()) == whole, "round {round}: half a tree");
        seen[usize::from(there)] += 1;
        if round % 5 == 4 {
            assert!(place.build(0) == whole, "round {round}");
            place.lock_is_true();
        }
        enough(midway > FIRST_ROUNDS / 10 && seen[0] > 0)
    });
    assert!(midway > FIRST_ROUNDS / 10 && seen[0] > 0, "{midway} midway, {seen:?}");
}
