//! `textDocument/formatting`: white space that means nothing. Ends of lines have none before them, and the text ends with one.

use std::ops::Range;

use ls_types::TextEdit;

use crate::documents::Document;
use crate::position::{Encoding, Lines};
use crate::syntax::{Tree, Value};

/// Returns the edits that bring a text into form.
pub(crate) fn edits(document: &Document, encoding: Encoding) -> Vec<TextEdit> {
    let text = &*document.text;
    let lines = Lines::new(text, encoding);
    let kept = texts(document.tree(), text);
    let mut edits = Vec::new();
    let mut replace = |range: Range<usize>, new_text: &str| {
        edits.push(TextEdit { range: lines.range(range), new_text: new_text.to_owned() });
    };
    let written = text.trim_end().len();
    let mut at = 0;
    for line in text.get(..written).unwrap_or_default().split_inclusive('\n') {
        let body = line.strip_suffix('\n').map_or(line, |body| body.strip_suffix('\r').unwrap_or(body));
        let (start, end) = (at + body.trim_end_matches([' ', '\t']).len(), at + body.len());
        if start < end && !kept.iter().any(|range| range.start < end && start < range.end) {
            replace(start..end, "");
        }
        at += line.len();
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if written > 0 && text.get(written..) != Some(end) {
        replace(written..text.len(), end);
    }
    edits
}

/// Returns the texts of several lines, in which every space counts.
fn texts(tree: &Tree, text: &str) -> Vec<Range<usize>> {
    let nodes = tree.ids().filter_map(|id| tree.node(id)).filter(|node| matches!(node.value, Value::Text(_)));
    let is_long =
        |place: &Range<usize>| text.get(place.clone()).is_some_and(|written| written.contains('\n'));
    nodes.map(|node| node.place.clone()).filter(is_long).collect()
}
