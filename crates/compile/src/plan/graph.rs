//! The dependency graph of one cluster, or of one Organization: order and cycles.

use std::collections::BTreeMap;

use super::Region;
use sovereign_text::source::{Span, Spanned};

/// An edge: who waits, for whom, and where that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge<'a> {
    /// Who waits; a release with `bp-`.
    pub from: &'a str,
    /// For whom.
    pub to: &'a str,
    /// Where it is written.
    pub span: Span,
}

/// A graph over names.
pub(crate) struct Graph<'a> {
    edges: BTreeMap<&'a str, Vec<Spanned<&'a str>>>,
}

impl<'a> Graph<'a> {
    /// Returns the graph over the releases of a region; edges to absent releases are not part of it.
    pub(crate) fn new(region: &'a Region<'_>) -> Self {
        let name = |release: &'a super::Release<'_>| release.blueprint.name.value.as_str();
        let mut edges: BTreeMap<_, Vec<_>> = region.releases.iter().map(|r| (name(r), Vec::new())).collect();
        for release in &region.releases {
            for dependency in &release.depends_on {
                let to = dependency.value.as_str();
                if edges.contains_key(to) {
                    edges.entry(name(release)).or_default().push(Spanned::new(to, dependency.span));
                }
            }
        }
        Self { edges }
    }

    /// Returns the graph of some edges.
    pub(crate) fn of_edges(edges: impl IntoIterator<Item = Edge<'a>>) -> Self {
        let mut graph = Self { edges: BTreeMap::new() };
        for Edge { from, to, span } in edges {
            graph.edges.entry(to).or_default();
            graph.edges.entry(from).or_default().push(Spanned::new(to, span));
        }
        graph
    }

    /// Returns how many steps each release stands above one that waits for nobody; releases on a cycle are missing.
    pub(crate) fn depths(&self) -> BTreeMap<&'a str, usize> {
        let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
        loop {
            let before = depths.len();
            for (name, edges) in &self.edges {
                if depths.contains_key(name) {
                    continue;
                }
                let below: Option<Vec<_>> =
                    edges.iter().map(|edge| depths.get(edge.value).copied()).collect();
                if let Some(below) = below {
                    depths.insert(name, below.iter().max().map_or(0, |depth| depth + 1));
                }
            }
            if depths.len() == before {
                return depths;
            }
        }
    }

    /// Returns the shortest cycle through the first release (by name) that is on one, as its edges in order; an edge of a
    /// release to itself is no cycle here. Each cycle is found once: `seen` holds the names of those before.
    pub(crate) fn cycles(&self) -> Vec<Vec<Edge<'a>>> {
        let ordered = self.depths();
        let mut cycles: Vec<Vec<Edge<'a>>> = Vec::new();
        for start in self.edges.keys().filter(|name| !ordered.contains_key(*name)) {
            if cycles.iter().flatten().any(|edge| edge.from == *start) {
                continue;
            }
            cycles.extend(self.shortest_cycle(start));
        }
        cycles
    }

    /// Breadth-first from `start` back to itself.
    fn shortest_cycle(&self, start: &'a str) -> Option<Vec<Edge<'a>>> {
        let mut reached: BTreeMap<&str, Edge<'a>> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(from) = queue.pop_front() {
            for edge in self.edges.get(from)? {
                let (to, span) = (edge.value, edge.span);
                if to == from || reached.contains_key(to) {
                    continue;
                }
                reached.insert(to, Edge { from, to, span });
                if to == start {
                    return Some(trace(&reached, start));
                }
                queue.push_back(to);
            }
        }
        None
    }
}

/// Follows the edges back from `start` to itself.
fn trace<'a>(reached: &BTreeMap<&'a str, Edge<'a>>, start: &'a str) -> Vec<Edge<'a>> {
    let mut cycle = Vec::new();
    let mut at = start;
    while let Some(edge) = reached.get(at) {
        cycle.push(*edge);
        at = edge.from;
        if at == start {
            break;
        }
    }
    cycle.reverse();
    cycle
}
