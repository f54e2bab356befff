//! What another kit, or another compiler, does to Sovereigns as they are: for each, and summed.
//!
//! Takes the tree that a manifest gives now and the one that it would give, gives an [`Impact`]: names and counts, and no
//! tree, so that a thousand of them take little memory. A [`Report`] is all of them, rendered by [`human`] and [`json`].

pub mod human;
pub mod json;

use std::collections::BTreeMap;

use crate::diff::{self, Diff, What};
use crate::rollout::{self, Migration, PhasePlan, Rollout};
use crate::snapshot::Snapshot;
use crate::transition;
use sovereign_language::kit::Catalog;
use sovereign_text::diag::{Diagnostics, Severity, Sources};

/// How many refusals of one Sovereign are kept: a reviewer reads the first.
const MOST_REFUSALS: usize = 20;

/// What happens to one Sovereign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Its tree stays as it is, byte for byte.
    Unchanged,
    /// Its tree changes.
    Changed,
    /// It is refused: its manifest has errors then, or the change is one that needs consent.
    Refused,
    /// Nothing can be said: its manifest cannot be compiled as it is.
    Broken,
    /// It was not compared, and why stands beside it.
    Apart,
}

impl State {
    /// Every state, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Unchanged, Self::Changed, Self::Refused, Self::Broken, Self::Apart];

    /// Returns its word in every format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Refused => "refused",
            Self::Broken => "broken",
            Self::Apart => "not-compared",
        }
    }
}

/// Why something is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name that `sovereign explain` takes.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

/// How many files come, change and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// New ones.
    pub added: usize,
    /// Those that differ.
    pub changed: usize,
    /// Those that go.
    pub removed: usize,
}

/// What comes of one Sovereign.
#[derive(Clone, Debug)]
pub struct Impact {
    /// Its manifest.
    pub file: String,
    /// Where its tree stands, if that is known.
    pub root: Option<String>,
    /// What happens to it.
    pub state: State,
    /// Why it is refused or broken.
    pub refused: Vec<Refusal>,
    /// How many files change.
    pub files: Files,
    /// How often each kind of event happens, by its word in `sovereign diff --format json`.
    pub events: BTreeMap<&'static str, usize>,
    /// Releases that are uninstalled and installed again, with their clusters.
    pub reinstalled: Vec<String>,
    /// What is lost, in words.
    pub lost: Vec<String>,
    /// How many commits the change takes.
    pub steps: usize,
    /// Why it was not compared.
    pub note: Option<String>,
}

impl Impact {
    fn new(file: &str, state: State) -> Self {
        let file = file.to_owned();
        let (root, refused, files, note) = (None, Vec::new(), Files::default(), None);
        let (events, reinstalled, lost) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { file, root, state, refused, files, events, reinstalled, lost, steps: 0, note }
    }

    /// Returns that of a Sovereign that was not compared.
    pub fn apart(file: &str, why: impl Into<String>) -> Self {
        Self { note: Some(why.into()), ..Self::new(file, State::Apart) }
    }

    /// Returns that of a manifest that cannot be compiled as it is.
    pub fn broken(file: &str, found: &Diagnostics, note: Option<String>) -> Self {
        Self { refused: refusals(found), note, ..Self::new(file, State::Broken) }
    }

    /// Returns that of a manifest that would have errors.
    pub fn refused(file: &str, found: &Diagnostics) -> Self {
        Self { refused: refusals(found), ..Self::new(file, State::Refused) }
    }

    /// Compares the tree of a manifest with the one that it would give. `found` holds what was found in that.
    pub fn compare(
        file: &str,
        migration: Migration<'_>,
        catalog: &Catalog,
        sources: &dyn Sources,
        found: Diagnostics,
    ) -> Self {
        let Migration { old, new } = migration;
        let root = Some(new.tree.root().to_string());
        if *old == Snapshot::from_tree(&new.tree) {
            return Self { root, ..Self::new(file, State::Unchanged) };
        }
        let diff = diff::diff(old, new, catalog);
        let steps = PhasePlan::new(migration, &diff, catalog).phases.len();
        let found = judged(migration, steps, catalog, sources, found);
        let state = if found.verdict().is_err() { State::Refused } else { State::Changed };
        let (refused, files) = (refusals(&found), files(&diff));
        let (events, reinstalled, lost) = (events(&diff), reinstalled(&diff), lost(&diff));
        Self { root, refused, files, events, reinstalled, lost, steps, ..Self::new(file, state) }
    }
}

/// Holds a change against the transition rules, step by step where it takes several.
fn judged(
    migration: Migration<'_>,
    steps: usize,
    catalog: &Catalog,
    sources: &dyn Sources,
    mut found: Diagnostics,
) -> Diagnostics {
    if steps <= 1 {
        transition::judge(migration.old, migration.new, catalog, &[], false, &mut found);
        return found;
    }
    let mut sovereigns = [(sources, found)];
    rollout::steps(&Rollout::new(vec![migration], catalog), &[], &mut sovereigns, catalog);
    let [(_, found)] = sovereigns;
    found
}

fn refusals(found: &Diagnostics) -> Vec<Refusal> {
    let errors = found.sorted().into_iter().filter(|it| found.severity(it.code) == Severity::Error);
    let refusal =
        |it: &sovereign_text::diag::Diagnostic| Refusal { code: it.code.name(), message: it.message.clone() };
    errors.take(MOST_REFUSALS).map(refusal).collect()
}

fn files(diff: &Diff) -> Files {
    diff.files.values().fold(Files::default(), |mut files, change| {
        match change {
            diff::Change::Added { .. } => files.added += 1,
            diff::Change::Modified { .. } => files.changed += 1,
            diff::Change::Removed { .. } => files.removed += 1,
        }
        files
    })
}

fn events(diff: &Diff) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for event in diff.clusters.iter().flat_map(|cluster| &cluster.events) {
        *counts.entry(event.what.word()).or_default() += 1;
    }
    counts
}

fn reinstalled(diff: &Diff) -> Vec<String> {
    let mut list = Vec::new();
    for cluster in &diff.clusters {
        for event in &cluster.events {
            if let What::Reinstalled { changes } = &event.what {
                let changes: Vec<_> =
                    changes.iter().map(|(path, from, to)| format!("{path} {from} → {to}")).collect();
                list.push(format!("{}: {} ({})", cluster.cluster, event.subject, changes.join(", ")));
            }
        }
    }
    list
}

/// Returns what is lost: what the values of machines and objects cost, and what goes with releases.
fn lost(diff: &Diff) -> Vec<String> {
    let mut list: Vec<String> = diff.losses.iter().map(diff::Loss::words).collect();
    for cluster in &diff.clusters {
        for event in &cluster.events {
            let how = if matches!(event.what, What::ClusterRemoved { .. }) {
                "leaves the tree"
            } else if matches!(event.what, What::Deleted { .. }) {
                "uninstalled"
            } else if matches!(event.what, What::Reinstalled { .. }) {
                "installed anew"
            } else {
                continue;
            };
            if let Some(risk) = event.risk {
                list.push(format!(
                    "{} of {}: {how}, at risk: {}",
                    event.subject,
                    cluster.cluster,
                    risk.phrase()
                ));
            }
        }
    }
    list
}

/// What the Sovereigns are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// Another kit.
    Kit(String),
    /// What another compiler gives: the path of its program.
    Compiler(String),
}

/// What comes of many Sovereigns.
#[derive(Clone, Debug)]
pub struct Report {
    /// What they are held against.
    pub against: Against,
    /// Each of them, in the order in which they were named.
    pub impacts: Vec<Impact>,
}

impl Report {
    /// Returns how many Sovereigns are in a state.
    pub fn count(&self, state: State) -> usize {
        self.impacts.iter().filter(|impact| impact.state == state).count()
    }

    /// Returns how often each kind of event happens.
    pub fn events(&self) -> BTreeMap<&'static str, usize> {
        let mut sum = BTreeMap::new();
        for (event, count) in self.impacts.iter().flat_map(|impact| &impact.events) {
            *sum.entry(*event).or_default() += count;
        }
        sum
    }

    /// Returns how many files change.
    pub fn files(&self) -> Files {
        self.impacts.iter().map(|impact| impact.files).fold(Files::default(), |sum, files| Files {
            added: sum.added + files.added,
            changed: sum.changed + files.changed,
            removed: sum.removed + files.removed,
        })
    }

    /// Returns whether somebody has to look: something is reinstalled, lost, refused, or not known.
    pub fn is_worrying(&self) -> bool {
        self.impacts.iter().any(|it| {
            matches!(it.state, State::Refused | State::Broken)
                || !it.lost.is_empty()
                || !it.reinstalled.is_empty()
        })
    }
}
