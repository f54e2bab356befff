//! Rendering: objects become files. One object a file, one `kustomization.yaml` a directory that Flux applies; the zone,
//! and the README of the tree.

use std::collections::BTreeMap;

use crate::dns;
use crate::grammar::dns::Fqdn;
use crate::lower::layers::CLUSTERS;
use crate::lower::{Lowered, Placed};
use crate::node::{Map, Node};
use crate::parallel;
use crate::plan::{Plan, Region};
use crate::prose;
use crate::provision;
use crate::secrets;
use crate::source::Span;
use crate::tree::{Digest, Origin, Tree, TreePath};
use crate::yaml;

/// The file that kustomize reads.
pub const LISTING: &str = "kustomization.yaml";

/// Takes an object, gives its file.
pub fn file(placed: &Placed) -> (TreePath, String) {
    (placed.path.clone(), yaml::document(&placed.origin, &placed.object.node()))
}

/// Takes objects, gives the tree. `tenants` are files of objects that are not in `lowered`, as [`file()`] gives them;
/// `input` is the digest of what was compiled.
pub fn render(plan: &Plan<'_>, lowered: &Lowered, tenants: Vec<(TreePath, String)>, input: Digest) -> Tree {
    let files = if plan.is_retired() { farewell(plan) } else { files(plan, lowered, tenants) };
    let ranges = |region: &Region<'_>| {
        let ranges = format!("pods {} services {}", region.pods.value, region.services.value);
        (region.name.value.to_string(), ranges)
    };
    let origin = Origin {
        ranges: plan.regions.iter().map(ranges).collect(),
        input,
        kit: (plan.kit.name.clone(), plan.kit.digest),
        compiler: concat!("sovereign ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    Tree::new(root(plan), files, &origin)
}

/// The tree of a Sovereign that goes: what is left to do by hand.
fn farewell(plan: &Plan<'_>) -> BTreeMap<TreePath, String> {
    let zone = dns::zone(plan);
    TreePath::new(prose::README).map(|path| (path, prose::farewell(plan, &zone))).into_iter().collect()
}

fn files(plan: &Plan<'_>, lowered: &Lowered, tenants: Vec<(TreePath, String)>) -> BTreeMap<TreePath, String> {
    let (zone, secrets) = (dns::zone(plan), secrets::of(plan, lowered));
    let objects: Vec<&Placed> =
        lowered.clusters.iter().flat_map(|cluster| &cluster.objects).chain(&lowered.shared).collect();
    let mut files = parallel::map(&objects, |placed| file(placed));
    files.extend(tenants);
    // Made at once, which is much quicker than file by file.
    let mut files: BTreeMap<_, _> = files.into_iter().collect();
    let listings: Vec<_> = directories(&files)
        .into_iter()
        .filter_map(|(directory, names)| {
            let path = TreePath::new(format!("{directory}/{LISTING}"))?;
            Some((path, listing(directory, &names, plan.written.span)))
        })
        .collect();
    files.extend(listings);
    if let Some(path) = TreePath::new(prose::README) {
        files.insert(path, prose::readme(plan, &zone, &secrets));
    }
    // No listing: Flux does not read this directory.
    for (name, text) in dns::files(plan, &zone) {
        if let Some(path) = TreePath::new(format!("{}/{name}", dns::DIRECTORY)) {
            files.insert(path, text);
        }
    }
    files.extend(provision::files(plan, lowered, &secrets));
    files
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

/// The directories that hold objects, and the files in them, sorted.
fn directories(files: &BTreeMap<TreePath, String>) -> BTreeMap<&str, Vec<&str>> {
    let mut directories: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (directory, name) in files.keys().filter_map(|path| path.as_str().rsplit_once('/')) {
        directories.entry(directory).or_default().push(name);
    }
    directories
}

/// A kustomize build file of a directory below the root of the tree. It lists every file by name, sorted: a foreign file in
/// the directory stays out of the cluster.
pub fn listing(directory: &str, names: &[&str], span: Span) -> String {
    let resources: Vec<_> = names.iter().map(|name| Node::new((*name).to_owned(), span)).collect();
    let mut map = Map::new();
    map.insert("apiVersion", Node::new("kustomize.config.k8s.io/v1beta1", span));
    map.insert("kind", Node::new("Kustomization", span));
    map.insert("resources", Node::new(resources, span));
    let table = match directory.split_once('/') {
        Some((region, _)) => format!("[[region]] {region}"),
        None => "every [[region]]".to_owned(),
    };
    let comment = format!("{table}: the files of this directory. Written by sovereign.");
    yaml::document(&comment, &Node::new(map, span))
}
