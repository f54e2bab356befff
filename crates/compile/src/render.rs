//! Rendering: objects become files. One object a file, one `kustomization.yaml` a directory that Flux applies; the zone,
//! and the README of the tree.

mod bootstrap;

pub(crate) use bootstrap::objects as bootstrap_objects;
pub use bootstrap::{FILE, MOST_BYTES};

use std::collections::{BTreeMap, BTreeSet};

use crate::build_cache::Standing;
use crate::dns::{self, Zone};
use crate::lower::layers::CLUSTERS;
use crate::lower::{Cluster, Lowered, Placed};
use crate::plan::{Plan, Region};
use crate::secrets::{self, Secret};
use crate::tree::{LOCK, Origin, RegionFacts, Tree, TreePath};
use crate::{prose, provision};
use sovereign_language::scalar::Fqdn;
use sovereign_text::digest::Digest;
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{Span, Spanned};
use sovereign_text::{parallel, yaml};

/// The file that kustomize reads.
pub const LISTING: &str = "kustomization.yaml";

/// Takes an object, gives its file.
pub fn file(placed: &Placed) -> (TreePath, String) {
    (placed.path.clone(), yaml::document(&placed.origin, &placed.object.node()))
}

/// Takes a plan with its zone and its objects, gives the tree. `tenants` are files of Organizations that are not made of
/// these objects; `input` is the digest of what was compiled.
pub fn render(
    plan: &Plan<'_>,
    zone: &Zone,
    lowered: &Lowered,
    tenants: Vec<(TreePath, String)>,
    input: Digest,
) -> Tree {
    let texts = texts(plan, zone, lowered, tenants, &Standing::new());
    Tree::new(root(plan), texts, &origin(plan, input))
}

/// Returns what the head of the lock says.
pub fn origin(plan: &Plan<'_>, input: Digest) -> Origin {
    let facts = |region: &Region<'_>| {
        let facts = RegionFacts {
            primary: region.is_primary(),
            index: Some(region.index),
            mesh_id: Some(region.mesh.id.value),
            pods: Some(region.pods.value),
            services: Some(region.services.value),
            network: Some(region.network.value),
        };
        (region.name.value.to_string(), facts)
    };
    let mut regions: Vec<_> = plan.regions.iter().filter(|_| !plan.is_retired()).map(facts).collect();
    regions.sort_by(|(one, _), (other, _)| one.cmp(other));
    Origin {
        regions,
        input,
        kit: (plan.kit.name.clone(), plan.kit.digest()),
        compiler: concat!("sovereign ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// Takes what [`render`] takes, gives the files of the tree but for its lock, and for those that stand on the disk already.
pub fn texts(
    plan: &Plan<'_>,
    zone: &Zone,
    lowered: &Lowered,
    tenants: Vec<(TreePath, String)>,
    standing: &Standing<'_>,
) -> BTreeMap<TreePath, String> {
    if plan.is_retired() {
        return farewell(plan, zone);
    }
    let mut texts = objects(lowered, tenants);
    let listings = listings(plan, &texts, standing);
    texts.extend(listings);
    texts.extend(others(plan, zone, lowered));
    texts
}

/// Takes what [`render`] takes, with the paths of Organizations' files alone, and returns the paths of the whole tree. No
/// text is written for them.
pub fn paths(plan: &Plan<'_>, zone: &Zone, lowered: &Lowered, tenants: Vec<TreePath>) -> BTreeSet<TreePath> {
    let always = [prose::README, LOCK].into_iter().filter_map(TreePath::new);
    if plan.is_retired() {
        return always.collect();
    }
    let objects = placed(lowered).map(|placed| placed.path.clone()).chain(tenants);
    let mut paths: BTreeSet<TreePath> = objects.collect();
    let directories: BTreeSet<&str> =
        paths.iter().filter_map(|path| Some(path.as_str().rsplit_once('/')?.0)).collect();
    let listings: Vec<_> =
        directories.into_iter().filter(|directory| is_listed(directory)).filter_map(listing_path).collect();
    let of_zone = dns::file_names(zone).filter_map(|name| zone_path(&name));
    let of_infrastructure = infrastructure(plan, lowered).map(|(path, _)| path);
    paths.extend(listings.into_iter().chain(of_zone).chain(of_infrastructure).chain(always));
    paths
}

/// Returns the tree of a Sovereign that goes: what is left to do by hand.
fn farewell(plan: &Plan<'_>, zone: &Zone) -> BTreeMap<TreePath, String> {
    TreePath::new(prose::README)
        .map(|path| (path, prose::farewell(plan, zone, &root(plan))))
        .into_iter()
        .collect()
}

/// Returns the files of objects.
fn objects(lowered: &Lowered, tenants: Vec<(TreePath, String)>) -> BTreeMap<TreePath, String> {
    let objects: Vec<&Placed> = placed(lowered).collect();
    let mut files = parallel::map(&objects, |placed| file(placed));
    files.extend(tenants);
    // Made at once, which is much quicker than file by file.
    files.into_iter().collect()
}

fn placed(lowered: &Lowered) -> impl Iterator<Item = &Placed> {
    lowered.clusters.iter().flat_map(|cluster| &cluster.objects).chain(&lowered.shared)
}

/// Returns whether a directory of objects has a [`LISTING`]: Flux does not read that of the zone.
pub(crate) fn is_listed(directory: &str) -> bool {
    directory.split('/').next() != Some(dns::DIRECTORY)
}

/// Returns what kustomize reads in each directory of objects.
fn listings(
    plan: &Plan<'_>,
    texts: &BTreeMap<TreePath, String>,
    standing: &Standing<'_>,
) -> Vec<(TreePath, String)> {
    let compiled = texts.keys().filter_map(|path| path.as_str().rsplit_once('/'));
    let standing = standing.iter().filter(|(_, standing)| !standing.is_whole);
    let standing =
        standing.flat_map(|(directory, standing)| standing.files.iter().map(|file| (*directory, file.name)));
    let mut directories: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (directory, name) in compiled.chain(standing) {
        if is_listed(directory) {
            directories.entry(directory).or_default().push(name);
        }
    }
    let mut directories: Vec<_> = directories.into_iter().collect();
    for (_, names) in &mut directories {
        names.sort_unstable();
    }
    // A list of some names takes as long as some files.
    let listings = parallel::map_heavy(4, &directories, |(directory, names)| {
        Some((listing_path(directory)?, listing(directory, names, plan.written.span)))
    });
    listings.into_iter().flatten().collect()
}

/// Returns what is no object: the README, the zone, and what is there before Flux.
fn others(plan: &Plan<'_>, zone: &Zone, lowered: &Lowered) -> Vec<(TreePath, String)> {
    let secrets = secrets::collect(plan, lowered);
    let readme = TreePath::new(prose::README).map(|path| (path, prose::readme(plan, zone, &secrets)));
    let of_zone =
        dns::files(plan, zone).into_iter().filter_map(|(name, text)| Some((zone_path(&name)?, text)));
    let infrastructure = infrastructure(plan, lowered).map(|(path, content)| (path, content.text(&secrets)));
    readme.into_iter().chain(of_zone).chain(infrastructure).collect()
}

fn listing_path(directory: &str) -> Option<TreePath> {
    TreePath::new(format!("{directory}/{LISTING}"))
}

fn zone_path(name: &str) -> Option<TreePath> {
    TreePath::new(format!("{}/{name}", dns::DIRECTORY))
}

/// `clusters/<fqdn>`.
pub fn root(plan: &Plan<'_>) -> TreePath {
    root_of(&plan.fqdn.value)
}

/// `clusters/<fqdn>` of a domain name.
pub fn root_of(fqdn: &Fqdn) -> TreePath {
    let path = format!("{CLUSTERS}/{fqdn}");
    TreePath::new(path.clone()).unwrap_or_else(|| TreePath::of_digest(&path))
}

/// Returns a kustomize build file of a directory below the root of the tree. It lists every file by name,
/// sorted: a foreign file in the directory stays out of the cluster.
pub fn listing(directory: &str, names: &[&str], span: Span) -> String {
    let names = names.iter().map(|name| Spanned::new(*name, span));
    let table = match directory.split_once('/') {
        Some((region, _)) => format!("[[region]] {region}"),
        None => "every [[region]]".to_owned(),
    };
    let comment = format!("{table}: the files of this directory. Written by sovereign.");
    yaml::document(&comment, &listing_node(names, span))
}

/// Returns what a [`listing`] holds: the names of files, each with what caused that file.
pub(crate) fn listing_node<'n>(names: impl Iterator<Item = Spanned<&'n str>>, span: Span) -> Node {
    let resources: Vec<_> = names.map(|name| name.map(str::to_owned).into()).collect();
    let mut map = Map::new();
    map.insert("apiVersion", Node::new("kustomize.config.k8s.io/v1beta1", span));
    map.insert("kind", Node::new("Kustomization", span));
    map.insert("resources", Node::new(resources, span));
    Node::new(map, span)
}

/// What a file of `infrastructure/` holds.
pub(crate) enum Infrastructure<'l> {
    /// What cloud-init applies.
    Bootstrap(&'l Cluster),
    /// What a module is told, and where its state is.
    Variables(BTreeMap<&'static str, Node>),
    /// What asks a cluster for the flags of k3s.
    Probe(String),
}

impl Infrastructure<'_> {
    /// Returns the text of the file. `secrets` are those that the tree refers to.
    fn text(&self, secrets: &[Secret]) -> String {
        match self {
            Self::Bootstrap(cluster) => bootstrap::text(cluster, secrets),
            Self::Variables(values) => provision::json(values),
            Self::Probe(text) => text.clone(),
        }
    }
}

/// Returns every file of `infrastructure/`, by its path below the root of the tree.
pub(crate) fn infrastructure<'l>(
    plan: &Plan<'_>,
    lowered: &'l Lowered,
) -> impl Iterator<Item = (TreePath, Infrastructure<'l>)> {
    let mut files = Vec::new();
    for (region, cluster) in plan.regions.iter().zip(&lowered.clusters) {
        let directory = format!("{}/{}", provision::DIRECTORY, cluster.directory);
        files.push((format!("{directory}/{}", bootstrap::FILE), Infrastructure::Bootstrap(cluster)));
        let probe = provision::k3s::probe(plan, region);
        files.push((format!("{directory}/{}", provision::k3s::PROBE), Infrastructure::Probe(probe)));
        if let Some(backend) = provision::state::backend(plan, region) {
            files.push((format!("{directory}/{}", provision::BACKEND), Infrastructure::Variables(backend)));
        }
        if let Some(told) = provision::tofu_vars(plan, region) {
            let path = format!("{directory}/{}", provision::VARIABLES);
            files.push((path, Infrastructure::Variables(told.values)));
        }
    }
    for &module in &plan.kit.modules {
        let told = provision::told_of_all(plan, module);
        if !told.is_empty() {
            files.push((provision::shared_file(module), Infrastructure::Variables(told)));
        }
    }
    files.into_iter().filter_map(|(path, content)| Some((TreePath::new(path)?, content)))
}
