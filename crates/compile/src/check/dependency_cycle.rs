#![doc = include_str!("../../../../docs/diagnostics/dependency-cycle.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Plan;
use crate::plan::graph::{Edge, Graph};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Reports the cycles of the dependency graph of each cluster: for each dependency that closes cycles the shortest
/// one, edge by edge. The same of the applications of each Organization, and Organizations that are parts of each other.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let graphs: Vec<_> = plan.regions.iter().map(Graph::new).collect();
    let mut found: BTreeMap<Span, Vec<Vec<Edge<'_>>>> = BTreeMap::new();
    for cycle in graphs.iter().flat_map(Graph::cycles).map(from_the_written_edge) {
        let Some(first) = cycle.first() else { continue };
        let cycles = found.entry(first.span).or_default();
        if !cycles.contains(&cycle) {
            cycles.push(cycle);
        }
    }
    for mut cycles in found.into_values() {
        cycles.sort_by_key(Vec::len);
        if let Some((shortest, others)) = cycles.split_first() {
            diags.push(report(shortest, others.len()));
        }
    }
    for organization in &plan.organizations {
        diags.extend(Graph::of_edges(organization.needs()).cycles().iter().map(|cycle| needs(cycle)));
    }
    diags.extend(parents(plan).iter().map(|cycle| parts(cycle)));
}

/// Organizations that are parts of each other, each circle once. An Organization is a part of one other at most, so every
/// one is passed once; one that is a part of itself is another rule's.
fn parents<'a>(plan: &'a Plan<'_>) -> Vec<Vec<Edge<'a>>> {
    let mut passed: BTreeSet<&str> = BTreeSet::new();
    let mut cycles = Vec::new();
    for start in &plan.tenant_summaries {
        let (mut at, mut way) = (start.slug.value.as_str(), Vec::new());
        while passed.insert(at) {
            let summary = plan.summary(at);
            let Some(parent) = summary.and_then(|summary| summary.parent.as_ref()) else { break };
            way.push(Edge { from: at, to: parent.value.as_str(), span: parent.span });
            at = parent.value.as_str();
        }
        let begin = way.iter().position(|edge| edge.from == at).unwrap_or(way.len());
        let mut cycle = way.split_off(begin);
        if cycle.len() > 1 {
            let first = cycle.iter().enumerate().min_by_key(|(_, edge)| edge.from).map_or(0, |(n, _)| n);
            cycle.rotate_left(first);
            cycles.push(cycle);
        }
    }
    cycles
}

/// Returns the cycle, from an edge that a person wrote, if one is part of it: that is the one to remove.
fn from_the_written_edge(mut cycle: Vec<Edge<'_>>) -> Vec<Edge<'_>> {
    let start = cycle.iter().position(|edge| edge.span.source.is_input()).unwrap_or(0);
    cycle.rotate_left(start);
    cycle
}

fn report(cycle: &[Edge<'_>], others: usize) -> Diagnostic {
    let found = circle(cycle, "these wait for each other", "waits for");
    let found = match others {
        0 => found,
        1 => found.note("the same dependency closes 1 more cycle"),
        others => found.note(format!("the same dependency closes {others} more cycles")),
    };
    found.help("remove one of these dependencies")
}

fn needs(cycle: &[Edge<'_>]) -> Diagnostic {
    circle(cycle, "these need each other", "needs").help("remove one of them from `depends-on`")
}

fn parts(cycle: &[Edge<'_>]) -> Diagnostic {
    circle(cycle, "these are parts of each other", "is a part of").help("remove one `parent-org`")
}

/// Returns a circle, edge by edge.
fn circle(cycle: &[Edge<'_>], what: &str, verb: &str) -> Diagnostic {
    let first = cycle[0];
    let names: Vec<_> = std::iter::once(first.from)
        .chain(cycle.iter().map(|edge| edge.to))
        .map(|name| format!("`{name}`"))
        .collect();
    let edge = |edge: &Edge<'_>| format!("`{}` {verb} `{}`", edge.from, edge.to);
    let message = format!("{what}: {}", names.join(" → "));
    let found = Diagnostic::new(Code::DependencyCycle, first.span, message).label(edge(&first));
    cycle[1..].iter().fold(found, |found, next| found.related(next.span, edge(next)))
}
