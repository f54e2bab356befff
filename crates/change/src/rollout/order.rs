//! In which order things go, and what may come only after something has gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Phase;
use super::clusters::Clusters;
use crate::diff::events::IDENTITY;
use crate::diff::{Diff, ObjectChange};
use crate::transition::{Transition, identity_change, removal_order};
use sovereign_compile::lower::Layer;
use sovereign_compile::prose;
use sovereign_compile::render::LISTING;
use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_language::kit::Catalog;

/// Homes of data that come and go: releases and namespaces.
#[derive(Clone, Debug, Default)]
pub(super) struct Homes {
    /// Whether one comes.
    come: bool,
    /// Whether one goes with something to lose, from a cluster that stays.
    lost: bool,
    /// The namespaces of Organizations that come.
    organizations_come: BTreeSet<String>,
    /// Those that go from a cluster that stays.
    organizations_lost: BTreeSet<String>,
}

impl Homes {
    /// Returns the homes of a Sovereign.
    pub(super) fn new(diff: &Diff, clusters: &Clusters, catalog: &Catalog) -> Self {
        let mut homes = Self { come: !clusters.arriving().is_empty(), ..Self::default() };
        for change in &diff.objects {
            let at_risk = match change.id.kind.as_str() {
                "HelmRelease" => catalog.risk(&change.id.name).is_some(),
                "Namespace" => true,
                _ => continue,
            };
            let side = change.new.as_ref().or(change.old.as_ref());
            let is_organization = change.id.kind == "Namespace"
                && ObjectChange::layer(side) == Some(Layer::Tenants.directory());
            let organization = Some(&change.id.name).filter(|_| is_organization).cloned();
            if change.old.is_none() {
                homes.come = true;
                homes.organizations_come.extend(organization);
            } else if change.new.is_none() && at_risk && clusters.stays(&change.id.cluster) {
                homes.lost = true;
                homes.organizations_lost.extend(organization);
            }
        }
        homes
    }

    /// Returns whether an Organization goes here and comes in another Sovereign.
    pub(super) fn moves_to(&self, other: &Self) -> bool {
        !self.organizations_lost.is_disjoint(&other.organizations_come)
    }
}

/// Returns whether what loses data waits for what comes: here, in another primary, or in another Sovereign.
pub(super) fn is_careful(homes: &Homes, clusters: &Clusters, others: &[&Homes]) -> bool {
    let moves = || others.iter().any(|other| homes.moves_to(other));
    (homes.lost && (homes.come || moves())) || clusters.handover().is_some()
}

/// Returns what goes before a controller that has to let go of it: see [`Phase::Loosen`].
pub(super) fn loosened(transition: &Transition<'_>) -> BTreeSet<TreePath> {
    let users = removal_order::of_failovers(transition).into_iter().flat_map(|(_, users)| users);
    users.filter_map(|user| Some(user.old.as_ref()?.0.clone())).collect()
}

/// When each object goes that leaves a cluster which stays.
pub(super) fn removals(transition: &Transition<'_>, careful: bool) -> BTreeMap<TreePath, Phase> {
    let mut pairs = removal_order::pairs(transition);
    let ordered = !pairs.is_empty() || only_removes(transition);
    if careful || !pairs.is_empty() {
        // What takes steps anyway takes them from the users down, also where Flux would not hang.
        pairs.extend(removal_order::waiting(transition));
    }
    let mut ranks: BTreeMap<TreePath, u8> = BTreeMap::new();
    // Each round lets a chain of users grow by one; more rounds than releases means a cycle, which helm cannot have.
    for _ in 0..=pairs.len() {
        for (needed, users) in &pairs {
            let highest = users.iter().filter_map(|user| ranks.get(&user.old.as_ref()?.0)).max().copied();
            let rank = highest.unwrap_or_default().saturating_add(1);
            if let Some((path, _)) = &needed.old {
                let own = ranks.entry(path.clone()).or_default();
                *own = rank.max(*own);
            }
        }
    }
    let gone = transition.diff.objects.iter().filter(|change| change.new.is_none());
    let gone = gone.filter_map(|change| Some((change, &change.old.as_ref()?.0)));
    let mut phases: BTreeMap<TreePath, Phase> = gone
        .clone()
        .map(|(_, path)| {
            let rank = ranks.get(path).copied().unwrap_or_default();
            let phase = if careful || ordered { Phase::Remove(rank) } else { Phase::Change };
            (path.clone(), phase)
        })
        .collect();
    // A source and a namespace go with the last release of their cluster.
    for (change, path) in gone.filter(|(change, _)| is_home(change)) {
        let cluster = format!("{}/", change.id.cluster);
        let of_cluster = phases.iter().filter(|(path, _)| path.as_str().starts_with(&cluster));
        if let Some(last) = of_cluster.map(|(_, phase)| *phase).max() {
            phases.insert(path.clone(), last);
        }
    }
    phases
}

/// Returns whether nothing comes and nothing changes, besides what follows from what goes.
fn only_removes(transition: &Transition<'_>) -> bool {
    let gone: BTreeSet<&TreePath> =
        transition.diff.objects.iter().filter_map(|change| Some(&change.old.as_ref()?.0)).collect();
    transition.diff.objects.iter().all(|change| change.new.is_none())
        && transition.diff.files.keys().all(|path| gone.contains(path) || follows(path))
}

/// Returns whether a file follows from which others are there.
pub(super) fn follows(path: &TreePath) -> bool {
    let name = path.as_str();
    name == LOCK || name == prose::README || name.rsplit('/').next() == Some(LISTING)
}

fn is_home(change: &ObjectChange) -> bool {
    matches!(change.id.kind.as_str(), "Namespace" | "HelmRepository")
}

/// Returns the releases whose identity is free only after they, or others, have gone; without those whose
/// change in one commit is consented to.
pub(super) fn heirs(transition: &Transition<'_>) -> BTreeSet<TreePath> {
    let consented = |change: &ObjectChange| {
        let place = |side: &Option<(TreePath, Json)>| {
            side.as_ref().map(|(_, json)| identity_change::place(&change.id.cluster, json))
        };
        let (from, to) = (place(&change.old), place(&change.new));
        from.zip(to).is_some_and(|(from, to)| transition.new.consents.moves(&from, &to))
    };
    let reborn = transition.changes("HelmRelease").filter(|change| {
        let both = change.old.is_some() && change.new.is_some();
        both && !consented(change) && IDENTITY.iter().any(|path| change.below(path).next().is_some())
    });
    let renamed = identity_change::unconsented(transition).map(|takeover| takeover.heir);
    reborn.chain(renamed).filter_map(|change| Some(change.new.as_ref()?.0.clone())).collect()
}
