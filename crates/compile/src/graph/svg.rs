//! A graph as SVG, for a browser by itself or inside of a page.

use std::f64::consts::TAU;
use std::fmt::Write as _;

use super::layout::{columns, count_of, ranks};
use super::{Edge, Graph};

/// The height of a node and of the room around it, and the room between columns, in pixels.
const HEIGHT: f64 = 26.0;
const ROW: f64 = 36.0;
const GAP: f64 = 70.0;
/// The room around the drawing.
const MARGIN: f64 = 20.0;
/// The width of a character, as wide as the widest of usual fonts at 12 pixels.
const CHARACTER: f64 = 7.4;

/// How a drawing looks by itself; a page brings its own.
const STYLE: &str = "<style>svg{font:12px system-ui,sans-serif;background:#fff}.node rect{fill:#eef2f7;stroke:#64748b}\
.node text{fill:#0f172a;text-anchor:middle;dominant-baseline:central}.edge{fill:none;stroke:#94a3b8}\
.label{fill:#475569;text-anchor:middle}@media (prefers-color-scheme:dark){svg{background:#0f172a}\
.node rect{fill:#1e293b;stroke:#94a3b8}.node text{fill:#e2e8f0}.edge{stroke:#475569}.label{fill:#cbd5e1}}</style>";

/// Returns the graph as a file.
pub fn render(graph: &Graph) -> String {
    let mut svg = drawing(graph);
    if let Some(at) = svg.find('>') {
        svg.insert_str(at + 1, STYLE);
    }
    svg.push('\n');
    svg
}

/// Returns the graph as an element of a page: nodes are `g.node` with their places and what they wait for, edges
/// `path.edge`.
pub fn drawing(graph: &Graph) -> String {
    if graph.is_directed { in_columns(graph) } else { on_a_ring(graph) }
}

/// Where the middle of a node is, and how wide it is.
#[derive(Clone, Copy, Default)]
struct Spot {
    x: f64,
    y: f64,
    width: f64,
}

fn in_columns(graph: &Graph) -> String {
    let columns = columns(graph);
    let highest = columns.iter().map(Vec::len).max().unwrap_or_default();
    let height = count_of(highest) * ROW + 2.0 * MARGIN + ROW;
    let mut spots = vec![Spot::default(); graph.nodes.len()];
    let mut x = MARGIN;
    let mut heads = String::new();
    for (wave, column) in columns.iter().enumerate() {
        let width = column.iter().map(|place| width_of(graph, *place)).fold(0.0, f64::max);
        let above = (height + ROW - count_of(column.len()) * ROW) / 2.0;
        for (row, place) in column.iter().enumerate() {
            if let Some(spot) = spots.get_mut(*place) {
                *spot = Spot { x: x + width / 2.0, y: above + (count_of(row) + 0.5) * ROW, width };
            }
        }
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            heads,
            "<text class=\"label\" x=\"{:.0}\" y=\"{:.0}\">wave {wave}</text>",
            x + width / 2.0,
            MARGIN + 4.0
        );
        x += width + GAP;
    }
    let mut out = open(graph, x - GAP + MARGIN, height + ROW / 2.0);
    out.push_str(&heads);
    for edge in &graph.edges {
        let (Some(from), Some(to)) = (spots.get(edge.from), spots.get(edge.to)) else { continue };
        let (start, end) = (from.x - from.width / 2.0, to.x + to.width / 2.0);
        let bend = (start - end).abs().max(GAP) / 2.0;
        let _ = write!(
            out,
            "<path class=\"edge\" data-from=\"{}\" data-to=\"{}\" d=\"M{start:.0} {:.0}C{:.0} {:.0} {:.0} {:.0} {end:.0} {:.0}\"/>",
            edge.from,
            edge.to,
            from.y,
            start - bend,
            from.y,
            end + bend,
            to.y,
            to.y
        );
    }
    let ranks = ranks(graph);
    for (place, spot) in spots.iter().enumerate() {
        let wave = ranks.get(place).copied().unwrap_or_default();
        node(&mut out, graph, place, *spot, &format!("wave {wave}"));
    }
    out.push_str("</svg>");
    out
}

/// How large a ring is, by how many nodes are on it.
fn radius(count: usize) -> f64 {
    (count_of(count) * 34.0).max(130.0)
}

/// The first is at the top.
fn angle(place: usize, count: usize) -> f64 {
    TAU * (count_of(place) / count_of(count.max(1)) - 0.25)
}

fn on_a_ring(graph: &Graph) -> String {
    let count = graph.nodes.len();
    let widest =
        (0..count).map(|place| width_of(graph, place).max(note_width(graph, place))).fold(0.0, f64::max);
    let (radius, margin) = (radius(count), widest / 2.0 + MARGIN);
    // Wider than high, as a screen is; one node alone needs no ring.
    let (wide, high) = if count > 1 { (radius * 1.7, radius) } else { (0.0, 0.0) };
    // A ring of few nodes does not reach its own bottom.
    let heights = || (0..count).map(|place| high * angle(place, count).sin());
    let (top, bottom) = (heights().fold(0.0, f64::min), heights().fold(0.0, f64::max));
    let (width, height) = (2.0 * (wide + margin), bottom - top + 100.0);
    let spot = |place: usize| {
        let angle = angle(place, count);
        Spot {
            x: width / 2.0 + wide * angle.cos(),
            y: 45.0 - top + high * angle.sin(),
            width: width_of(graph, place),
        }
    };
    let mut out = open(graph, width, height);
    for Edge { from, to, label } in &graph.edges {
        let (one, other) = (spot(*from), spot(*to));
        let class = if *label == "mesh" { "edge" } else { "edge strong" };
        let _ = write!(
            out,
            "<path class=\"{class}\" data-from=\"{from}\" data-to=\"{to}\" d=\"M{:.0} {:.0}L{:.0} {:.0}\"/>",
            one.x, one.y, other.x, other.y
        );
        let _ = write!(
            out,
            "<text class=\"label\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            f64::midpoint(one.x, other.x),
            f64::midpoint(one.y, other.y) - 5.0,
            escaped(label)
        );
    }
    for (place, of) in graph.nodes.iter().enumerate() {
        let at = spot(place);
        node(&mut out, graph, place, at, &of.group);
        let _ = write!(
            out,
            "<text class=\"label\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            at.x,
            at.y + 28.0,
            escaped(&of.note)
        );
    }
    out.push_str("</svg>");
    out
}

fn open(graph: &Graph, width: f64, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"group\" aria-label=\"{}\">",
        escaped(&graph.title)
    )
}

fn node(out: &mut String, graph: &Graph, place: usize, spot: Spot, more: &str) {
    let Some(node) = graph.nodes.get(place) else { return };
    let (name, about) = (escaped(&node.name), escaped(&node.note));
    let group = escaped(&node.group);
    let _ = write!(
        out,
        "<g class=\"node\" data-place=\"{place}\" data-name=\"{name}\" data-group=\"{group}\" tabindex=\"0\" role=\"button\" \
         aria-label=\"{name}, {}\"><title>{name}: {about}, {}</title><rect x=\"{:.0}\" y=\"{:.0}\" width=\"{:.0}\" height=\"{HEIGHT}\" rx=\"6\"/>\
         <text x=\"{:.0}\" y=\"{:.0}\">{name}</text></g>",
        escaped(more),
        escaped(more),
        spot.x - spot.width / 2.0,
        spot.y - HEIGHT / 2.0,
        spot.width,
        spot.x,
        spot.y
    );
}

fn width_of(graph: &Graph, place: usize) -> f64 {
    graph.nodes.get(place).map_or(0.0, |node| count_of(node.name.chars().count()) * CHARACTER + 16.0)
}

fn note_width(graph: &Graph, place: usize) -> f64 {
    graph.nodes.get(place).map_or(0.0, |node| count_of(node.note.chars().count()) * CHARACTER)
}

/// Returns a text that is no markup, inside of an element or of an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no other controls.
            c if c.is_control() && !"\t\n".contains(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
