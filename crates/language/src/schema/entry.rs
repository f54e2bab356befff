//! What is written in a table, key by key: for whoever looks at all keys alike.

use super::Shape;
use sovereign_text::source::{Span, Spanned};

/// A key that is written, and what is written below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: &'static str,
    /// Where its value stands; of a table with a header, the header.
    pub span: Span,
    /// Whether the table must have it.
    pub is_required: bool,
    /// The keys of its value, if that is a table, or of all tables of a list, one after the other.
    pub entries: Option<Vec<Self>>,
}

impl Entry {
    pub(crate) fn new<T: Shape>(key: &'static str, is_required: bool, value: &Spanned<T>) -> Self {
        Self { key, span: value.span, is_required, entries: value.value.entries() }
    }

    /// Returns the keys below it.
    pub fn below(&self) -> impl Iterator<Item = &Self> {
        self.entries.iter().flatten()
    }

    /// Returns the first value that is written here and has no keys itself.
    pub fn first(&self) -> Option<Span> {
        match &self.entries {
            None => Some(self.span),
            Some(entries) => entries.iter().filter_map(Self::first).min(),
        }
    }
}
