//! Rings open one after the other, and close when something is wrong.

use sovereign_language::fleet::{FleetDocument, decode};
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use super::*;

/// Monday, 1 June 2026, 12:00.
const NOON: i64 = 1_780_315_200;

fn document(keys: &str) -> FleetDocument {
    let ring =
        |name: &str, keys: &str| format!("[[ring]]\nname = \"{name}\"\nsovereigns = [\"{name}\"]\n{keys}\n");
    let text = format!("fleet.status = \"status\"\n{}{}", ring("first", keys), ring("second", ""));
    let source = Source::manifest("fleet.toml", text.into_bytes()).expect("text");
    let mut diags = Diagnostics::new();
    let document = decode(&source, &mut diags).expect("a fleet");
    assert!(diags.verdict().is_ok(), "{:?}", diags.sorted());
    document
}

fn of(stand: Stand, said: Said) -> Sovereign {
    let (manifest, root) = ("a/sovereign.toml".to_owned(), Some("clusters/a".to_owned()));
    Sovereign { manifest, root, stand, said: Some(said), since: Some(NOON - 600) }
}

fn due_of(step: usize, of: usize) -> Stand {
    Due { files: 3, step, of }
}

fn nothing() -> Said {
    Said::Nothing("nothing".to_owned())
}

/// Returns the words of both rings, and how many commits are due, at a time.
fn at(
    now: i64,
    keys: &str,
    first: &[Sovereign],
    second: &[Sovereign],
) -> (&'static str, &'static str, usize) {
    let document = document(keys);
    let tables: Vec<_> = document.rings().collect();
    let ring = |place: usize, sovereigns: &[Sovereign]| {
        let sovereigns = sovereigns.to_vec();
        Ring { table: tables[place], passes: Passes::Ready, sovereigns }
    };
    let wave = Wave::new(vec![ring(0, first), ring(1, second)], now);
    (wave.rings[0].1.word(), wave.rings[1].1.word(), wave.next.len())
}

#[test]
fn a_ring_opens_when_the_one_before_is_ready() {
    let waiting = [of(due_of(1, 1), Said::Ready)];
    let now = |first: &[Sovereign]| at(NOON, "", first, &waiting);
    assert_eq!(now(&[of(due_of(1, 1), Said::Ready), of(Current, Said::Ready)]), ("open", "waiting", 1));
    assert_eq!(now(&[of(Current, nothing())]), ("settling", "waiting", 0));
    assert_eq!(now(&[of(Current, Said::Ready)]), ("done", "open", 1));
    assert_eq!(now(&[]), ("done", "open", 1), "a ring without Sovereigns holds nobody");
}

#[test]
fn a_failure_holds_its_ring_and_all_behind_and_may_be_mended() {
    let waiting = [of(due_of(1, 1), Said::Ready)];
    let failed = || Said::Failed("it broke".to_owned());
    let other = of(due_of(1, 1), Said::Ready);
    let now = |first: Sovereign| at(NOON, "", &[first, other.clone()], &waiting);
    assert_eq!(
        now(of(Current, failed())),
        ("failed", "waiting", 0),
        "the other one of the ring stays as it is"
    );
    assert_eq!(now(of(due_of(1, 1), failed())), ("failed", "waiting", 1), "its own next commit may mend it");
    assert_eq!(now(of(Wrong("errors".to_owned()), nothing())), ("failed", "waiting", 0));
}

#[test]
fn a_step_waits_for_the_one_before() {
    let steps = |step, said| at(NOON, "", &[of(due_of(step, 3), said)], &[]);
    assert_eq!(steps(1, nothing()).2, 1, "nothing is on the way yet");
    assert_eq!(steps(2, nothing()), ("settling", "waiting", 0));
    assert_eq!(steps(2, Said::Ready), ("open", "waiting", 1));
}

#[test]
fn no_more_are_under_way_than_may_be() {
    let all = [
        of(Current, nothing()),
        of(due_of(1, 1), Said::Ready),
        of(due_of(1, 1), Said::Ready),
        of(due_of(1, 1), nothing()),
    ];
    assert_eq!(at(NOON, "at-once = 3", &all, &[]).2, 2);
    assert_eq!(at(NOON, "at-once = 1", &all, &[]), ("settling", "waiting", 0));
    assert_eq!(at(NOON, "", &all, &[]).2, 3);
}

#[test]
fn a_window_is_a_part_of_some_days() {
    let due = [of(due_of(1, 1), Said::Ready)];
    let window = "window = [{ days = [\"mon\", \"wed\"], from = \"08:00\", to = \"12:30\" }, { from = \"23:00\", to = \"24:00\" }]";
    let word = |now| at(now, window, &due, &[]).0;
    assert_eq!(word(NOON), "open");
    assert_eq!(word(NOON + 29 * 60 + 59), "open");
    assert_eq!(word(NOON + 30 * 60), "closed");
    assert_eq!(word(NOON - 4 * 3600 - 1), "closed");
    assert_eq!(word(NOON + DAY), "closed", "Tuesday");
    assert_eq!(word(NOON + 2 * DAY), "open", "Wednesday");
    assert_eq!(word(NOON + DAY + 11 * 3600), "open", "any day before midnight");
    assert_eq!(
        at(NOON + DAY, window, &[of(Current, Said::Ready)], &[]).0,
        "done",
        "what is done needs no window"
    );
}

#[test]
fn holds_and_soaks_stop_what_is_behind() {
    let done = [of(Current, Said::Ready)];
    let due = [of(due_of(1, 1), Said::Ready)];
    assert_eq!(at(NOON, "hold = \"the vendor calls\"", &done, &due), ("held", "waiting", 0));
    assert_eq!(at(NOON, "soak = \"11m\"", &done, &due), ("soaking", "waiting", 0));
    assert_eq!(at(NOON, "soak = \"10m\"", &done, &due), ("done", "open", 1));
}
