#![doc = include_str!("../../docs/diagnostics/dangling-dependency.md")]

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::plan::Plan;
use crate::source::SourceId;

/// Reports dependencies on blueprints that neither the kit nor a blueprint source has.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let known = || plan.kit.blueprints.iter().map(|blueprint| blueprint.name.value.as_str());
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        let name = &release.blueprint.name.value;
        for edge in &release.depends_on {
            if known().any(|known| known == edge.value) {
                continue;
            }
            let message = format!("`{name}` waits for `{}`, which does not exist", edge.value);
            let found = Diagnostic::new(Code::DanglingDependency, edge.span, message);
            diags.push(match suggest::nearest(&edge.value, known()) {
                Some(near) => {
                    // The manifest names blueprints without `bp-`, their own files with it.
                    let is_manifest = edge.span.source == SourceId::MANIFEST;
                    let name = near.strip_prefix("bp-").filter(|_| is_manifest).unwrap_or(near);
                    found.fix("a blueprint with a similar name exists", edge.span, format!("{name:?}"))
                }
                None => found.help("Flux would wait for ever; remove the dependency or add the blueprint"),
            });
        }
    }
}
