#![doc = include_str!("../../../../docs/diagnostics/duplicate-slot.md")]

use std::collections::BTreeMap;

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports slots that two blueprints use.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    let mut blueprints: Vec<_> = plan.kit.blueprints.iter().collect();
    blueprints.sort_by_key(|blueprint| blueprint.span.source.is_input());
    for blueprint in blueprints {
        let slot = &blueprint.slot;
        if let Some((name, span)) = seen.insert(&slot.value, (&blueprint.name.value, slot.span)) {
            let message = format!("slot {} is used by `{name}` already", slot.value);
            diags.push(
                Diagnostic::new(Code::DuplicateSlot, slot.span, message)
                    .label(format!("of `{}`", blueprint.name.value))
                    .related(span, format!("of `{name}`"))
                    .note("files are named and ordered by slot")
                    .help("choose a free slot; 81 and above belong to blueprint sources"),
            );
        }
    }
}
