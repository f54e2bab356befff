//! Tables of the manifest as objects of Organizations have them.

use sovereign_language::manifest::OwnerTable;
use sovereign_language::schema::{Count, Named};
use sovereign_text::node::{Fields, Map, Node};
use sovereign_text::source::{Span, Spanned};

/// Returns a list of tables as a list of mappings.
pub(super) fn list<T>(tables: &Spanned<Vec<Spanned<T>>>, fields: impl Fn(&T, Span) -> Fields) -> Node {
    let items: Vec<Node> = tables.value.iter().map(|table| fields(&table.value, table.span).node()).collect();
    Node::new(items, tables.span)
}

/// Returns a table with names of the author's choice as a mapping, sorted.
pub(super) fn named<K: ToString, T>(
    entries: &Spanned<Named<K, T>>,
    node: impl Fn(&Spanned<T>) -> Node,
) -> Node {
    let items = entries.value.0.iter().map(|(key, value)| (key.value.to_string(), node(value)));
    let mut node = Node::new(Map::of_unique(items), entries.span);
    node.sort();
    node
}

/// Returns a number within bounds as a number.
pub(super) fn count<const LEAST: i64, const MOST: i64>(
    count: Option<&Spanned<Count<LEAST, MOST>>>,
) -> Option<Spanned<i64>> {
    count.map(|count| count.map(|count| count.0))
}

/// Amounts by the resource that they are of.
pub(super) fn amounts(amounts: &[(&'static str, Spanned<String>)], span: Span) -> Node {
    amounts.iter().fold(Fields::new(span), |fields, (key, amount)| fields.set(key, amount)).node()
}

/// Returns the people who are responsible for something.
pub(super) fn owners(owners: &Spanned<Vec<Spanned<OwnerTable>>>) -> Node {
    list(owners, |owner, span| {
        Fields::new(span).shown("email", owner.email.as_ref()).shown("role", owner.role.as_ref())
    })
}
