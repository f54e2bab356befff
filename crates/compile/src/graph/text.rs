//! A graph as text: a paragraph for each wave, a line for each node.

use std::fmt::Write as _;

use super::{Graph, layout};

/// Returns the graph as text.
pub fn render(graph: &Graph) -> String {
    let mut out = format!("{}\n", graph.title);
    let width = graph.nodes.iter().map(|node| node.name.chars().count()).max().unwrap_or_default();
    let name = |place: usize| graph.nodes.get(place).map_or("", |node| node.name.as_str());
    for (wave, column) in layout::columns(graph).iter().enumerate() {
        // Writing to a string cannot fail, here and below.
        let _ = if graph.is_directed { writeln!(out, "\nwave {wave}") } else { writeln!(out) };
        let mut column: Vec<_> =
            column.iter().filter_map(|place| Some((*place, graph.nodes.get(*place)?))).collect();
        column.sort_by(|one, other| one.1.name.cmp(&other.1.name));
        for (place, node) in column {
            let ties = graph.edges.iter().filter_map(|edge| {
                if edge.from == place {
                    Some((edge.to, edge.label))
                } else if edge.to == place && !graph.is_directed {
                    Some((edge.from, edge.label))
                } else {
                    None
                }
            });
            let ties: Vec<_> =
                ties.map(|(to, label)| {
                    if label.is_empty() { name(to).to_owned() } else { format!("{} ({label})", name(to)) }
                })
                .collect();
            let after = if ties.is_empty() { String::new() } else { format!("  ← {}", ties.join(", ")) };
            let line = format!("  {:width$}  {}{after}", node.name, node.note);
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out
}
