//! The comments of a text that is TOML.

use std::ops::Range;

use sovereign_text::node::{Node, Value};

/// Returns the places of all comments: from a `#` that is in no value to the end of its line.
pub(super) fn of(text: &str, tree: &Node) -> Vec<Range<usize>> {
    let mut values: Vec<Range<usize>> = Vec::new();
    tree.walk(&mut |_, node| {
        if matches!(node.value, Value::String(_)) {
            values.push(node.cause.range());
        }
    });
    values.sort_by_key(|value| value.start);
    let mut values = values.into_iter().peekable();
    let mut comments: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('#') {
        while values.next_if(|value| value.end <= at).is_some() {}
        let in_value = values.peek().is_some_and(|value| value.start < at);
        let in_comment = comments.last().is_some_and(|comment| at < comment.end);
        if !in_value && !in_comment {
            comments.push(at..text[at..].find('\n').map_or(text.len(), |end| at + end));
        }
    }
    comments
}
