//! `textDocument/documentSymbol` and `foldingRange`.

use std::borrow::Cow;
use std::ops::Range;

use ls_types::{FoldingRange, FoldingRangeKind, Range as Lined, SymbolKind};
use serde::Serialize;

use crate::documents::Document;
use crate::position::{Encoding, Lines};
use crate::syntax::{Id, ROOT, Step, Tree, Value};

/// From so many keys on only tables are shown, two deep: a fleet has a hundred thousand.
const MANY: usize = 5000;
const FEW_LEVELS: usize = 2;
const LEVELS: usize = 6;

/// Returns the keys of a text as a tree.
pub(crate) fn symbols(document: &Document, encoding: Encoding) -> Vec<Symbol<'_>> {
    let tree = document.tree();
    let outline = Outline {
        tree,
        lines: Lines::new(&document.text, encoding),
        extents: extents(tree, &document.text),
        levels: if tree.ids().len() > MANY { FEW_LEVELS } else { LEVELS },
    };
    outline.below(ROOT, 1)
}

struct Outline<'t> {
    tree: &'t Tree,
    lines: Lines<'t>,
    extents: Vec<Range<usize>>,
    levels: usize,
}

/// A key as the protocol has it: `DocumentSymbol`, whose type in the library still wants a field that went.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Symbol<'t> {
    name: Cow<'t, str>,
    kind: SymbolKind,
    range: Lined,
    selection_range: Lined,
    children: Vec<Symbol<'t>>,
}

impl<'t> Outline<'t> {
    fn below(&self, id: Id, level: usize) -> Vec<Symbol<'t>> {
        let children = self
            .tree
            .children(id)
            .filter(|(_, node)| level == 1 || self.levels > FEW_LEVELS || node.value == Value::Table);
        children.filter_map(|(child, _)| self.symbol(child, level)).collect()
    }

    fn symbol(&self, id: Id, level: usize) -> Option<Symbol<'t>> {
        let node = self.tree.node(id)?;
        let own = |keys: [&str; 3]| keys.into_iter().find_map(|key| self.tree.text(id, &[key]));
        let name = match &node.step {
            Step::Key(key) if key.is_empty() => return None,
            Step::Key(key) => Cow::from(key),
            Step::Index(index) => {
                own(["name", "slug", "env"]).map_or_else(|| Cow::from(format!("[{index}]")), Cow::from)
            }
        };
        let kind = match (&node.value, &node.step) {
            (Value::Table, Step::Index(_)) => SymbolKind::OBJECT,
            (Value::Table, Step::Key(_)) => SymbolKind::NAMESPACE,
            (Value::List, _) => SymbolKind::ARRAY,
            (Value::Text(_), _) => SymbolKind::STRING,
            (Value::Other, _) => SymbolKind::CONSTANT,
        };
        let extent = self.extents.get(id)?.clone();
        let place = node.key.clone().unwrap_or_else(|| node.place.clone());
        let is_inside = extent.start <= place.start && place.end <= extent.end;
        let place = if is_inside { place } else { extent.clone() };
        let children = if level < self.levels { self.below(id, level + 1) } else { Vec::new() };
        let (range, selection_range) = (self.lines.range(extent), self.lines.range(place));
        Some(Symbol { name, kind, range, selection_range, children })
    }
}

/// Returns what belongs to each node: its key, its value, its sections, and all below it.
fn extents(tree: &Tree, text: &str) -> Vec<Range<usize>> {
    let of = |id: Id| {
        let node = tree.node(id);
        let place = node.map_or(0..0, |node| node.place.clone());
        match node.and_then(|node| node.key.clone()) {
            Some(key) if place.is_empty() => key,
            Some(key) => union(&key, &place),
            None => place,
        }
    };
    let mut extents: Vec<_> = tree.ids().map(of).collect();
    for section in tree.sections.iter().filter(|section| !section.header.is_empty()) {
        let written = text.get(section.extent.clone()).unwrap_or_default().trim_end();
        let extent = section.extent.start..section.extent.start + written.len();
        if let Some(own) = extents.get_mut(section.node) {
            *own = union(own, &extent);
        }
    }
    // Children come behind their parents.
    for id in tree.ids().rev() {
        let (Some(parent), Some(own)) =
            (tree.node(id).and_then(|node| node.parent), extents.get(id).cloned())
        else {
            continue;
        };
        if let Some(above) = extents.get_mut(parent) {
            *above = union(above, &own);
        }
    }
    extents
}

fn union(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    match (one.is_empty(), other.is_empty()) {
        (true, _) => other.clone(),
        (_, true) => one.clone(),
        (false, false) => one.start.min(other.start)..one.end.max(other.end),
    }
}

/// Returns what may be folded: tables, values over several lines, and comments over several lines.
pub(crate) fn folds(document: &Document, encoding: Encoding) -> Vec<FoldingRange> {
    let (tree, text) = (document.tree(), &*document.text);
    let lines = Lines::new(text, encoding);
    let mut folds = Vec::new();
    let mut fold = |range: Range<usize>, kind: Option<FoldingRangeKind>| {
        let (start, end) = (lines.position(range.start).line, lines.position(range.end).line);
        if start < end {
            folds.push(FoldingRange { start_line: start, end_line: end, kind, ..FoldingRange::default() });
        }
    };
    for section in tree.sections.iter().filter(|section| !section.header.is_empty()) {
        // Comments before the next header belong to that.
        let written = text.get(section.extent.clone()).unwrap_or_default();
        let mut end = 0;
        let mut at = 0;
        for line in written.split_inclusive('\n') {
            at += line.len();
            let is_said = !line.trim().is_empty() && !line.trim_start().starts_with('#');
            end = if is_said { at - line.len() + line.trim_end().len() } else { end };
        }
        fold(section.extent.start..section.extent.start + end, None);
    }
    for entry in &tree.entries {
        if let Some(node) = tree.node(entry.node) {
            fold(node.place.clone(), None);
        }
    }
    let mut comment: Option<Range<usize>> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.trim_end().len();
        if line.trim_start().starts_with('#') {
            comment = Some(comment.map_or(at, |comment| comment.start)..end);
        } else if let Some(comment) = comment.take() {
            fold(comment, Some(FoldingRangeKind::Comment));
        }
        at += line.len();
    }
    if let Some(comment) = comment {
        fold(comment, Some(FoldingRangeKind::Comment));
    }
    folds
}
