//! A graph for Graphviz.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Graph;

/// Returns the graph in the DOT language.
pub fn render(graph: &Graph) -> String {
    let (word, arrow) = if graph.is_directed { ("digraph", "->") } else { ("graph", "--") };
    let mut out =
        format!("{word} {} {{\n  rankdir=RL;\n  node [shape=box, style=rounded];\n", quoted(&graph.title));
    let groups: BTreeSet<_> = graph.nodes.iter().map(|node| node.group.as_str()).collect();
    for (number, group) in groups.iter().enumerate() {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "  subgraph g{number} {{\n    label={};", quoted(group));
        for (place, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.group == **group) {
            let _ =
                writeln!(out, "    n{place} [label={}, tooltip={}];", quoted(&node.name), quoted(&node.note));
        }
        out.push_str("  }\n");
    }
    for edge in &graph.edges {
        let _ = write!(out, "  n{} {arrow} n{}", edge.from, edge.to);
        let _ = if edge.label.is_empty() {
            writeln!(out, ";")
        } else {
            writeln!(out, " [label={}];", quoted(edge.label))
        };
    }
    out.push_str("}\n");
    out
}

/// Returns a text in quotes, in which only quotes and backslashes mean something.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
