//! Which clusters of a Sovereign come, stay and go.

use std::collections::BTreeSet;

use super::{Goal, Phase};
use crate::lower::Layer;
use crate::tree::TreePath;

/// The clusters of a Sovereign before and after.
pub struct Clusters {
    arriving: BTreeSet<String>,
    leaving: BTreeSet<String>,
    /// The leaving cluster that goes last, if none stays.
    last: Option<String>,
    /// Whether there was no tree at all.
    first_tree: bool,
}

impl Clusters {
    /// The clusters of a goal: directories with something for Flux itself.
    pub fn of(goal: Goal<'_>) -> Self {
        let (before, after) = (clusters(goal.old.files().keys()), clusters(goal.new.tree.files().keys()));
        let leaving: BTreeSet<String> = before.difference(&after).cloned().collect();
        let primary = goal.new.places.primary.clone().filter(|name| leaving.contains(name));
        Self {
            arriving: after.difference(&before).cloned().collect(),
            last: primary.or_else(|| leaving.first().cloned()).filter(|_| after.is_empty()),
            leaving,
            first_tree: goal.old.is_empty(),
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

    /// Whether there was no tree at all.
    pub fn is_first_tree(&self) -> bool {
        self.first_tree
    }

    /// Whether a cluster was there before and is there after.
    pub fn stays(&self, cluster: &str) -> bool {
        !self.arriving.contains(cluster) && !self.leaving.contains(cluster)
    }

    /// When a leaving cluster leaves.
    pub fn leave(&self, cluster: &str) -> Phase {
        if self.last.as_deref() == Some(cluster) { Phase::Close } else { Phase::Leave }
    }

    /// When what speaks of all clusters, and shall speak of none that has left, takes its new shape.
    pub fn end(&self) -> Phase {
        match (&self.last, self.leaving.is_empty()) {
            (Some(_), _) => Phase::Close,
            (None, false) => Phase::Leave,
            (None, true) => Phase::Change,
        }
    }
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
