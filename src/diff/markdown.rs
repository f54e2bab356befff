//! A [`Diff`] as Markdown: the body of a comment on a pull request.

use std::fmt::Write as _;

use super::human::{place, sentence, tail, totals};
use super::{Diff, Event};
use crate::diag::Sources;

/// The most characters of the text diff; forges refuse comments over 65,536.
const MOST_TEXT: usize = 40_000;

/// The summary, with objects and text behind folds.
pub fn render(diff: &Diff, sources: &dyn Sources) -> String {
    let mut out = format!("### `{}`\n\n", diff.root);
    if diff.is_empty() {
        out.push_str("Nothing changes.\n");
        return out;
    }
    let _ = writeln!(out, "{}.\n", escape(&totals(diff)));
    for cluster in &diff.clusters {
        let _ = writeln!(out, "#### {}\n", escape(&cluster.cluster));
        for event in &cluster.events {
            let _ = writeln!(out, "- {}", bullet(event, sources));
        }
        for line in tail(cluster).lines() {
            let _ = writeln!(out, "- {}", escape(line.trim()));
        }
        out.push('\n');
    }
    fold(&mut out, "Objects and fields", "diff", &objects(diff));
    fold(&mut out, "Files", "diff", &super::text::render(diff));
    out
}

fn bullet(event: &Event, sources: &dyn Sources) -> String {
    let words = escape(&sentence(event));
    let words = if event.risk.is_some() { format!("⚠️ **{words}**") } else { words };
    match event.cause {
        Some(span) => format!("{words} (`{}`)", place(span, sources)),
        None => words,
    }
}

fn objects(diff: &Diff) -> String {
    let mut out = String::new();
    for change in &diff.objects {
        let _ = writeln!(out, "# {}", super::human::title(change));
        for field in &change.fields {
            let _ = writeln!(out, "  {}", field.path());
            if let Some(old) = &field.old {
                let _ = writeln!(out, "- {old}");
            }
            if let Some(new) = &field.new {
                let _ = writeln!(out, "+ {new}");
            }
        }
    }
    out
}

fn fold(out: &mut String, title: &str, language: &str, body: &str) {
    let cut = body.char_indices().nth(MOST_TEXT).map_or(body, |(end, _)| &body[..end]);
    let rest = if cut.len() < body.len() { "\n… cut; see the commit\n" } else { "" };
    // A fence longer than every run of backticks in the body cannot be closed by it.
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(
        out,
        "<details><summary>{title}</summary>\n\n{fence}{language}\n{cut}{rest}{fence}\n\n</details>\n"
    );
}

/// Text in which nothing is markup: what a user wrote must not draw on a reviewer's page.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '`' | '*' | '_' | '[' | ']' | '|' | '\\' | '#' | '@' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
