//! Namespaces: every one once, with its pod-security level, and never pruned.

use super::{Layer, Placed, origin, path, region_table};
use crate::object::{Meta, Namespace, Object};
use crate::plan::{Plan, Region};
use sovereign_text::node::text;
use sovereign_text::source::Spanned;

/// The label that says whose namespace this is (label vocabulary of the platform).
pub(crate) const SOVEREIGN_LABEL: &str = "catalyst.openova.io/sovereign";
/// Flux leaves an object with this annotation alone when it leaves the tree: a Namespace takes all it holds with
/// it.
pub const PRUNE: (&str, &str) = ("kustomize.toolkit.fluxcd.io/prune", "disabled");

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let declared = region.namespaces.iter().filter(|namespace| !namespace.by_chart);
    declared
        .map(|namespace| {
            let object = object(plan, &text(&namespace.name), &text(&namespace.level), &[]);
            Placed {
                path: path(region, Layer::Namespaces, &namespace.name.value.to_string()),
                layer: Layer::Namespaces,
                origin: origin(&region_table(region)),
                object,
            }
        })
        .collect()
}

/// Returns a Namespace of the Sovereign, with further labels, at a pod-security level.
pub(super) fn object(
    plan: &Plan<'_>,
    name: &Spanned<String>,
    level: &Spanned<String>,
    further: &[(&'static str, Spanned<String>)],
) -> Object {
    let mut meta = Meta::cluster(name.clone());
    meta.labels = vec![(SOVEREIGN_LABEL.to_owned(), text(&plan.fqdn))];
    meta.labels.extend(further.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    for mode in ["audit", "enforce", "warn"] {
        meta.labels.push((format!("pod-security.kubernetes.io/{mode}"), level.clone()));
    }
    meta.labels.sort_by(|a, b| a.0.cmp(&b.0));
    meta.annotations = vec![(PRUNE.0, Spanned::new(PRUNE.1.to_owned(), name.span))];
    Namespace { meta }.into()
}
