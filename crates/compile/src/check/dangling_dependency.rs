#![doc = include_str!("../../../../docs/diagnostics/dangling-dependency.md")]

use std::collections::BTreeSet;

use crate::plan::Plan;
use sovereign_language::scalar::BlueprintName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::{SourceId, Spanned};

/// Reports dependencies on blueprints that neither the kit nor a blueprint source has.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let known: BTreeSet<_> = plan.kit.blueprints.iter().map(|b| b.name.value.as_str()).collect();
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        let name = &release.blueprint.name.value;
        for edge in &release.depends_on {
            if known.contains(edge.value.as_str()) || diags.overflows(Code::DanglingDependency) {
                continue;
            }
            if let Some(removed) = removed(plan, &edge.value) {
                let message = format!("`{}` is removed, and `{name}` waits for it", removed.value);
                let found = Diagnostic::new(Code::DanglingDependency, removed.span, message);
                let bare = name.bare();
                diags.push(found.related(edge.span, "waits here").help(format!(
                    "remove `{bare}` too, or write `independent-of = [\"{}\"]` in `[blueprint.{bare}]`",
                    removed.value
                )));
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

/// Returns where a kit of one's own takes a blueprint away.
fn removed<'p>(plan: &'p Plan<'_>, name: &str) -> Option<&'p Spanned<BlueprintName>> {
    plan.kit.extension.removed.iter().find(|removed| removed.value.with_prefix().as_str() == name)
}
