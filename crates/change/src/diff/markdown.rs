//! A [`Diff`] as Markdown: the body of a comment on a pull request.
//!
//! What users wrote, or what an old tree holds, stands in code spans and code blocks only: there a forge draws no
//! markup, mentions nobody and links nothing.

use std::fmt::Write as _;

use super::Diff;
use super::groups::{self, Group, Line, Tone, plain};
use super::human::{CONSENTS, heading, kit, losses_heading, tail, totals};
use super::lost::{self, Lost};
use super::sections::{self, Section};
use sovereign_text::diag::Sources;

/// The most characters of a comment; forges refuse those over 65,536.
const MOST: usize = 60_000;
/// The most characters of what is lost, and of the tables that consent to it, each.
const MOST_LOST: usize = MOST / 6;
/// The most characters of all up to what stands behind folds.
const MOST_SUMMARY: usize = MOST * 5 / 8;
/// Groups with more lines than this stand behind a fold, unless they are bad.
const OPEN: usize = 8;
/// What a fold costs besides its body and its fences.
const FOLD: usize = 300;

/// Returns the summary, with objects and text behind folds, and a note that stands before all of it. `consents` are the tables
/// that let happen what is lost.
pub fn render(diff: &Diff, sources: &dyn Sources, note: Option<&str>, consents: &[String]) -> String {
    let mut out = format!("### {}\n\n", code(&diff.root));
    if let Some(note) = note {
        let _ = writeln!(out, "> [!IMPORTANT]\n> It {}\n", note.trim_end());
    }
    if diff.is_empty() {
        out.push_str("Nothing changes.\n");
        return out;
    }
    let totals = totals(diff);
    let totals = totals.strip_prefix(&format!("{}: ", diff.root)).unwrap_or(&totals);
    let kit = kit(diff).map_or_else(String::new, |kit| format!("{}: ", code(&kit)));
    let _ = writeln!(out, "{kit}{totals}.\n");
    losses(&mut out, diff, sources);
    tables(&mut out, consents);
    let mut left_out = Vec::new();
    for section in sections::collect(&diff.clusters) {
        let part = part(&section, sources);
        if out.chars().count() + part.chars().count() > MOST_SUMMARY {
            left_out.push(section);
        } else {
            out.push_str(&part);
        }
    }
    if !left_out.is_empty() {
        let events: usize = left_out.iter().map(|section| section.happenings.len()).sum();
        let _ = writeln!(out, "{events} changes of clusters are left out; {}\n", whole("summary"));
    }
    fold(&mut out, "Objects and fields", &objects(diff), Room { most: MOST * 3 / 4, depth: "objects" });
    fold(&mut out, "Files", &super::text::render(diff), Room { most: MOST, depth: "text" });
    out
}

/// Returns how to see all of a depth, for whoever sees a part of it.
fn whole(depth: &str) -> String {
    format!("`sovereign diff --depth {depth}` shows the whole")
}

/// Writes what is lost.
fn losses(out: &mut String, diff: &Diff, sources: &dyn Sources) {
    let lost = lost::collect(diff);
    if lost.is_empty() {
        return;
    }
    let line = |loss: &Lost| {
        let cause = groups::cause(&loss.causes, sources).map(|cause| format!(" ({})", code(&cause)));
        format!("- ⚠️ {}{}\n", code(&plain(&loss.words)), cause.unwrap_or_default())
    };
    let lines: Vec<_> = lost.iter().map(line).collect();
    let shown = fitting(&lines, MOST_LOST);
    let _ = writeln!(out, "**{}**\n\n{}", losses_heading(lost.len()), shown.concat());
    if shown.len() < lines.len() {
        let _ = writeln!(out, "{} more are left out; {}\n", lines.len() - shown.len(), whole("summary"));
    }
}

/// Writes the tables that consent, to be pasted.
fn tables(out: &mut String, consents: &[String]) {
    if consents.is_empty() {
        return;
    }
    let tables: Vec<_> =
        consents.iter().map(|table| table.lines().map(plain).collect::<Vec<_>>().join("\n") + "\n").collect();
    let shown = fitting(&tables, MOST_LOST);
    let text = shown.concat();
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    let _ = writeln!(out, "{CONSENTS}\n\n{fence}toml\n{text}{fence}\n");
    if shown.len() < tables.len() {
        let _ = writeln!(out, "{} more are left out; {}\n", tables.len() - shown.len(), whole("summary"));
    }
}

/// Returns as many of the texts as have no more characters than `most` together.
fn fitting(texts: &[String], most: usize) -> &[String] {
    let mut length = 0;
    let fits = |text: &&String| {
        length += text.chars().count();
        length <= most
    };
    texts.get(..texts.iter().take_while(fits).count()).unwrap_or_default()
}

/// Returns what happens to some clusters.
fn part(section: &Section, sources: &dyn Sources) -> String {
    let mut part = format!("#### {}\n\n", code(&section.name()));
    for group in groups::collect(&section.happenings) {
        part.push_str(&list(&group, sources));
    }
    for line in tail(section).lines() {
        let _ = writeln!(part, "- {}", line.trim());
    }
    part.push('\n');
    part
}

fn list(group: &Group, sources: &dyn Sources) -> String {
    let mut lines = String::new();
    for line in &group.lines {
        let _ = writeln!(lines, "- {}", bullet(line, sources));
    }
    if group.lines.len() > OPEN && group.tone != Tone::Bad {
        return format!("<details><summary>{}</summary>\n\n{lines}\n</details>\n\n", heading(group));
    }
    format!("**{}**\n\n{lines}\n", heading(group))
}

fn bullet(line: &Line, sources: &dyn Sources) -> String {
    let mut out = code(&line.subject);
    if !line.detail.is_empty() {
        let _ = write!(out, " {}", code(&line.detail));
    }
    if let Some(cause) = groups::cause(&line.causes, sources) {
        let _ = write!(out, " ({})", code(&cause));
    }
    out
}

fn objects(diff: &Diff) -> String {
    let mut out = String::new();
    for (change, clusters) in sections::objects(diff) {
        let word = match (&change.old, &change.new) {
            (None, _) => ": added",
            (_, None) => ": removed",
            (Some(_), Some(_)) => "",
        };
        let _ = writeln!(out, "# {}{word}", super::human::title(change, &clusters));
        for field in &change.fields {
            let _ = writeln!(out, "  {}", plain(&field.path()));
            if let Some(old) = &field.old {
                let _ = writeln!(out, "- {}", plain(&old.to_string()));
            }
            if let Some(new) = &field.new {
                let _ = writeln!(out, "+ {}", plain(&new.to_string()));
            }
        }
    }
    out
}

/// How far a text may go.
#[derive(Clone, Copy)]
struct Room {
    /// The most characters of the whole comment up to its end.
    most: usize,
    /// The depth in which `sovereign diff` shows all of it.
    depth: &'static str,
}

/// A text behind a fold, as much of it as there is room for.
fn fold(out: &mut String, title: &str, body: &str, room: Room) {
    let free = room.most.saturating_sub(out.chars().count() + FOLD);
    let lines = body.split_inclusive('\n').scan(0, |length, line| {
        *length += line.chars().count();
        (*length <= free).then_some(line)
    });
    let cut: String = lines.collect();
    let left = body.lines().count() - cut.lines().count();
    let whole = whole(room.depth);
    let fence = "`".repeat(longest_run(&cut).max(2) + 1);
    if cut.is_empty() || fence.len() > FOLD / 4 {
        let _ = writeln!(out, "{title}: left out; {whole}.\n");
        return;
    }
    let rest = if left > 0 { format!("{left} lines are left out; {whole}\n\n") } else { String::new() };
    let _ = writeln!(
        out,
        "<details><summary>{title}</summary>\n\n{fence}diff\n{cut}{fence}\n\n{rest}</details>\n"
    );
}

/// Returns a code span: its fence is longer than every run of backticks in the text, so that nothing in it closes it.
fn code(text: &str) -> String {
    let text = plain(text);
    if text.is_empty() {
        return "—".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = |c: Option<char>| matches!(c, Some('`' | ' '));
    let pad = if edge(text.chars().next()) || edge(text.chars().next_back()) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_code_span_closes_it() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a``b`c"), "```a``b`c```");
        assert_eq!(code("@all | <img src=x> [a](b)"), "`@all | <img src=x> [a](b)`");
        // A line of its own would end the span, and turned text would hide what it says.
        assert_eq!(code("a\n\n# b\u{202e}"), "`a\\u{a}\\u{a}# b\\u{202e}`");
        assert_eq!(code(""), "—");
    }

    #[test]
    fn nothing_in_a_fold_closes_its_fence() {
        let mut out = String::new();
        fold(&mut out, "t", "+ ````\n</details>\n", Room { most: 1000, depth: "text" });
        assert!(out.contains("\n`````diff\n+ ````\n</details>\n`````\n"), "{out}");
    }

    #[test]
    fn a_fold_keeps_to_its_room() {
        let body = "0123456789\n".repeat(1000);
        let mut out = String::new();
        fold(&mut out, "t", &body, Room { most: 2000, depth: "text" });
        assert!(
            out.chars().count() <= 2000
                && out.contains("lines are left out; `sovereign diff --depth text` shows the whole"),
            "{}",
            out.len()
        );
        let mut out = String::new();
        fold(&mut out, "t", &"`".repeat(5000), Room { most: 9000, depth: "objects" });
        assert!(out.contains("t: left out"), "{out}");
    }
}
