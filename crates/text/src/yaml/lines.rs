//! On which line of a text each value of a tree begins: for whoever shows the text beside what caused it.

use super::{LONGEST_SIMPLE_KEY, is_literal, is_plain, put_key};
use crate::node::{Node, Step, Value};

/// A value that a text shows: a scalar, or a collection with nothing in it.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'v, 'n> {
    /// The keys and places that lead to it.
    pub path: &'v [Step<'n>],
    /// The value.
    pub node: &'n Node,
    /// The line that it begins on, from 1.
    pub line: usize,
}

/// Visits every leaf of a tree, in the order and with the line in which [`append`](super::append) writes it.
pub fn leaves<'n>(node: &'n Node, visit: &mut dyn FnMut(Leaf<'_, 'n>)) {
    Walk { path: Vec::new(), line: 1, visit, is_json: false }.value(node, true);
}

/// Visits every leaf of a tree, with the line on which JSON has it that is printed prettily: each entry on its own.
pub fn leaves_of_json<'n>(node: &'n Node, visit: &mut dyn FnMut(Leaf<'_, 'n>)) {
    Walk { path: Vec::new(), line: 1, visit, is_json: true }.value(node, false);
}

struct Walk<'v, 'n> {
    path: Vec<Step<'n>>,
    line: usize,
    visit: &'v mut dyn FnMut(Leaf<'_, 'n>),
    is_json: bool,
}

impl<'n> Walk<'_, 'n> {
    /// `here` says that the first entry stands on the line that is begun.
    fn value(&mut self, node: &'n Node, here: bool) {
        match &node.value {
            Value::Map(map) if !map.is_empty() => {
                for (n, (key, child)) in map.iter().enumerate() {
                    self.line += usize::from(n > 0 || !here);
                    self.line += usize::from(!self.is_json && is_long(key));
                    self.path.push(Step::Key(key));
                    self.value(child, false);
                    self.path.pop();
                }
                self.line += usize::from(self.is_json);
            }
            Value::List(list) if !list.is_empty() => {
                for (n, child) in list.iter().enumerate() {
                    self.line += usize::from(n > 0 || !here);
                    self.path.push(Step::Index(n));
                    self.value(child, !self.is_json);
                    self.path.pop();
                }
                self.line += usize::from(self.is_json);
            }
            value @ (Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::List(_)
            | Value::Map(_)) => {
                (self.visit)(Leaf { path: &self.path, node, line: self.line });
                if !self.is_json {
                    self.line += lines_below(value);
                }
            }
        }
    }
}

/// Returns how many lines a scalar takes below the one that it begins on.
fn lines_below(value: &Value) -> usize {
    match value {
        Value::String(text) if !is_plain(text) && is_literal(text) => {
            text.strip_suffix('\n').unwrap_or(text).split('\n').count()
        }
        Value::String(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::List(_)
        | Value::Map(_) => 0,
    }
}

/// Returns whether a key stands on a line of its own, before its colon.
fn is_long(key: &str) -> bool {
    // An escape is ten bytes at most, and the quotes are two.
    if key.len() * 10 + 2 <= LONGEST_SIMPLE_KEY {
        return false;
    }
    let mut written = String::new();
    put_key(&mut written, key, 0);
    written.starts_with("? ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceId, Span};
    use crate::yaml;

    /// The number of lines of the last leaf is that of the text, and what stands there is the leaf.
    #[test]
    fn each_leaf_is_on_its_line() {
        let json = serde_json::json!({
            "a": {"b": [1, {"c": "two\nlines\n", "d": []}], "e": {}},
            "k".repeat(1100): {"long": "x\n\ny"},
            "last": "here",
        });
        let node = Node::from_json(json.clone(), Span::new(SourceId::MANIFEST, 0..0));
        let mut text = String::new();
        yaml::append(&mut text, &node);
        let lines: Vec<_> = text.lines().collect();
        let mut found = Vec::new();
        leaves(&node, &mut |leaf| found.push((lines[leaf.line - 1], leaf.line)));
        let shown: Vec<_> = found.iter().map(|(line, _)| line.trim()).collect();
        assert_eq!(shown, ["- 1", "- c: |", "d: []", "e: {}", "long: |-", "last: here"]);
        assert_eq!(found.last().map(|(_, line)| *line), Some(lines.len()));
        let pretty = serde_json::to_string_pretty(&json).expect("JSON");
        let lines: Vec<_> = pretty.lines().collect();
        let mut shown = Vec::new();
        leaves_of_json(&node, &mut |leaf| shown.push(lines[leaf.line - 1].trim().trim_end_matches(',')));
        let expected = ["1", r#""c": "two\nlines\n""#, r#""d": []"#, r#""e": {}"#, r#""long": "x\n\ny""#];
        assert_eq!(shown[..5], expected);
        assert_eq!(shown[5], r#""last": "here""#);
    }
}
