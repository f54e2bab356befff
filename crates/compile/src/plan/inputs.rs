//! What a kit of one's own asks for, and what a manifest answers: facts that expressions and conditions read.

use sovereign_language::kit::{InputTable, Kit};
use sovereign_language::manifest::{Document, InputValue};
use sovereign_language::scalar::InputName;
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{Span, Spanned};

/// Takes what is written, gives the inputs of the kit by their names among the facts. What is wrong or missing has a stand-in
/// here; the rules report it.
pub(super) fn resolve(written: &Document, kit: &Kit, kit_span: Span) -> Node {
    let facts = kit.extension.inputs.0.iter().filter_map(|(name, table)| {
        let value = value(written, &name.value, &table.value, kit_span)?;
        Some((name.value.fact(), value))
    });
    Node::new(Map::of_unique(facts), kit_span)
}

fn value(written: &Document, name: &InputName, table: &InputTable, kit_span: Span) -> Option<Node> {
    let given = given(written).find(|(known, _)| known.value == *name).map(|(_, value)| &value.0);
    let default = table.default.as_ref().map(|default| &default.value.0);
    let Some(value) = given.or(default) else {
        let is_required = table.required.is_some_and(|required| required.value);
        return is_required.then(|| table.stand_in(kit_span));
    };
    let fits = table.misfit(value).is_none();
    Some(if fits { value.clone() } else { table.stand_in(value.cause) })
}

/// Returns the inputs that a manifest gives.
pub(crate) fn given(written: &Document) -> impl Iterator<Item = (&Spanned<InputName>, &InputValue)> {
    let inputs = written.input.iter().flat_map(|named| &named.value.0);
    inputs.map(|(name, value)| (name, &value.value))
}
