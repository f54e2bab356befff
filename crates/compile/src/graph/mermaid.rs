//! A graph for Mermaid, which forges draw in Markdown.

use std::fmt::Write as _;

use super::Graph;

/// Returns the graph as a flowchart.
pub fn render(graph: &Graph) -> String {
    let mut out = String::from("flowchart RL\n");
    for (place, node) in graph.nodes.iter().enumerate() {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "  n{place}[\"{}\"]", escaped(&node.name));
    }
    let arrow = if graph.is_directed { "-->" } else { "---" };
    for edge in &graph.edges {
        let label = if edge.label.is_empty() { String::new() } else { format!("|{}|", edge.label) };
        let _ = writeln!(out, "  n{} {arrow}{label} n{}", edge.from, edge.to);
    }
    out
}

/// Returns a text in which nothing means something to Mermaid: what could is written by its number.
fn escaped(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " -_./".contains(c);
    text.chars().map(|c| if is_plain(c) { c.to_string() } else { format!("#{};", u32::from(c)) }).collect()
}
