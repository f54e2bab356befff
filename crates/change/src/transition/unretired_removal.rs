#![doc = include_str!("../../../../docs/diagnostics/unretired-removal.md")]

mod alike;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use self::alike::Alike;
use super::Transition;
use crate::consent;
use crate::diff::events::What;
use crate::diff::{ObjectChange, ObjectId};
use sovereign_compile::lower::Layer;
use sovereign_compile::tree::TreePath;
use sovereign_language::kit::Risk;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// As many names are written out.
const SHOWN: usize = 6;

/// Reports namespaces, applications, and releases with something to lose that leave the tree without consent.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let consents = &transition.new.consents;
    let goes = |change: &&ObjectChange| change.new.is_none() && transition.has_cluster(&change.id.cluster);
    regions(transition, diags);
    claims(transition, diags);
    let mut alike = Alike::default();
    let mut drained: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for change in transition.changes("HelmRelease").filter(goes) {
        let (cluster, name) = (change.id.cluster.as_str(), change.id.name.as_str());
        let Some(risk) = transition.catalog.risk(name) else { continue };
        if !transition.new.places.region.contains_key(cluster) {
            drained.entry(cluster).or_default().push(name);
            continue;
        }
        if let Some(organization) = change.tenant() {
            tenant(transition, cluster, organization, risk, &mut alike);
            continue;
        }
        if consents.retires_release(cluster, name) {
            continue;
        }
        let cause = transition.absence(cluster, "HelmRelease", name);
        let message = format!("`{name}` would be uninstalled from");
        let found = Diagnostic::new(Code::UnretiredRemoval, cause, message);
        let found = transition
            .with_what_went(found)
            .note(format!("at risk: {}", risk.phrase()))
            .help(format!("if that is meant, add [[retire]] with release = \"{name}\""))
            .consented_by(consent::retire("release", name));
        alike.push(found, cluster);
    }
    for (cluster, releases) in drained {
        if consents.retires_region(cluster) {
            continue;
        }
        let message =
            format!("region `{cluster}` would lose {} before it leaves the tree", releases.join(", "));
        diags.push(
            Diagnostic::new(Code::UnretiredRemoval, transition.new.places.regions, message)
                .help(format!("if that is meant, add [[retire]] with region = \"{cluster}\""))
                .consented_by(consent::retire("region", cluster)),
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
        let message = format!("namespace `{name}` would leave the tree of");
        let found = of_namespace(transition, change, message)
            .note("Flux leaves it in the cluster, without an owner and without its labels");
        let found = with_applications(found, transition, cluster, name)
            .help(format!("if that is meant, add [[retire]] with namespace = \"{name}\""))
            .consented_by(consent::retire("namespace", name));
        alike.push(found, cluster);
    }
    alike.report(diags);
    applications(transition, diags);
}

/// Reports the vCluster of an Organization that goes: with the Organization, with its last environment in a region, or
/// because a smaller plan has none.
fn tenant(transition: &Transition<'_>, cluster: &str, organization: &str, risk: Risk, alike: &mut Alike) {
    if transition.new.consents.retires_namespace(cluster, organization) {
        return;
    }
    let message = format!("the vCluster of `{organization}` would be uninstalled from");
    let found =
        of_tenant(transition, cluster, organization, &message).note(format!("at risk: {}", risk.phrase()));
    let found = with_applications(found, transition, cluster, organization)
        .help(format!("if that is meant, add [[retire]] with namespace = \"{organization}\""))
        .consented_by(consent::retire("namespace", organization));
    alike.push(found, cluster);
}

/// Adds the applications that go with the namespace of their Organization.
fn with_applications(
    found: Diagnostic,
    transition: &Transition<'_>,
    cluster: &str,
    organization: &str,
) -> Diagnostic {
    if !namespace_goes(transition, cluster, organization) {
        return found;
    }
    let lost = transition.changes("Application").filter(|change| change.id.cluster == cluster);
    let lost = lost.filter_map(lost_application).filter(|(namespace, _)| *namespace == organization);
    let names: Vec<_> = lost.map(|(_, name)| name).collect();
    if names.is_empty() {
        return found;
    }
    found.note(format!("its applications go too: {}", suggest::list(names, SHOWN)))
}

/// Returns a finding about the vCluster or the namespace of an Organization that leaves a cluster: at its
/// plan, at the lists of regions that the cluster has left, or where Organizations are listed if it is gone
/// itself.
fn of_tenant(transition: &Transition<'_>, cluster: &str, organization: &str, message: &str) -> Diagnostic {
    let places = &transition.new.places;
    let found = |span| Diagnostic::new(Code::UnretiredRemoval, span, message);
    let Some(known) = places.organization.get(organization) else { return found(places.organizations) };
    let mut quotas = transition.changes("ResourceQuota");
    let quota = quotas.find(|quota| quota.id.cluster == cluster && quota.id.namespace == organization);
    let plan = quota.and_then(|quota| quota.fields.first()).and_then(|field| field.cause);
    if let Some(plan) = plan.filter(|plan| plan.source.is_input()) {
        return found(plan);
    }
    let is_here = |side: &Option<(TreePath, Json)>| {
        let environment = side.as_ref().map(|(_, environment)| &environment["spec"])?;
        let mut regions = environment["regions"].as_array()?.iter().map(|region| &region["region"]);
        let code = &places.region.get(cluster)?.code;
        Some(environment["organizationRef"] == organization && regions.any(|region| region == code))
    };
    let left =
        |change: &&ObjectChange| is_here(&change.old) == Some(true) && is_here(&change.new) != Some(true);
    let left = transition.changes("Environment").filter(left);
    let mut lists = left.filter_map(|left| Some(known.environment.get(&left.id.name)?.regions));
    let first = found(lists.next().unwrap_or(known.slug));
    lists.fold(first, |found, list| found.related(list, format!("`{cluster}` went from here too")))
}

/// Organization and name of an application that goes: it leaves the tree of a cluster, or becomes that of another
/// environment.
pub(super) fn lost_application(change: &ObjectChange) -> Option<(&str, &str)> {
    let environment = |side: &Option<(TreePath, Json)>| {
        side.as_ref().and_then(|(_, json)| json.pointer("/spec/environmentRef").cloned())
    };
    let (old, new) = (environment(&change.old)?, environment(&change.new));
    (change.id.kind == "Application" && new != Some(old)).then_some((&change.id.namespace, &change.id.name))
}

fn namespace_goes(transition: &Transition<'_>, cluster: &str, namespace: &str) -> bool {
    let id = ObjectId {
        cluster: cluster.to_owned(),
        kind: "Namespace".to_owned(),
        group: String::new(),
        namespace: String::new(),
        name: namespace.to_owned(),
    };
    transition.change(&id).is_some_and(|change| change.new.is_none())
}

/// Reports applications that go while their Organization stays, each once: what they keep is uninstalled with them.
fn applications(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for change in transition.changes("Application") {
        let Some((organization, name)) = lost_application(change) else { continue };
        let cluster = change.id.cluster.as_str();
        let stays = transition.has_cluster(cluster) && transition.new.places.region.contains_key(cluster);
        // With the namespace goes all that is in it: one loss, and one consent.
        if !stays
            || namespace_goes(transition, cluster, organization)
            || transition.new.consents.retires_application(cluster, organization, name)
        {
            continue;
        }
        let message = format!("application `{name}` of `{organization}` would be uninstalled");
        diags.push(
            of_application(transition, change, &message)
                .note(format!("at risk: {}", Risk::Data.phrase()))
                .help(format!(
                    "if that is meant, add [[retire]] with application = \"{organization}/{name}\""
                ))
                .consented_by(consent::retire("application", &format!("{organization}/{name}"))),
        );
    }
}

/// Returns a finding about an application that goes: at its environment, or at what makes another one of it. Another default
/// environment gives other names to all of them, and another primary region is another cluster.
fn of_application(transition: &Transition<'_>, change: &ObjectChange, message: &str) -> Diagnostic {
    let (cluster, places) = (change.id.cluster.as_str(), &transition.new.places);
    let found = |span| Diagnostic::new(Code::UnretiredRemoval, span, message);
    let Some(organization) = places.organization.get(&change.id.namespace) else {
        return found(places.organizations);
    };
    let renames = transition.changes("Organization").find(|it| it.id.name == change.id.namespace);
    let renames = renames.and_then(|it| it.below(&["spec", "defaultEnvironmentType"]).next());
    if let Some((field, cause)) = renames.and_then(|field| Some((field, field.cause?))) {
        let was = field.old.as_ref().and_then(Json::as_str).unwrap_or_default();
        return found(cause)
            .note("applications of the default environment bear their plain names, those of others `<name>-<env>`")
            .help(format!("keep `default-environment-type = \"{was}\"`"));
    }
    if change.new.is_none() && places.primary.as_deref().is_some_and(|primary| primary != cluster) {
        return found(transition.place(cluster, None)).note(
            "Organizations and their applications stand in the primary region, and this is none any more",
        );
    }
    let environment = change.old.as_ref().and_then(|(_, old)| old["spec"]["environmentRef"].as_str());
    let environment = environment.and_then(|environment| organization.environment.get(environment));
    found(environment.map_or(organization.slug, |environment| environment.table))
}

/// Returns a finding about a namespace that goes: at the release that was installed into it and stands
/// elsewhere now, or at what took the Organization of this name away.
fn of_namespace(transition: &Transition<'_>, namespace: &ObjectChange, message: String) -> Diagnostic {
    let (cluster, name) = (namespace.id.cluster.as_str(), namespace.id.name.as_str());
    if ObjectChange::layer(namespace.old.as_ref()) == Some(Layer::Tenants.directory()) {
        return of_tenant(transition, cluster, name, &message);
    }
    let left = |change: &&ObjectChange| {
        let target = change.old.as_ref().and_then(|(_, old)| old.pointer("/spec/targetNamespace"));
        change.id.cluster == cluster && target.and_then(Json::as_str) == Some(name)
    };
    let release = transition.changes("HelmRelease").find(left);
    let field = release.and_then(|release| release.below(&["spec", "targetNamespace"]).next());
    let place = transition.place(cluster, field.and_then(|field| field.cause).or(namespace.cause));
    transition.with_what_went(Diagnostic::new(Code::UnretiredRemoval, place, message))
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
        let help = format!("if the claims shall go, add [[retire]] with region = \"{region}\"");
        diags.push(found.help(help).consented_by(consent::retire("region", region)));
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
                    .help(format!("if that is meant, add [[retire]] with region = \"{name}\""))
                    .consented_by(consent::retire("region", name)),
            );
        }
    }
}
