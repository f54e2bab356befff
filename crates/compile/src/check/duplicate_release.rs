#![doc = include_str!("../../../../docs/diagnostics/duplicate-release.md")]

use std::collections::BTreeMap;

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports two releases of one name in a cluster. Helm keeps its records in the namespace of the HelmRelease, which
/// is `flux-system` for all, so the name alone must be unique, whatever the target namespaces are.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let mut seen = BTreeMap::new();
        let mut releases: Vec<_> = region.releases.iter().map(|release| release.blueprint).collect();
        releases.sort_by_key(|blueprint| blueprint.span.source.is_input());
        for blueprint in releases {
            let release = &blueprint.release;
            if let Some((name, span)) = seen.insert(&release.value, (&blueprint.name.value, release.span)) {
                let message = format!("Helm release `{}` belongs to `{name}` already", release.value);
                diags.push(
                    Diagnostic::new(Code::DuplicateRelease, release.span, message)
                        .label(format!("of `{}`", blueprint.name.value))
                        .related(span, format!("of `{name}`"))
                        .note("two releases of one name uninstall each other's objects in turn")
                        .help("choose another release name"),
                );
            }
        }
    }
}
