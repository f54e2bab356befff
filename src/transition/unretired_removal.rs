#![doc = include_str!("../../docs/diagnostics/unretired-removal.md")]

use super::Transition;
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Reports namespaces and releases with something to lose that leave the tree without consent.
pub fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let consents = &transition.new.consents;
    for change in transition.changes("HelmRelease").filter(|change| change.new.is_none()) {
        let (cluster, name) = (change.id.cluster.as_str(), change.id.name.as_str());
        let Some(risk) = transition.knowledge.risk(name) else { continue };
        if consents.retires_release(cluster, name) {
            continue;
        }
        let cause = transition.cause_of_absence(cluster, name);
        let message = format!("`{name}` would be uninstalled from `{cluster}`");
        diags.push(
            Diagnostic::new(Code::UnretiredRemoval, cause, message)
                .note(format!("at risk: {}", risk.phrase()))
                .help(format!("if that is meant, add [[retire]] with release = \"{name}\"")),
        );
    }
    for change in transition.changes("Namespace").filter(|change| change.new.is_none()) {
        let (cluster, name) = (change.id.cluster.as_str(), change.id.name.as_str());
        // Every namespace of a release that retires may go with it.
        let with_release = transition.changes("HelmRelease").any(|release| {
            let target = release.old.as_ref().and_then(|(_, old)| old.pointer("/spec/targetNamespace"));
            release.id.cluster == cluster
                && release.new.is_none()
                && target.and_then(serde_json::Value::as_str) == Some(name)
                && (consents.retires_release(cluster, &release.id.name)
                    || transition.knowledge.risk(&release.id.name).is_none())
        });
        if with_release || consents.retires_namespace(cluster, name) {
            continue;
        }
        let message = format!("namespace `{name}` would leave the tree of `{cluster}`");
        diags.push(
            Diagnostic::new(Code::UnretiredRemoval, transition.new.kit.span, message)
                .note("Flux leaves it in the cluster, without an owner and without its labels")
                .help(format!("if that is meant, add [[retire]] with namespace = \"{name}\"")),
        );
    }
}
