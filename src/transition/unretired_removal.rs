#![doc = include_str!("../../docs/diagnostics/unretired-removal.md")]

use std::collections::BTreeMap;

use super::Transition;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::diff::ObjectChange;
use crate::diff::events::What;
use crate::knowledge::Risk;
use crate::source::Span;

/// Reports namespaces and releases with something to lose that leave the tree without consent.
pub fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let consents = &transition.new.consents;
    let goes = |change: &&ObjectChange| change.new.is_none() && transition.has_cluster(&change.id.cluster);
    regions(transition, diags);
    claims(transition, diags);
    let mut drained: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for change in transition.changes("HelmRelease").filter(goes) {
        let (cluster, name) = (change.id.cluster.as_str(), change.id.name.as_str());
        let Some(risk) = transition.knowledge.risk(name) else { continue };
        if !transition.new.places.region.contains_key(cluster) {
            drained.entry(cluster).or_default().push(name);
            continue;
        }
        if let Some(organization) = change.tenant() {
            tenant(transition, (cluster, organization), risk, diags);
            continue;
        }
        if consents.retires_release(cluster, name) {
            continue;
        }
        let cause = transition.new.cause_of_absence(cluster, ("HelmRelease", name));
        let message = format!("`{name}` would be uninstalled from `{cluster}`");
        diags.push(
            Diagnostic::new(Code::UnretiredRemoval, cause, message)
                .note(format!("at risk: {}", risk.phrase()))
                .help(format!("if that is meant, add [[retire]] with release = \"{name}\"")),
        );
    }
    for (cluster, releases) in drained {
        if consents.retires_region(cluster) {
            continue;
        }
        let message =
            format!("region `{cluster}` would lose {} before it leaves the tree", releases.join(", "));
        diags.push(
            Diagnostic::new(Code::UnretiredRemoval, transition.new.places.regions, message)
                .help(format!("if that is meant, add [[retire]] with region = \"{cluster}\"")),
        );
    }
    for change in transition.changes("Namespace").filter(goes) {
        let (cluster, name) = (change.id.cluster.as_str(), change.id.name.as_str());
        // The namespace of a release that goes is part of that loss, and of that consent.
        let with_release = transition.changes("HelmRelease").any(|release| {
            let target = release.old.as_ref().and_then(|(_, old)| old.pointer("/spec/targetNamespace"));
            release.id.cluster == cluster
                && release.new.is_none()
                && target.and_then(serde_json::Value::as_str) == Some(name)
        });
        if with_release || consents.retires_namespace(cluster, name) {
            continue;
        }
        let message = format!("namespace `{name}` would leave the tree of `{cluster}`");
        diags.push(
            Diagnostic::new(Code::UnretiredRemoval, with(transition, change), message)
                .note("Flux leaves it in the cluster, without an owner and without its labels")
                .help(format!("if that is meant, add [[retire]] with namespace = \"{name}\"")),
        );
    }
}

/// Reports the vCluster of an Organization that goes: with the Organization, or because a smaller plan has none.
fn tenant(
    transition: &Transition<'_>,
    (cluster, organization): (&str, &str),
    risk: Risk,
    diags: &mut Diagnostics,
) {
    if transition.new.consents.retires_namespace(cluster, organization) {
        return;
    }
    let mut quotas = transition.changes("ResourceQuota");
    let quota = quotas.find(|quota| quota.id.cluster == cluster && quota.id.namespace == organization);
    let plan = quota.and_then(|quota| quota.fields.first()).and_then(|field| field.cause);
    let message = format!("the vCluster of `{organization}` would be uninstalled from `{cluster}`");
    diags.push(
        Diagnostic::new(Code::UnretiredRemoval, transition.place(cluster, plan), message)
            .note(format!("at risk: {}", risk.phrase()))
            .help(format!("if that is meant, add [[retire]] with namespace = \"{organization}\"")),
    );
}

/// What made a namespace go: the release that was installed into it and stands elsewhere now.
fn with(transition: &Transition<'_>, namespace: &ObjectChange) -> Span {
    let (cluster, name) = (namespace.id.cluster.as_str(), namespace.id.name.as_str());
    let left = |change: &&ObjectChange| {
        let target = change.old.as_ref().and_then(|(_, old)| old.pointer("/spec/targetNamespace"));
        change.id.cluster == cluster && target.and_then(serde_json::Value::as_str) == Some(name)
    };
    let release = transition.changes("HelmRelease").find(left);
    let field = release.and_then(|release| release.below(&["spec", "targetNamespace"]).next());
    transition.place(cluster, field.and_then(|field| field.cause).or(namespace.cause))
}

/// Reports regions that Crossplane made and that stay, with claims that leave the tree. One finding a region.
fn claims(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let mut gone: BTreeMap<&str, Vec<&ObjectChange>> = BTreeMap::new();
    for (region, claim) in transition.lost_claims() {
        gone.entry(region).or_default().push(claim);
    }
    for (region, claims) in gone {
        let Some(places) = transition.new.places.region.get(region) else { continue };
        if transition.new.consents.retires_region(region) {
            continue;
        }
        let names: Vec<_> = claims.iter().map(|c| format!("{} `{}`", c.id.kind, c.id.name)).collect();
        let message = format!("what Crossplane made of `{region}` would have no claim any more");
        let span = places.managed_by.unwrap_or(places.table);
        let found = Diagnostic::new(Code::UnretiredRemoval, span, message)
            .note(format!("leaving the tree: {}", names.join(", ")))
            .note("Flux leaves them in the cluster; whoever deletes them there deletes machines with their disks");
        let only_pools = claims.iter().all(|claim| claim.id.kind == "NodePoolClaim");
        let found = if only_pools {
            found.help("keep the table of the machines, with `count = 0` where all of them shall go")
        } else {
            found
        };
        diags.push(found.help(format!("if the claims shall go, add [[retire]] with region = \"{region}\"")));
    }
}

/// Reports regions that leave the tree. One finding a region: what it loses is all that runs there.
fn regions(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for cluster in &transition.diff.clusters {
        for event in &cluster.events {
            let What::ClusterRemoved { releases, at_risk } = &event.what else { continue };
            let name = &cluster.cluster;
            if transition.new.consents.retires_region(name) {
                continue;
            }
            let message = format!("region `{name}` would leave the tree with {releases} releases");
            let mut found = Diagnostic::new(Code::UnretiredRemoval, transition.new.places.regions, message);
            if !at_risk.is_empty() {
                found = found.note(format!("with something to lose: {}", at_risk.join(", ")));
            }
            if transition.lost_claims().any(|(region, _)| region == name.as_str()) {
                found = found.note(
                    "Crossplane made its machines, and keeps them until somebody deletes the claims in the primary's cluster",
                );
            }
            diags.push(
                found
                    .note("Flux there loses the directory that it reads: nothing is pruned, and nothing updated")
                    .help(format!("if that is meant, add [[retire]] with region = \"{name}\"")),
            );
        }
    }
}
