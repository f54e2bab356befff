//! Values that speak of all regions: ConfigMaps in a directory that the clusters share, so that adding a region
//! changes no byte in the directory of another one.

use super::{Layer, Placed, origin, tree_path};
use crate::object::{ConfigMap, FLUX_NAMESPACE, Meta};
use crate::plan::Plan;
use sovereign_language::kit::Blueprint;
use sovereign_text::source::Spanned;
use sovereign_text::yaml;

/// The key that holds the values; Flux's own default for `valuesKey`.
pub(super) const KEY: &str = "values.yaml";

/// Has helm-controller look at a release as soon as values that it reads have changed, and not only after the release's interval. Flux's
/// documentation of HelmReleases has it ("Reacting immediately to configuration dependencies"); an older Flux takes no notice.
const WATCH: (&str, &str) = ("reconcile.fluxcd.io/watch", "Enabled");

/// Returns the name of a blueprint's ConfigMap.
pub(crate) fn config_map(blueprint: &Blueprint) -> String {
    format!("{}-sovereign", blueprint.name.value.as_str())
}

pub(super) fn lower(plan: &Plan<'_>) -> Vec<Placed> {
    let placed = |(blueprint, values): &(&Blueprint, _)| {
        let name = config_map(blueprint);
        let mut meta = Meta::namespaced(Spanned::new(name.clone(), blueprint.span), FLUX_NAMESPACE);
        meta.labels.push((WATCH.0.to_owned(), Spanned::new(WATCH.1.to_owned(), blueprint.span)));
        let mut text = String::new();
        yaml::append(&mut text, values);
        Placed {
            path: tree_path(&format!("{}/{name}.yaml", Layer::SovereignValues.directory())),
            layer: Layer::SovereignValues,
            origin: origin(&format!(
                "every [[region]], {} of kit {}",
                blueprint.name.value.as_str(),
                plan.kit.name
            )),
            object: ConfigMap { meta, data: vec![(KEY.to_owned(), Spanned::new(text, values.cause))] }.into(),
        }
    };
    plan.sovereign_values.iter().map(placed).collect()
}
