//! A plan for people: the steps in order, which commit each is, what it changes, and what to see to before the next.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::Rollout;
use super::report::Report;
use crate::diff::human;
use sovereign_compile::manual_checks::ManualCheck;
use sovereign_text::look::Look;

/// Returns the steps of a rollout as text. `command` gives the command that makes a step.
pub fn render(
    rollout: &Rollout<'_>,
    report: &Report<'_>,
    command: &dyn Fn(usize) -> String,
    look: Look,
) -> String {
    let mut out = String::new();
    let steps = &report.steps;
    let names: Vec<_> =
        rollout.migrations().iter().map(|migration| migration.new.tree.root().as_str()).collect();
    if steps.is_empty() {
        let _ = writeln!(out, "{}: nothing to do, the tree is what the manifest gives", names.join(", "));
        return out;
    }
    let count = if steps.len() == 1 { "1 step".to_owned() } else { format!("{} steps", steps.len()) };
    let _ = writeln!(out, "{}", look.bold(&format!("{}: {count}", names.join(", "))));
    let done = steps.iter().filter(|step| step.commit.is_some()).count();
    for (index, step) in steps.iter().enumerate() {
        let number = index + 1;
        questions(&mut out, &format!("Before step {number}:"), &step.before);
        let state = match &step.commit {
            Some(commit) => look.paint(AnsiColor::Green, &format!("done: commit {commit}")),
            None if index == done => look.paint(AnsiColor::Cyan, &format!("next: {}", command(number))),
            None => format!("later: step {number}"),
        };
        let _ = writeln!(out, "\n{}  {state}", look.bold(&format!("{number}. {}", step.phase.sentence())));
        for change in &step.changes {
            if names.len() > 1 {
                let _ = writeln!(out, "   {}", change.diff.root);
            }
            for line in human::summary(&change.diff, change.sources, look).lines() {
                let _ = writeln!(out, "   {line}");
            }
        }
    }
    questions(&mut out, "Then:", &report.then);
    out
}

fn questions(out: &mut String, when: &str, checks: &[ManualCheck]) {
    if !checks.is_empty() {
        let _ = writeln!(out, "\n   {when}");
    }
    for check in checks {
        let _ = writeln!(out, "     {} `{}`\n       {}", check.question, check.command, check.answer);
    }
}
