//! A [`Diff`] as Markdown: the body of a comment on a pull request.
//!
//! What users wrote, or what an old tree holds, stands in code spans and code blocks only: there a forge draws no
//! markup, mentions nobody and links nothing.

use std::fmt::Write as _;

use super::Diff;
use super::groups::{self, Group, Line, Tone, place, plain};
use super::human::{heading, losses_heading, tail, totals};
use sovereign_text::diag::Sources;

/// The most characters of a comment; forges refuse those over 65,536.
const MOST: usize = 60_000;
/// Groups with more lines than this stand behind a fold, unless they are bad.
const OPEN: usize = 8;
/// What a fold costs besides its body and its fences.
const FOLD: usize = 200;

/// Returns the summary, with objects and text behind folds, and a note that stands before all of it.
pub fn render(diff: &Diff, sources: &dyn Sources, note: Option<&str>) -> String {
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
    let _ = writeln!(out, "{totals}.\n");
    if !diff.losses.is_empty() {
        let mut lost = format!("**{}**\n\n", losses_heading(diff));
        for loss in &diff.losses {
            let cause = loss.cause.map(|span| format!(" ({})", code(&place(span, sources))));
            let _ = writeln!(lost, "- ⚠️ {}{}", code(&plain(&loss.words())), cause.unwrap_or_default());
        }
        if lost.chars().count() > MOST / 4 {
            lost = format!("**{}**: see the commit\n", losses_heading(diff));
        }
        let _ = writeln!(out, "{lost}");
    }
    for cluster in &diff.clusters {
        let mut part = format!("#### {}\n\n", code(&cluster.cluster));
        for group in groups::collect(&cluster.events) {
            part.push_str(&list(&group, sources));
        }
        for line in tail(cluster).lines() {
            let _ = writeln!(part, "- {}", line.trim());
        }
        part.push('\n');
        // Half of the room is for the summary; what does not fit into it is in the commit.
        if out.chars().count() + part.chars().count() > MOST / 2 {
            let _ = writeln!(
                out,
                "#### {}\n\n- {} events; see the commit\n",
                code(&cluster.cluster),
                cluster.events.len()
            );
        } else {
            out.push_str(&part);
        }
    }
    fold(&mut out, "Objects and fields", &objects(diff), MOST * 3 / 4);
    fold(&mut out, "Files", &super::text::render(diff), MOST);
    out
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
    let mut out = if line.risk.is_some() { "⚠️ ".to_owned() } else { String::new() };
    out.push_str(&code(&line.subject));
    if !line.detail.is_empty() {
        let _ = write!(out, " {}", code(&line.detail));
    }
    if let Some(risk) = line.risk {
        let _ = write!(out, " **at risk: {risk}**");
    }
    if let Some(cause) = groups::cause(&line.causes, sources) {
        let _ = write!(out, " ({})", code(&cause));
    }
    out
}

fn objects(diff: &Diff) -> String {
    let mut out = String::new();
    for change in diff.variables.iter().chain(&diff.objects) {
        let word = match (&change.old, &change.new) {
            (None, _) => ": added",
            (_, None) => ": removed",
            (Some(_), Some(_)) => "",
        };
        let _ = writeln!(out, "# {}{word}", super::human::title(change));
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

/// A text behind a fold, as much of it as there is room for below `most` characters.
fn fold(out: &mut String, title: &str, body: &str, most: usize) {
    let room = most.saturating_sub(out.chars().count() + FOLD);
    let lines = body.split_inclusive('\n').scan(0, |length, line| {
        *length += line.chars().count();
        (*length <= room).then_some(line)
    });
    let cut: String = lines.collect();
    let rest = if cut.len() < body.len() { "… cut; see the commit\n" } else { "" };
    let fence = "`".repeat(longest_run(&cut).max(2) + 1);
    if cut.is_empty() || fence.len() > FOLD / 4 {
        let _ = writeln!(out, "{title}: see the commit.\n");
        return;
    }
    let _ = writeln!(
        out,
        "<details><summary>{title}</summary>\n\n{fence}diff\n{cut}{rest}{fence}\n\n</details>\n"
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
        fold(&mut out, "t", "+ ````\n</details>\n", 1000);
        assert!(out.contains("\n`````diff\n+ ````\n</details>\n`````\n"), "{out}");
    }

    #[test]
    fn a_fold_keeps_to_its_room() {
        let body = "0123456789\n".repeat(1000);
        let mut out = String::new();
        fold(&mut out, "t", &body, 2000);
        assert!(out.chars().count() <= 2000 && out.contains("… cut"), "{}", out.len());
        let mut out = String::new();
        fold(&mut out, "t", &"`".repeat(5000), 9000);
        assert!(out.contains("see the commit"), "{out}");
    }
}
