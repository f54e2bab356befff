#![doc = include_str!("../../../../docs/diagnostics/removal-order.md")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Transition;
use crate::diff::ObjectChange;
use sovereign_compile::lower::Layer;
use sovereign_compile::object::FluxController;
use sovereign_compile::tree::TreePath;
use sovereign_language::scalar::LABEL;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Something that goes, and what needs it and goes too.
pub(crate) type Pair<'a> = (&'a ObjectChange, Vec<&'a ObjectChange>);

/// Reports releases that leave the tree together with one that they wait for: Flux removes both at once and in no
/// order, and a custom resource whose controller is gone hangs for ever.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    of_shards(transition, diags);
    of_failover(transition, diags);
    for (needed, users) in of_definitions(transition) {
        let (cluster, name) = (needed.id.cluster.as_str(), needed.id.name.as_str());
        let words = |user: &&ObjectChange| match user.id.kind.as_str() {
            "HelmRelease" => format!("`{}`", user.id.name),
            kind => format!("{kind} `{}`", user.id.name),
        };
        let users = users.iter().map(words).collect::<Vec<_>>().join(", ");
        let message = format!("`{name}` would leave `{cluster}` together with what needs it: {users}");
        let cause = transition.absence(cluster, "HelmRelease", name);
        diags.push(
            transition
                .with_what_went(Diagnostic::new(Code::RemovalOrder, cause, message))
                .note("Flux removes both at once; objects of the one need the controllers of the other to go")
                .help(format!(
                    "do it in two commits: 1. without {users}, and wait until they are gone; 2. without `{name}`; \
                     `sovereign plan` shows them, and `sovereign commit --step` makes them"
                )),
        );
    }
}

/// Returns what leaves a cluster which stays, each with what needs it and leaves too.
pub(crate) fn pairs<'a>(transition: &'a Transition<'_>) -> Vec<Pair<'a>> {
    of_definitions(transition).into_iter().chain(of_controllers(transition)).collect()
}

/// Returns releases that leave a cluster which stays, each with those that wait for it and leave too.
pub(crate) fn waiting<'a>(transition: &'a Transition<'_>) -> Vec<Pair<'a>> {
    let goes = |change: &&ObjectChange| change.new.is_none() && transition.has_cluster(&change.id.cluster);
    let gone = || transition.changes("HelmRelease").filter(goes);
    let place = |change: &'a ObjectChange| (change.id.cluster.as_str(), change.id.name.as_str());
    let by_place: BTreeMap<_, _> = gone().map(|change| (place(change), change)).collect();
    let mut users: BTreeMap<_, Vec<&'a ObjectChange>> = BTreeMap::new();
    for user in gone() {
        for name in needs(user) {
            users.entry((user.id.cluster.as_str(), name)).or_default().push(user);
        }
    }
    users.into_iter().filter_map(|(place, users)| Some((*by_place.get(&place)?, users))).collect()
}

/// Returns releases that leave a cluster which stays, each with what needs it and leaves too: releases that wait for it, and
/// custom resources of its definitions.
fn of_definitions<'a>(transition: &'a Transition<'_>) -> Vec<Pair<'a>> {
    let goes = |change: &&ObjectChange| change.new.is_none() && transition.has_cluster(&change.id.cluster);
    let gone: Vec<_> = transition.changes("HelmRelease").filter(goes).collect();
    let bring = gone.iter().filter(|needed| transition.catalog.brings_definitions(&needed.id.name));
    let pair = |needed: &&'a ObjectChange| {
        let here = |user: &&ObjectChange| user.id.cluster == needed.id.cluster;
        let mut users: Vec<_> =
            gone.iter().copied().filter(here).filter(|user| waits_for(user, &needed.id.name)).collect();
        let objects = transition.diff.objects.iter().filter(here).filter(|object| object.new.is_none());
        users.extend(objects.filter(|o| transition.catalog.brings(&needed.id.name, &o.id.group)));
        (!users.is_empty()).then_some((*needed, users))
    };
    bring.filter_map(pair).collect()
}

/// Reports what a shard works on that would leave the tree together with its controllers. Its source is not meant: the tree
/// removes that first.
fn of_shards(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for (controller, users) in of_controllers(transition) {
        let (cluster, shard) = (controller.id.cluster.as_str(), shard(controller).unwrap_or_default());
        let users = users.iter().map(|user| named(user)).collect::<Vec<_>>().join(", ");
        let message = format!("`{shard}` would leave `{cluster}` together with what it works on: {users}");
        diags.push(
            Diagnostic::new(Code::RemovalOrder, transition.new.places.shards, message)
                .note("Flux removes both at once; objects of a shard need its controllers to go")
                .help(format!(
                    "do it in two commits: 1. without {users}, and wait until they are gone; 2. with fewer shards; \
                     `sovereign plan` shows them, and `sovereign commit --step` makes them"
                )),
        );
    }
}

/// Reports failover objects that would go together with the controller that works on them, or with their database: one
/// finding for each release, in however many clusters it stands.
fn of_failover(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let mut found: BTreeMap<&str, Vec<Pair<'_>>> = BTreeMap::new();
    for pair in of_failovers(transition) {
        found.entry(pair.0.id.name.as_str()).or_default().push(pair);
    }
    for (name, pairs) in found {
        let Some((needed, _)) = pairs.first() else { continue };
        let cluster = needed.id.cluster.as_str();
        let names = |user: &&ObjectChange| named(user);
        let users: BTreeSet<String> = pairs.iter().flat_map(|(_, users)| users).map(names).collect();
        let users = users.into_iter().collect::<Vec<_>>().join(", ");
        let clusters: Vec<_> = pairs.iter().map(|(it, _)| format!("`{}`", it.id.cluster)).collect();
        let (does, after, cause) = match &needed.new {
            Some(_) => {
                ("be switched off in", "switched off", transition.place_of(cluster, name, needed.cause))
            }
            None => ("leave", "gone", transition.absence(cluster, "HelmRelease", name)),
        };
        let message = format!("`{name}` would {does} {} together with {users}", clusters.join(" and "));
        diags.push(
            transition
                .with_what_went(Diagnostic::new(Code::RemovalOrder, cause, message))
                .note("the failover controller lets go of its resources while it runs, and while what they speak of is there")
                .help(format!(
                    "do it in two commits: 1. without {users}, and wait until they are gone; 2. with `{name}` {after}; \
                     `sovereign plan` shows them, and `sovereign commit --step` makes them"
                )),
        );
    }
}

/// Returns releases that stop in clusters which stay, each with the failover objects that go and that it has
/// to let go of: the controller in its own cluster, a half of their database anywhere.
pub(crate) fn of_failovers<'a>(transition: &'a Transition<'_>) -> Vec<Pair<'a>> {
    let stays = |change: &&ObjectChange| transition.has_cluster(&change.id.cluster);
    let is_failover = |change: &&ObjectChange| {
        ObjectChange::layer(change.old.as_ref()) == Some(Layer::Failover.directory())
    };
    // The Kustomization that applies them stands in another layer.
    let objects = transition.diff.objects.iter().filter(|change| change.new.is_none());
    let gone: Vec<_> = objects.filter(is_failover).filter(stays).collect();
    let catalog = transition.catalog;
    let pair = |needed: &'a ObjectChange| {
        let name = needed.id.name.as_str();
        let works_on = |user: &&ObjectChange| {
            (user.id.cluster == needed.id.cluster && catalog.needs(name, &user.id.group))
                || (catalog.is_half(name) && needed.new.is_none())
        };
        let users: Vec<_> = gone.iter().copied().filter(works_on).collect();
        (stops(transition, needed) && !users.is_empty()).then_some((needed, users))
    };
    transition.changes("HelmRelease").filter(stays).filter_map(pair).collect()
}

/// Returns whether a release goes, or is switched off where it stands.
fn stops(transition: &Transition<'_>, release: &ObjectChange) -> bool {
    let is_on = |side: Option<&(TreePath, Json)>| {
        let gate = transition.catalog.gate(&release.id.name)?;
        let values = side?.1.pointer("/spec/values")?;
        gate.iter().try_fold(values, |value, key| value.get(key))?.as_bool()
    };
    let switched_off = is_on(release.old.as_ref()) == Some(true) && is_on(release.new.as_ref()) != Some(true);
    release.old.is_some() && (release.new.is_none() || switched_off)
}

/// Returns the helm-controllers of shards that leave a cluster which stays, each with what it works on and leaves too.
fn of_controllers<'a>(transition: &'a Transition<'_>) -> Vec<Pair<'a>> {
    let goes = |change: &&ObjectChange| change.new.is_none() && transition.has_cluster(&change.id.cluster);
    let gone = || transition.diff.objects.iter().filter(goes);
    let is_helm = |change: &&ObjectChange| {
        change.id.kind == "Deployment"
            && change.id.name.starts_with(FluxController::Helm.name())
            && shard(change).is_some()
    };
    let pair = |controller: &'a ObjectChange| {
        let worked_on = |user: &&ObjectChange| {
            shard(user) == shard(controller)
                && user.id.cluster == controller.id.cluster
                && matches!(user.id.kind.as_str(), "HelmRelease" | "Kustomization")
        };
        let users: Vec<_> = gone().filter(worked_on).collect();
        (!users.is_empty()).then_some((controller, users))
    };
    gone().filter(is_helm).filter_map(pair).collect()
}

/// Kind and name, for a tenant's release with its Organization.
fn named(change: &ObjectChange) -> String {
    match change.tenant() {
        Some(tenant) => format!("{} `{tenant}/{}`", change.id.kind, change.id.name),
        None => format!("{} `{}`", change.id.kind, change.id.name),
    }
}

/// Returns the shard that worked on an object.
fn shard(change: &ObjectChange) -> Option<&str> {
    change.old.as_ref()?.1.get("metadata")?.get("labels")?.get(LABEL)?.as_str()
}

fn waits_for(user: &ObjectChange, name: &str) -> bool {
    needs(user).any(|needed| needed == name)
}

/// Returns what a release waited for.
fn needs(user: &ObjectChange) -> impl Iterator<Item = &str> {
    let edges =
        user.old.as_ref().and_then(|(_, old)| old.pointer("/spec/dependsOn")).and_then(Json::as_array);
    edges.into_iter().flatten().filter_map(|edge| edge.get("name").and_then(Json::as_str))
}
