#![doc = include_str!("../../docs/diagnostics/owner-change.md")]

use std::collections::BTreeMap;

use super::Transition;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::diff::ObjectChange;

/// Reports objects that another Kustomization would apply than before: the old one may prune what the new one has
/// just applied.
pub fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let mut moves: BTreeMap<(String, String), Vec<&ObjectChange>> = BTreeMap::new();
    for change in &transition.diff.objects {
        let layers = (ObjectChange::layer(change.old.as_ref()), ObjectChange::layer(change.new.as_ref()));
        let (Some(from), Some(to)) = layers else { continue };
        if from != to {
            let place = |layer: &str| format!("{}/{layer}", change.id.cluster);
            moves.entry((place(from), place(to))).or_default().push(change);
        }
    }
    for ((from, to), changes) in moves {
        if transition.new.consents.moves(&from, &to) {
            continue;
        }
        let cause = changes.iter().find_map(|change| change.cause).unwrap_or(transition.new.kit.span);
        let names: Vec<_> =
            changes.iter().map(|change| format!("{} `{}`", change.id.kind, change.id.name)).collect();
        let message = format!("{} objects would go from {from} to {to}", changes.len());
        diags.push(
            Diagnostic::new(Code::OwnerChange, cause, message)
                .note(names.join(", "))
                .note("the old Kustomization may prune what the new one has just applied")
                .help(format!("if that is meant, add [[move]] with from = \"{from}\" and to = \"{to}\"")),
        );
    }
}
