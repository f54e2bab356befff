//! `flux-system/`: the GitRepository, and one Kustomization for each layer that has objects.
//!
//! A layer depends on another only where something in it needs something in the other: a namespace, a source, a
//! definition, a values object. HelmReleases wait for each other by their own `dependsOn`, object by object; a
//! Kustomization that waited for all releases because one is needed would be late by an hour. So none waits for what it
//! applied: it has a health check for each object that another layer needs ready, and no other. `docs/flux.md` says what
//! that means while something fails.

use std::collections::{BTreeMap, BTreeSet};

use super::{Layer, Placed, origin, path, region_table};
use crate::object::{
    FLUX_NAMESPACE, GitRepository, HealthCheck, HelmRelease, Identity, Kustomization, Meta, Need,
};
use crate::plan::tenant::Bucket;
use crate::plan::{Plan, Region};
use sovereign_text::node::text;
use sovereign_text::source::Spanned;

/// The GitRepository of every cluster.
const REPOSITORY: &str = "sovereign";
/// The directory that holds the trees of all Sovereigns of a repository.
pub(crate) const CLUSTERS: &str = "clusters";

/// Returns the GitRepository of a region and the Kustomizations of its layers. Objects are those of the region without its
/// Organizations, of which is known what they need.
pub(super) fn lower(
    plan: &Plan<'_>,
    region: &Region<'_>,
    objects: &[Placed],
    shared: &[Placed],
    of_organizations: &[Need],
) -> Vec<Placed> {
    let table = region_table(region);
    let mut placed = vec![Placed {
        path: path(region, Layer::FluxSystem, "gitrepository"),
        layer: Layer::FluxSystem,
        object: repository(plan).into(),
        origin: origin("[gitops]"),
    }];
    let root = (Layer::FluxSystem, BTreeSet::new());
    let homes = Homes::new(region, objects, shared);
    let edges = homes.edges();
    let mut health_checks = homes.health_checks(of_organizations);
    let of_tenants = tenants_needed(plan, objects);
    for (layer, depends_on) in std::iter::once(root).chain(edges) {
        let mut depends_on: Vec<_> = depends_on.iter().map(|layer| layer.directory().to_owned()).collect();
        depends_on.extend(of_tenants.get(&layer).into_iter().flatten().cloned());
        let kustomization = Kustomization {
            depends_on,
            health_checks: health_checks.remove(&layer).into_iter().flatten().collect(),
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

/// Returns a Kustomization of this cluster that waits for nothing, and that is ready as soon as it has applied its directory.
pub(super) fn kustomization(region: &Region<'_>, name: String, directory: &str) -> Kustomization {
    Kustomization {
        meta: Meta::namespaced(Spanned::new(name, region.written.span), FLUX_NAMESPACE),
        path: format!("./{directory}"),
        depends_on: Vec::new(),
        source: REPOSITORY.to_owned(),
        health_checks: Vec::new(),
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

/// Where everything stands that an object of a region may need.
struct Homes<'p, 'a> {
    region: &'p Region<'a>,
    all: Vec<&'p Placed>,
    objects: BTreeMap<Identity, &'p Placed>,
    namespaces: BTreeMap<&'p str, &'p Placed>,
}

impl<'p, 'a> Homes<'p, 'a> {
    fn new(region: &'p Region<'a>, objects: &'p [Placed], shared: &'p [Placed]) -> Self {
        let all: Vec<_> = objects.iter().chain(shared).collect();
        let namespaces = all.iter().filter(|placed| placed.layer == Layer::Namespaces);
        Self {
            region,
            objects: all.iter().map(|placed| (placed.object.identity(), *placed)).collect(),
            namespaces: namespaces
                .map(|placed| (placed.object.meta().name.value.as_str(), *placed))
                .collect(),
            all,
        }
    }

    /// Returns what a need is met by, as far as it stands in the tree.
    fn home(&self, need: &Need) -> Option<&'p Placed> {
        match need {
            Need::Namespace(name) => self.namespaces.get(name.as_str()).copied(),
            Need::Definitions(group) => {
                let release = self.region.provider_of(group)?;
                self.objects.get(&HelmRelease::identity(release.blueprint.name.value.as_str())).copied()
            }
            Need::Object(identity) => self.objects.get(identity).copied(),
        }
    }

    /// Returns every layer with objects, and the layers that it needs.
    fn edges(&self) -> BTreeMap<Layer, BTreeSet<Layer>> {
        let mut edges: BTreeMap<Layer, BTreeSet<Layer>> = BTreeMap::new();
        for placed in &self.all {
            let needed = placed.object.needs();
            let layers = needed.iter().filter_map(|need| Some(self.home(need)?.layer));
            edges.entry(placed.layer).or_default().extend(layers.filter(|layer| *layer != placed.layer));
        }
        edges
    }

    /// Returns what must be ready in each layer, because an object of another one needs it. What Organizations need is
    /// given.
    fn health_checks(&self, of_tenants: &[Need]) -> BTreeMap<Layer, BTreeSet<HealthCheck>> {
        let of_layers = self.all.iter().flat_map(|placed| {
            let needs = placed.object.needs().into_iter();
            needs.map(|need| (placed.layer, need)).collect::<Vec<_>>()
        });
        let of_tenants = of_tenants.iter().map(|need| (Layer::Tenants, need.clone()));
        let mut checks: BTreeMap<Layer, BTreeSet<HealthCheck>> = BTreeMap::new();
        for (layer, need) in of_layers.chain(of_tenants) {
            let awaited = layer.awaits_definitions() || !matches!(need, Need::Definitions(_));
            let Some(home) = self.home(&need).filter(|home| awaited && home.layer != layer) else { continue };
            checks.entry(home.layer).or_default().extend(home.object.ready_when());
        }
        checks
    }
}
