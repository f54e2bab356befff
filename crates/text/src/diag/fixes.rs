//! Making the edits of findings: what `check --fix` writes, and what a test makes of every edit.

use std::collections::BTreeMap;

use super::{Applicability, Diagnostics, Edit};
use crate::source::{Source, SourceId};

/// Returns the edits that may be made unasked, by the source that a person wrote and they belong to. Of edits that overlap the
/// first is taken: the others are found again in what it leaves.
pub fn certain(diags: &Diagnostics) -> BTreeMap<SourceId, Vec<&Edit>> {
    let mut edits: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
    for finding in diags.sorted() {
        // What comes behind the first is another way to do it.
        let first = finding.help.iter().find_map(|help| help.edit.as_ref());
        let is_meant =
            |edit: &&Edit| edit.applicability == Applicability::Certain && edit.span.source.is_input();
        if let Some(edit) = first.filter(is_meant) {
            edits.entry(edit.span.source).or_default().push(edit);
        }
    }
    for edits in edits.values_mut() {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let mut end = None;
        edits.retain(|edit| {
            let is_free = end.is_none_or(|end| edit.span.start > end);
            end = if is_free { Some(edit.span.end) } else { end };
            is_free
        });
    }
    edits
}

/// Returns the text of a source with edits made, which are in order and do not overlap. Lines end as they do there.
pub fn made(source: &Source, edits: &[&Edit]) -> String {
    let text = source.text();
    let has_carriage_returns = text.contains("\r\n");
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        out.push_str(text.get(from..edit.span.start as usize).unwrap_or_default());
        if has_carriage_returns {
            out.push_str(&edit.replacement.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            out.push_str(&edit.replacement);
        }
        from = edit.span.end as usize;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Diagnostic};
    use crate::source::Span;

    #[test]
    fn certain_edits_are_made_and_others_are_not() {
        let source = Source::from_text(SourceId::MANIFEST, "t", "a = 1\r\nb = 2\r\nc = 3\r\n");
        let at = |start: usize| Span::new(SourceId::MANIFEST, start..start + 1);
        let finding = |start| Diagnostic::new(Code::WrongType, at(start), "m");
        let mut diags = Diagnostics::new();
        diags.push(finding(4).certain_fix("write", at(4), "[\n1]"));
        diags.push(finding(4).help("or leave it").certain_fix("write", at(4), "7"));
        diags.push(finding(11).fix("perhaps", at(11), "8"));
        diags.push(finding(18).certain_fix("write", at(18), "9"));
        let edits = certain(&diags);
        assert_eq!(made(&source, &edits[&SourceId::MANIFEST]), "a = [\r\n1]\r\nb = 2\r\nc = 9\r\n");
    }
}
