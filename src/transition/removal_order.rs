#![doc = include_str!("../../docs/diagnostics/removal-order.md")]

use serde_json::Value as Json;

use super::Transition;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::diff::ObjectChange;
use crate::object::controller::Kind;
use crate::plan::shards::LABEL;

/// Reports releases that leave the tree together with one that they wait for: Flux removes both at once and in no
/// order, and a custom resource whose controller is gone hangs for ever.
pub fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    of_shards(transition, diags);
    let gone: Vec<_> = transition
        .changes("HelmRelease")
        .filter(|change| change.new.is_none() && transition.has_cluster(&change.id.cluster))
        .collect();
    for needed in &gone {
        let (cluster, name) = (needed.id.cluster.as_str(), needed.id.name.as_str());
        if !transition.knowledge.brings_definitions(name) {
            continue;
        }
        let mut users: Vec<_> = gone
            .iter()
            .filter(|user| user.id.cluster == cluster && waits_for(user, name))
            .map(|user| format!("`{}`", user.id.name))
            .collect();
        users.extend(resources(transition, needed));
        if users.is_empty() {
            continue;
        }
        let users = users.join(", ");
        let message = format!("`{name}` would leave `{cluster}` together with what needs it: {users}");
        let cause = transition.new.cause_of_absence(cluster, ("HelmRelease", name));
        diags.push(
            Diagnostic::new(Code::RemovalOrder, cause, message)
                .note("Flux removes both at once; objects of the one need the controllers of the other to go")
                .help(format!(
                    "do it in two commits: 1. without {users}, and wait until they are gone; 2. without `{name}`"
                )),
        );
    }
}

/// Reports what a shard works on that would leave the tree together with its controllers. Its source is not meant: the tree
/// removes that first.
fn of_shards(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let gone: Vec<_> = transition
        .diff
        .objects
        .iter()
        .filter(|change| change.new.is_none() && transition.has_cluster(&change.id.cluster))
        .filter_map(|change| Some((change, shard(change)?)))
        .collect();
    let is_helm = |(change, _): &&(&ObjectChange, &str)| {
        change.id.kind == "Deployment" && change.id.name.starts_with(Kind::Helm.name())
    };
    for (controller, shard) in gone.iter().filter(is_helm) {
        let cluster = controller.id.cluster.as_str();
        let worked_on = |(user, of): &&(&ObjectChange, &str)| {
            of == shard
                && user.id.cluster == cluster
                && matches!(user.id.kind.as_str(), "HelmRelease" | "Kustomization")
        };
        let users: Vec<_> = gone.iter().filter(worked_on).map(|(user, _)| named(user)).collect();
        if users.is_empty() {
            continue;
        }
        let users = users.join(", ");
        let message = format!("`{shard}` would leave `{cluster}` together with what it works on: {users}");
        diags.push(
            Diagnostic::new(Code::RemovalOrder, transition.new.places.shards, message)
                .note("Flux removes both at once; objects of a shard need its controllers to go")
                .help(format!(
                    "do it in two commits: 1. without {users}, and wait until they are gone; 2. with fewer shards"
                )),
        );
    }
}

/// Kind and name, for a tenant's release with its Organization.
fn named(change: &ObjectChange) -> String {
    match change.tenant() {
        Some(tenant) => format!("{} `{tenant}/{}`", change.id.kind, change.id.name),
        None => format!("{} `{}`", change.id.kind, change.id.name),
    }
}

/// The shard that worked on an object.
fn shard(change: &ObjectChange) -> Option<&str> {
    change.old.as_ref()?.1.get("metadata")?.get("labels")?.get(LABEL)?.as_str()
}

/// Custom resources of the tree that go together with the release that brings their definition.
fn resources(transition: &Transition<'_>, needed: &ObjectChange) -> Vec<String> {
    let gone = transition.diff.objects.iter().filter(|object| {
        object.new.is_none()
            && object.id.cluster == needed.id.cluster
            && transition.knowledge.brings(&needed.id.name, &object.id.group)
    });
    gone.map(|object| format!("{} `{}`", object.id.kind, object.id.name)).collect()
}

fn waits_for(user: &ObjectChange, name: &str) -> bool {
    let edges =
        user.old.as_ref().and_then(|(_, old)| old.pointer("/spec/dependsOn")).and_then(Json::as_array);
    edges.into_iter().flatten().any(|edge| edge.get("name").and_then(Json::as_str) == Some(name))
}
