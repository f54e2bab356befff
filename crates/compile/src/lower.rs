//! Lowering: a plan becomes objects, each with its place in the tree. Pure, total, cannot fail.
//!
//! The functions below are called in tree order. A custom resource never stands in the layer of the release that
//! brings its definition: [`layer`] says where everything goes, [`layers`] ties the layers together.

mod claims;
pub(crate) mod crossplane;
mod failover;
pub(crate) mod gateway;
mod kit_objects;
mod layer;
pub(crate) mod layers;
mod namespace;
mod registry;
pub(crate) mod release;
mod shards;
pub(crate) mod sovereign_values;
pub(crate) mod tenants;

pub use namespace::PRUNE;

pub use layer::{AskedBy, Layer};

use crate::object::Object;
use crate::plan::{Plan, Region};
use crate::tree::TreePath;
use sovereign_language::scalar::owner;

/// An object and its place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The path of its file, below the root of the tree.
    pub path: TreePath,
    /// The layer that applies it.
    pub layer: Layer,
    /// The object.
    pub object: Object,
    /// The table of the manifest that caused it, and what else: the comment at the head of its file.
    pub origin: String,
}

impl Placed {
    /// Returns the slug of the Organization that the object is of; `None` for one of the platform.
    pub fn owner(&self) -> Option<&str> {
        let (directory, name) = self.path.as_str().rsplit_once('/')?;
        owner(directory, name)
    }
}

/// The objects of one cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The directory of the region.
    pub directory: String,
    /// Its objects in tree order.
    pub objects: Vec<Placed>,
}

/// The objects of a Sovereign: one cluster a region, and what they share.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// One for each region, in the order of the file.
    pub clusters: Vec<Cluster>,
    /// What stands outside the regions' directories because it speaks of all regions.
    pub shared: Vec<Placed>,
}

/// Takes a plan, gives its objects but for those of each Organization: [`tenants::lower`] gives them. A Sovereign that goes
/// has none.
pub fn platform(plan: &Plan<'_>) -> Lowered {
    if plan.is_retired() {
        return Lowered { clusters: Vec::new(), shared: Vec::new() };
    }
    let shared = sovereign_values::lower(plan);
    let clusters = plan
        .regions
        .iter()
        .enumerate()
        .map(|(place, region)| cluster(plan, place, region, &shared))
        .collect();
    Lowered { clusters, shared }
}

fn cluster(plan: &Plan<'_>, place: usize, region: &Region<'_>, shared: &[Placed]) -> Cluster {
    let mut objects = namespace::lower(plan, region);
    objects.extend(release::sources(plan, region));
    objects.extend(release::releases(plan, region));
    objects.extend(crossplane::lower(plan, region));
    objects.extend(claims::lower(plan, region));
    objects.extend(gateway::lower(plan, region));
    objects.extend(failover::lower(plan, region));
    objects.extend(registry::lower(plan, region));
    objects.extend(kit_objects::lower(plan, region));
    objects.extend(shards::lower(plan, region));
    let reads_shared = region.releases.iter().any(|release| release.has_sovereign_values);
    let shared = if reads_shared { shared } else { &[] };
    let of_organizations = tenants::needs(region, &objects);
    let mut placed = layers::lower(plan, region, &objects, shared, &of_organizations);
    placed.extend(objects);
    placed.extend(tenants::kustomizations(plan, place, region));
    Cluster { directory: region.name.value.as_str().to_owned(), objects: placed }
}

/// Returns a path below a region's directory. The parts come from names with a grammar, so they are plain; a part that
/// is not (a name that a rule refuses) is written with its digest instead.
fn path(region: &Region<'_>, layer: Layer, file: &str) -> TreePath {
    tree_path(&format!("{}/{}/{file}.yaml", region.name.value.as_str(), layer.directory()))
}

fn tree_path(path: &str) -> TreePath {
    TreePath::new(path).unwrap_or_else(|| TreePath::of_digest(path))
}

/// Returns the head comment of a file: which table of the manifest caused it.
fn origin(table: &str) -> String {
    format!("{table}. Written by sovereign: edit sovereign.toml, not this file.")
}

/// `[[region]] hel1`.
fn region_table(region: &Region<'_>) -> String {
    format!("[[region]] {}", region.name.value.as_str())
}
