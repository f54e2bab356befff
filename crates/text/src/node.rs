//! The value tree between a blueprint's data and YAML: JSON's types, every node with its cause.
//!
//! The cause is a [`Span`]: the place in `sovereign.toml`, in a blueprint source or in a kit entry that gave the
//! value. It is copied, never looked up while compiling; whoever asks (`explain`, `diff`, a diagnostic)
//! resolves it then.

mod fields;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub use fields::{Fields, text};

use crate::source::{Span, Spanned};

/// A key of a mapping. Field names of Kubernetes are static; only users' keys are owned.
pub type Key = Cow<'static, str>;

/// A value and the place that caused it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What gave this value.
    pub cause: Span,
    /// The value.
    pub value: Value,
}

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`: in Helm values, the removal of a chart's default.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A finite number with a fraction or exponent.
    Float(f64),
    /// Text. Never re-typed by a reader of the tree.
    String(Cow<'static, str>),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// A mapping with unique keys in the order of insertion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    entries: Vec<(Key, Node)>,
}

impl Node {
    /// Returns a value with its cause.
    pub fn new(value: impl Into<Value>, cause: Span) -> Self {
        Self { cause, value: value.into() }
    }

    /// Returns the text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// Returns the mapping, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    /// Returns the node behind a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.as_map()?.get(key))
    }

    /// Puts `node` behind a dotted path of keys, making the mappings on the way.
    pub fn set(&mut self, path: &[&str], node: Self) {
        let Some((first, rest)) = path.split_first() else {
            *self = node;
            return;
        };
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(Map::new());
        }
        if let Value::Map(map) = &mut self.value {
            if map.get(first).is_none() {
                map.insert((*first).to_owned(), Self::new(Map::new(), node.cause));
            }
            if let Some(child) = map.get_mut(first) {
                child.set(rest, node);
            }
        }
    }

    /// Lays `over` on top: mappings merge key by key, everything else is replaced. This is the rule of
    /// `[blueprint.*] values` and of a kit's overlays.
    pub fn merge(&mut self, over: Self) {
        match (&mut self.value, over.value) {
            (Value::Map(under), Value::Map(over)) => under.merge(over),
            (value, over_value) => {
                *value = over_value;
                self.cause = over.cause;
            }
        }
    }

    /// Sorts every mapping by key, so that the order in which a person wrote keys changes no byte.
    pub fn sort(&mut self) {
        match &mut self.value {
            Value::Map(map) => {
                map.entries.sort_by(|a, b| a.0.cmp(&b.0));
                map.entries.iter_mut().for_each(|(_, node)| node.sort());
            }
            Value::List(list) => list.iter_mut().for_each(Self::sort),
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::String(_) => {}
        }
    }

    /// Visits every node below and including this one with its path, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&[Step<'a>], &'a Node)) {
        fn go<'a>(node: &'a Node, path: &mut Vec<Step<'a>>, visit: &mut dyn FnMut(&[Step<'a>], &'a Node)) {
            visit(path, node);
            match &node.value {
                Value::Map(map) => {
                    for (key, child) in map.iter() {
                        path.push(Step::Key(key));
                        go(child, path, visit);
                        path.pop();
                    }
                }
                Value::List(list) => {
                    for (index, child) in list.iter().enumerate() {
                        path.push(Step::Index(index));
                        go(child, path, visit);
                        path.pop();
                    }
                }
                Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::String(_) => {}
            }
        }
        go(self, &mut Vec::new(), visit);
    }

    /// Returns the same value as JSON, without causes.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(b) => (*b).into(),
            Value::Integer(n) => (*n).into(),
            Value::Float(n) => serde_json::Number::from_f64(*n).map_or(serde_json::Value::Null, Into::into),
            Value::String(text) => text.as_ref().into(),
            Value::List(list) => list.iter().map(Self::to_json).collect(),
            Value::Map(map) => map.iter().map(|(k, v)| (k.to_owned(), v.to_json())).collect(),
        }
    }

    /// JSON as a value tree in which every node has the same cause. Numbers beyond 64 bits become floats.
    pub fn from_json(json: serde_json::Value, cause: Span) -> Self {
        let value = match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(b),
            serde_json::Value::Number(n) => match n.as_i64() {
                Some(n) => Value::Integer(n),
                None => Value::Float(n.as_f64().unwrap_or_default()),
            },
            serde_json::Value::String(text) => Value::String(text.into()),
            serde_json::Value::Array(list) => {
                Value::List(list.into_iter().map(|item| Self::from_json(item, cause)).collect())
            }
            serde_json::Value::Object(map) => {
                // A loop, since closures would stand on the stack at every level.
                let mut entries = Vec::with_capacity(map.len());
                for (key, item) in map {
                    entries.push((key, Self::from_json(item, cause)));
                }
                Value::Map(Map::of_unique(entries))
            }
        };
        Self { cause, value }
    }
}

/// One step of a path into a value tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Into a mapping.
    Key(&'a str),
    /// Into a sequence.
    Index(usize),
}

/// Returns a path as people write it: `spec.values.ingress.hosts[0].host`. Keys with other characters are quoted.
pub fn path_text(path: &[Step<'_>]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for step in path {
        let _ = match step {
            Step::Index(index) => write!(text, "[{index}]"),
            Step::Key(key) => {
                let dot = if text.is_empty() { "" } else { "." };
                if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
                    write!(text, "{dot}{key}")
                } else {
                    write!(text, "{dot}{key:?}")
                }
            }
        };
    }
    text
}

impl Map {
    /// Returns an empty mapping.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a mapping of keys that are known to be unique; [`Map::insert`] looks at every key that is there.
    pub fn of_unique(entries: impl IntoIterator<Item = (impl Into<Key>, Node)>) -> Self {
        Self { entries: entries.into_iter().map(|(key, node)| (key.into(), node)).collect() }
    }

    fn merge(&mut self, over: Self) {
        let places: BTreeMap<Key, usize> =
            self.entries.iter().enumerate().map(|(n, (key, _))| (key.clone(), n)).collect();
        for (key, node) in over.entries {
            match places.get(&key).and_then(|&n| self.entries.get_mut(n)) {
                Some((_, present)) => present.merge(node),
                None => self.entries.push((key, node)),
            }
        }
    }

    /// Adds a key, or replaces its value where it stands.
    pub fn insert(&mut self, key: impl Into<Key>, node: Node) {
        let key = key.into();
        match self.entries.iter_mut().find(|(present, _)| *present == key) {
            Some((_, value)) => *value = node,
            None => self.entries.push((key, node)),
        }
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|(present, _)| present == key).map(|(_, node)| node)
    }

    /// Returns the value of a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|(present, _)| present == key).map(|(_, node)| node)
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.entries.iter().map(|(key, node)| (key.as_ref(), node))
    }

    /// Keys and values in order, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        self.entries.iter_mut().map(|entry| (entry.0.as_ref(), &mut entry.1))
    }

    /// Returns how many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Vec<Node>> for Value {
    fn from(list: Vec<Node>) -> Self {
        Self::List(list)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::String(text.into())
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Integer(n)
    }
}

impl<T: Into<Value>> From<Spanned<T>> for Node {
    fn from(spanned: Spanned<T>) -> Self {
        Self::new(spanned.value, spanned.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn node(json: serde_json::Value) -> Node {
        Node::from_json(json, Span::new(SourceId::MANIFEST, 0..0))
    }

    #[test]
    fn tables_merge_and_everything_else_is_replaced() {
        let mut under = node(serde_json::json!({"a": {"b": 1, "c": [1, 2]}, "d": 1}));
        under.merge(node(serde_json::json!({"a": {"c": [3], "e": null}, "d": {"f": 1}})));
        assert_eq!(under.to_json(), serde_json::json!({"a": {"b": 1, "c": [3], "e": null}, "d": {"f": 1}}));
    }

    #[test]
    fn a_path_is_set_through_mappings_that_are_not_there_yet() {
        let mut root = node(serde_json::json!({"a": {"x": 1}}));
        root.set(&["a", "b", "c"], node(serde_json::json!(true)));
        assert_eq!(root.to_json(), serde_json::json!({"a": {"x": 1, "b": {"c": true}}}));
        assert_eq!(root.at(&["a", "b", "c"]).map(|n| &n.value), Some(&Value::Bool(true)));
    }

    #[test]
    fn paths_read_as_people_write_them() {
        let path = [Step::Key("spec"), Step::Key("hosts"), Step::Index(0), Step::Key("a/b")];
        assert_eq!(path_text(&path), "spec.hosts[0].\"a/b\"");
    }
}
