#![doc = include_str!("../../docs/diagnostics/dependency-off.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::{Absence, Plan};

/// Reports dependencies on blueprints that are switched off.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        for release in &region.releases {
            let name = &release.blueprint.name.value;
            for edge in &release.depends_on {
                let Some(Absence::Off(span)) = region.absent.get(edge.value.as_str()) else { continue };
                let message = format!("`{}` is switched off, but `{name}` waits for it", edge.value);
                diags.push(
                    Diagnostic::new(Code::DependencyOff, *span, message)
                        .label("switched off here")
                        .related(edge.span, format!("`{name}` waits for it here"))
                        .help(format!("switch `{name}` off too, or leave `{}` on", edge.value)),
                );
            }
        }
    }
}
