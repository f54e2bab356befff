#![doc = include_str!("../../docs/diagnostics/dangling-reference.md")]

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::grammar::location::RegionName;
use crate::plan::tenant::Environment;
use crate::plan::{Plan, Resident};
use crate::source::{Span, Spanned};

/// Reports peers of regions, regions of environments, applications and exports, parents of Organizations and needs of
/// applications that are nowhere.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        regions(plan, region.written.peers.as_ref(), diags);
    }
    let exports = plan.written.observability.iter().filter_map(|table| table.value.export.as_ref());
    for export in exports.flat_map(|list| &list.value) {
        regions(plan, export.value.regions.as_ref(), diags);
    }
    for resident in &plan.residents {
        parent(plan, resident, diags);
    }
    for environment in plan.organizations.iter().flat_map(|organization| &organization.environments) {
        regions(plan, environment.written.regions.as_ref(), diags);
        for application in &environment.applications {
            regions(plan, application.written.regions.as_ref(), diags);
        }
        needs(environment, diags);
    }
}

fn parent(plan: &Plan<'_>, resident: &Resident, diags: &mut Diagnostics) {
    let Some(parent) = &resident.parent else { return };
    if parent.value == resident.slug.value {
        let message = format!("`{}` is said to be a part of itself", parent.value);
        diags
            .push(Diagnostic::new(Code::DanglingReference, parent.span, message).help("remove `parent-org`"));
    } else if plan.resident(parent.value.as_str()).is_none() {
        let known = plan.residents.iter().map(|resident| resident.slug.value.as_str());
        report("Organization", (parent.value.as_str(), parent.span), known, diags);
    }
}

fn regions(plan: &Plan<'_>, names: Option<&Spanned<Vec<Spanned<RegionName>>>>, diags: &mut Diagnostics) {
    for name in names.iter().flat_map(|names| &names.value) {
        if !plan.regions.iter().any(|region| region.name.value == name.value) {
            let known = plan.regions.iter().map(|region| region.name.value.as_str());
            report("region of this Sovereign", (name.value.as_str(), name.span), known, diags);
        }
    }
}

fn needs(environment: &Environment<'_>, diags: &mut Diagnostics) {
    for application in &environment.applications {
        for name in application.written.depends_on.iter().flat_map(|list| &list.value) {
            if name.value == application.name.value {
                let message = format!("`{}` is said to need itself", name.value);
                let found = Diagnostic::new(Code::DanglingReference, name.span, message);
                diags.push(found.help("remove it from `depends-on`"));
            } else if !environment.applications.iter().any(|other| other.name.value == name.value) {
                let known = environment.applications.iter().map(|other| other.name.value.as_str());
                report("application of this environment", (name.value.as_str(), name.span), known, diags);
            }
        }
    }
}

fn report<'a>(
    what: &str,
    (name, span): (&str, Span),
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
