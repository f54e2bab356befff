//! The unified text diff, as `diff -u` and `git diff` write it.

use super::{Change, Diff};
use sovereign_text::line_diff;

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
        out.push_str(&line_diff::unified(&old, new, CONTEXT, (&from, &to)));
    }
    out
}
