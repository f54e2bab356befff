#![doc = include_str!("../../docs/diagnostics/layer-renamed.md")]

use super::Transition;
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Reports Flux Kustomizations that leave a cluster which stays: Flux prunes everything they applied.
pub fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    for change in transition.changes("Kustomization").filter(|change| change.new.is_none()) {
        let cluster = change.id.cluster.as_str();
        if change.id.group != "kustomize.toolkit.fluxcd.io" || !transition.has_cluster(cluster) {
            continue;
        }
        let name = change.id.name.as_str();
        // A layer that is empty now has nothing left to prune that no other rule speaks of.
        let inside = |path: &str| {
            path.strip_prefix(cluster).and_then(|p| p.strip_prefix('/')).and_then(|p| p.split('/').next())
                == Some(name)
        };
        let moved = transition.diff.objects.iter().any(|object| {
            let was = object.old.as_ref().is_some_and(|(path, _)| inside(path.as_str()));
            was && object.new.is_some()
        });
        if !moved {
            continue;
        }
        let message = format!("layer `{name}` of `{cluster}` would be renamed");
        diags.push(
            Diagnostic::new(Code::LayerRenamed, transition.new.kit.span, message)
                .note("Flux prunes what the old Kustomization applied, and the new one applies it again")
                .help("keep the layer; a tree from another compiler must be migrated object by object"),
        );
    }
}
