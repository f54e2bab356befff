//! A plan as graphs: which release waits for which, which layer Flux brings up after which, and the regions with what ties
//! them together. Data, printed by [`text`], [`dot`], [`mermaid`] and [`svg`].
//!
//! The drawing is laid out here ([`layout`]): what Rust has for that asserts and unwraps on what it is given, and names of
//! a manifest must neither stop the program nor become markup.

pub mod dot;
mod layout;
pub mod mermaid;
pub mod svg;
pub mod text;

pub use layout::ranks;

use crate::lower::{self, Lowered};
use crate::object::Object;
use crate::plan::{Plan, Region};

/// Nodes, and edges between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// What it shows.
    pub title: String,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The edges.
    pub edges: Vec<Edge>,
    /// Whether an edge has a direction: `from` waits for `to`.
    pub is_directed: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is called.
    pub name: String,
    /// What belongs together with it.
    pub group: String,
    /// More about it, for people.
    pub note: String,
}

/// An edge between two nodes, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Who waits.
    pub from: usize,
    /// For whom.
    pub to: usize,
    /// What it is, if it has to be said.
    pub label: &'static str,
}

/// Returns which release of a region waits for which.
pub fn dependencies(plan: &Plan<'_>, region: &Region<'_>) -> Graph {
    let names = region.releases.iter().map(|release| {
        let group = lower::release::layer(release).directory().to_owned();
        let blueprint = release.blueprint;
        let note = format!("{} {}", blueprint.chart.value, release.version.value);
        Node { name: blueprint.name.value.to_string(), group, note }
    });
    let waits = region
        .releases
        .iter()
        .map(|release| release.depends_on.iter().map(|on| on.value.clone()).collect::<Vec<_>>());
    let title = format!("Releases of {} in {}", plan.fqdn.value, region.name.value);
    directed(title, names.collect(), waits)
}

/// Returns which layer of a region Flux brings up after which.
pub fn layers(plan: &Plan<'_>, region: &Region<'_>, lowered: &Lowered) -> Graph {
    let cluster = lowered.clusters.iter().filter(|cluster| cluster.directory == region.name.value.as_str());
    let kustomizations: Vec<_> = cluster
        .flat_map(|cluster| &cluster.objects)
        .filter_map(|placed| if let Object::Kustomization(it) = &placed.object { Some(it) } else { None })
        .collect();
    let nodes = kustomizations.iter().map(|it| Node {
        name: it.meta.name.value.clone(),
        group: String::new(),
        note: it.path.clone(),
    });
    let title = format!("Layers of {} in {}", plan.fqdn.value, region.name.value);
    directed(title, nodes.collect(), kustomizations.iter().map(|it| it.depends_on.clone()))
}

/// How many regions are drawn with an edge between every two: of more, the mesh is only drawn from the primary.
const MOST_OF_MESH: usize = 12;

/// Returns the regions and what ties them together: the mesh of their clusters, and the pair that fails over.
pub fn topology(plan: &Plan<'_>) -> Graph {
    let node = |region: &Region<'_>| Node {
        name: region.name.value.to_string(),
        group: region.role.value.to_string(),
        note: format!(
            "{} · {} · {} releases",
            region.provider.value,
            region.pods.value,
            region.releases.len()
        ),
    };
    let count = plan.regions.len();
    let pair = plan.pair();
    let is_pair = |one: usize, other: usize| pair.is_some_and(|pair| pair.has(one) && pair.has(other));
    let primary = plan.regions.iter().position(Region::is_primary).unwrap_or_default();
    let all = (0..count).flat_map(|one| (one + 1..count).map(move |other| (one, other)));
    let drawn = all.filter(|(one, other)| {
        count <= MOST_OF_MESH || *one == primary || *other == primary || is_pair(*one, *other)
    });
    let edge =
        |(from, to)| Edge { from, to, label: if is_pair(from, to) { "failover pair" } else { "mesh" } };
    Graph {
        title: format!("Regions of {}", plan.fqdn.value),
        nodes: plan.regions.iter().map(node).collect(),
        edges: drawn.map(edge).collect(),
        is_directed: false,
    }
}

/// Names that are waited for and are no nodes are left out: a rule reports them.
fn directed(title: String, nodes: Vec<Node>, waits: impl Iterator<Item = Vec<String>>) -> Graph {
    let places: std::collections::BTreeMap<_, _> =
        nodes.iter().enumerate().map(|(place, node)| (node.name.as_str(), place)).collect();
    let mut edges = Vec::new();
    for (from, on) in waits.enumerate() {
        edges
            .extend(on.iter().filter_map(|on| Some(Edge { from, to: *places.get(on.as_str())?, label: "" })));
    }
    Graph { title, nodes, edges, is_directed: true }
}

#[cfg(test)]
mod tests;
