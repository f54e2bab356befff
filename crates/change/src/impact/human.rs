//! A [`Report`] for a person: at a terminal, and as Markdown for a pull request or the notes of a release.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::{Against, Impact, Report, State};
use sovereign_text::look::Look;

/// Returns the report for a terminal.
pub fn text(report: &Report, look: Look) -> String {
    let mut out = String::new();
    for part in parts(report) {
        let color = if part.is_bad { AnsiColor::Red } else { AnsiColor::Cyan };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "{}", look.paint(color, &format!("{} ({})", part.title, part.lines.len())));
        for line in part.lines {
            let _ = writeln!(out, "  {line}");
        }
    }
    let _ = writeln!(out, "{}", sum(report));
    out
}

/// Returns the report as Markdown. What users wrote stands in code.
pub fn markdown(report: &Report) -> String {
    let mut out = format!("# Impact of {}\n\n{}\n", code(&against(report)), sum(report));
    for part in parts(report) {
        let _ = writeln!(out, "\n## {} ({})\n", capital(part.title), part.lines.len());
        for line in part.lines {
            let _ = writeln!(out, "- {}", code(&line));
        }
    }
    out
}

/// What belongs together.
struct Part {
    title: &'static str,
    is_bad: bool,
    lines: Vec<String>,
}

/// Returns what there is to say, worst first.
fn parts(report: &Report) -> Vec<Part> {
    let of = |title, is_bad, lines: &dyn Fn(&Impact) -> Vec<String>| {
        let lines = report.impacts.iter().flat_map(lines).map(|line| plain(&line)).collect();
        Part { title, is_bad, lines }
    };
    let named = |it: &Impact, what: &[String]| {
        let name = name(it);
        what.iter().map(|what| format!("{name}: {what}")).collect()
    };
    let refusals = |it: &Impact, state| {
        let words = it.refused.iter().map(|refusal| format!("error[{}]: {}", refusal.code, refusal.message));
        let words: Vec<_> = words.chain(it.note.clone()).collect();
        if it.state == state { named(it, &words) } else { Vec::new() }
    };
    let parts = [
        of("lost", true, &|it| named(it, &it.lost)),
        of("reinstalled", true, &|it| named(it, &it.reinstalled)),
        of("refused", true, &|it| refusals(it, State::Refused)),
        of("not known, since they have errors as they are", true, &|it| refusals(it, State::Broken)),
        of("not compared", false, &|it| refusals(it, State::Apart)),
        of("changed", false, &|it| if it.state == State::Changed { vec![changed(it)] } else { Vec::new() }),
    ];
    parts.into_iter().filter(|part| !part.lines.is_empty()).collect()
}

/// Returns how a Sovereign is called: by its tree, or by its manifest where that is not known.
fn name(impact: &Impact) -> &str {
    impact.root.as_deref().unwrap_or(&impact.file)
}

/// `clusters/a.example: 12 files; 3 upgraded, 1 added; in 2 steps`.
fn changed(impact: &Impact) -> String {
    let files = impact.files.added + impact.files.changed + impact.files.removed;
    let mut line = format!("{}: {}", name(impact), count(files, "file"));
    for (at, (event, n)) in impact.events.iter().enumerate() {
        let _ = write!(line, "{} {n} {}", if at == 0 { ";" } else { "," }, event.replace('-', " "));
    }
    if impact.steps > 1 {
        let _ = write!(line, "; in {} steps", impact.steps);
    }
    line
}

fn against(report: &Report) -> String {
    match &report.against {
        Against::Kit(name) => format!("kit {}", plain(name)),
        Against::Compiler(name) => format!("this compiler after {}", plain(name)),
    }
}

/// Returns all of it in one line.
fn sum(report: &Report) -> String {
    let of = |state: State, word: &str| {
        let n = report.count(state);
        (n > 0).then(|| format!("{n} {word}"))
    };
    let states = [
        of(State::Unchanged, "unchanged"),
        of(State::Changed, "changed"),
        of(State::Refused, "refused"),
        of(State::Broken, "not known"),
        of(State::Apart, "not compared"),
    ];
    let states: Vec<_> = states.into_iter().flatten().collect();
    let reinstalled = report.impacts.iter().map(|it| it.reinstalled.len()).sum();
    let lost = report.impacts.iter().map(|it| it.lost.len()).sum();
    format!(
        "{} on {}: {}; {} reinstalled, {} lost",
        count(report.impacts.len(), "Sovereign"),
        against(report),
        if states.is_empty() { "none".to_owned() } else { states.join(", ") },
        count(reinstalled, "release"),
        count(lost, "thing")
    )
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Returns a text without control characters: it may hold what users wrote.
fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

fn capital(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Returns a line as Markdown code, fenced by more backticks than it holds in a row.
fn code(line: &str) -> String {
    let longest = line.split(|char| char != '`').map(str::len).max().unwrap_or_default();
    let (fence, pad) = ("`".repeat(longest + 1), if longest > 0 { " " } else { "" });
    format!("{fence}{pad}{line}{pad}{fence}")
}
