#![doc = include_str!("../../../../docs/diagnostics/self-dependency.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports blueprints that wait for themselves.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        let name = release.blueprint.name.value.as_str();
        for edge in release.depends_on.iter().filter(|edge| edge.value == name) {
            let message = format!("`{name}` waits for itself");
            diags.push(
                Diagnostic::new(Code::SelfDependency, edge.span, message).help("remove the dependency"),
            );
        }
    }
}
