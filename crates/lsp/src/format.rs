//! `textDocument/formatting`: the form that `sovereign fmt` brings a text into.

use ls_types::TextEdit;

use crate::documents::Document;
use crate::position::{Encoding, Lines};

/// Returns the edit that brings a text into form: of the lines from the first that changes to the last. Nothing if it has its form,
/// and nothing where it is no TOML yet, since an editor formats while somebody types.
pub(crate) fn edits(document: &Document, encoding: Encoding) -> Option<TextEdit> {
    let text = &*document.text;
    let tidy = sovereign_edit::formatted(text, "sovereign.toml").ok().filter(|tidy| tidy != text)?;
    let lines = |text: &str| text.split_inclusive('\n').map(str::len).collect::<Vec<_>>();
    let (old, new) = (lines(text), lines(&tidy));
    let same = text.split_inclusive('\n').zip(tidy.split_inclusive('\n')).take_while(|(old, new)| old == new);
    let before = same.count();
    let most = old.len().min(new.len()) - before;
    let ends = text.split_inclusive('\n').rev().zip(tidy.split_inclusive('\n').rev());
    let after = ends.take(most).take_while(|(old, new)| old == new).count();
    let bytes =
        |lines: &[usize]| lines[..before].iter().sum()..lines[..lines.len() - after].iter().sum::<usize>();
    let new_text = tidy.get(bytes(&new)).unwrap_or_default().to_owned();
    Some(TextEdit { range: Lines::new(text, encoding).range(bytes(&old)), new_text })
}
