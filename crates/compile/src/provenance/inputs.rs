//! What a kit of one's own asks for: what it is told, and what follows from that.

use std::collections::BTreeMap;

use super::Provenance;
use super::content::{Follows, shown};
use crate::plan::Plan;
use sovereign_language::kit::Condition;
use sovereign_text::source::{Span, Spanned};

/// An input of a kit, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its key: `input.shop-host`.
    pub key: String,
    /// What it is for.
    pub doc: String,
    /// Its value, and what gives it; `None` where nobody gives one.
    pub value: Option<(String, Span)>,
    /// Where the kit asks for it.
    pub asked: Span,
    /// The files that something follows for, by path.
    pub follows: BTreeMap<String, Follows>,
}

/// Returns the facts that decide whether a value stands, by the place of the value: the inputs in the conditions of overlays and
/// of objects that values come from.
pub(super) fn conditions(plan: &Plan<'_>) -> BTreeMap<Span, Vec<String>> {
    let mut conditions = BTreeMap::new();
    let facts = |when: &Option<Spanned<Condition>>| -> Vec<String> {
        let inputs = when.iter().flat_map(|when| when.value.inputs());
        inputs.map(|(name, _)| format!("input.{}", name.value.fact())).collect()
    };
    for blueprint in &plan.kit.blueprints {
        for overlay in &blueprint.overlays {
            let (facts, values) = (facts(&overlay.when), overlay.values.as_ref());
            if let Some(values) = values.filter(|_| !facts.is_empty()) {
                values.value.0.walk(&mut |_, node| drop(conditions.insert(node.cause, facts.clone())));
            }
        }
        for source in &blueprint.values_from {
            let facts = facts(&source.when);
            if let Some(name) = source.name.as_ref().filter(|_| !facts.is_empty()) {
                conditions.insert(name.span, facts);
            }
        }
    }
    conditions
}

impl Provenance<'_> {
    /// Returns an input of the kit that is asked for by its key; `None` if the kit asks for no such thing.
    pub(super) fn input(&self, question: &str) -> Option<Input> {
        let asked = question.strip_prefix("input.")?;
        let mut known = self.plan.kit.extension.inputs.0.iter();
        let (name, table) = known.find(|(name, _)| name.value.as_str() == asked)?;
        let fact = name.value.fact();
        let value = self.plan.inputs.as_map().and_then(|inputs| inputs.get(&fact));
        Some(Input {
            key: question.to_owned(),
            doc: table.value.doc.as_ref().map(|doc| doc.value.as_str().to_owned()).unwrap_or_default(),
            value: value.map(|node| (shown(node), node.cause)),
            asked: name.span,
            follows: self.reading(&format!("input.{fact}")),
        })
    }

    /// Returns the keys of all inputs.
    pub(super) fn input_keys(&self) -> Vec<String> {
        self.plan.kit.extension.inputs.0.iter().map(|(name, _)| format!("input.{}", name.value)).collect()
    }

    /// Returns the fields of all files that follow from a fact.
    fn reading(&self, fact: &str) -> BTreeMap<String, Follows> {
        let is_part = |name: &str| {
            name.strip_prefix(fact).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let mut follows = BTreeMap::new();
        for (path, file) in self.files() {
            let mut fields = self.fields(&file);
            fields.retain(|field| field.reads.iter().any(|read| is_part(&read.name)));
            if !fields.is_empty() {
                follows.insert(path, Follows { whole: false, fields });
            }
        }
        follows
    }
}
