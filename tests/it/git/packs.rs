//! Commits of many objects: each is one pack, which Git takes for one of its own.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::moments::{Random, enough, rounds};

use super::bench::{Ended, PROGRAM, Place, manifest, write};

/// The files in a directory of objects, and below it.
fn objects(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(objects(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Those with some end.
fn ending(repository: &Path, end: &str) -> Vec<PathBuf> {
    let all = objects(&repository.join("objects"));
    all.into_iter().filter(|path| path.extension().is_some_and(|found| found == end)).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o7777
}

/// Everything is sound, down to the bytes of each object.
fn sound(place: &Place, repository: &Path) {
    place.fsck(repository);
    let ended = Ended::new(&Place::output(place.command("git", repository).args([
        "fsck",
        "--full",
        "--strict",
        "--unreachable",
        "--no-progress",
    ])));
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{}", ended.out);
}

/// Writes the manifests of several Sovereigns. Two of them have so many files in common that the second alone would be no
/// pack.
fn several(place: &Place, stem: &str) -> Vec<String> {
    let write_one = |n: usize| {
        let file = place.path(&format!("{n}.toml"));
        write(&file, &manifest(&format!("{stem}-{n}"), 0));
        file.display().to_string()
    };
    (0..4).map(write_one).collect()
}

/// The arguments that commit them as one.
fn together(files: &[String]) -> Vec<&str> {
    ["commit", "--quiet", "--together"].into_iter().chain(files.iter().map(String::as_str)).collect()
}

/// A bare repository in which nothing is packed, with a manifest of one Sovereign.
fn unpacked(place: &Place, name: &str) -> PathBuf {
    let first = place.repository(&format!("first-{name}"));
    place.remote(name, &first)
}

#[test]
fn a_pack_and_its_index_are_what_git_makes_of_them() {
    let place = Place::new();
    let bare = unpacked(&place, "bare.git");
    place.sovereign(&bare, &["commit", "sovereign.toml"]).says(0, &["1 commit"]);
    sound(&place, &bare);
    let (packs, indexes) = (ending(&bare, "pack"), ending(&bare, "idx"));
    let ([pack], [index]) = (packs.as_slice(), indexes.as_slice()) else { panic!("{packs:?} {indexes:?}") };
    assert_eq!(pack.with_extension("idx"), *index);
    assert_eq!((mode(pack), mode(index)), (0o444, 0o444));
    assert!(!objects(&bare.join("objects")).iter().any(|path| path.to_string_lossy().contains("tmp_")));

    // Git comes to the same index, byte for byte, and to the same name.
    let copy = place.path("copy.pack");
    fs::copy(pack, &copy).expect("copies");
    let sum = place.git(&bare, &["index-pack", "--strict", &copy.display().to_string()]);
    assert!(pack.to_string_lossy().ends_with(&format!("pack-{sum}.pack")), "{sum}");
    assert!(fs::read(index).expect("an index") == fs::read(copy.with_extension("idx")).expect("an index"));

    // All that the commit brought is in it, but for the commit itself.
    let listing = place.git(&bare, &["verify-pack", "-v", &pack.display().to_string()]);
    let new = place.git(&bare, &["rev-list", "--objects", "main", "^main~1"]);
    let mut packed: Vec<_> = listing.lines().filter_map(|line| line.split(' ').next()).collect();
    packed.retain(|word| word.len() == 40);
    let mut new: Vec<_> = new.lines().filter_map(|line| line.split(' ').next()).skip(1).collect();
    packed.sort_unstable();
    new.sort_unstable();
    assert!(packed.len() >= 100 && packed == new, "{} and {}", packed.len(), new.len());
}

#[test]
fn what_is_there_is_not_packed_again_but_kept_from_being_pruned() {
    let place = Place::new();
    let bare = unpacked(&place, "bare.git");
    place.sovereign(&bare, &["commit", "sovereign.toml"]).says(0, &["1 commit"]);
    let (id, before) = (place.head(&bare, "main"), objects(&bare.join("objects")));
    place.git(&bare, &["update-ref", "refs/heads/main", "main~1"]);
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for path in &before {
        let file = fs::File::open(path).expect("a file");
        file.set_modified(long_ago).expect("is set");
    }
    place.sovereign(&bare, &["commit", "sovereign.toml"]).says(0, &["1 commit"]);
    assert_eq!(place.head(&bare, "main"), id);
    assert_eq!(objects(&bare.join("objects")), before);
    // Git prunes what is old. The pack is young again, as after `git add`.
    for pack in ending(&bare, "pack") {
        assert!(fs::metadata(pack).and_then(|found| found.modified()).expect("a time") > long_ago);
    }
    // And a part of it: the rest is what is new.
    place.git(&bare, &["update-ref", "refs/heads/main", "main~1"]);
    let file = place.path("two.toml");
    write(&file, &manifest("one", 1));
    place.sovereign(&bare, &["commit", &file.display().to_string()]).says(0, &["1 commit"]);
    assert_eq!(ending(&bare, "pack").len(), 1);
    sound(&place, &bare);
}

#[test]
fn objects_of_another_repository_are_used_where_they_are() {
    let place = Place::new();
    let bare = unpacked(&place, "bare.git");
    place.sovereign(&bare, &["commit", "sovereign.toml"]).says(0, &["1 commit"]);
    let root = place.path("");
    place.git(&root, &["clone", "-q", "--bare", "--shared", "bare.git", "borrows.git"]);
    let borrows = place.path("borrows.git");
    place.git(&borrows, &["update-ref", "refs/heads/main", "main~1"]);
    place.sovereign(&borrows, &["commit", "sovereign.toml"]).says(0, &["1 commit"]);
    assert_eq!(place.head(&borrows, "main"), place.head(&bare, "main"));
    assert_eq!(ending(&borrows, "pack"), Vec::<PathBuf>::new());
    place.sovereign(&borrows, &together(&several(&place, "more"))).says(0, &[]);
    assert_eq!(ending(&borrows, "pack").len(), 1);
    sound(&place, &borrows);
}

#[test]
fn a_linked_work_tree_puts_its_objects_where_all_look() {
    let place = Place::new();
    let repository = place.repository("r");
    place.git(&repository, &["worktree", "add", "-q", "-b", "side", "../side"]);
    place.sovereign(&place.path("side"), &["commit", "--worktree"]).says(0, &["refs/heads/side"]);
    assert_eq!(ending(&repository.join(".git"), "pack").len(), 1);
    assert_eq!(place.git(&place.path("side"), &["status", "--porcelain"]), "");
    sound(&place, &repository);
}

/// The permissions of a file among the objects, by its kind, and those of the directory of a loose one.
fn shared(path: &Path) -> Vec<(String, u32)> {
    let above = path.parent().expect("a directory");
    let is_loose = above.file_name().is_some_and(|name| name.len() == 2);
    if is_loose {
        return vec![("loose".to_owned(), mode(path)), ("directory".to_owned(), mode(above))];
    }
    let kind = path.extension().map(|end| end.to_string_lossy().into_owned());
    kind.map(|kind| (kind, mode(path))).into_iter().collect()
}

/// What Git gives each file of a repository that several people share, this program gives it too.
#[test]
fn who_shares_a_repository_can_read_what_is_committed() {
    let place = Place::new();
    for (sharing, umask) in [("group", "077"), ("all", "077"), ("0640", "022"), ("false", "027")] {
        let name = format!("bare-{sharing}.git");
        let bare = unpacked(&place, &name);
        place.git(&bare, &["config", "core.sharedRepository", sharing]);
        let (start, before) = (place.head(&bare, "main"), objects(&bare.join("objects")));
        let run = |program: &str, arguments: &[&str]| {
            let mut command = place.command("sh", &bare);
            command.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\""), program]).args(arguments);
            Ended::new(&Place::output(&mut command)).says(0, &[]);
        };
        run(PROGRAM, &["commit", "sovereign.toml"]);
        let file = place.path("small.toml");
        write(&file, &manifest("one", 1));
        run(PROGRAM, &["commit", &file.display().to_string()]);
        let modes = || -> BTreeMap<String, u32> {
            let new = objects(&bare.join("objects")).into_iter().filter(|path| !before.contains(path));
            new.flat_map(|path| shared(&path)).collect()
        };
        let ours = modes();
        for path in objects(&bare.join("objects")).iter().filter(|path| !before.contains(path)) {
            fs::remove_file(path).expect("goes");
        }
        for directory in fs::read_dir(bare.join("objects")).expect("a directory") {
            // Those that are empty now.
            drop(fs::remove_dir(directory.expect("an entry").path()));
        }
        fs::create_dir_all(bare.join("objects/pack")).expect("creates");
        place.git(&bare, &["update-ref", "refs/heads/main", &start]);
        let text = place.path("text");
        write(&text, "another text\n");
        run("git", &["hash-object", "-w", &text.display().to_string()]);
        run("git", &["repack", "-adq"]);
        run("git", &["hash-object", "-w", &file.display().to_string()]);
        let mut theirs = modes();
        // Newer versions write more beside a pack.
        theirs.retain(|kind, _| ours.contains_key(kind));
        assert_eq!(ours, theirs, "{sharing} {umask}");
    }
}

#[test]
fn nothing_is_lost_to_a_collection_of_garbage() {
    let place = Place::new();
    let bare = unpacked(&place, "bare.git");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let garbage = scope.spawn(|| {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                // While a branch moves, Git may find that it cannot do it just now.
                count += usize::from(place.can(&bare, &["gc", "-q"]));
            }
            count
        });
        for n in 0..6 {
            place.sovereign(&bare, &together(&several(&place, &format!("n{n}")))).says(0, &[]);
        }
        done.store(true, Ordering::Relaxed);
        assert!(garbage.join().expect("ends") > 0);
    });
    sound(&place, &bare);
    assert_eq!(place.git(&bare, &["rev-list", "--count", "main"]), "8");
}

/// Twenty kills at least: most of the time of such a commit is that of its pack.
#[test]
fn a_commit_killed_while_it_packs_leaves_a_sound_repository() {
    const LEAST: usize = 20;
    let place = Place::new();
    let bare = unpacked(&place, "bare.git");
    let (mut random, mut died, mut midway) = (Random(0x2545_f491_4f6c_dd1d), 0, 0);
    let files = several(&place, "first");
    let arguments = together(&files);
    let start = Instant::now();
    place.sovereign(&bare, &arguments).says(0, &[]);
    let most = u64::try_from(start.elapsed().as_micros()).expect("a short time");
    let rounds = rounds(LEAST, |round| {
        several(&place, &format!("round{round}"));
        let (old, left) = (place.head(&bare, "main"), begun(&bare));
        let count = objects(&bare.join("objects")).len();
        let mut command = place.command(PROGRAM, &bare);
        let mut child =
            command.args(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        // In every second round as soon as there is something of a pack.
        while round % 2 == 0 && begun(&bare) == left && child.try_wait().expect("is asked").is_none() {
            thread::yield_now();
        }
        thread::sleep(Duration::from_micros(random.below(if round % 2 == 0 { 2_000 } else { most })));
        child.kill().expect("kills");
        died += usize::from(child.wait().expect("ends").code().is_none());
        let has_more = objects(&bare.join("objects")).len() > count;
        midway += usize::from(place.head(&bare, "main") == old && has_more);
        sound(&place, &bare);
        place.sovereign(&bare, &arguments).says(0, &[]);
        sound(&place, &bare);
        assert_eq!(place.head(&bare, "main~1"), old, "round {round}: the work is not done once");
        enough(died > LEAST / 3 && midway > LEAST / 10)
    });
    println!("{rounds} runs: {died} died, {midway} of them with something of a pack");
    assert!(died > LEAST / 3 && midway > LEAST / 10, "{died} died, {midway} midway");
    // Git takes away what is left of packs, when it is old enough.
    place.git(&bare, &["prune", "--expire=now"]);
    assert_eq!(begun(&bare), 0);
    sound(&place, &bare);
}

/// How many files there are among the packs that are none yet.
fn begun(repository: &Path) -> usize {
    let names = fs::read_dir(repository.join("objects/pack")).expect("a directory");
    names.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("tmp_")).count()
}
