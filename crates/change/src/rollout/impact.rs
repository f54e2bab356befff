//! What a step does that somebody has to be asked about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::diff::events::{ClusterEvents, What};
use crate::diff::{Change, Diff, ObjectChange};
use sovereign_compile::lower::Layer;
use sovereign_compile::object::FLUX_NAMESPACE;
use sovereign_compile::{Compiled, provision};
use sovereign_language::kit::Risk;

/// What a step does to all Sovereigns together. Names are followed by their cluster.
#[derive(Debug, Default)]
pub(crate) struct Impact {
    /// Releases that go, and Kustomizations with what they applied.
    pub gone: Vec<String>,
    /// Resources of the failover controller that go.
    pub let_go: Vec<String>,
    /// Namespaces that leave the tree and stay in their cluster.
    pub left: Vec<String>,
    /// What goes with something to lose, or is installed again under another identity.
    pub lost: Vec<String>,
    /// Releases that go, whose custom resources own the Secrets that they make.
    pub owners: Vec<String>,
    /// Regions that stay and stand at another place of the list of their module: each with both places.
    pub renumbered: Vec<(String, usize, usize)>,
    /// Secrets of Flux's namespace that releases of clusters that are there read from this step on, by cluster and name, with
    /// their keys.
    pub awaited: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Impact {
    /// Adds what a step does to one Sovereign. Namespaces of clusters that are `leaving` go with their machines.
    pub(super) fn add(&mut self, diff: &Diff, after: &Compiled, leaving: &BTreeSet<String>) {
        for cluster in &diff.clusters {
            let here = |name: &str| format!("{name} ({})", cluster.cluster);
            for event in &cluster.events {
                if let What::ClusterRemoved { at_risk, .. } = &event.what {
                    self.lost.extend(at_risk.iter().map(|name| here(name)));
                    continue;
                }
                if matches!(event.what, What::Deleted { .. }) {
                    self.gone.push(here(&event.subject));
                }
                if event.risk == Some(Risk::Secrets) {
                    self.owners.push(here(&event.subject));
                }
                if event.risk.is_some() {
                    self.lost.push(here(&event.subject));
                }
            }
        }
        let stays = |change: &&ObjectChange| {
            after.lowered.clusters.iter().any(|cluster| cluster.directory == change.id.cluster)
        };
        for change in diff.objects.iter().filter(|change| change.new.is_none()).filter(stays) {
            let (name, cluster) = (&change.id.name, &change.id.cluster);
            let layer = ObjectChange::layer(change.old.as_ref());
            match change.id.kind.as_str() {
                "Namespace" => {
                    if !leaving.contains(cluster) {
                        self.left.push(format!("{name} ({cluster})"));
                    }
                    self.lost.push(format!("Namespace {name} ({cluster})"));
                }
                // What is held stays in its cluster.
                "Application" if !change.was_held() => {
                    self.lost.push(format!("Application {}/{name} ({cluster})", change.id.namespace));
                }
                "Kustomization" if change.id.namespace == FLUX_NAMESPACE => {
                    self.gone.push(format!("Kustomization {name} ({cluster})"));
                }
                kind if layer == Some(Layer::Failover.directory()) => {
                    let namespace = &change.id.namespace;
                    self.let_go.push(format!("{kind} {namespace}/{name} ({cluster})"));
                }
                _ => {}
            }
        }
        self.secrets(diff);
        self.machines(diff);
    }

    /// Adds the keys of Secrets that no changed release read before: without one of them Flux installs nothing of a release.
    fn secrets(&mut self, diff: &Diff) {
        let comes = |cluster: &ClusterEvents| {
            cluster.events.iter().any(|event| matches!(event.what, What::ClusterAdded { .. }))
        };
        let coming: BTreeSet<_> =
            diff.clusters.iter().filter(|cluster| comes(cluster)).map(|cluster| &cluster.cluster).collect();
        let releases = || {
            let there = |change: &&ObjectChange| !coming.contains(&change.id.cluster);
            diff.objects.iter().filter(|change| change.id.kind == "HelmRelease").filter(there)
        };
        let mut read = BTreeSet::new();
        for change in releases() {
            let keys = change.old.iter().flat_map(|(_, object)| secrets_of(object));
            read.extend(keys.map(|(name, key)| (&change.id.cluster, name, key)));
        }
        for change in releases() {
            for (name, key) in change.new.iter().flat_map(|(_, object)| secrets_of(object)) {
                if !read.contains(&(&change.id.cluster, name, key)) {
                    let place = (change.id.cluster.clone(), name.to_owned());
                    self.awaited.entry(place).or_default().insert(key.to_owned());
                }
            }
        }
    }

    fn machines(&mut self, diff: &Diff) {
        for (path, change) in &diff.files {
            if let (true, Change::Modified { old, new }) = (provision::is_shared(path), change) {
                self.renumbered.extend(provision::renumbered(&String::from_utf8_lossy(old), new));
            }
        }
    }
}

/// Returns the Secrets that a release must be able to read: names and keys.
fn secrets_of(release: &Json) -> impl Iterator<Item = (&str, &str)> {
    let sources = release["spec"]["valuesFrom"].as_array().into_iter().flatten();
    let wanted = sources.filter(|source| source["kind"] == "Secret" && source["optional"] != true);
    wanted.filter_map(|source| {
        Some((source["name"].as_str()?, source["valuesKey"].as_str().unwrap_or("values.yaml")))
    })
}
