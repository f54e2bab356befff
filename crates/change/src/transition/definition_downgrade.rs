#![doc = include_str!("../../../../docs/diagnostics/definition-downgrade.md")]

use serde_json::Value as Json;

use super::Transition;
use crate::diff::ObjectId;
use crate::diff::events::What;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports releases that would go back to an older chart, and whose upgrades replace definitions.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for cluster in &transition.diff.clusters {
        for event in &cluster.events {
            let What::Downgraded { from, to } = &event.what else { continue };
            let release = &event.subject;
            // `controller-downgrade` says more about those.
            if transition.catalog.is_controller(release) || !replaces(transition, &cluster.cluster, release) {
                continue;
            }
            let message = format!(
                "`{release}` of `{}` would go back from {from} to {to}, and replace definitions by older ones",
                cluster.cluster
            );
            diags.push(
                Diagnostic::new(Code::DefinitionDowngrade, transition.place_of(&cluster.cluster, &event.subject, event.cause), message)
                    .note("what the older definitions do not know is dropped from the resources when they are next written")
                    .help(format!("stay at {from} or go on to a later version")),
            );
        }
    }
}

/// Returns whether an upgrade of a release replaces definitions.
fn replaces(transition: &Transition<'_>, cluster: &str, release: &str) -> bool {
    let is_it = |id: &ObjectId| id.cluster == cluster && id.name == release;
    let change = transition.changes("HelmRelease").find(|change| is_it(&change.id));
    let new = change.and_then(|change| change.new.as_ref());
    let policy = new.and_then(|(_, json)| json.pointer("/spec/upgrade/crds")).and_then(Json::as_str);
    policy == Some("CreateReplace")
}
