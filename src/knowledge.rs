//! What all kits together know about a release by its name: whether it keeps data, which definitions it brings,
//! whether it runs controllers that everything else stands on. Old trees name releases that the kit of today may
//! not have.

use std::collections::BTreeMap;

use crate::diag::Diagnostics;
use crate::kit::{Blueprint, Kits};
use crate::plan::tenant::VCLUSTER;

/// What may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// The release keeps data on volumes or in a database.
    Data,
    /// A vCluster with everything that runs in it.
    Vcluster,
    /// A namespace with everything in it.
    Namespace,
    /// Custom resources whose definitions go.
    Definitions,
}

impl Risk {
    /// What is at risk, as a phrase.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Data => "its data",
            Self::Vcluster => "the vCluster, its volume and everything in it",
            Self::Namespace => "the namespace and everything in it",
            Self::Definitions => "every custom resource of its definitions",
        }
    }
}

/// Facts about releases by name.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    releases: BTreeMap<String, Facts>,
}

#[derive(Clone, Debug, Default)]
struct Facts {
    stateful: bool,
    vcluster: bool,
    controller: bool,
    definitions: Vec<String>,
}

impl Knowledge {
    /// What the embedded kits know.
    pub fn of(kits: &Kits) -> Self {
        let mut knowledge = Self::default();
        for name in kits.names() {
            // The embedded kits are right; a test holds them to it.
            if let Some(kit) = kits.open(name, &[], &mut Diagnostics::new()) {
                kit.blueprints.iter().for_each(|blueprint| knowledge.add(blueprint));
            }
        }
        knowledge
    }

    fn add(&mut self, blueprint: &Blueprint) {
        let facts = self.releases.entry(blueprint.name.value.as_str().to_owned()).or_default();
        facts.stateful |= blueprint.stateful;
        facts.vcluster |= blueprint.vcluster.is_some();
        facts.controller |= blueprint.controller;
        for group in blueprint.crd_groups().map(ToString::to_string) {
            if !facts.definitions.contains(&group) {
                facts.definitions.push(group);
            }
        }
    }

    /// What is lost with a release. One that no kit knows may keep data, so it counts as if it did.
    pub fn risk(&self, release: &str) -> Option<Risk> {
        match self.releases.get(release) {
            None if release == VCLUSTER => Some(Risk::Vcluster),
            None => Some(Risk::Data),
            Some(facts) if facts.vcluster => Some(Risk::Vcluster),
            Some(facts) if facts.stateful => Some(Risk::Data),
            Some(facts) if !facts.definitions.is_empty() => Some(Risk::Definitions),
            Some(_) => None,
        }
    }

    /// Whether a release brings definitions of custom resources. One that no kit knows may.
    pub fn brings_definitions(&self, release: &str) -> bool {
        self.releases.get(release).is_none_or(|facts| !facts.definitions.is_empty())
    }

    /// Whether a release brings the definitions of a group.
    pub fn brings(&self, release: &str, group: &str) -> bool {
        self.releases
            .get(release)
            .is_some_and(|facts| facts.definitions.iter().any(|brought| brought == group))
    }

    /// Whether a release runs controllers of Flux, the network or storage: a downgrade of one can delete the
    /// controllers themselves.
    pub fn is_controller(&self, release: &str) -> bool {
        self.releases.get(release).is_some_and(|facts| facts.controller)
    }
}
