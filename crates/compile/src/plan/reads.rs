//! Which settings of a manifest reach a reader: an expression or a condition of a blueprint, or whoever else takes values
//! that know their cause.
//!
//! Nobody lists settings here. A setting is read if it caused something that a reader takes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, facts, placement, release};
use sovereign_language::expression;
use sovereign_language::kit::{Blueprint, Condition};
use sovereign_language::schema::Entry;
use sovereign_text::node::Node;
use sovereign_text::source::Span;

/// The places that caused what readers take.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads(BTreeSet<Span>);

impl Reads {
    /// Adds what caused a value and each of its parts.
    pub(crate) fn add(&mut self, value: &Node) {
        value.walk(&mut |_, node| self.add_place(node.cause));
    }

    /// Adds what the blueprints read that run somewhere, whether a condition of theirs holds or not.
    pub(crate) fn add_blueprints(&mut self, plan: &Plan<'_>) {
        let running = plan.regions.iter().flat_map(|region| &region.releases);
        let running: BTreeMap<_, _> =
            running.map(|release| (release.blueprint.name.value.as_str(), release.blueprint)).collect();
        let mut names: BTreeSet<_> = running.values().flat_map(|blueprint| names(blueprint)).collect();
        names.extend(of_objects(plan));
        let mut add_facts =
            |facts: &Node| names.iter().filter_map(|name| fact(facts, name)).for_each(|fact| self.add(fact));
        add_facts(&facts::of_all_regions(plan));
        let sovereign = facts::of_sovereign(plan);
        for (place, region) in plan.regions.iter().enumerate() {
            add_facts(&facts::of_region(plan, place, region, &sovereign));
        }
        for region in &plan.regions {
            let choices = placement::choices(plan, region);
            let conditions = running.values().flat_map(|blueprint| conditions(blueprint));
            conditions
                .flat_map(|condition| condition.reads(&choices))
                .for_each(|place| self.add_place(place));
        }
    }

    /// Returns whether a key, or anything below it, is read.
    pub(crate) fn reach(&self, entry: &Entry) -> bool {
        let Span { source, start, end } = entry.span;
        let mut places = self.0.range(Span { source, start, end: start }..=Span { source, start: end, end });
        places.any(|place| place.end <= end) || entry.below().any(|below| self.reach(below))
    }

    fn add_place(&mut self, place: Span) {
        // The place of what nobody wrote is empty.
        if place.source.is_input() && place.start < place.end {
            self.0.insert(place);
        }
    }
}

/// Returns the names that a blueprint's expressions may read.
pub(crate) fn names(blueprint: &Blueprint) -> Vec<&str> {
    let of_values_from = blueprint.values_from.iter().filter_map(|source| source.name.as_ref());
    let mut names: Vec<_> = of_values_from.flat_map(|name| expression::names(name.value.as_str())).collect();
    for tree in release::value_trees(blueprint) {
        tree.walk(&mut |_, node| names.extend(node.as_str().into_iter().flat_map(expression::names)));
    }
    names
}

/// Returns the names that the objects read which a kit has beside its releases.
pub(crate) fn of_objects<'a>(plan: &Plan<'a>) -> Vec<&'a str> {
    let (kit, mut names): (&'a _, _) = (plan.kit, Vec::new());
    for object in kit.extension.objects.iter().flat_map(|file| file.objects.iter().flatten()) {
        object.walk(&mut |_, node| names.extend(node.as_str().into_iter().flat_map(expression::names)));
    }
    names
}

/// Returns the conditions of a blueprint.
pub(crate) fn conditions(blueprint: &Blueprint) -> impl Iterator<Item = &Condition> {
    let of_overlays = blueprint.overlays.iter().map(|overlay| &overlay.when);
    let of_values_from = blueprint.values_from.iter().map(|source| &source.when);
    let of_gate = blueprint.gate.iter().map(|gate| &gate.when);
    of_overlays.chain(of_values_from).chain(of_gate).flatten().map(|when| &when.value)
}

/// Returns the fact of this name, or the list that the name leads into; `None` if there is none here.
pub(crate) fn fact<'f>(facts: &'f Node, name: &str) -> Option<&'f Node> {
    let mut fact = facts;
    for key in name.split('.') {
        match fact.as_map() {
            Some(map) => fact = map.get(key)?,
            None => break,
        }
    }
    Some(fact)
}
