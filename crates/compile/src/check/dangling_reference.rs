#![doc = include_str!("../../../../docs/diagnostics/dangling-reference.md")]

use crate::plan::tenant::{Environment, Organization};
use crate::plan::{Plan, TenantSummary};
use sovereign_language::scalar::RegionName;
use sovereign_language::scalar::choice::Choice as _;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::{Span, Spanned};

/// Reports peers of regions, regions of environments, applications and exports, parents and default environments of
/// Organizations, and needs of applications that are nowhere.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        regions(plan, region.written.peers.as_ref(), diags);
    }
    let exports = plan.written.observability.iter().filter_map(|table| table.value.export.as_ref());
    for export in exports.flat_map(|list| &list.value) {
        regions(plan, export.value.regions.as_ref(), diags);
    }
    for summary in &plan.tenant_summaries {
        parent(plan, summary, diags);
    }
    for organization in &plan.organizations {
        default_environment(organization, diags);
        for environment in &organization.environments {
            regions(plan, environment.written.regions.as_ref(), diags);
            for application in &environment.applications {
                regions(plan, application.written.regions.as_ref(), diags);
            }
            needs(organization, environment, diags);
        }
    }
}

fn parent(plan: &Plan<'_>, summary: &TenantSummary, diags: &mut Diagnostics) {
    let Some(parent) = &summary.parent else { return };
    if parent.value == summary.slug.value {
        let message = format!("`{}` is said to be a part of itself", parent.value);
        diags
            .push(Diagnostic::new(Code::DanglingReference, parent.span, message).help("remove `parent-org`"));
    } else if plan.summary(parent.value.as_str()).is_none() {
        let known = plan.tenant_summaries.iter().map(|summary| summary.slug.value.as_str());
        report("Organization", parent.value.as_str(), parent.span, known, diags);
    }
}

/// Reports a default environment that an Organization with environments does not have: no application bears its plain name.
fn default_environment(organization: &Organization<'_>, diags: &mut Diagnostics) {
    let Some(env) = organization.written.default_environment_type else { return };
    let known = || organization.environments.iter().map(|environment| environment.env.value.word());
    if known().next().is_some() && !known().any(|word| word == env.value.word()) {
        let what = format!("environment of `{}`", organization.slug.value);
        report(&what, env.value.word(), env.span, known(), diags);
    }
}

fn regions(plan: &Plan<'_>, names: Option<&Spanned<Vec<Spanned<RegionName>>>>, diags: &mut Diagnostics) {
    for name in names.iter().flat_map(|names| &names.value) {
        if !plan.regions.iter().any(|region| region.name.value == name.value) {
            let known = plan.regions.iter().map(|region| region.name.value.as_str());
            report("region of this Sovereign", name.value.as_str(), name.span, known, diags);
        }
    }
}

/// Reports needs that are nowhere. What another Organization has is not known here: it may be anywhere.
fn needs(organization: &Organization<'_>, environment: &Environment<'_>, diags: &mut Diagnostics) {
    let own = organization.slug.value.as_str();
    for application in &environment.applications {
        for need in application.written.needs() {
            let (name, span) = (need.name.value, need.name.span);
            let (itself, what, known): (_, _, Vec<&str>) = match need.namespace {
                None => (
                    application.name.value.as_str(),
                    "application of this environment",
                    environment.applications.iter().map(|other| other.name.value.as_str()).collect(),
                ),
                Some(namespace) if namespace.value.as_str() == own => (
                    application.object.value.as_str(),
                    "Application resource of this Organization",
                    organization.applications().map(|(_, other)| other.object.value.as_str()).collect(),
                ),
                Some(_) => continue,
            };
            if name == itself {
                let message = format!("`{name}` is said to need itself");
                let found = Diagnostic::new(Code::DanglingReference, span, message);
                diags.push(found.help("remove it from `depends-on`"));
            } else if !known.contains(&name) {
                report(what, name, span, known.into_iter(), diags);
            }
        }
    }
}

fn report<'a>(
    what: &str,
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'a str> + Clone,
    diags: &mut Diagnostics,
) {
    if diags.overflows(Code::DanglingReference) {
        return;
    }
    let found = Diagnostic::new(Code::DanglingReference, span, format!("there is no {what} `{name}`"));
    diags.push(match suggest::nearest(name, known.clone()) {
        Some(near) => found.fix("did you mean", span, format!("{near:?}")),
        None => found.help(format!("write one of {}", suggest::list(known, 12))),
    });
}
