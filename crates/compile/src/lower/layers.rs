//! `flux-system/`: the GitRepository, and one Kustomization for each layer that has objects.
//!
//! A layer depends on another only where something in it needs something in the other: a namespace, a source, a
//! definition, a values object. HelmReleases wait for each other by their own `dependsOn`, object by object; a
//! Kustomization that waited for all releases because one is needed would be late by an hour.

use std::collections::{BTreeMap, BTreeSet};

use super::{Layer, Placed, origin, path, region_table};
use crate::object::{FLUX_NAMESPACE, GitRepository, Identity, Kustomization, Meta, Need};
use crate::plan::tenant::Bucket;
use crate::plan::{Plan, Region};
use sovereign_text::node::text;
use sovereign_text::source::Spanned;

/// The GitRepository of every cluster.
const REPOSITORY: &str = "sovereign";
/// The directory that holds the trees of all Sovereigns of a repository.
pub(crate) const CLUSTERS: &str = "clusters";

pub(super) fn lower(
    plan: &Plan<'_>,
    region: &Region<'_>,
    objects: &[Placed],
    shared: &[Placed],
) -> Vec<Placed> {
    let table = region_table(region);
    let mut placed = vec![Placed {
        path: path(region, Layer::FluxSystem, "gitrepository"),
        layer: Layer::FluxSystem,
        object: repository(plan).into(),
        origin: origin("[gitops]"),
    }];
    let root = (Layer::FluxSystem, BTreeSet::new());
    let edges = edges(region, objects, shared);
    let of_tenants = tenants_needed(plan, objects);
    for (layer, depends_on) in std::iter::once(root).chain(edges) {
        let mut depends_on: Vec<_> = depends_on.iter().map(|layer| layer.directory().to_owned()).collect();
        depends_on.extend(of_tenants.get(&layer).into_iter().flatten().cloned());
        let kustomization = Kustomization {
            depends_on,
            timeout: layer.timeout(),
            wait: layer.waits(),
            ..kustomization(region, layer.directory().to_owned(), &directory(plan, region, layer))
        };
        placed.push(Placed {
            path: path(region, Layer::FluxSystem, &format!("kustomization-{}", layer.directory())),
            layer: Layer::FluxSystem,
            object: kustomization.into(),
            origin: origin(&table),
        });
    }
    placed
}

/// Returns a Kustomization of this cluster that waits for nothing, and that is waited for.
pub(super) fn kustomization(region: &Region<'_>, name: String, directory: &str) -> Kustomization {
    Kustomization {
        meta: Meta::namespaced(Spanned::new(name, region.written.span), FLUX_NAMESPACE),
        path: format!("./{directory}"),
        depends_on: Vec::new(),
        source: REPOSITORY.to_owned(),
        timeout: Layer::QUICK,
        wait: true,
    }
}

/// Returns the name of the Kustomization of a bucket.
pub(super) fn of_bucket(bucket: Bucket) -> String {
    format!("{}-{bucket}", Layer::Tenants.directory())
}

/// Returns the Kustomizations of tenants that a layer needs: those that apply a namespace which one of its objects is in.
fn tenants_needed(plan: &Plan<'_>, objects: &[Placed]) -> BTreeMap<Layer, BTreeSet<String>> {
    let mut needed: BTreeMap<Layer, BTreeSet<String>> = BTreeMap::new();
    for placed in objects {
        let namespace = placed.object.meta().namespace.as_ref();
        if let Some(summary) = namespace.and_then(|name| plan.summary(&name.value)) {
            needed.entry(placed.layer).or_default().insert(of_bucket(summary.bucket()));
        }
    }
    needed
}

/// Returns the directory of a layer in the repository.
pub(super) fn directory(plan: &Plan<'_>, region: &Region<'_>, layer: Layer) -> String {
    let fqdn = plan.fqdn.value.as_str();
    let below = if layer.is_shared() { String::new() } else { format!("{}/", region.name.value) };
    format!("{CLUSTERS}/{fqdn}/{below}{}", layer.directory())
}

fn repository(plan: &Plan<'_>) -> GitRepository {
    let gitops = &plan.gitops;
    let name = Spanned::new(REPOSITORY.to_owned(), gitops.url.span);
    // Only this Sovereign's tree: a monorepo as a whole takes minutes to pack, at every commit of anybody.
    let ignore = format!("/*\n!/{CLUSTERS}\n/{CLUSTERS}/*\n!/{CLUSTERS}/{}\n", plan.fqdn.value);
    GitRepository {
        meta: Meta::namespaced(name, FLUX_NAMESPACE),
        url: text(&gitops.url),
        branch: text(&gitops.branch),
        interval: text(&gitops.interval),
        timeout: text(&gitops.timeout),
        secret: gitops.secret.as_ref().map(text),
        ignore: Spanned::new(ignore, plan.fqdn.span),
    }
}

/// Returns every layer with objects, and the layers that it needs.
fn edges(region: &Region<'_>, objects: &[Placed], shared: &[Placed]) -> BTreeMap<Layer, BTreeSet<Layer>> {
    let all = || objects.iter().chain(shared);
    let homes: BTreeMap<Identity, Layer> =
        all().map(|placed| (placed.object.identity(), placed.layer)).collect();
    let namespaces: BTreeMap<&str, Layer> = all()
        .filter(|placed| placed.layer == Layer::Namespaces)
        .map(|placed| (placed.object.meta().name.value.as_str(), placed.layer))
        .collect();
    let home = |need: &Need| match need {
        Need::Namespace(name) => namespaces.get(name.as_str()).copied(),
        Need::Definitions(group) => region.provider_of(group).map(super::release::layer),
        Need::Object(identity) => homes.get(identity).copied(),
    };
    let mut edges: BTreeMap<Layer, BTreeSet<Layer>> = BTreeMap::new();
    for placed in all() {
        let needed = placed.object.needs();
        let layers = needed.iter().filter_map(home).filter(|layer| *layer != placed.layer);
        edges.entry(placed.layer).or_default().extend(layers);
    }
    edges
}
