#![doc = include_str!("../../../../docs/diagnostics/controller-field.md")]

use crate::plan::Plan;
use sovereign_language::kit::Blueprint;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Reports values that the failover controller writes while it works.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let releases = plan.regions.iter().flat_map(|region| &region.releases);
    let of_regions = releases.clone().map(|release| (release.blueprint, &release.values));
    let of_all = plan.sovereign_values.iter().map(|(blueprint, values)| (*blueprint, values));
    for (blueprint, values) in of_regions.chain(of_all) {
        for path in &blueprint.controller_owned {
            if let Some(value) = values.at(&path.value.keys()) {
                diags.push(report(blueprint, &path.value.to_string(), value.cause));
            }
        }
    }
    // What a Secret or ConfigMap gives is written back by Flux just as well.
    for release in releases {
        for target in release.values_from.iter().filter_map(|source| source.target.as_ref()) {
            if release.blueprint.controller_owned.iter().any(|path| path.value.to_string() == target.value) {
                diags.push(report(release.blueprint, &target.value, target.span));
            }
        }
    }
}

fn report(blueprint: &Blueprint, path: &str, span: Span) -> Diagnostic {
    let message = format!("`{path}` of `{}` belongs to the failover controller", blueprint.name.value);
    Diagnostic::new(Code::ControllerField, span, message)
        .note("Flux would write the old value back, and with it undo a switchover")
        .help(format!("remove `{path}`; a switchover is asked for in the Continuum, not in Git"))
}
