#![doc = include_str!("../../docs/diagnostics/absent-dependency.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::{Absence, Plan};

/// Reports dependencies on blueprints that run, but not in the cluster of the one that waits.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        for release in &region.releases {
            let name = &release.blueprint.name.value;
            for edge in &release.depends_on {
                let Some(Absence::Elsewhere(reason, span)) = region.absent.get(edge.value.as_str()) else {
                    continue;
                };
                let here = &region.name.value;
                let message =
                    format!("`{name}` waits for `{}`, which does not run in region `{here}`", edge.value);
                diags.push(
                    Diagnostic::new(Code::AbsentDependency, edge.span, message)
                        .related(*span, *reason)
                        .note("a release can wait for releases of its own cluster only")
                        .help(format!("run `{name}` where `{}` runs, or remove the dependency", edge.value)),
                );
            }
        }
    }
}
