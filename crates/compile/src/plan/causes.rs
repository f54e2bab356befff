//! What in the input gave a value of a kit: the setting that an expression reads, or on which a condition depends.
//!
//! A value that follows from a setting points at the line of the kit that says how. Whoever asks why it changed wants the line
//! that somebody changed.

use std::collections::BTreeMap;

use super::{Plan, Region, facts, placement};
use sovereign_language::expression;
use sovereign_language::kit::{Blueprint, Condition};
use sovereign_text::node::{Node, Step};
use sovereign_text::source::Span;

/// What in the input gave values of a kit, by region.
#[derive(Clone, Debug, Default)]
pub struct Given(BTreeMap<String, OfRegion>);

#[derive(Clone, Debug, Default)]
struct OfRegion {
    /// By the place in the kit.
    places: BTreeMap<Span, Span>,
    /// By release and path below its values: what decides whether the value is there.
    decided: BTreeMap<(String, Vec<String>), Span>,
}

impl Given {
    /// Returns what gave the values of a plan.
    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        let sovereign = facts::of_sovereign(plan);
        let of_region = |(place, region): (usize, &Region<'_>)| {
            let facts = facts::of_region(plan, place, region, &sovereign);
            let mut found = OfRegion::default();
            for release in &region.releases {
                found.add(plan, region, release.blueprint, &facts);
            }
            let values = Facts { values: &facts, unwritten: region.written.span };
            for file in &plan.kit.extension.objects {
                file.objects.iter().flatten().for_each(|object| found.add_tree(object, values, None));
            }
            (region.name.value.to_string(), found)
        };
        Self(plan.regions.iter().enumerate().map(of_region).collect())
    }

    /// Returns the place in the input that gave what stands at a place of a kit, seen from a region.
    pub fn instead_of(&self, region: &str, place: Span) -> Option<Span> {
        self.0.get(region)?.places.get(&place).copied()
    }

    /// Returns the place in the input that decides whether a release has a value, at a path of keys below its values.
    pub fn decides(&self, region: &str, release: &str, path: &[&str]) -> Option<Span> {
        let key = (release.to_owned(), path.iter().map(|key| (*key).to_owned()).collect());
        self.0.get(region)?.decided.get(&key).copied()
    }
}

/// What expressions may read in a region.
#[derive(Clone, Copy)]
struct Facts<'f> {
    values: &'f Node,
    /// The place of what nobody wrote.
    unwritten: Span,
}

impl Facts<'_> {
    /// Returns the place that gave a fact, if somebody wrote it.
    fn place_of(self, name: &str) -> Option<Span> {
        let fact = self.values.at(&name.split('.').collect::<Vec<_>>())?;
        Some(fact.cause).filter(|place| is_written(*place) && *place != self.unwritten)
    }
}

impl OfRegion {
    fn add(&mut self, plan: &Plan<'_>, region: &Region<'_>, blueprint: &Blueprint, facts: &Node) {
        let choices = placement::choices(plan, region);
        // What stands nowhere has the table of the region as its cause, which says no more than that.
        let facts = Facts { values: facts, unwritten: region.written.span };
        self.add_tree(&blueprint.values, facts, None);
        for overlay in &blueprint.overlays {
            let (Some(values), Some(when)) = (&overlay.values, &overlay.when) else { continue };
            let condition = &when.value;
            let reads = condition.reads(&choices).find(|place| is_written(*place));
            let decides = reads.or_else(|| table_of(plan, condition));
            self.add_tree(&values.value.0, facts, decides);
            let Some(decides) = decides else { continue };
            values.value.0.walk(&mut |path, _| {
                if let Some(keys) = keys(path) {
                    self.decided.entry((blueprint.name.value.to_string(), keys)).or_insert(decides);
                }
            });
        }
    }

    fn add_tree(&mut self, values: &Node, facts: Facts<'_>, decides: Option<Span>) {
        values.walk(&mut |_, node| {
            let names = node.as_str().map(expression::names).unwrap_or_default();
            if let Some(given) = names.iter().find_map(|name| facts.place_of(name)).or(decides) {
                self.places.entry(node.cause).or_insert(given);
            }
        });
    }
}

/// Returns the table in which the setting stands, or would stand, on which a condition depends.
fn table_of(plan: &Plan<'_>, condition: &Condition) -> Option<Span> {
    let written = plan.written;
    let storage = condition.backup.is_some() || condition.object_storage.is_some();
    let failover = condition.failover.is_some() || condition.database.is_some() || condition.raft.is_some();
    let tables = [
        (storage || condition.storage_class.is_some(), written.storage.as_ref().map(|table| table.span)),
        (
            condition.identity.is_some() || condition.federation.is_some(),
            written.identity.as_ref().map(|table| table.span),
        ),
        (failover, written.failover.as_ref().map(|table| table.span)),
        (condition.scanner.is_some(), written.registry.as_ref().map(|table| table.span)),
        (condition.input.is_some(), written.input.as_ref().map(|table| table.span)),
    ];
    tables.into_iter().find_map(|(reads, table)| table.filter(|_| reads))
}

fn keys(path: &[Step<'_>]) -> Option<Vec<String>> {
    path.iter().map(|step| if let Step::Key(key) = step { Some((*key).to_owned()) } else { None }).collect()
}

/// The place of what nobody wrote is empty.
fn is_written(place: Span) -> bool {
    place.source.is_input() && place.start < place.end
}
