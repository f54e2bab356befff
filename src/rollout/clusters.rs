//! Which clusters of a Sovereign come, stay and go, and which one is the primary.

use std::collections::{BTreeMap, BTreeSet};

use super::{Goal, Phase};
use crate::lower::Layer;
use crate::provision;
use crate::tree::{Lock, RegionFacts, TreePath};

/// The clusters of a Sovereign before and after.
pub struct Clusters {
    arriving: BTreeSet<String>,
    leaving: BTreeSet<String>,
    /// The leaving cluster that goes last, if none stays.
    last: Option<String>,
    /// Whether there was no tree of ours.
    first_tree: bool,
    handover: Option<Handover>,
    /// What the regions of before and after keep as long as they stand.
    facts: BTreeMap<String, RegionFacts>,
}

/// Another primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The primary of before.
    pub from: String,
    /// The primary of after.
    pub to: String,
}

impl Clusters {
    /// The clusters of a goal: directories with something for Flux itself.
    pub fn of(goal: Goal<'_>) -> Self {
        let (before, after) = (clusters(goal.old.files().keys()), clusters(goal.new.tree.files().keys()));
        let leaving: BTreeSet<String> = before.difference(&after).cloned().collect();
        let primary = goal.new.places.primary.clone().filter(|name| leaving.contains(name));
        let lock = goal.old.lock().ok().flatten();
        let old = lock.as_ref().map(Lock::regions).unwrap_or_default();
        let from = old.iter().find(|(_, facts)| facts.primary).map(|(name, _)| name.clone());
        let to = goal.new.places.primary.clone().filter(|name| after.contains(name));
        let handover = from.zip(to).filter(|(from, to)| from != to && before.contains(from));
        let mut facts = goal.new.tree.lock().regions();
        for (name, kept) in old {
            facts.entry(name).or_insert(kept);
        }
        Self {
            arriving: after.difference(&before).cloned().collect(),
            last: primary.or_else(|| leaving.first().cloned()).filter(|_| after.is_empty()),
            leaving,
            first_tree: lock.is_none(),
            handover: handover.map(|(from, to)| Handover { from, to }),
            facts,
        }
    }

    /// Those that are new.
    pub fn arriving(&self) -> &BTreeSet<String> {
        &self.arriving
    }

    /// Those that go.
    pub fn leaving(&self) -> &BTreeSet<String> {
        &self.leaving
    }

    /// Whether there was no tree of ours.
    pub fn is_first_tree(&self) -> bool {
        self.first_tree
    }

    /// Whether none stays.
    pub fn is_end(&self) -> bool {
        self.last.is_some()
    }

    /// The change of the primary, if there is one.
    pub fn handover(&self) -> Option<&Handover> {
        self.handover.as_ref()
    }

    /// Whether a cluster was there before and is there after.
    pub fn stays(&self, cluster: &str) -> bool {
        !self.arriving.contains(cluster) && !self.leaving.contains(cluster)
    }

    /// When a leaving cluster leaves.
    pub fn leave(&self, cluster: &str) -> Phase {
        if self.last.as_deref() == Some(cluster) { Phase::Close } else { Phase::Leave }
    }

    /// When what made the machines of a leaving cluster goes: not before somebody could destroy them with it.
    pub fn forget(&self) -> Phase {
        if self.is_end() { Phase::Close } else { Phase::Forget }
    }

    /// When what speaks of all clusters, and shall speak of none that has left, takes its new shape.
    pub fn end(&self) -> Phase {
        match (&self.last, self.leaving.is_empty()) {
            (Some(_), _) => Phase::Close,
            (None, false) => Phase::Leave,
            (None, true) => Phase::Change,
        }
    }

    /// The number of a region.
    pub fn number(&self, region: &str) -> Option<usize> {
        self.facts.get(region)?.index
    }

    /// What those regions keep at a phase of which something stands among these files.
    pub fn standing<'a>(
        &self,
        paths: impl Iterator<Item = &'a TreePath>,
        phase: Phase,
    ) -> BTreeMap<String, RegionFacts> {
        let regions: BTreeSet<&str> = paths.filter_map(region).collect();
        let standing = self.facts.iter().filter(|(name, _)| regions.contains(name.as_str()));
        let primary = self.handover.as_ref().map(|it| if phase < Phase::Switch { &it.from } else { &it.to });
        let at_phase = |(name, facts): (&String, &RegionFacts)| {
            let primary = primary.map_or(facts.primary, |primary| primary == name);
            (name.clone(), RegionFacts { primary, ..facts.clone() })
        };
        standing.map(at_phase).collect()
    }
}

/// The region that a file belongs to: by its own directory, or by that of what makes its machines.
fn region(path: &TreePath) -> Option<&str> {
    let (first, rest) = path.as_str().split_once('/')?;
    if first == provision::DIRECTORY { rest.split_once('/').map(|(region, _)| region) } else { Some(first) }
}

/// The clusters that files speak to.
pub fn clusters<'a>(paths: impl Iterator<Item = &'a TreePath>) -> BTreeSet<String> {
    let own = |path: &TreePath| {
        let (cluster, below) = path.as_str().split_once('/')?;
        let is_cluster = below.split('/').next() == Some(Layer::FluxSystem.directory());
        is_cluster.then(|| cluster.to_owned())
    };
    paths.filter_map(own).collect()
}
