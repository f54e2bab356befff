//! The dependency graph of one cluster, or of one Organization: order and cycles.

use std::collections::{BTreeMap, BTreeSet};

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

    /// Returns how many steps each release stands above one that waits for nobody; releases on a cycle, and
    /// those that wait for one, are missing. Takes each edge once.
    pub(crate) fn depths(&self) -> BTreeMap<&'a str, usize> {
        let mut left: BTreeMap<&str, usize> =
            self.edges.iter().map(|(name, edges)| (*name, edges.len())).collect();
        let waiting = self.reversed();
        let mut below: BTreeMap<&str, usize> = BTreeMap::new();
        let mut ready: Vec<_> =
            left.iter().filter(|(_, edges)| **edges == 0).map(|(name, _)| *name).collect();
        let mut depths = BTreeMap::new();
        while let Some(name) = ready.pop() {
            let depth = below.get(name).copied().unwrap_or_default();
            depths.insert(name, depth);
            for waiter in waiting.edges.get(name).into_iter().flatten().map(|edge| edge.value) {
                let deepest = below.entry(waiter).or_default();
                *deepest = (*deepest).max(depth + 1);
                if let Some(edges) = left.get_mut(waiter) {
                    *edges -= 1;
                    if *edges == 0 {
                        ready.push(waiter);
                    }
                }
            }
        }
        depths
    }

    /// Returns the same graph with every edge the other way round.
    fn reversed(&self) -> Self {
        let edges = self.edges.iter();
        let turned = edges.flat_map(|(from, edges)| {
            edges.iter().map(|edge| Edge { from: edge.value, to: from, span: edge.span })
        });
        Self::of_edges(turned)
    }

    /// Returns the shortest cycle through the first release (by name) that is on one, as its edges in order; an edge of a
    /// release to itself is no cycle here. Each cycle is found once: `seen` holds the names of those before.
    pub(crate) fn cycles(&self) -> Vec<Vec<Edge<'a>>> {
        // Neither what waits for a cycle nor what one waits for is on it; a search from there would pass all of it in vain.
        let (below, above) = (self.depths(), self.reversed().depths());
        let is_between = |name: &&&str| !below.contains_key(**name) && !above.contains_key(**name);
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut cycles: Vec<Vec<Edge<'a>>> = Vec::new();
        for start in self.edges.keys().filter(is_between) {
            if !seen.contains(start)
                && let Some(cycle) = self.shortest_cycle(start)
            {
                seen.extend(cycle.iter().map(|edge| edge.from));
                cycles.push(cycle);
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_text::source::SourceId;

    fn graph(edges: &[(String, String)]) -> Graph<'_> {
        let span = Span::new(SourceId::MANIFEST, 0..0);
        Graph::of_edges(edges.iter().map(|(from, to)| Edge { from, to, span }))
    }

    fn edge(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn depths_count_the_longest_way_down_and_leave_out_cycles() {
        let edges = ["ab", "bc", "ac", "de", "ed", "xd", "ef"].map(|pair| edge(&pair[..1], &pair[1..]));
        let depths = graph(&edges).depths();
        assert_eq!(depths.into_iter().collect::<Vec<_>>(), [("a", 2), ("b", 1), ("c", 0), ("f", 0)]);
        let cycles = graph(&edges).cycles();
        let names: Vec<Vec<_>> =
            cycles.iter().map(|cycle| cycle.iter().map(|edge| edge.from).collect()).collect();
        assert_eq!(names, [["d", "e"]]);
    }

    /// A chain of 20,000 and a cycle at either end of it takes a moment. Each turn over all of it took a minute.
    #[test]
    fn a_long_chain_takes_each_edge_once() {
        let name = |n: usize| format!("{n:05}");
        let chain = (0..20_000).map(|n| (name(n + 1), name(n)));
        assert_eq!(graph(&chain.clone().collect::<Vec<_>>()).depths().len(), 20_001);
        let down: Vec<_> = (0..20_000).map(|n| (name(n), name(n + 1))).collect();
        assert_eq!(graph(&down).depths().get("00000"), Some(&20_000));
        let closed: Vec<_> =
            chain.chain([(name(0), "a".to_owned()), edge("a", "b"), edge("b", "a")]).collect();
        assert_eq!(graph(&closed).cycles().len(), 1);
    }
}
