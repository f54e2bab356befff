//! Mappings that are written down field by field.

use std::fmt::Display;

use super::{Map, Node, Value};
use crate::source::{Span, Spanned};

/// Builds a mapping field by field, each with its cause.
#[derive(Debug)]
#[must_use]
pub struct Fields {
    cause: Span,
    map: Map,
}

impl Fields {
    /// Returns an empty mapping with its cause.
    pub fn new(cause: Span) -> Self {
        Self { cause, map: Map::new() }
    }

    /// Adds a field whose value knows its cause.
    pub fn set<T: Clone + Into<Value>>(self, key: &'static str, value: &Spanned<T>) -> Self {
        self.put(key, value.clone().into())
    }

    /// Adds a field that may be absent.
    pub fn maybe<T: Clone + Into<Value>>(self, key: &'static str, value: Option<&Spanned<T>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// Adds a field that may be absent, as the text that its value shows.
    pub fn shown<T: Display>(self, key: &'static str, value: Option<&Spanned<T>>) -> Self {
        self.maybe(key, value.map(text).as_ref())
    }

    /// Adds a field with a ready node that may be absent.
    pub fn put_some(self, key: &'static str, node: Option<Node>) -> Self {
        match node {
            Some(node) => self.put(key, node),
            None => self,
        }
    }

    /// Adds a field that follows from the mapping's own cause.
    pub fn fixed(self, key: &'static str, value: impl Into<Value>) -> Self {
        let node = Node::new(value, self.cause);
        self.put(key, node)
    }

    /// Adds a field with a ready node.
    pub fn put(mut self, key: &'static str, node: Node) -> Self {
        self.map.insert(key, node);
        self
    }

    /// Adds a field that stays out if its mapping is empty.
    pub fn put_unless_empty(self, key: &'static str, fields: Self) -> Self {
        if fields.map.is_empty() { self } else { self.put(key, fields.node()) }
    }

    /// Returns the mapping.
    pub fn node(self) -> Node {
        Node::new(self.map, self.cause)
    }
}

/// Returns the text of anything that shows itself, at the same place.
pub fn text<T: Display>(value: &Spanned<T>) -> Spanned<String> {
    value.as_ref().map(ToString::to_string)
}
