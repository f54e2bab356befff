#![doc = include_str!("../../docs/diagnostics/dependency-cycle.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::Plan;
use crate::plan::graph::{Edge, Graph};

/// Reports every cycle of the dependency graph of a cluster, edge by edge.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        for cycle in Graph::of(region).cycles() {
            diags.push(report(&cycle));
        }
    }
}

/// The finding stands at an edge that a person wrote, if one is part of the cycle: that is the one to remove.
fn report(cycle: &[Edge<'_>]) -> Diagnostic {
    let start = cycle.iter().position(|edge| edge.span.source.is_input()).unwrap_or(0);
    let mut edges = cycle.iter().cycle().skip(start).take(cycle.len());
    let first = edges.next().copied().unwrap_or(cycle[0]);
    let names: Vec<_> = std::iter::once(first.from)
        .chain(cycle.iter().cycle().skip(start).take(cycle.len()).map(|edge| edge.to))
        .map(|name| format!("`{name}`"))
        .collect();
    let message = format!("these wait for each other: {}", names.join(" → "));
    let found = Diagnostic::new(Code::DependencyCycle, first.span, message)
        .label(format!("`{}` waits for `{}`", first.from, first.to));
    edges
        .fold(found, |found, edge| {
            found.related(edge.span, format!("`{}` waits for `{}`", edge.from, edge.to))
        })
        .help("remove one of these dependencies")
}
