#![doc = include_str!("../../../../docs/diagnostics/duplicate-name.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::registry::Registry;
use crate::plan::{Failover, Plan};
use sovereign_language::manifest::Need;
use sovereign_language::scalar::Fqdn;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

const LISTENERS: &str = "each name has a listener of its own, and two for one host would both be refused";

/// Reports what occurs twice: regions, labels, mesh names, vClusters, blueprints, applications, servers and their endpoints, names of the
/// certificate, exports, projects of the registry, Organizations, their hosts. Where one follows from another (a region that is there twice has its label twice), only
/// the first is said.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let regions = || plan.regions.iter();
    let why = "a region name becomes a directory and the name of a cluster, so it must be unique";
    // As written: a region whose cloud is not understood is none of the plan's.
    let written = plan.written.region.iter().flat_map(|list| &list.value);
    let all = written.filter_map(|region| region.value.name.as_ref()).map(text);
    let again = twice("region", all, why, diags);
    let others = || regions().filter(|region| !again.contains(&region.name.span));
    let why = "nodes are selected by this label, so two regions cannot share it; give each its own `code`";
    let labels = twice("node label", others().map(|r| r.label.clone()), why, diags);
    let by_default = |region: &crate::plan::Region<'_>| region.written.mesh_name.is_none();
    let named = regions().filter(|region| {
        let follows = again.contains(&region.name.span) || labels.contains(&region.label.span);
        !(by_default(region) && follows)
    });
    let why = "clusters find each other in the mesh by this name; give one a `mesh-name`";
    twice("mesh name", named.map(|r| r.mesh.name.clone()), why, diags);
    for region in regions().filter_map(|region| region.written.vclusters.as_ref()) {
        let why = "a region has each vCluster once";
        twice("vCluster", region.value.iter().map(text), why, diags);
    }
    let why = "a blueprint's name becomes that of its HelmRelease, so it must be unique";
    twice("blueprint", plan.kit.blueprints.iter().map(|b| text(&b.name)), why, diags);
    if let Some(failover) = &plan.failover {
        let why = "a PDM has no namespace, so its name must be unique";
        let again =
            twice("PDM", failover.authorities.iter().map(|authority| text(&authority.name)), why, diags);
        let others = failover.authorities.iter().filter(|authority| !again.contains(&authority.name.span));
        let endpoints = others.map(|authority| text(&authority.endpoint));
        let why = "two PDMs at one address are one server, and count as two for the quorum";
        twice("endpoint", endpoints, why, diags);
        applications(failover, diags);
    }
    let why = "an export's name becomes that of an exporter of the collector, so it must be unique";
    twice("export", plan.exports.iter().map(|export| text(&export.name)), why, diags);
    let projects = plan.registry.iter().flat_map(Registry::projects);
    let why = "one table says all about a project of the registry";
    twice("project", projects.filter_map(|project| project.name.as_ref()).map(text), why, diags);
    certificate(plan, diags);
    organizations(plan, diags);
}

/// Each name of the certificate is that of a listener too, and the Gateway takes none of two for one host.
fn certificate(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let fqdn = &plan.fqdn.value;
    let by_itself = [fqdn.to_string(), format!("*.{fqdn}")];
    let (known, further): (Vec<_>, Vec<_>) =
        plan.tls.names.iter().map(text).partition(|name| by_itself.contains(&name.value));
    for name in known {
        let message = format!("the certificate is for `{}` without being told", name.value);
        let found = Diagnostic::new(Code::DuplicateName, name.span, message);
        diags.push(found.note(LISTENERS).help("remove this name"));
    }
    twice("name of the certificate", further.into_iter(), LISTENERS, diags);
}

/// Reports Organizations of one name, and in each of the others what occurs twice.
fn organizations(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let why = "an Organization's name becomes that of its namespace, so it must be unique";
    let again = twice("Organization", plan.tenant_summaries.iter().map(|r| text(&r.slug)), why, diags);
    let others = || plan.tenant_summaries.iter().filter(|summary| !again.contains(&summary.slug.span));
    // An application that an environment has twice is said below.
    let hosts: BTreeMap<&Fqdn, Span> =
        others().flat_map(|r| r.hosts.iter().rev()).map(|host| (&host.name.value, host.name.span)).collect();
    let hosts = hosts.into_iter().map(|(host, span)| Spanned::new(host.to_string(), span));
    let public = others().filter_map(|summary| summary.public.as_ref()).map(text);
    let why = "a host leads to one Service; give one of them another `subdomain`";
    twice("host", hosts.chain(public), why, diags);
    for organization in plan.organizations.iter().filter(|o| !again.contains(&o.slug.span)) {
        let why = "an Organization has one environment of each type";
        twice("environment", organization.environments.iter().map(|e| e.name.clone()), why, diags);
        for environment in &organization.environments {
            let why = "an application's name begins its host name, so an environment has it once";
            twice("application", environment.applications.iter().map(|a| text(&a.name)), why, diags);
            for application in &environment.applications {
                let why = "an application needs another one or does not";
                twice("dependency", application.written.needs().map(dependency), why, diags);
            }
        }
    }
}

fn dependency(need: Need<'_>) -> Spanned<String> {
    let namespace = need.namespace.map(|namespace| format!("{}/", namespace.value)).unwrap_or_default();
    need.name.map(|name| format!("{namespace}{name}"))
}

/// Reports applications of one name and one primary. Two primaries are worse, and another rule's.
fn applications(failover: &Failover<'_>, diags: &mut Diagnostics) {
    let twins = failover.twins().into_iter();
    for (first, again) in twins.filter(|(first, again)| first.primary.region == again.primary.region) {
        if first.name.value == again.name.value {
            let why = "one table says all about an application in its namespace";
            diags.push(report("application", &text(&again.name), first.name.span, why));
        } else {
            let why = "a Continuum moves one application; give this one another `continuum`";
            diags.push(report("Continuum", &again.continuum, first.continuum.span, why));
        }
    }
}

fn text<T: ToString>(value: &Spanned<T>) -> Spanned<String> {
    value.as_ref().map(ToString::to_string)
}

/// Reports the names that were there before, and gives their places.
fn twice(
    what: &str,
    names: impl Iterator<Item = Spanned<String>>,
    why: &str,
    diags: &mut Diagnostics,
) -> BTreeSet<Span> {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut again = BTreeSet::new();
    let mut names: Vec<_> = names.collect();
    names.sort_by_key(|name| name.span);
    // What a kit says comes after what a person wrote, but the person's is the one to change.
    names.sort_by_key(|name| name.span.source.is_input());
    for name in names {
        let Some(first) = seen.get(&name.value) else {
            seen.insert(name.value, name.span);
            continue;
        };
        again.insert(name.span);
        diags.push(report(what, &name, *first, why));
    }
    again
}

fn report(what: &str, name: &Spanned<String>, first: Span, why: &str) -> Diagnostic {
    Diagnostic::new(Code::DuplicateName, name.span, format!("{what} `{}` exists twice", name.value))
        .label("again here")
        .related(first, "first here")
        .note(why)
}
