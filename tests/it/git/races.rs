//! Many bots and a human on one remote: every change arrives once, in one line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::bench::{Place, manifest, root, write};

const BOTS: usize = 16;

/// Ten rounds where time allows; a test run that people wait for has fewer.
fn rounds() -> usize {
    if std::env::var_os("SOVEREIGN_FULL").is_some() { 10 } else { 2 }
}

fn clone(place: &Place, remote: &Path, name: &str) -> PathBuf {
    place.git(&place.path(""), &["clone", "-q", &format!("file://{}", remote.display()), name]);
    place.path(name)
}

/// Commits a file by hand and pushes it, as often as it takes.
fn push_by_hand(place: &Place, clone: &Path, (file, text): (&str, &str)) -> usize {
    place.git(clone, &["pull", "-q", "--rebase"]);
    place.save(clone, file, text);
    for lost in 0..500 {
        if place.can(clone, &["push", "-q", "origin", "HEAD:main"]) {
            return lost;
        }
        place.can(clone, &["pull", "-q", "--rebase"]);
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{file} never arrived");
}

/// How often a run says that the branch moved.
fn races(err: &str) -> usize {
    err.matches("the branch moved").count()
}

/// One bot: changes its Sovereign and has it committed. An odd one keeps its manifest in the repository.
fn bot(place: &Place, remote: &Path, number: usize) -> (usize, usize) {
    let clone = clone(place, remote, &format!("bot-{number}"));
    let name = format!("bot{number}");
    let (mut lost, mut worst) = (0, 0);
    for round in 0..rounds() {
        let text = manifest(&name, round);
        let file = if number % 2 == 1 {
            let file = format!("sovereigns/{name}/sovereign.toml");
            push_by_hand(place, &clone, (&file, &text));
            file
        } else {
            let file = place.path(&format!("{name}.toml"));
            write(&file, &text);
            file.display().to_string()
        };
        let ended = place.sovereign(&clone, &["commit", "--push", &file]);
        ended.says(0, &["1 commit on refs/heads/main"]);
        lost += races(&ended.err);
        worst = worst.max(races(&ended.err));
    }
    (lost, worst)
}

#[test]
fn sixteen_bots_and_a_human_on_one_remote() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let done = AtomicBool::new(false);
    let start = Instant::now();
    let (figures, pushed) = thread::scope(|scope| {
        let human = scope.spawn(|| {
            let clone = clone(&place, &remote, "human");
            let mut pushed = 0;
            while !done.load(Ordering::Relaxed) {
                push_by_hand(&place, &clone, (&format!("notes/{pushed}.txt"), "a note\n"));
                pushed += 1;
                thread::sleep(Duration::from_secs(2));
            }
            pushed
        });
        let bots: Vec<_> = (0..BOTS)
            .map(|n| {
                scope.spawn({
                    let (place, remote) = (&place, &remote);
                    move || bot(place, remote, n)
                })
            })
            .collect();
        let figures: Vec<_> = bots.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        let figures: Vec<_> = figures.into_iter().map(|figure| figure.expect("a bot ends well")).collect();
        (figures, human.join().expect("the human ends well"))
    });
    let (lost, worst) = figures.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1.max(one.1)));
    println!(
        "{BOTS} bots, {} rounds, {pushed} pushes by hand: {lost} races lost, at most {worst} by one run; {:.1} s",
        rounds(),
        start.elapsed().as_secs_f64()
    );

    place.fsck(&remote);
    assert_eq!(place.git(&remote, &["rev-list", "--merges", "--count", "main"]), "0");
    let by_hand = place.git(
        &remote,
        &["rev-list", "--count", "main", "--", "sovereigns", "notes", "README.md", "sovereign.toml"],
    );
    assert_eq!(by_hand, (2 + pushed + BOTS / 2 * rounds()).to_string());
    let all = place.git(&remote, &["rev-list", "--count", "main"]);
    assert_eq!(all, (2 + pushed + BOTS / 2 * rounds() + BOTS * rounds()).to_string());
    for number in 0..BOTS {
        let root = root(&format!("bot{number}"));
        let commits = place.git(&remote, &["rev-list", "main", "--", &root]);
        let mut inputs = BTreeSet::new();
        for commit in commits.lines() {
            let foreign: Vec<_> =
                place.changed(&remote, commit).into_iter().filter(|path| !path.starts_with(&root)).collect();
            assert!(foreign.is_empty(), "{commit} touches {foreign:?}");
            inputs.insert(
                place.git(&remote, &["show", "-s", "--format=%(trailers:key=Sovereign-Input)", commit]),
            );
        }
        assert_eq!((commits.lines().count(), inputs.len()), (rounds(), rounds()), "{root}");
    }
    for number in (1..BOTS).step_by(5).filter(|number| number % 2 == 1) {
        let file = format!("sovereigns/bot{number}/sovereign.toml");
        place.sovereign(&remote, &["verify", "--commit", "main", &file]).says(0, &["all "]);
    }
}

#[test]
fn two_bots_on_one_sovereign() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let human = clone(&place, &remote, "human");
    let clones = [clone(&place, &remote, "a"), clone(&place, &remote, "b")];
    let rounds = rounds() * 2;
    let mut lost = 0;
    for round in 1..=rounds {
        push_by_hand(&place, &human, ("sovereign.toml", &manifest("one", round)));
        let ended: Vec<_> = thread::scope(|scope| {
            let runs: Vec<_> = clones
                .iter()
                .map(|clone| scope.spawn(|| place.sovereign(clone, &["commit", "--push"])))
                .collect();
            runs.into_iter().map(|run| run.join().expect("ends")).collect()
        });
        for ended in &ended {
            assert_eq!(ended.code, Some(0), "{}", ended.err);
            lost += races(&ended.err);
        }
        assert!(ended.iter().any(|ended| !ended.out.is_empty()), "{ended:?}");
    }
    println!("2 bots on one Sovereign, {rounds} rounds: {lost} races lost");
    place.fsck(&remote);
    assert_eq!(place.git(&remote, &["rev-list", "--merges", "--count", "main"]), "0");
    assert_eq!(place.git(&remote, &["rev-list", "--count", "main", "--", &root("one")]), rounds.to_string());
    place.sovereign(&remote, &["verify", "--commit", "main", "sovereign.toml"]).says(0, &["all "]);
}
