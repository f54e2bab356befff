//! In which order things go, and what may come only after something has gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Phase;
use super::clusters::Clusters;
use crate::diff::events::IDENTITY;
use crate::diff::{Diff, ObjectChange};
use crate::knowledge::Knowledge;
use crate::transition::{Transition, identity_change, removal_order};
use crate::tree::TreePath;

/// Whether a release, a namespace or a cluster comes.
pub(super) fn something_comes(diff: &Diff, clusters: &Clusters) -> bool {
    let is_home = |change: &&ObjectChange| matches!(change.id.kind.as_str(), "HelmRelease" | "Namespace");
    !clusters.arriving().is_empty()
        || diff.objects.iter().filter(is_home).any(|change| change.old.is_none() && change.new.is_some())
}

/// Whether a release or a namespace goes that has something to lose, from a cluster that stays.
pub(super) fn something_is_lost(diff: &Diff, clusters: &Clusters, knowledge: &Knowledge) -> bool {
    diff.objects.iter().any(|change| {
        let at_risk = match change.id.kind.as_str() {
            "HelmRelease" => knowledge.risk(&change.id.name).is_some(),
            "Namespace" => true,
            _ => false,
        };
        at_risk && change.new.is_none() && clusters.stays(&change.id.cluster)
    })
}

/// When each object goes that leaves a cluster which stays.
pub(super) fn removals(transition: &Transition<'_>, careful: bool) -> BTreeMap<TreePath, Phase> {
    let pairs = removal_order::pairs(transition);
    let mut ranks: BTreeMap<TreePath, u8> = BTreeMap::new();
    // Each round lets a chain of users grow by one; more rounds than releases means a cycle, which helm cannot have.
    for _ in 0..=pairs.len() {
        for (needed, users) in &pairs {
            let highest = users.iter().filter_map(|user| ranks.get(&user.old.as_ref()?.0)).max().copied();
            let rank = highest.unwrap_or_default().saturating_add(1);
            if let Some((path, _)) = &needed.old {
                ranks.insert(path.clone(), rank);
            }
        }
    }
    let ordered = !pairs.is_empty();
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

fn is_home(change: &ObjectChange) -> bool {
    matches!(change.id.kind.as_str(), "Namespace" | "HelmRepository")
}

/// The releases whose identity is free only after they, or others, have gone; without those whose change in one commit
/// is consented to.
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
    let renamed = identity_change::heirs(transition).into_iter().map(|(_, heir)| heir);
    reborn.chain(renamed).filter_map(|change| Some(change.new.as_ref()?.0.clone())).collect()
}
