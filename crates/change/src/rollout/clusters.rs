//! Which clusters of a Sovereign come, stay and go, and which one is the primary.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Migration, Phase};
use crate::diff::{Diff, ObjectChange};
use sovereign_compile::lower::Layer;
use sovereign_compile::object::REGION_LABEL;
use sovereign_compile::provision;
use sovereign_compile::tree::{Lock, RegionFacts, TreePath};

/// The clusters of a Sovereign before and after.
pub struct Clusters {
    arriving: BTreeSet<String>,
    leaving: BTreeSet<String>,
    /// The leaving cluster that goes last, if none stays.
    last: Option<String>,
    /// Whether there was no tree of ours.
    first_tree: bool,
    handover: Option<Handover>,
    /// Who makes the machines of each region that comes or goes.
    makers: BTreeMap<String, MadeBy>,
    /// The list that a region stands in and that nothing stands in after.
    spent: BTreeMap<String, TreePath>,
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

/// Who makes the machines of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// A module of OpenTofu, which the tree has variables for.
    OpenTofu,
    /// Crossplane in the primary, by claims.
    Crossplane,
    /// A person: no module is known for the cloud.
    Person,
}

impl Clusters {
    /// Returns the clusters of a goal, with its differences: directories with something for Flux itself.
    pub fn new(migration: Migration<'_>, diff: &Diff) -> Self {
        let (before, after) =
            (clusters(migration.old.files().keys()), clusters(migration.new.tree.files().keys()));
        let leaving: BTreeSet<String> = before.difference(&after).cloned().collect();
        let primary = migration.new.places.primary.clone().filter(|name| leaving.contains(name));
        let lock = migration.old.lock().ok().flatten();
        let old = lock.map(Lock::regions).unwrap_or_default();
        let from = old.iter().find(|(_, facts)| facts.primary).map(|(name, _)| name.clone());
        let to = migration.new.places.primary.clone().filter(|name| after.contains(name));
        let handover = from.zip(to).filter(|(from, to)| from != to && before.contains(from));
        let mut facts = migration.new.tree.lock().regions();
        for (name, kept) in old {
            facts.entry(name).or_insert(kept);
        }
        let moving = before.symmetric_difference(&after);
        let makers = moving.map(|region| (region.clone(), made_by(region, migration, diff))).collect();
        Self {
            makers,
            spent: spent(migration),
            arriving: after.difference(&before).cloned().collect(),
            last: primary.or_else(|| leaving.first().cloned()).filter(|_| after.is_empty()),
            leaving,
            first_tree: lock.is_none(),
            handover: handover.map(|(from, to)| Handover { from, to }),
            facts,
        }
    }

    /// Returns those that are new.
    pub(crate) fn arriving(&self) -> &BTreeSet<String> {
        &self.arriving
    }

    /// Returns those that go.
    pub(crate) fn leaving(&self) -> &BTreeSet<String> {
        &self.leaving
    }

    /// Returns those of some regions whose machines are made so.
    pub fn made_by<'a>(&self, by: MadeBy, regions: &'a BTreeSet<String>) -> Vec<&'a str> {
        let regions = regions.iter().map(String::as_str);
        regions.filter(|region| self.makers.get(*region) == Some(&by)).collect()
    }

    /// Returns the list of OpenTofu that a leaving region was told in, if it is in the tree until then and no longer.
    pub(crate) fn spent_list(&self, region: &str) -> Option<&TreePath> {
        self.spent.get(region)
    }

    /// Returns whether there was no tree of ours.
    pub(crate) fn is_first_tree(&self) -> bool {
        self.first_tree
    }

    /// Returns whether none stays.
    pub(crate) fn is_end(&self) -> bool {
        self.last.is_some()
    }

    /// Returns the change of the primary, if there is one.
    pub fn handover(&self) -> Option<&Handover> {
        self.handover.as_ref()
    }

    /// Returns whether a cluster was there before and is there after.
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

    /// Returns the number of a region.
    pub fn number(&self, region: &str) -> Option<usize> {
        self.facts.get(region)?.index
    }

    /// Returns the primary at a phase: another one takes over with [`Phase::Switch`].
    pub fn primary(&self, phase: Phase) -> Option<&str> {
        match &self.handover {
            Some(handover) if phase < Phase::Switch => Some(&handover.from),
            Some(handover) => Some(&handover.to),
            None => self.facts.iter().find(|(_, facts)| facts.primary).map(|(name, _)| name.as_str()),
        }
    }

    /// Returns what those regions keep at a phase of which something stands among these files.
    pub fn standing<'a>(
        &self,
        paths: impl Iterator<Item = &'a TreePath>,
        phase: Phase,
    ) -> BTreeMap<String, RegionFacts> {
        let regions: BTreeSet<&str> = paths.filter_map(region).collect();
        let standing = self.facts.iter().filter(|(name, _)| regions.contains(name.as_str()));
        let primary = self.handover.is_some().then(|| self.primary(phase)).flatten();
        let at_phase = |(name, facts): (&String, &RegionFacts)| {
            let primary = primary.map_or(facts.primary, |primary| primary == name);
            (name.clone(), RegionFacts { primary, ..facts.clone() })
        };
        standing.map(at_phase).collect()
    }
}

/// Returns who makes the machines of a region that comes or goes: then its variables do, or its claims.
fn made_by(region: &str, migration: Migration<'_>, diff: &Diff) -> MadeBy {
    let name = format!("{}/{region}/{}", provision::DIRECTORY, provision::VARIABLES);
    let told = TreePath::new(&name).is_some_and(|path| {
        migration.old.files().contains_key(&path) || migration.new.tree.files().contains_key(&path)
    });
    let sides = diff.objects.iter().flat_map(|change| [&change.old, &change.new]);
    if told {
        MadeBy::OpenTofu
    } else if sides.flatten().any(|side| claimed(side) == Some(region)) {
        MadeBy::Crossplane
    } else {
        MadeBy::Person
    }
}

/// Returns the lists that vanish, by the regions that stand in them.
fn spent(migration: Migration<'_>) -> BTreeMap<String, TreePath> {
    let lists = migration.old.files().keys().filter(|path| provision::is_shared(path));
    let spent = lists.filter(|path| !migration.new.tree.files().contains_key(*path));
    let regions = |path: &TreePath| {
        let regions = provision::places(migration.old.text(path).unwrap_or(provision::NOTHING));
        regions.into_keys().map(|region| (region, path.clone())).collect::<Vec<_>>()
    };
    spent.flat_map(regions).collect()
}

/// Returns the region whose machines a claim is about, in whichever cluster it stands.
pub(super) fn claimed(side: &(TreePath, Json)) -> Option<&str> {
    let is_claim = ObjectChange::layer(Some(side)) == Some(Layer::Claims.directory());
    side.1.pointer("/metadata/labels")?.get(REGION_LABEL)?.as_str().filter(|_| is_claim)
}

/// Returns the region that a file belongs to: by its own directory, or by that of what makes its machines.
fn region(path: &TreePath) -> Option<&str> {
    let (first, rest) = path.as_str().split_once('/')?;
    if first == provision::DIRECTORY { rest.split_once('/').map(|(region, _)| region) } else { Some(first) }
}

/// Returns the clusters that files speak to.
pub(crate) fn clusters<'a>(paths: impl Iterator<Item = &'a TreePath>) -> BTreeSet<String> {
    let own = |path: &TreePath| {
        let (cluster, below) = path.as_str().split_once('/')?;
        let is_cluster = below.split('/').next() == Some(Layer::FluxSystem.directory());
        is_cluster.then(|| cluster.to_owned())
    };
    paths.filter_map(own).collect()
}
