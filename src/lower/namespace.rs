//! Namespaces: every one once, with its pod-security level, and never pruned.

use super::{Layer, Placed, origin, path, region_table};
use crate::object::{Meta, Namespace, Object, text};
use crate::plan::{Plan, Region};
use crate::source::Spanned;

/// The label that says whose namespace this is (label vocabulary of the platform).
pub const SOVEREIGN_LABEL: &str = "catalyst.openova.io/sovereign";
/// Flux leaves an object with this annotation alone when it leaves the tree: a Namespace takes all it holds with
/// it.
const PRUNE: (&str, &str) = ("kustomize.toolkit.fluxcd.io/prune", "disabled");

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let declared = region.namespaces.iter().filter(|namespace| !namespace.by_chart);
    declared
        .map(|namespace| {
            let span = namespace.name.span;
            let level = text(&namespace.level);
            let mut meta = Meta::cluster(text(&namespace.name));
            meta.labels = vec![(SOVEREIGN_LABEL.to_owned(), text(&plan.fqdn))];
            for mode in ["audit", "enforce", "warn"] {
                meta.labels.push((format!("pod-security.kubernetes.io/{mode}"), level.clone()));
            }
            meta.annotations = vec![(PRUNE.0, Spanned::new(PRUNE.1.to_owned(), span))];
            Placed {
                path: path(region, Layer::Namespaces, &meta.name.value),
                layer: Layer::Namespaces,
                origin: origin(&region_table(region)),
                object: Object::Namespace(Namespace { meta }),
            }
        })
        .collect()
}
