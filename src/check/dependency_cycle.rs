#![doc = include_str!("../../docs/diagnostics/dependency-cycle.md")]

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::Plan;
use crate::plan::graph::{Edge, Graph};
use crate::source::Span;

/// Reports the cycles of the dependency graph of each cluster: for each dependency that closes cycles the shortest
/// one, edge by edge.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let graphs: Vec<_> = plan.regions.iter().map(Graph::of).collect();
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
}

/// The cycle, from an edge that a person wrote, if one is part of it: that is the one to remove.
fn from_the_written_edge(mut cycle: Vec<Edge<'_>>) -> Vec<Edge<'_>> {
    let start = cycle.iter().position(|edge| edge.span.source.is_input()).unwrap_or(0);
    cycle.rotate_left(start);
    cycle
}

fn report(cycle: &[Edge<'_>], others: usize) -> Diagnostic {
    let first = cycle[0];
    let names: Vec<_> = std::iter::once(first.from)
        .chain(cycle.iter().map(|edge| edge.to))
        .map(|name| format!("`{name}`"))
        .collect();
    let waits = |edge: &Edge<'_>| format!("`{}` waits for `{}`", edge.from, edge.to);
    let message = format!("these wait for each other: {}", names.join(" → "));
    let found = Diagnostic::new(Code::DependencyCycle, first.span, message).label(waits(&first));
    let mut found = cycle[1..].iter().fold(found, |found, edge| found.related(edge.span, waits(edge)));
    if others > 0 {
        let s = if others == 1 { "" } else { "s" };
        found = found.note(format!("the same dependency closes {others} more cycle{s}"));
    }
    found.help("remove one of these dependencies")
}
