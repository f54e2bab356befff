#![doc = include_str!("../../../../docs/diagnostics/region-index.md")]

use std::collections::BTreeMap;

use super::Transition;
use sovereign_compile::tree::RegionFacts;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports regions that come while another one still stands that has what they shall have: until that one is gone, two
/// clusters have one identity in the mesh.
pub(crate) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) {
    let Ok(Some(lock)) = transition.old.lock() else { return };
    let (before, after) = (lock.regions(), transition.new.tree.lock().regions());
    let places = &transition.new.places.region;
    let comes = after.iter().filter(|(name, _)| !before.contains_key(*name));
    for (name, facts) in comes {
        let Some(place) = places.get(name) else { continue };
        for (other, kept) in before.iter().filter(|(other, _)| !places.contains_key(*other)) {
            let shared = shared(facts, kept);
            if shared.is_empty() {
                continue;
            }
            let message =
                format!("region `{name}` would take what `{other}` has, which still stands beside it");
            let found = Diagnostic::new(Code::RegionIndex, place.index, message);
            let found =
                shared.iter().fold(found, |found, (word, value)| found.note(format!("{word}: {value}")));
            let help = if facts.index == kept.index {
                format!("write `index = {}` in the table of the region", free(&before, &after))
            } else {
                let keys: Vec<_> = shared.iter().map(|(word, _)| format!("`{}`", key(word))).collect();
                format!("write another {} in the table of the region", keys.join(" and "))
            };
            diags.push(
                found.note("until its machines are destroyed, what leaves is part of the mesh").help(help),
            );
        }
    }
}

/// Returns what two regions share, by word.
fn shared(one: &RegionFacts, other: &RegionFacts) -> Vec<(&'static str, String)> {
    let mut shared = Vec::new();
    if let Some(index) = one.index.filter(|_| one.index == other.index) {
        shared.push(("index", index.to_string()));
    }
    if let Some(id) = one.mesh_id.filter(|_| one.mesh_id == other.mesh_id) {
        shared.push(("mesh-id", id.to_string()));
    }
    for (word, range) in one.ranges() {
        if let Some((_, met)) = other.ranges().find(|(_, met)| met.overlaps(range)) {
            shared.push((word, if met == range { range.to_string() } else { format!("{range} and {met}") }));
        }
    }
    shared
}

/// Returns the key of a region that gives what a word stands for.
fn key(word: &str) -> &str {
    match word {
        "pods" => "pod-cidr",
        "services" => "service-cidr",
        "network" => "network-cidr",
        word => word,
    }
}

/// Returns the first number above all that are in use.
fn free(before: &BTreeMap<String, RegionFacts>, after: &BTreeMap<String, RegionFacts>) -> usize {
    let numbers = before.values().chain(after.values()).filter_map(|facts| facts.index);
    numbers.max().map_or(0, |highest| highest + 1)
}
