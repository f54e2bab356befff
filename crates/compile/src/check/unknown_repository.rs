#![doc = include_str!("../../../../docs/diagnostics/unknown-repository.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// Reports blueprints whose charts come from a repository that the kit does not name.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let extension = &plan.kit.extension;
    let known = || extension.repositories.0.iter().map(|(name, _)| name.value.as_str());
    for blueprint in &plan.kit.blueprints {
        let Some(name) = &blueprint.repository else { continue };
        // One that is named and wrong is reported as that.
        if known().any(|known| known == name.value.as_str()) || diags.overflows(Code::UnknownRepository) {
            continue;
        }
        let message = format!("kit {} has no repository `{}`", plan.kit.name, name.value);
        let found = Diagnostic::new(Code::UnknownRepository, name.span, message);
        diags.push(match suggest::nearest(name.value.as_str(), known()) {
            Some(near) => {
                found.fix("a repository with a similar name exists", name.span, format!("{near:?}"))
            }
            None => found.help(format!("add `[repository.{}]` to its `kit.toml`", name.value)),
        });
    }
}
