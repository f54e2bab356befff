//! The unified text diff, as `diff -u` and `git diff` write it.

use std::fmt::Write as _;

use similar::TextDiff;

use super::{Change, Diff};

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// Returns every changed file as a unified diff, by path.
pub(crate) fn render(diff: &Diff) -> String {
    let mut out = String::new();
    for (path, change) in &diff.files {
        let path = format!("{}/{path}", diff.root);
        let (old, new, from, to) = match change {
            Change::Added { new } => {
                (String::new(), new.as_str(), "/dev/null".to_owned(), format!("b/{path}"))
            }
            Change::Removed { old } => {
                (String::from_utf8_lossy(old).into_owned(), "", format!("a/{path}"), "/dev/null".to_owned())
            }
            Change::Modified { old, new } => (
                String::from_utf8_lossy(old).into_owned(),
                new.as_str(),
                format!("a/{path}"),
                format!("b/{path}"),
            ),
        };
        let text = TextDiff::from_lines(old.as_str(), new);
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", text.unified_diff().context_radius(CONTEXT).header(&from, &to));
    }
    out
}
