//! Where nodes stand: in columns by how long they wait, and in each column near what they wait for. Or, without
//! directions, on a ring.

use super::Graph;

/// How often the order in the columns is made better: after a few turns it hardly changes.
const TURNS: usize = 6;

/// Returns the column of each node: one more than the highest of those that it waits for. A node on a circle, or that waits
/// for one, is in the first.
pub fn ranks(graph: &Graph) -> Vec<usize> {
    let mut ranks = vec![0; graph.nodes.len()];
    let mut left = vec![0_usize; graph.nodes.len()];
    let mut waiters: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        if let (Some(count), Some(list)) = (left.get_mut(edge.from), waiters.get_mut(edge.to)) {
            *count += 1;
            list.push(edge.from);
        }
    }
    let mut ready: Vec<usize> = (0..left.len()).filter(|place| left.get(*place) == Some(&0)).collect();
    while let Some(place) = ready.pop() {
        let next = ranks.get(place).copied().unwrap_or_default() + 1;
        for &waiter in waiters.get(place).into_iter().flatten() {
            if let (Some(rank), Some(count)) = (ranks.get_mut(waiter), left.get_mut(waiter)) {
                *rank = next.max(*rank);
                *count -= 1;
                if *count == 0 {
                    ready.push(waiter);
                }
            }
        }
    }
    ranks
}

/// Returns the columns, each with its nodes from top to bottom.
pub(super) fn columns(graph: &Graph) -> Vec<Vec<usize>> {
    let ranks = ranks(graph);
    let count = ranks.iter().max().map_or(0, |highest| highest + 1);
    let mut columns = vec![Vec::new(); count];
    for (place, rank) in ranks.iter().enumerate() {
        if let Some(column) = columns.get_mut(*rank) {
            column.push(place);
        }
    }
    let mut neighbours = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        if let Some(list) = neighbours.get_mut(edge.from) {
            list.push(edge.to);
        }
        if let Some(list) = neighbours.get_mut(edge.to) {
            list.push(edge.from);
        }
    }
    for _ in 0..TURNS {
        let heights = heights(&columns, graph.nodes.len());
        for column in &mut columns {
            // The mean height of what a node is tied to, and its own where that is nothing.
            column.sort_by(|one, other| {
                let mean = |place: &usize| mean(neighbours.get(*place), &heights, *place);
                mean(one).total_cmp(&mean(other)).then(one.cmp(other))
            });
        }
    }
    columns
}

/// Returns how high each node stands in its column, from 0 to 1.
fn heights(columns: &[Vec<usize>], count: usize) -> Vec<f64> {
    let mut heights = vec![0.0; count];
    for column in columns {
        for (height, place) in column.iter().enumerate() {
            if let Some(slot) = heights.get_mut(*place) {
                *slot = (count_of(height) + 0.5) / count_of(column.len());
            }
        }
    }
    heights
}

fn mean(neighbours: Option<&Vec<usize>>, heights: &[f64], own: usize) -> f64 {
    let of = |place: usize| heights.get(place).copied().unwrap_or_default();
    match neighbours {
        Some(list) if !list.is_empty() => {
            list.iter().map(|place| of(*place)).sum::<f64>() / count_of(list.len())
        }
        Some(_) | None => of(own),
    }
}

/// Returns a count as a number with a fraction. No drawing has so many nodes that it could not be exact.
pub(super) fn count_of(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
