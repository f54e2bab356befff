#![doc = include_str!("../../../../docs/diagnostics/dependency-off.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Absence, Plan};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// How many of those that wait are shown with their line; the others are named.
const SHOWN: usize = 2;

/// Reports blueprints that are switched off although others wait for them: one finding for each switch.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for region in &plan.regions {
        for release in &region.releases {
            for edge in &release.depends_on {
                if let Some(Absence::Off(span)) = region.absent.get(edge.value.as_str()) {
                    let waiting = found.entry((*span, edge.value.as_str())).or_default();
                    // What a person wrote is shown before what a kit says.
                    let name = release.blueprint.name.value.as_str();
                    waiting.insert((!edge.span.source.is_input(), name, edge.span));
                }
            }
        }
    }
    for ((off, name), waiting) in found {
        let names: BTreeSet<_> = waiting.iter().map(|(_, name, _)| *name).collect();
        let s = if names.len() == 1 { "s" } else { "" };
        let message =
            format!("`{name}` is switched off, but {} wait{s} for it", suggest::list(names.clone(), 3));
        let start = Diagnostic::new(Code::DependencyOff, off, message).label("switched off here");
        let shown = waiting.iter().take(SHOWN).fold(start, |found, (_, name, span)| {
            found.related(*span, format!("`{name}` waits for it here"))
        });
        let them = if names.len() == 1 { suggest::list(names, 1) } else { "those too".to_owned() };
        let bare = name.strip_prefix("bp-").unwrap_or(name);
        diags.push(shown.help(format!(
            "switch off {them}, or leave `{name}` on; one that does without it says `independent-of = [{bare:?}]` in its table"
        )));
    }
}
