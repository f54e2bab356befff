#![doc = include_str!("../../docs/diagnostics/removal-order.md")]

use serde_json::Value as Json;

use super::Transition;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::diff::ObjectChange;

/// Reports releases that leave the tree together with one that they wait for: Flux removes both at once and in no
/// order, and a custom resource whose controller is gone hangs for ever.
pub fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for (needed, users) in pairs(transition) {
        let (cluster, name) = (needed.id.cluster.as_str(), needed.id.name.as_str());
        let words = |user: &&ObjectChange| match user.id.kind.as_str() {
            "HelmRelease" => format!("`{}`", user.id.name),
            kind => format!("{kind} `{}`", user.id.name),
        };
        let users = users.iter().map(words).collect::<Vec<_>>().join(", ");
        let message = format!("`{name}` would leave `{cluster}` together with what needs it: {users}");
        let cause = transition.new.cause_of_absence(cluster, ("HelmRelease", name));
        diags.push(
            Diagnostic::new(Code::RemovalOrder, cause, message)
                .note("Flux removes both at once; objects of the one need the controllers of the other to go")
                .help(format!(
                    "do it in two commits: 1. without {users}, and wait until they are gone; 2. without `{name}`; \
                     `sovereign plan` shows them, and `sovereign commit --step` makes them"
                )),
        );
    }
}

/// Releases that leave a cluster which stays, each with what needs it and leaves too: releases that wait for it, and
/// custom resources of its definitions.
pub(crate) fn pairs<'a>(transition: &'a Transition<'_>) -> Vec<(&'a ObjectChange, Vec<&'a ObjectChange>)> {
    let goes = |change: &&ObjectChange| change.new.is_none() && transition.has_cluster(&change.id.cluster);
    let gone: Vec<_> = transition.changes("HelmRelease").filter(goes).collect();
    let bring = gone.iter().filter(|needed| transition.knowledge.brings_definitions(&needed.id.name));
    let pair = |needed: &&'a ObjectChange| {
        let here = |user: &&ObjectChange| user.id.cluster == needed.id.cluster;
        let mut users: Vec<_> =
            gone.iter().copied().filter(here).filter(|user| waits_for(user, &needed.id.name)).collect();
        let objects = transition.diff.objects.iter().filter(here).filter(|object| object.new.is_none());
        users.extend(objects.filter(|o| transition.knowledge.brings(&needed.id.name, &o.id.group)));
        (!users.is_empty()).then_some((*needed, users))
    };
    bring.filter_map(pair).collect()
}

fn waits_for(user: &ObjectChange, name: &str) -> bool {
    let edges =
        user.old.as_ref().and_then(|(_, old)| old.pointer("/spec/dependsOn")).and_then(Json::as_array);
    edges.into_iter().flatten().any(|edge| edge.get("name").and_then(Json::as_str) == Some(name))
}
