//! Any text as a tree of keys with places, whatever is wrong with it.
//!
//! The decoder of the language reads texts that are right, and says of others what is wrong. Whoever types has neither most of
//! the time: an open bracket, half a key. So this reads line by line, believes a header wherever one stands, and ends what was
//! never closed where something begins that cannot be inside of it.

mod place;
mod scan;

use std::ops::Range;

pub(crate) use place::Place;
pub(crate) use sovereign_language::schema::PathStep as Step;

/// The place of a node in its tree.
pub(crate) type Id = usize;

/// The table that is the whole text.
pub(crate) const ROOT: Id = 0;

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A table, by a header, in braces, or by a dotted key.
    Table,
    /// A list.
    List,
    /// Text, as it is meant.
    Text(String),
    /// A number, a boolean, a date, or nothing yet.
    Other,
}

/// A value and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) parent: Option<Id>,
    /// The step that leads here from the parent.
    pub(crate) step: Step,
    /// Where its key is written first, if it has one.
    pub(crate) key: Option<Range<usize>>,
    /// Where its value is written: of a table with a header that.
    pub(crate) place: Range<usize>,
    pub(crate) value: Value,
    pub(crate) children: Vec<Id>,
}

/// A part of a dotted key.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) place: Range<usize>,
    pub(crate) node: Id,
}

/// A header and what stands below it.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// The header, with its brackets; nothing for what stands before the first one.
    pub(crate) header: Range<usize>,
    /// From the header to the next one.
    pub(crate) extent: Range<usize>,
    pub(crate) parts: Vec<Part>,
    pub(crate) node: Id,
    /// Whether it has two brackets.
    pub(crate) is_list: bool,
}

/// A key with its value: on a line, or in braces.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) parts: Vec<Part>,
    /// Where `=` stands, if it does.
    pub(crate) equals: Option<usize>,
    /// Key and value; on a line of its own up to the end of that.
    pub(crate) extent: Range<usize>,
    /// Whether it has a line of its own, and no braces around it.
    pub(crate) is_line: bool,
    /// The value.
    pub(crate) node: Id,
}

/// A text as a tree.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// In the order of the text; the first one has no header.
    pub(crate) sections: Vec<Section>,
    /// In the order of the text: those in braces come behind the one that they are in.
    pub(crate) entries: Vec<Entry>,
}

impl Tree {
    /// Reads a text.
    pub(crate) fn new(text: &str) -> Self {
        scan::scan(text)
    }

    /// Returns a node. Ids come from the tree itself.
    pub(crate) fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// Returns all nodes.
    pub(crate) fn ids(&self) -> std::ops::Range<Id> {
        0..self.nodes.len()
    }

    /// Returns the children of a node.
    pub(crate) fn children(&self, id: Id) -> impl Iterator<Item = (Id, &Node)> {
        let children = self.node(id).into_iter().flat_map(|node| &node.children);
        children.filter_map(|child| Some((*child, self.node(*child)?)))
    }

    /// Returns what stands below a key of a table.
    pub(crate) fn child(&self, id: Id, key: &str) -> Option<Id> {
        let is = |(_, node): &(Id, &Node)| matches!(&node.step, Step::Key(name) if name == key);
        self.children(id).find(is).map(|(child, _)| child)
    }

    /// Returns the text below some keys.
    pub(crate) fn text(&self, id: Id, keys: &[&str]) -> Option<&str> {
        let found = keys.iter().try_fold(id, |id, key| self.child(id, key))?;
        if let Value::Text(text) = &self.node(found)?.value { Some(text) } else { None }
    }

    /// Returns the tables of a list, or the one table that stands there.
    pub(crate) fn tables(&self, id: Id, key: &str) -> Vec<Id> {
        let Some(list) = self.child(id, key) else { return Vec::new() };
        if self.node(list).is_some_and(|node| node.value == Value::Table) {
            return vec![list];
        }
        self.children(list).map(|(child, _)| child).collect()
    }

    /// Returns the steps from the root to a node.
    pub(crate) fn path(&self, id: Id) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = id;
        while let Some(node) = self.node(at)
            && let Some(parent) = node.parent
        {
            steps.push(node.step.clone());
            at = parent;
        }
        steps.reverse();
        steps
    }

    /// Returns what people call a node: `region[sin].workers`, as `sovereign_language::keys` has it.
    pub(crate) fn name(&self, id: Id) -> String {
        let Some((node, parent)) = self.node(id).and_then(|node| Some((node, node.parent?))) else {
            return String::new();
        };
        let above = self.name(parent);
        match &node.step {
            Step::Index(index) => {
                let own = ["name", "slug"].into_iter().find_map(|key| self.text(id, &[key]));
                let is_plain =
                    |own: &&str| own.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
                match own.filter(is_plain) {
                    Some(own) => format!("{above}[{own}]"),
                    None => format!("{above}[{index}]"),
                }
            }
            Step::Key(key) => {
                let dot = if above.is_empty() { "" } else { "." };
                if is_bare(key) { format!("{above}{dot}{key}") } else { format!("{above}{dot}{key:?}") }
            }
        }
    }
}

/// Returns whether a key needs no quotes.
pub(crate) fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests;
