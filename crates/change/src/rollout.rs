//! What takes more than one commit: the way from the trees that stand to the trees that manifests give, in steps.
//!
//! Takes [`Goal`]s (a tree as it stands, and what its manifest gives), gives a [`Rollout`]: the [`Phase`]s in which
//! something happens, in order, and the whole tree of each Sovereign after every one of them. One phase is one commit.
//! The last tree is the one that a plain build gives, byte for byte; each one before is made of its files, of files of
//! the old tree, and of listings that name what is there. Nothing here looks at a clock or a cluster: what must have
//! happened before the next step is said by [`waits`].

pub mod blend;
pub mod clusters;
mod here;
pub mod human;
pub mod json;
mod kustomization;
mod layers;
mod order;
pub mod phase;
mod planner;
pub mod schedule;
pub mod seen;
pub mod shown;
pub mod waits;

use std::collections::BTreeSet;

use crate::diff::{Diff, diff};
use crate::snapshot::Snapshot;
use sovereign_compile::Compiled;
use sovereign_language::kit::Catalog;

use clusters::Clusters;
pub use clusters::Handover;
use order::Homes;
pub use phase::Phase;
use schedule::Schedule;

/// One Sovereign of a rollout.
#[derive(Clone, Copy)]
pub struct Goal<'a> {
    /// The tree as it stands.
    pub old: &'a Snapshot,
    /// What its manifest gives.
    pub new: &'a Compiled,
}

/// The way from trees that stand to trees that shall stand.
pub struct Rollout<'a> {
    goals: Vec<Goal<'a>>,
    clusters: Vec<Clusters>,
    schedules: Vec<Schedule>,
    phases: Vec<Phase>,
}

impl<'a> Rollout<'a> {
    /// The rollout of these goals. Several Sovereigns go through the same phases together, so that what leaves one of
    /// them leaves after it has come to the other.
    pub fn of(goals: Vec<Goal<'a>>, catalog: &Catalog) -> Self {
        let diffs: Vec<Diff> = goals.iter().map(|goal| diff(goal.old, goal.new, catalog)).collect();
        let diffs: Vec<&Diff> = diffs.iter().collect();
        Self::with(goals, &diffs, catalog)
    }

    /// The same with the differences of the goals, which are known.
    fn with(goals: Vec<Goal<'a>>, diffs: &[&Diff], catalog: &Catalog) -> Self {
        let clusters: Vec<Clusters> =
            goals.iter().zip(diffs).map(|(goal, diff)| Clusters::of(*goal, diff)).collect();
        let homes: Vec<Homes> =
            diffs.iter().zip(&clusters).map(|(diff, clusters)| Homes::of(diff, clusters, catalog)).collect();
        let mut schedules = Vec::with_capacity(goals.len());
        for (place, ((goal, diff), clusters)) in goals.iter().zip(diffs).zip(&clusters).enumerate() {
            let (before, rest) = homes.split_at(place);
            let Some((own, after)) = rest.split_first() else { continue };
            let others: Vec<&Homes> = before.iter().chain(after).collect();
            let careful = order::is_careful(own, clusters, &others);
            schedules.push(planner::schedule(*goal, diff, clusters, catalog, careful));
        }
        let mut phases: BTreeSet<Phase> = schedules.iter().flat_map(Schedule::phases).collect();
        // Files that follow from others, such as the lock, may be all that changes.
        if phases.is_empty() && diffs.iter().any(|diff| !diff.is_empty()) {
            phases.insert(Phase::Change);
        }
        Self { goals, clusters, schedules, phases: phases.into_iter().collect() }
    }

    /// The phases in which something happens, in order. Step `n` is the `n`-th, counted from 1.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// The Sovereigns.
    pub fn goals(&self) -> &[Goal<'a>] {
        &self.goals
    }

    /// Which clusters come, stay and go, of each Sovereign in the order of the goals.
    pub fn clusters(&self) -> &[Clusters] {
        &self.clusters
    }

    /// The changes of the primary, of all Sovereigns.
    pub fn handovers(&self) -> impl Iterator<Item = &Handover> {
        self.clusters.iter().filter_map(Clusters::handover)
    }

    /// The trees of all Sovereigns after a step, in the order of the goals; after step 0 they are as they stand.
    pub fn after(&self, step: usize) -> Vec<Stage<'a>> {
        let last = step >= self.phases.len();
        let stage =
            |(goal, (schedule, clusters)): (&Goal<'a>, (&Schedule, &Clusters))| match step.checked_sub(1) {
                None => Stage::Before(goal.old),
                Some(_) if last => Stage::Last(goal.new),
                Some(index) => {
                    Stage::Between(Box::new(blend::blend(*goal, schedule, clusters, self.phases[index])))
                }
            };
        let turns = self.schedules.iter().zip(&self.clusters);
        self.goals.iter().zip(turns).map(stage).collect()
    }
}

/// What a change of one Sovereign comes to, when its steps are counted and not yet made.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// Its phases.
    pub phases: Vec<Phase>,
    homes: Homes,
}

impl Way {
    /// The way of a goal by itself, with its differences.
    pub fn of(goal: Goal<'_>, diff: &Diff, catalog: &Catalog) -> Self {
        let homes = Homes::of(diff, &Clusters::of(goal, diff), catalog);
        Self { phases: Rollout::with(vec![goal], &[diff], catalog).phases, homes }
    }

    /// Whether something goes here that comes on another way.
    pub fn moves_to(&self, other: &Self) -> bool {
        self.homes.moves_to(&other.homes)
    }
}

/// The tree of one Sovereign after a step.
pub enum Stage<'a> {
    /// As it stands.
    Before(&'a Snapshot),
    /// On the way.
    Between(Box<Compiled>),
    /// What the manifest gives.
    Last(&'a Compiled),
}

impl Stage<'_> {
    /// The tree with its objects; `None` before the first step.
    pub fn compiled(&self) -> Option<&Compiled> {
        match self {
            Self::Before(_) => None,
            Self::Between(compiled) => Some(compiled),
            Self::Last(compiled) => Some(compiled),
        }
    }

    /// The same as files.
    pub fn snapshot(&self) -> Snapshot {
        match self {
            Self::Before(snapshot) => (*snapshot).clone(),
            Self::Between(compiled) => Snapshot::of(&compiled.tree),
            Self::Last(compiled) => Snapshot::of(&compiled.tree),
        }
    }

    /// Whether a tree is this one, as far as it is ours.
    pub fn is(&self, other: &Snapshot) -> bool {
        match self {
            Self::Before(snapshot) => *snapshot == other,
            Self::Between(compiled) => other.holds(&compiled.tree),
            Self::Last(compiled) => other.holds(&compiled.tree),
        }
    }
}
