#![doc = include_str!("../../../../docs/diagnostics/dangling-dependency.md")]

use std::collections::BTreeSet;

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::SourceId;

/// Reports dependencies on blueprints that neither the kit nor a blueprint source has.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let known: BTreeSet<_> = plan.kit.blueprints.iter().map(|b| b.name.value.as_str()).collect();
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        let name = &release.blueprint.name.value;
        for edge in &release.depends_on {
            if known.contains(edge.value.as_str()) || diags.overflows(Code::DanglingDependency) {
                continue;
            }
            let message = format!("`{name}` waits for `{}`, which does not exist", edge.value);
            let found = Diagnostic::new(Code::DanglingDependency, edge.span, message);
            diags.push(match suggest::nearest(&edge.value, known.iter().copied()) {
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
