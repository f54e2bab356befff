#![doc = include_str!("../../../../docs/diagnostics/absent-dependency.md")]

use std::collections::BTreeMap;

use crate::plan::{Absence, Plan};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// Reports dependencies on blueprints that run, but not in the cluster of the one that waits: one finding for each
/// place where that is written, however many regions it concerns.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut found = BTreeMap::new();
    for region in &plan.regions {
        for release in &region.releases {
            for edge in &release.depends_on {
                let Some(Absence::Elsewhere(reason, span)) = region.absent.get(edge.value.as_str()) else {
                    continue;
                };
                let key = (edge.span, release.blueprint.name.value.as_str(), edge.value.as_str());
                let (_, _, regions) = found.entry(key).or_insert((*reason, *span, Vec::new()));
                regions.push(region.name.value.as_str());
            }
        }
    }
    for ((edge, name, wanted), (reason, span, regions)) in found {
        let s = if regions.len() == 1 { "" } else { "s" };
        let regions = suggest::list(regions, 3);
        let message = format!("`{name}` waits for `{wanted}`, which does not run in region{s} {regions}");
        diags.push(
            Diagnostic::new(Code::AbsentDependency, edge, message)
                .related(span, reason)
                .note("a release can wait for releases of its own cluster only")
                .help(format!("run `{name}` only where `{wanted}` runs, or remove the dependency")),
        );
    }
}
