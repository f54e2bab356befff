#![doc = include_str!("../../../../docs/diagnostics/layer-renamed.md")]

use std::collections::BTreeSet;

use super::Transition;
use crate::consent;
use crate::diff::ObjectChange;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports Flux Kustomizations that leave a cluster which stays, while objects they applied stand in another layer:
/// Flux prunes everything they applied.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for change in transition.changes("Kustomization").filter(|change| change.new.is_none()) {
        let (cluster, name) = (change.id.cluster.as_str(), change.id.name.as_str());
        if change.id.group != "kustomize.toolkit.fluxcd.io" || !transition.has_cluster(cluster) {
            continue;
        }
        // A layer that is empty now has nothing left to prune that no other rule speaks of.
        let heirs: BTreeSet<&str> = transition
            .diff
            .objects
            .iter()
            .filter(|object| {
                object.id.cluster == cluster
                    && !object.is_held()
                    && ObjectChange::layer(object.old.as_ref()) == Some(name)
            })
            .filter_map(|object| ObjectChange::layer(object.new.as_ref()))
            .filter(|layer| *layer != name)
            .collect();
        for heir in heirs {
            let (from, to) = (format!("{cluster}/{name}"), format!("{cluster}/{heir}"));
            if transition.new.consents.moves(&from, &to) {
                continue;
            }
            let message =
                format!("layer `{name}` of `{cluster}` would go, and `{heir}` take over its objects");
            diags.push(
                Diagnostic::new(Code::LayerRenamed, transition.place(cluster, None), message)
                    .note("Flux prunes what the old Kustomization applied, and the new one applies it again")
                    .help(format!("if that is meant, add [[move]] with from = \"{from}\" and to = \"{to}\""))
                    .consented_by(consent::r#move(&from, &to)),
            );
        }
    }
}

/// Returns whether the Kustomization of a layer leaves its cluster.
pub(super) fn goes(transition: &Transition<'_>, cluster: &str, layer: &str) -> bool {
    transition.changes("Kustomization").any(|change| {
        change.new.is_none()
            && change.id.group == "kustomize.toolkit.fluxcd.io"
            && change.id.cluster == cluster
            && change.id.name == layer
    })
}
