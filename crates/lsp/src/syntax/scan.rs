//! From a text to its tree, in one walk.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Entry, Id, Node, Part, ROOT, Section, Step, Tree, Value};

/// How deep braces and brackets are followed: the language has eight at most, and hostile texts have more.
const DEEPEST: usize = 64;

pub(super) fn scan(text: &str) -> Tree {
    let root = Node {
        parent: None,
        step: Step::Index(0),
        key: None,
        place: 0..0,
        value: Value::Table,
        children: Vec::new(),
    };
    let first = Section { header: 0..0, extent: 0..0, parts: Vec::new(), node: ROOT, is_list: false };
    let tree = Tree { nodes: vec![root], sections: vec![first], entries: Vec::new() };
    let mut scanner = Scanner { text, at: 0, tree, by_key: BTreeMap::new() };
    scanner.all();
    scanner.tree
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    tree: Tree,
    by_key: BTreeMap<(Id, String), Id>,
}

impl Scanner<'_> {
    fn all(&mut self) {
        let mut table = ROOT;
        loop {
            self.blank(true);
            match self.peek() {
                None => break,
                Some(b'[') => table = self.header(),
                Some(_) => {
                    let before = self.at;
                    self.entry(table, true, 0);
                    if self.at == before {
                        self.rest_of_line();
                    }
                }
            }
        }
        let end = self.text.len();
        if let Some(section) = self.tree.sections.last_mut() {
            section.extent.end = end;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes behind white space and comments; over the ends of lines only if `lines` says so.
    fn blank(&mut self, lines: bool) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' if lines => self.at += 1,
                b'#' => self.rest_of_line(),
                _ => return,
            }
        }
    }

    fn rest_of_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    /// Returns whether a line begins here with something that stands in no bracket: a header, or a key with its value.
    fn begins_anew(&self) -> bool {
        let is_start = self.at == 0 || self.text.as_bytes().get(self.at - 1) == Some(&b'\n');
        if !is_start {
            return false;
        }
        let line = self.rest().split('\n').next().unwrap_or_default();
        let is_key = |c: char| c.is_ascii_alphanumeric() || "-_.\"".contains(c);
        let behind = line.trim_start_matches('[').trim_start();
        let key = behind.split(|c| !is_key(c)).next().unwrap_or_default();
        let follows = behind.get(key.len()..).unwrap_or_default().trim_start();
        let begins_word = key.starts_with(|c: char| c.is_ascii_alphabetic());
        if line.starts_with('[') {
            begins_word && follows.starts_with(']')
        } else {
            begins_word && follows.starts_with('=')
        }
    }

    fn header(&mut self) -> Id {
        let start = self.at;
        self.at += 1;
        let is_list = self.peek() == Some(b'[');
        if is_list {
            self.at += 1;
        }
        let keys = self.keys();
        for _ in 0..=usize::from(is_list) {
            self.at += usize::from(self.peek() == Some(b']'));
        }
        let header = start..self.at;
        self.rest_of_line();
        let (mut node, mut parts, last) = (ROOT, Vec::new(), keys.len().saturating_sub(1));
        for (place, (key, at)) in keys.into_iter().enumerate() {
            let child = self.open(node, key, &at);
            parts.push(Part { place: at, node: child });
            node = if place == last && is_list { self.element(child, &header) } else { self.inner(child) };
        }
        if let Some(node) = self.tree.nodes.get_mut(node).filter(|node| node.place.is_empty()) {
            node.place = header.clone();
        }
        if let Some(section) = self.tree.sections.last_mut() {
            section.extent.end = start;
        }
        let extent = start..start;
        self.tree.sections.push(Section { header, extent, parts, node, is_list });
        node
    }

    /// Returns the child of a table, which is made if it is not there.
    fn open(&mut self, table: Id, key: String, at: &Range<usize>) -> Id {
        if let Some(known) = self.by_key.get(&(table, key.clone())) {
            return *known;
        }
        self.push(table, Step::Key(key), Some(at.clone()))
    }

    fn push(&mut self, parent: Id, step: Step, key: Option<Range<usize>>) -> Id {
        let id = self.tree.nodes.len();
        if let Step::Key(key) = &step {
            self.by_key.entry((parent, key.clone())).or_insert(id);
        }
        let node =
            Node { parent: Some(parent), step, key, place: 0..0, value: Value::Table, children: Vec::new() };
        self.tree.nodes.push(node);
        if let Some(parent) = self.tree.nodes.get_mut(parent) {
            parent.children.push(id);
        }
        id
    }

    /// Adds a table to a list.
    fn element(&mut self, list: Id, place: &Range<usize>) -> Id {
        let count = self.tree.nodes.get(list).map_or(0, |node| node.children.len());
        self.value_is(list, Value::List, place.clone());
        let element = self.push(list, Step::Index(count), None);
        self.value_is(element, Value::Table, place.clone());
        element
    }

    /// Returns the table that a key leads into: of a list the last one.
    fn inner(&self, node: Id) -> Id {
        let list = self.tree.nodes.get(node).filter(|node| node.value == Value::List);
        list.and_then(|list| list.children.last().copied()).unwrap_or(node)
    }

    fn value_is(&mut self, node: Id, value: Value, place: Range<usize>) {
        if let Some(node) = self.tree.nodes.get_mut(node) {
            node.value = value;
            if node.place.is_empty() {
                node.place = place;
            }
        }
    }

    /// Reads a dotted key. Behind a dot with nothing behind it there is an empty part: a key that somebody is about to write.
    fn keys(&mut self) -> Vec<(String, Range<usize>)> {
        let mut keys = Vec::new();
        loop {
            self.spaces();
            let start = self.at;
            let key = if let Some(quote @ (b'"' | b'\'')) = self.peek() {
                self.quoted(quote)
            } else {
                let is_end = |c: char| c.is_whitespace() || "=.[]{}#,\"'".contains(c);
                let bare = self.rest().split(is_end).next().unwrap_or_default().to_owned();
                self.at += bare.len();
                bare
            };
            if self.at == start && keys.is_empty() {
                return keys;
            }
            keys.push((key, start..self.at));
            self.spaces();
            if self.peek() != Some(b'.') || keys.len() >= DEEPEST {
                return keys;
            }
            self.at += 1;
        }
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Reads text between quotes, up to the end of the line if it does not end before.
    fn quoted(&mut self, quote: u8) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => break,
                b'\\' if quote == b'"' => self.at += 2,
                byte if byte == quote => {
                    self.at += 1;
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.text.ceil_char_boundary(self.at.min(self.text.len()));
        let written = self.text.get(start..self.at).unwrap_or_default();
        let inner = written.get(1..).unwrap_or_default();
        let inner = inner.strip_suffix(char::from(quote)).unwrap_or(inner);
        if quote == b'"' && inner.contains('\\') {
            return sovereign_language::keys::text(written).unwrap_or_else(|| inner.to_owned());
        }
        inner.trim_end_matches('\r').to_owned()
    }

    fn entry(&mut self, table: Id, is_line: bool, depth: usize) {
        let start = self.at;
        let keys = self.keys();
        let (mut node, mut parts, last) = (table, Vec::new(), keys.len().saturating_sub(1));
        for (place, (key, at)) in keys.into_iter().enumerate() {
            node = if place == last {
                self.push(node, Step::Key(key), Some(at.clone()))
            } else {
                self.open(node, key, &at)
            };
            parts.push(Part { place: at, node });
        }
        if parts.is_empty() {
            return;
        }
        self.spaces();
        let equals = (self.peek() == Some(b'=')).then_some(self.at);
        let slot = self.tree.entries.len();
        self.tree.entries.push(Entry { parts, equals, extent: start..self.at, is_line, node });
        if equals.is_some() {
            self.at += 1;
            self.spaces();
            self.value(node, depth + 1);
        } else {
            self.value_is(node, Value::Other, self.at..self.at);
        }
        let mut end = self.at;
        if is_line {
            let rest = self.rest();
            let line = rest.split('\n').next().unwrap_or_default();
            end += line.len() - line.trim_start_matches([' ', '\t', '\r']).len();
            self.rest_of_line();
        }
        if let Some(entry) = self.tree.entries.get_mut(slot) {
            entry.extent.end = end;
        }
    }

    fn value(&mut self, node: Id, depth: usize) {
        let start = self.at;
        let value = match self.peek() {
            Some(b'[') if depth < DEEPEST => self.list(node, depth),
            Some(b'{') if depth < DEEPEST => self.braces(node, depth),
            Some(quote @ (b'"' | b'\'')) => {
                let three = char::from(quote).to_string().repeat(3);
                if self.rest().starts_with(&three) {
                    let inner = self.rest().get(3..).unwrap_or_default();
                    let length = inner.find(&three).map_or(inner.len(), |end| end + 3);
                    self.at += 3 + length;
                    let written = self.text.get(start..self.at).unwrap_or_default();
                    Value::Text(sovereign_language::keys::text(written).unwrap_or_default())
                } else {
                    Value::Text(self.quoted(quote))
                }
            }
            Some(_) | None => {
                let is_end = |c: char| ",]}#\n".contains(c);
                let written = self.rest().split(is_end).next().unwrap_or_default();
                self.at += written.trim_end().len();
                Value::Other
            }
        };
        if let Some(node) = self.tree.nodes.get_mut(node) {
            node.value = value;
            node.place = start..self.at;
        }
    }

    fn list(&mut self, node: Id, depth: usize) -> Value {
        let mut count = 0;
        self.until(b']', |scan| {
            let item = scan.push(node, Step::Index(count), None);
            count += 1;
            scan.value(item, depth + 1);
        });
        Value::List
    }

    fn braces(&mut self, node: Id, depth: usize) -> Value {
        self.until(b'}', |scan| scan.entry(node, false, depth));
        Value::Table
    }

    /// Reads what stands between an opening bracket, which comes next, and the one that closes it, or to where it should have stood.
    fn until(&mut self, close: u8, mut item: impl FnMut(&mut Self)) {
        self.at += 1;
        loop {
            self.blank(true);
            match self.peek() {
                None => break,
                Some(_) if self.begins_anew() => {
                    self.back_to_line_end();
                    break;
                }
                Some(byte) if byte == close => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    let before = self.at;
                    item(self);
                    if self.at == before {
                        // A bracket that closes nothing.
                        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
                    }
                }
            }
        }
    }

    /// What was never closed ends with the last line that may belong to it.
    fn back_to_line_end(&mut self) {
        let before = self.text.get(..self.at).unwrap_or_default();
        self.at = before.trim_end().len();
    }
}
