//! `textDocument/formatting`: the form that `sovereign fmt` brings a text into.

use ls_types::TextEdit;

use crate::documents::Document;
use crate::position::{Encoding, Lines};

/// Returns the edit that brings a text into form: of the lines from the first that changes to the last. Nothing if it has its form,
/// and nothing where it is no TOML yet, since an editor formats while somebody types.
pub(crate) fn edits(document: &Document, encoding: Encoding) -> Option<TextEdit> {
    let text = &*document.text;
    let tidy = sovereign_edit::formatted(text, "sovereign.toml").ok().filter(|tidy| tidy != text)?;
    let [old, new] = [text, &*tidy].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - before;
    let ends = old.iter().rev().zip(new.iter().rev()).take(most);
    let after = ends.take_while(|(old, new)| old == new).count();
    let length = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let range = length(&old[..before])..length(&old[..old.len() - after]);
    Some(TextEdit {
        range: Lines::new(text, encoding).range(range),
        new_text: new[before..new.len() - after].concat(),
    })
}
