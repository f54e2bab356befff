//! A tree as it is: its objects, and what else it says of its Sovereign.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::diff::documents;
use sovereign_compile::tree::LOCK;

/// The first line of a region in the lock.
const REGION: &str = "# region ";
/// The line of the kit in the lock.
const KIT: &str = "# kit ";
/// The label that names a Sovereign.
const LABEL: &str = "catalyst.openova.io/sovereign";

/// What tells an object from every other one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    /// The directory of its cluster.
    pub cluster: String,
    /// The kind, with the API group: versions of a group are one kind.
    pub kind: String,
    /// The namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// An existing tree.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// Its objects.
    pub objects: BTreeMap<Id, Json>,
    /// Files that hold no YAML that can be read.
    pub unreadable: Vec<String>,
    /// The files of variables, by their directory.
    pub(super) told: BTreeMap<String, Json>,
    /// The regions, in the order of their numbers, as the lock has them or as directories show them.
    pub(super) regions: Vec<String>,
    /// What the lock says of each region: pairs of words.
    pub(super) locked: BTreeMap<String, BTreeMap<String, String>>,
    /// The kit, if the lock says it.
    pub(super) kit: Option<String>,
    /// The name of the Sovereign.
    pub(super) fqdn: Option<String>,
}

impl Existing {
    /// Reads the files of a tree, by their paths. What is no YAML and no file of variables says nothing. A tree without directories of
    /// regions is that of one region, which is called `region`.
    pub fn read(files: &[(String, Vec<u8>)], region: &str) -> Self {
        let root = root(files);
        let mut existing = Self::default();
        let below = |path: &str| path.strip_prefix(&root).map(str::to_owned);
        let mut found = Vec::new();
        for (path, bytes) in files {
            let (Some(path), Ok(text)) = (below(path), std::str::from_utf8(bytes)) else { continue };
            if path == LOCK {
                existing.read_lock(text);
            } else if path.ends_with(".auto.tfvars.json") {
                if let Ok(json) = serde_json::from_str(text) {
                    existing.told.insert(path, json);
                }
            } else if [".yaml", ".yml"].iter().any(|end| path.ends_with(end)) {
                match documents(text) {
                    Ok(documents) => {
                        found.extend(documents.into_iter().map(|document| (path.clone(), document)));
                    }
                    Err(()) => existing.unreadable.push(path),
                }
            }
        }
        // What cloud-init applies stands among the layers too.
        found.retain(|(path, _)| !path.starts_with("infrastructure/"));
        let named: BTreeSet<&str> = found
            .iter()
            .filter_map(|(path, _)| path.split_once("/flux-system/").map(|(region, _)| region))
            .collect();
        if existing.regions.is_empty() {
            existing.regions = named.iter().map(|region| (*region).to_owned()).collect();
        }
        let is_ours = !existing.regions.is_empty();
        if !is_ours {
            existing.regions.push(region.to_owned());
        }
        existing.fqdn = fqdn(&root, &found);
        for (path, document) in found {
            for object in members(document) {
                let cluster = if is_ours { path.split('/').next().unwrap_or_default() } else { region };
                if let Some(id) = id(cluster, &object) {
                    existing.objects.insert(id, object);
                }
            }
        }
        existing
    }

    fn read_lock(&mut self, text: &str) {
        for line in text.lines() {
            if let Some(kit) = line.strip_prefix(KIT) {
                self.kit = kit.split(' ').next().map(str::to_owned);
            } else if let Some(region) = line.strip_prefix(REGION) {
                let mut words = region.split(' ').map(str::to_owned);
                let Some(name) = words.next() else { continue };
                let mut facts = BTreeMap::new();
                while let (Some(key), Some(value)) = (words.next(), words.next()) {
                    facts.insert(key, value);
                }
                self.regions.push(name.clone());
                self.locked.insert(name, facts);
            }
        }
        let index = |name: &String| self.locked.get(name)?.get("index")?.parse::<usize>().ok();
        self.regions.sort_by_key(index);
    }

    /// Returns what the lock says of a region.
    pub(super) fn fact(&self, region: &str, key: &str) -> Option<&str> {
        self.locked.get(region)?.get(key).map(String::as_str)
    }

    /// Returns the releases of a cluster, by name.
    pub(super) fn releases<'a>(&'a self, cluster: &'a str) -> impl Iterator<Item = (&'a str, &'a Json)> {
        let of_cluster = self.objects.iter().filter(move |(id, _)| id.cluster == cluster && id.is_release());
        of_cluster.map(|(id, object)| (id.name.as_str(), object))
    }
}

impl Id {
    /// Returns whether it is that of a HelmRelease.
    pub(super) fn is_release(&self) -> bool {
        self.kind == "HelmRelease.helm.toolkit.fluxcd.io"
    }
}

/// Returns the directory of the tree: that of its lock, or `clusters/<fqdn>`, or where everything is.
fn root(files: &[(String, Vec<u8>)]) -> String {
    let locked = files.iter().find_map(|(path, _)| path.strip_suffix(LOCK)).map(str::to_owned);
    let named = || {
        let path = files.iter().map(|(path, _)| path.as_str()).find(|path| path.starts_with("clusters/"))?;
        Some(format!("clusters/{}/", path.split('/').nth(1)?))
    };
    locked.or_else(named).unwrap_or_default()
}

/// Returns the name of the Sovereign: that of the directory, or what most labels say.
fn fqdn(root: &str, found: &[(String, Json)]) -> Option<String> {
    if let Some(name) = root.trim_end_matches('/').rsplit_once("clusters/").map(|(_, name)| name) {
        return Some(name.to_owned());
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, object) in found {
        let label =
            object.pointer("/metadata/labels").and_then(|labels| labels.get(LABEL)).and_then(Json::as_str);
        if let Some(label) = label.filter(|label| label.contains('.')) {
            *counts.entry(label).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name.to_owned())
}

/// Returns the objects of a document: a list holds several.
fn members(document: Json) -> Vec<Json> {
    match document.get("items") {
        Some(Json::Array(items)) if document["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) => {
            items.clone()
        }
        _ => vec![document],
    }
}

/// Returns what tells an object apart; `None` for what no cluster holds.
pub(super) fn id(cluster: &str, object: &Json) -> Option<Id> {
    let group = object.get("apiVersion")?.as_str()?.rsplit_once('/').map_or("", |(group, _)| group);
    if group == "kustomize.config.k8s.io" {
        return None;
    }
    let kind = object.get("kind")?.as_str()?;
    let kind = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
    let meta = object.get("metadata")?;
    let text = |key: &str| meta.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    Some(Id { cluster: cluster.to_owned(), kind, namespace: text("namespace"), name: text("name") })
}
