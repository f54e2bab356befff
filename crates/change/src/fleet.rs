//! Waves: which commits of a fleet are due, ring by ring.
//!
//! Takes the rings of a `fleet.toml`, where each Sovereign stands, and the time; gives a [`Wave`]: what each ring waits for, and which
//! commits are to be made now. Nothing is remembered between two calls: the same facts give the same wave, so any number of bots may
//! ask again and again.

pub mod human;
pub mod json;

use sovereign_language::fleet::{Day, Passes, RingTable};

use crate::fleet::Stand::{Current, Due, Wrong};

/// The seconds of a day.
const DAY: i64 = 86_400;

/// Where the tree of a Sovereign stands at the head of the branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It is what the manifest gives.
    Current,
    /// A commit is to be made.
    Due {
        /// How many files differ.
        files: usize,
        /// Which step of the change it is, from 1.
        step: usize,
        /// How many steps the change takes.
        of: usize,
    },
    /// No commit can be made, and why.
    Wrong(String),
}

/// What Flux says of the tree of a Sovereign that stands at the head of the branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is applied in every region.
    Ready,
    /// Not yet: what is missing.
    Nothing(String),
    /// It failed.
    Failed(String),
}

/// What is known of one Sovereign.
#[derive(Clone, Debug)]
pub struct Sovereign {
    /// The path of its manifest in the repository.
    pub manifest: String,
    /// Where its tree stands: `clusters/<fqdn>`; `None` where the manifest does not say.
    pub root: Option<String>,
    /// Where that tree stands.
    pub stand: Stand,
    /// What Flux says; `None` where nobody asks.
    pub said: Option<Said>,
    /// When its tree changed last, in seconds since 1970, if a ring asks for that.
    pub since: Option<i64>,
}

impl Sovereign {
    /// Returns how it is called.
    pub fn name(&self) -> &str {
        self.root.as_deref().unwrap_or(&self.manifest)
    }

    fn failure(&self) -> Option<String> {
        match (&self.stand, &self.said) {
            (Wrong(why), _) | (_, Some(Said::Failed(why))) => Some(format!("{}: {why}", self.name())),
            (Current | Due { .. }, _) => None,
        }
    }

    /// Returns whether it is as it is to be, and Flux has said so where that is asked for.
    fn is_there(&self, passes: Passes) -> bool {
        self.stand == Current && (passes == Passes::Committed || self.said == Some(Said::Ready))
    }

    /// Returns whether it is committed, at least in part, and Flux has not said that it is ready.
    fn is_under_way(&self, passes: Passes) -> bool {
        let begun = match self.stand {
            Current => true,
            Due { step, .. } => step > 1,
            Wrong(_) => false,
        };
        begun && passes == Passes::Ready && self.said != Some(Said::Ready)
    }
}

/// A ring with its Sovereigns.
#[derive(Clone, Debug)]
pub struct Ring<'a> {
    /// What `fleet.toml` says of it.
    pub table: &'a RingTable,
    /// What must be so of its Sovereigns.
    pub passes: Passes,
    /// Its Sovereigns, in their order.
    pub sovereigns: Vec<Sovereign>,
}

impl Ring<'_> {
    /// Returns its name.
    pub fn name(&self) -> &str {
        self.table.name.as_ref().map_or("", |name| name.value.as_str())
    }
}

/// What a ring waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing: the next ring may begin.
    Done,
    /// Its commits are being made.
    Open,
    /// Flux has not said of all that they are ready.
    Settling(Vec<String>),
    /// Time: so many seconds are left.
    Soaking(i64),
    /// Its window: it is closed.
    Closed,
    /// A hand: it is held, and why.
    Held(String),
    /// Something is wrong with these.
    Failed(Vec<String>),
    /// The ring before it.
    Waiting(String),
}

impl State {
    /// Returns its word in every format.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Open => "open",
            Self::Settling(_) => "settling",
            Self::Soaking(_) => "soaking",
            Self::Closed => "closed",
            Self::Held(_) => "held",
            Self::Failed(_) => "failed",
            Self::Waiting(_) => "waiting",
        }
    }
}

/// A commit that is to be made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// The name of the ring.
    pub ring: String,
    /// The manifest.
    pub manifest: String,
    /// The step of the change, where that takes several.
    pub step: Option<usize>,
}

/// Where a fleet stands.
#[derive(Clone, Debug)]
pub struct Wave<'a> {
    /// The rings, and what each waits for.
    pub rings: Vec<(Ring<'a>, State)>,
    /// The commits that are to be made now.
    pub next: Vec<Next>,
}

impl<'a> Wave<'a> {
    /// Returns where a fleet stands at a time, in seconds since 1970.
    pub fn new(rings: Vec<Ring<'a>>, now: i64) -> Self {
        let (mut states, mut next) = (Vec::with_capacity(rings.len()), Vec::new());
        let mut before: Option<String> = None;
        for ring in rings {
            let state = match &before {
                Some(before) => State::Waiting(before.clone()),
                None => state(&ring, now),
            };
            if state == State::Open {
                next.extend(due(&ring));
            } else if matches!(state, State::Failed(_)) && is_open(ring.table, now) {
                // What failed may be mended; the others stay as they are.
                next.extend(mending(&ring));
            }
            if before.is_none() && state != State::Done {
                before = Some(ring.name().to_owned());
            }
            states.push((ring, state));
        }
        Self { rings: states, next }
    }

    /// Returns whether every ring is done.
    pub fn is_done(&self) -> bool {
        self.rings.iter().all(|(_, state)| *state == State::Done)
    }
}

fn state(ring: &Ring<'_>, now: i64) -> State {
    if let Some(hold) = &ring.table.hold {
        return State::Held(hold.value.to_string());
    }
    let failures: Vec<_> = ring.sovereigns.iter().filter_map(Sovereign::failure).collect();
    if !failures.is_empty() {
        return State::Failed(failures);
    }
    let is_due = ring.sovereigns.iter().any(|it| it.stand != Current);
    if is_due && !is_open(ring.table, now) {
        return State::Closed;
    }
    if is_due && !due(ring).is_empty() {
        return State::Open;
    }
    let missing: Vec<_> =
        ring.sovereigns.iter().filter(|it| !it.is_there(ring.passes)).map(settling).collect();
    if !missing.is_empty() {
        return State::Settling(missing);
    }
    let soak =
        ring.table.soak.as_ref().map_or(0, |soak| i64::try_from(soak.value.seconds()).unwrap_or(i64::MAX));
    let last = ring.sovereigns.iter().filter_map(|it| it.since).max().unwrap_or(i64::MIN);
    match last.saturating_add(soak).saturating_sub(now) {
        left if soak > 0 && left > 0 => State::Soaking(left),
        _ => State::Done,
    }
}

fn settling(sovereign: &Sovereign) -> String {
    match &sovereign.said {
        Some(Said::Nothing(what)) => format!("{}: {what}", sovereign.name()),
        Some(Said::Ready | Said::Failed(_)) | None => sovereign.name().to_owned(),
    }
}

/// Returns the commits of an open ring: in its order, and no more than may be under way.
fn due(ring: &Ring<'_>) -> Vec<Next> {
    let under_way = ring.sovereigns.iter().filter(|it| it.is_under_way(ring.passes)).count();
    let most = ring.table.at_once.as_ref().and_then(|most| usize::try_from(most.value.0).ok());
    let room = most.map_or(usize::MAX, |most| most.saturating_sub(under_way));
    let ready = ring.sovereigns.iter().filter(|it| !it.is_under_way(ring.passes));
    ready.filter_map(|it| next(ring, it)).take(room).collect()
}

/// Returns the commits of a ring that failed: those of the Sovereigns that did, if there is something to commit.
fn mending(ring: &Ring<'_>) -> Vec<Next> {
    let failed = ring.sovereigns.iter().filter(|it| it.failure().is_some());
    failed.filter_map(|it| next(ring, it)).collect()
}

fn next(ring: &Ring<'_>, sovereign: &Sovereign) -> Option<Next> {
    let Due { step, of, .. } = sovereign.stand else { return None };
    let (ring, manifest) = (ring.name().to_owned(), sovereign.manifest.clone());
    Some(Next { ring, manifest, step: (of > 1).then_some(step) })
}

/// Returns whether commits of a ring may be made at a time.
fn is_open(ring: &RingTable, now: i64) -> bool {
    let Some(windows) = ring.window.as_ref().filter(|windows| !windows.value.is_empty()) else { return true };
    let minute = now.rem_euclid(DAY) / 60;
    let today = day(now);
    windows.value.iter().any(|window| {
        let window = &window.value;
        let is_day = window.days.as_ref().is_none_or(|days| days.value.iter().any(|day| day.value == today));
        let (from, to) = (window.from.as_ref(), window.to.as_ref());
        let minutes = from.zip(to).map(|(from, to)| from.value.minutes()..to.value.minutes());
        is_day
            && minutes
                .is_some_and(|minutes| u32::try_from(minute).is_ok_and(|minute| minutes.contains(&minute)))
    })
}

/// Returns the day of the week: 1 January 1970 was a Thursday.
fn day(now: i64) -> Day {
    match (now.div_euclid(DAY) + 3).rem_euclid(7) {
        0 => Day::Monday,
        1 => Day::Tuesday,
        2 => Day::Wednesday,
        3 => Day::Thursday,
        4 => Day::Friday,
        5 => Day::Saturday,
        _ => Day::Sunday,
    }
}

#[cfg(test)]
mod tests;
