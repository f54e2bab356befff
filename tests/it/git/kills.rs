//! `kill -9` at any moment of `commit` and `commit --push`: the branch is the old or the new commit, and the next run
//! finishes the work.
//!
//! What stays behind in `objects/` (`tmp_obj_*`, blobs that no commit names) is Git's own kind of rest, and `git gc`
//! prunes it.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::moments::{Random, enough, rounds};

use super::bench::{PROGRAM, Place, manifest, root, write};

/// A hundred of each where time allows; a test run that people wait for has fewer.
fn least() -> usize {
    if std::env::var_os("SOVEREIGN_FULL").is_some() { 100 } else { 20 }
}

/// Runs, and kills after some time. Whether it died of it.
fn kill(place: &Place, repository: &Path, (arguments, after): (&[&str], Duration)) -> bool {
    let mut command = place.command(PROGRAM, repository);
    let command = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    thread::sleep(after);
    child.kill().expect("kills");
    child.wait().expect("ends").code().is_none()
}

/// Files of a repository that only a run of ours can have left: no locks, no copies.
fn droppings(repository: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for directory in ["", "refs/heads"] {
        for entry in fs::read_dir(repository.join(directory)).expect("a directory") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            if name.contains("sovereign") || name.ends_with("lock") {
                found.push(name);
            }
        }
    }
    found
}

fn killed(push: bool, seed: u64) {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    place
        .git(&place.path(""), &["clone", "-q", "--bare", &format!("file://{}", remote.display()), "bot.git"]);
    let bot = place.path("bot.git");
    let judged = if push { &remote } else { &bot };
    let file = place.path("one.toml");
    let name = file.display().to_string();
    let mut arguments = vec!["commit", "--quiet", name.as_str()];
    if push {
        arguments.push("--push");
    }
    write(&file, &manifest("one", 0));
    let start = Instant::now();
    place.sovereign(&bot, &arguments).says(0, &[]);
    // How long a run takes here and now; the kills are spread over it.
    let mut takes = start.elapsed();
    let mut random = Random(seed);
    let (mut died, mut new) = (0, 0);
    let rounds = rounds(least(), |earlier| {
        let round = earlier + 1;
        let old = place.head(judged, "main");
        write(&file, &manifest("one", round));
        let most = u64::try_from(takes.as_micros()).expect("a short time");
        let in_time = kill(&place, &bot, (&arguments, Duration::from_micros(random.below(most))));
        died += usize::from(in_time);
        if !in_time {
            takes = (takes * 2 / 3).max(Duration::from_millis(2));
        }
        let now = place.head(judged, "main");
        if now != old {
            new += 1;
            assert_eq!(
                place.head(judged, "main~1"),
                old,
                "round {round}: neither the old nor the new commit"
            );
        }
        let start = Instant::now();
        let ended = place.sovereign(&bot, &arguments);
        assert_eq!(ended.code, Some(0), "round {round}: {}", ended.err);
        if now == old && start.elapsed() < Duration::from_secs(4) {
            takes = (takes * 3 + start.elapsed()) / 4;
        }
        assert_eq!(place.head(judged, "main~1"), old, "round {round}: the work is not done once");
        assert_eq!(place.head(&bot, "main"), place.head(judged, "main"), "round {round}");
        assert_eq!(droppings(&bot), Vec::<String>::new(), "round {round}");
        if round % 10 == 0 {
            place.fsck(&bot);
            place.fsck(judged);
        }
        enough(died > least() / 3)
    });
    println!("{rounds} runs of {arguments:?}: {died} died, {new} runs had the new commit in place");
    assert!(died > least() / 3, "{died} died");
    let commits = place.git(judged, &["rev-list", "--count", "main", "--", &root("one")]);
    assert_eq!(commits, (rounds + 1).to_string());
    place.sovereign(judged, &["verify", "--commit", "main", &name]).says(0, &["all "]);
}

#[test]
fn commit_killed_at_any_moment() {
    killed(false, 0x2545_f491_4f6c_dd1d);
}

#[test]
fn push_killed_at_any_moment() {
    killed(true, 0x9e37_79b9_7f4a_7c15);
}
