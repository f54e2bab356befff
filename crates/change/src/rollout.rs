//! What takes more than one commit: the way from the trees that stand to the trees that manifests give, in steps.
//!
//! Takes [`Migration`]s (a tree as it stands, and what its manifest gives), gives a [`Rollout`]: the [`Phase`]s in which
//! something happens, in order, and the whole tree of each Sovereign after every one of them. One phase is one commit.
//! The last tree is the one that a plain build gives, byte for byte; each one before is made of its files, of files of
//! the old tree, and of listings that name what is there. Nothing here looks at a clock or a cluster: what must have
//! happened before the next step is said by [`preconditions`].

mod clusters;
mod exports;
pub mod human;
mod impact;
mod intermediate;
pub mod json;
mod kustomization;
mod layers;
mod order;
mod phase;
mod planner;
mod preconditions;
mod report;
mod schedule;
mod sovereign_ctx;

use std::collections::BTreeSet;

use crate::diff::{Diff, diff};
use crate::input_changes::InputChanges;
use crate::snapshot::Snapshot;
use sovereign_compile::Compiled;
use sovereign_language::kit::Catalog;

use clusters::Clusters;
pub use clusters::Handover;
use order::Homes;
pub use phase::Phase;
pub use report::{Change, Report, Step, steps};
use schedule::Schedule;

/// One Sovereign of a rollout.
#[derive(Clone, Copy)]
pub struct Migration<'a> {
    /// The tree as it stands.
    pub old: &'a Snapshot,
    /// What its manifest gives.
    pub new: &'a Compiled,
}

/// The way from trees that stand to trees that shall stand.
pub struct Rollout<'a> {
    migrations: Vec<Migration<'a>>,
    clusters: Vec<Clusters>,
    schedules: Vec<Schedule>,
    phases: Vec<Phase>,
}

impl<'a> Rollout<'a> {
    /// Returns the rollout of these goals. Several Sovereigns go through the same phases together, so that
    /// what leaves one of them leaves after it has come to the other.
    pub fn new(migrations: Vec<Migration<'a>>, catalog: &Catalog) -> Self {
        let diffs: Vec<Diff> =
            migrations.iter().map(|migration| diff(migration.old, migration.new, catalog)).collect();
        let diffs: Vec<&Diff> = diffs.iter().collect();
        Self::with(migrations, &diffs, catalog)
    }

    /// Returns the same with the differences of the goals, which are known.
    fn with(migrations: Vec<Migration<'a>>, diffs: &[&Diff], catalog: &Catalog) -> Self {
        let clusters: Vec<Clusters> =
            migrations.iter().zip(diffs).map(|(migration, diff)| Clusters::new(*migration, diff)).collect();
        let homes: Vec<Homes> =
            diffs.iter().zip(&clusters).map(|(diff, clusters)| Homes::new(diff, clusters, catalog)).collect();
        let mut schedules = Vec::with_capacity(migrations.len());
        for (place, ((migration, diff), clusters)) in migrations.iter().zip(diffs).zip(&clusters).enumerate()
        {
            let (before, rest) = homes.split_at(place);
            let Some((own, after)) = rest.split_first() else { continue };
            let others: Vec<&Homes> = before.iter().chain(after).collect();
            let careful = order::is_careful(own, clusters, &others);
            schedules.push(planner::schedule(*migration, diff, clusters, catalog, careful));
        }
        let mut phases: BTreeSet<Phase> = schedules.iter().flat_map(Schedule::phases).collect();
        // Files that follow from others, such as the lock, may be all that changes.
        if phases.is_empty() && diffs.iter().any(|diff| !diff.is_empty()) {
            phases.insert(Phase::Change);
        }
        Self { migrations, clusters, schedules, phases: phases.into_iter().collect() }
    }

    /// Returns the phases in which something happens, in order. Step `n` is the `n`-th, counted from 1.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Returns the Sovereigns.
    pub fn migrations(&self) -> &[Migration<'a>] {
        &self.migrations
    }

    /// Returns which clusters come, stay and go, of each Sovereign in the order of the goals.
    pub fn clusters(&self) -> &[Clusters] {
        &self.clusters
    }

    /// Returns the changes of the primary, of all Sovereigns.
    pub fn handovers(&self) -> impl Iterator<Item = &Handover> {
        self.clusters.iter().filter_map(Clusters::handover)
    }

    /// Returns the trees of all Sovereigns after a step, in the order of the goals; after step 0 they are as they stand.
    pub fn after(&self, step: usize) -> Vec<Stage<'a>> {
        let last = step >= self.phases.len();
        let stage = |(migration, (schedule, clusters)): (&Migration<'a>, (&Schedule, &Clusters))| match step
            .checked_sub(1)
        {
            None => Stage::Before(migration.old),
            Some(_) if last => Stage::Last(migration.new),
            Some(index) => Stage::Between(Box::new(intermediate::compiled(
                *migration,
                schedule,
                clusters,
                self.phases[index],
            ))),
        };
        let turns = self.schedules.iter().zip(&self.clusters);
        self.migrations.iter().zip(turns).map(stage).collect()
    }
}

/// What a change of one Sovereign comes to, when its steps are counted and not yet made.
#[derive(Clone, Debug, Default)]
pub struct PhasePlan {
    /// Its phases.
    pub phases: Vec<Phase>,
    homes: Homes,
}

impl PhasePlan {
    /// Returns the way of a goal by itself, with its differences.
    pub fn new(migration: Migration<'_>, diff: &Diff, catalog: &Catalog) -> Self {
        let homes = Homes::new(diff, &Clusters::new(migration, diff), catalog);
        Self { phases: Rollout::with(vec![migration], &[diff], catalog).phases, homes }
    }

    /// Returns whether something goes here that comes on another way.
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
    /// Returns the tree with its objects; `None` before the first step.
    pub fn compiled(&self) -> Option<&Compiled> {
        match self {
            Self::Before(_) => None,
            Self::Between(compiled) => Some(compiled),
            Self::Last(compiled) => Some(compiled),
        }
    }

    /// Returns what today's input says otherwise than the one of the tree before the first step, if that is known.
    fn known_changes(&self) -> Option<&InputChanges> {
        match self {
            Self::Before(snapshot) => snapshot.input_changes(),
            Self::Between(_) | Self::Last(_) => None,
        }
    }

    /// Returns the same as files.
    pub fn snapshot(&self) -> Snapshot {
        match self {
            Self::Before(snapshot) => (*snapshot).clone(),
            Self::Between(compiled) => Snapshot::from_tree(&compiled.tree),
            Self::Last(compiled) => Snapshot::from_tree(&compiled.tree),
        }
    }

    /// Returns whether a tree is this one, as far as it is ours.
    pub fn is(&self, other: &Snapshot) -> bool {
        match self {
            Self::Before(snapshot) => *snapshot == other,
            Self::Between(compiled) => other.holds(&compiled.tree),
            Self::Last(compiled) => other.holds(&compiled.tree),
        }
    }
}
