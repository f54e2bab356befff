//! A text that is edited: parsed with all its comments, and written with the line ends that it had.

use sovereign_text::line_diff::{Stretch, stretches};
use toml_edit::DocumentMut;

use crate::Refused;

/// A text while it is edited.
pub(crate) struct Document<'t> {
    before: &'t str,
    pub(crate) toml: DocumentMut,
}

/// What some editors put before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

impl<'t> Document<'t> {
    /// Parses a text, which a message calls by a name.
    pub(crate) fn parse(before: &'t str, name: &str) -> Result<Self, Refused> {
        let text = before.trim_start_matches(BYTE_ORDER_MARK).replace("\r\n", "\n");
        match text.parse() {
            Ok(toml) => Ok(Self { before, toml }),
            Err(_) => Err(Refused::new(format!("{name} is no TOML, so it cannot be edited"))
                .help("`sovereign check` says where it is wrong")),
        }
    }

    /// Returns the text as it is now, every line that stays with the line end that it had.
    pub(crate) fn written(&self) -> String {
        self.with_ends(&self.toml.to_string())
    }

    /// Returns the text as it is now. A comment stays that stood apart from what is gone, with an empty line in between.
    pub(crate) fn written_with_comments(&self) -> String {
        let (before, after) =
            (self.before.trim_start_matches(BYTE_ORDER_MARK).replace("\r\n", "\n"), self.toml.to_string());
        let (old, new) = (lines(&before), lines(&after));
        let mut kept = String::with_capacity(after.len());
        for Stretch { old: gone, new: come, same } in stretches(&old, &new) {
            if !same {
                kept.push_str(&apart(old.get(gone).unwrap_or_default()).concat());
            }
            kept.push_str(&new.get(come).unwrap_or_default().concat());
        }
        self.with_ends(&kept)
    }

    /// Returns a text with the line ends of this one, and what stood before its first character.
    pub(crate) fn with_ends(&self, after: &str) -> String {
        let mark: String = self.before.chars().take_while(|&c| c == BYTE_ORDER_MARK).collect();
        let before = self.before.trim_start_matches(BYTE_ORDER_MARK);
        if !before.contains("\r\n") {
            return mark + after;
        }
        let (old, new) = (lines(before), lines(after));
        let plain: Vec<String> = old.iter().map(|line| line.replace("\r\n", "\n")).collect();
        let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
        let mostly = old.iter().filter(|line| line.ends_with("\r\n")).count() * 2 > old.len();
        let mut out = mark;
        for Stretch { old: stays, new: comes, same } in stretches(&plain, &new) {
            if same {
                out.push_str(&old.get(stays).unwrap_or_default().concat());
            } else {
                let lines = new.get(comes).unwrap_or_default().concat();
                out.push_str(&if mostly { lines.replace('\n', "\r\n") } else { lines });
            }
        }
        out
    }
}

/// Returns the lines of a text with their ends.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Returns those of lines that went which had no part in what went: comments with an empty line behind them.
fn apart<'l>(gone: &[&'l str]) -> Vec<&'l str> {
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let is_empty = |line: &&str| line.trim().is_empty();
    let end = gone.iter().position(|line| !is_comment(line) && !is_empty(line)).unwrap_or(gone.len());
    let before = gone.get(..end).unwrap_or_default();
    let end = before.iter().rposition(is_empty).map_or(0, |place| place + 1);
    let before = before.get(..end).unwrap_or_default();
    if before.iter().any(is_comment) { before.to_vec() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str) -> String {
        let mut document = Document::parse(text, "t").unwrap();
        document.toml["b"] = toml_edit::value(7);
        document.written()
    }

    #[test]
    fn lines_end_as_they_did() {
        assert_eq!(changed("a = 1\r\nb = 2 # two\r\n"), "a = 1\r\nb = 7\r\n");
        assert_eq!(
            changed("\u{feff}a = 1\nb = 2\r\nc = 3\r\nd = 4\r\n"),
            "\u{feff}a = 1\nb = 7\r\nc = 3\r\nd = 4\r\n"
        );
        assert_eq!(changed("a = 1\nb = 2\n"), "a = 1\nb = 7\n");
    }

    #[test]
    fn a_comment_that_stands_apart_stays() {
        let text = "# all of it\n\n# of a\na = 1\n\n# the rest\n\n# of b\nb = 2\n";
        let mut document = Document::parse(text, "t").unwrap();
        document.toml.remove("b");
        assert_eq!(document.written_with_comments(), "# all of it\n\n# of a\na = 1\n\n# the rest\n\n");
    }
}
