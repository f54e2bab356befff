#![doc = include_str!("../../../../docs/diagnostics/controller-downgrade.md")]

use super::Transition;
use crate::diff::events::What;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports releases that run controllers of Flux, the network or storage and would go back to an older version.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for cluster in &transition.diff.clusters {
        for event in &cluster.events {
            let What::Downgraded { from, to } = &event.what else { continue };
            if !transition.catalog.is_controller(&event.subject) {
                continue;
            }
            let message =
                format!("`{}` of `{}` would go back from {from} to {to}", event.subject, cluster.cluster);
            let place = transition.place_of(&cluster.cluster, &event.subject, event.cause);
            let found = transition.with_what_went(Diagnostic::new(Code::ControllerDowngrade, place, message));
            diags.push(
                found
                    .note("an older chart cannot store what a newer one wrote; Helm's way back deletes the controllers")
                    .help(format!("stay at {from} or go on to a later version")),
            );
        }
    }
}
