//! What all kits together know about a release by its name: whether it keeps data, which definitions it brings,
//! whether it runs controllers that everything else stands on. Old trees name releases that the kit of today may
//! not have.

use std::collections::{BTreeMap, BTreeSet};

use super::blueprint::Blueprint;
use crate::scalar::tenant::VCLUSTER;

/// What may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// The release keeps data on volumes or in a database.
    Data,
    /// A vCluster with everything that runs in it.
    Vcluster,
    /// A namespace with everything in it.
    Namespace,
    /// Custom resources whose definitions go, and the Secrets that these own.
    Secrets,
    /// Custom resources whose definitions go.
    Definitions,
}

impl Risk {
    /// Returns what is at risk, as a phrase.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Data => "its data",
            Self::Vcluster => "the vCluster, its volume and everything in it",
            Self::Namespace => "the namespace and everything in it",
            Self::Secrets => "every custom resource of its definitions, and the Secrets that these own",
            Self::Definitions => "every custom resource of its definitions",
        }
    }
}

/// What a release may lose: what stands before holds what comes after.
const WORST_FIRST: [Risk; 4] = [Risk::Vcluster, Risk::Data, Risk::Secrets, Risk::Definitions];

/// Facts about releases by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    releases: BTreeMap<String, Facts>,
    /// Those that are halves of a database over two regions.
    halves: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
struct Facts {
    /// What may be lost with it.
    risks: BTreeSet<Risk>,
    controller: bool,
    /// The value that switches it on, where its release stays when it is off.
    gate: Option<Vec<String>>,
    definitions: Vec<String>,
    /// The groups whose definitions it needs.
    needs: Vec<String>,
}

impl Catalog {
    /// Adds what a blueprint says of its release.
    pub(super) fn add(&mut self, blueprint: &Blueprint) {
        let name = blueprint.name.value.as_str();
        if blueprint.pair.is_some() {
            self.halves.insert(name.to_owned());
        }
        let facts = self.releases.entry(name.to_owned()).or_default();
        let provided = blueprint.provides.as_ref();
        let owns_secrets = provided.and_then(|facts| facts.owned_secrets).is_some_and(|owned| owned.value);
        let risks = [
            (Risk::Vcluster, blueprint.vcluster.is_some()),
            (Risk::Data, blueprint.stateful),
            (Risk::Secrets, owns_secrets),
            (Risk::Definitions, blueprint.crd_groups().next().is_some()),
        ];
        facts.risks.extend(risks.into_iter().filter(|(_, is)| *is).map(|(risk, _)| risk));
        facts.controller |= blueprint.controller;
        let gate = blueprint.gate.as_ref().and_then(|gate| gate.value.as_ref());
        if let Some(path) = gate {
            facts.gate = Some(path.value.keys().into_iter().map(str::to_owned).collect());
        }
        let needs = blueprint.requires.as_ref().and_then(|facts| facts.crds.as_ref());
        for group in needs.into_iter().flat_map(|list| &list.value).map(|group| group.value.to_string()) {
            if !facts.needs.contains(&group) {
                facts.needs.push(group);
            }
        }
        for group in blueprint.crd_groups().map(ToString::to_string) {
            if !facts.definitions.contains(&group) {
                facts.definitions.push(group);
            }
        }
    }

    /// Returns what is lost with a release. One that no kit knows may keep data, so it counts as if it did.
    pub fn risk(&self, release: &str) -> Option<Risk> {
        match self.releases.get(release) {
            None if release == VCLUSTER => Some(Risk::Vcluster),
            None => Some(Risk::Data),
            Some(facts) => WORST_FIRST.into_iter().find(|risk| facts.risks.contains(risk)),
        }
    }

    /// Returns whether a release brings definitions of custom resources. One that no kit knows may.
    pub fn brings_definitions(&self, release: &str) -> bool {
        self.releases.get(release).is_none_or(|facts| !facts.definitions.is_empty())
    }

    /// Returns whether a release brings the definitions of a group.
    pub fn brings(&self, release: &str, group: &str) -> bool {
        self.releases
            .get(release)
            .is_some_and(|facts| facts.definitions.iter().any(|brought| brought == group))
    }

    /// Returns whether a release needs the definitions of a group: it works on resources of them, or makes some.
    pub fn needs(&self, release: &str, group: &str) -> bool {
        self.releases.get(release).is_some_and(|facts| facts.needs.iter().any(|needed| needed == group))
    }

    /// Returns whether a release is a half of a database over two regions.
    pub fn is_half(&self, release: &str) -> bool {
        self.halves.contains(release)
    }

    /// Returns the path below its values of what switches a release off that stays.
    pub fn gate(&self, release: &str) -> Option<&[String]> {
        self.releases.get(release)?.gate.as_deref()
    }

    /// Returns whether a release runs controllers of Flux, the network or storage: a downgrade of one can delete the
    /// controllers themselves.
    pub fn is_controller(&self, release: &str) -> bool {
        self.releases.get(release).is_some_and(|facts| facts.controller)
    }
}
