#![doc = include_str!("../../../../docs/diagnostics/owner-change.md")]

use std::collections::BTreeMap;

use super::{Transition, layer_renamed};
use crate::consent;
use crate::diff::ObjectChange;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports objects that another Kustomization would apply than before: the old one may prune what the new one has
/// just applied.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let mut moves: BTreeMap<(String, String), Vec<&ObjectChange>> = BTreeMap::new();
    for change in &transition.diff.objects {
        let layers = (ObjectChange::layer(change.old.as_ref()), ObjectChange::layer(change.new.as_ref()));
        let (Some(from), Some(to)) = layers else { continue };
        if change.is_held() {
            continue;
        }
        // Where the old layer goes as a whole, that is one finding of its own.
        if from != to && !layer_renamed::goes(transition, &change.id.cluster, from) {
            let place = |layer: &str| format!("{}/{layer}", change.id.cluster);
            moves.entry((place(from), place(to))).or_default().push(change);
        }
    }
    for ((from, to), changes) in moves {
        if transition.new.consents.moves(&from, &to) {
            continue;
        }
        let Some(first) = changes.first() else { continue };
        let cause = transition.place(&first.id.cluster, first.cause);
        let names: Vec<_> =
            changes.iter().map(|change| format!("{} `{}`", change.id.kind, change.id.name)).collect();
        let count =
            if changes.len() == 1 { "1 object".to_owned() } else { format!("{} objects", changes.len()) };
        let message = format!("{count} would go from {from} to {to}");
        diags.push(
            Diagnostic::new(Code::OwnerChange, cause, message)
                .note(names.join(", "))
                .note("the old Kustomization may prune what the new one has just applied")
                .help(format!("if that is meant, add [[move]] with from = \"{from}\" and to = \"{to}\""))
                .consented_by(consent::r#move(&from, &to)),
        );
    }
}
