//! A plan for people: the steps in order, which commit each is, what it changes, and what to see to before the next.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::shown::Step;
use super::{Rollout, waits};
use crate::diff::human::{self, Look};

/// The steps of a rollout as text.
pub fn render(rollout: &Rollout<'_>, steps: &[Step<'_>], look: Look) -> String {
    let mut out = String::new();
    let names: Vec<_> = rollout.goals().iter().map(|goal| goal.new.tree.root().as_str()).collect();
    if steps.is_empty() {
        let _ = writeln!(out, "{}: nothing to do, the tree is what the manifest gives", names.join(", "));
        return out;
    }
    let count = if steps.len() == 1 { "1 step".to_owned() } else { format!("{} steps", steps.len()) };
    let _ = writeln!(out, "{}", look.bold(&format!("{}: {count}", names.join(", "))));
    let done = steps.iter().filter(|step| step.commit.is_some()).count();
    for (index, step) in steps.iter().enumerate() {
        let number = index + 1;
        let state = match &step.commit {
            Some(commit) => look.paint(AnsiColor::Green, &format!("done: commit {commit}")),
            None if index == done => {
                look.paint(AnsiColor::Cyan, &format!("next: sovereign commit --step {number}"))
            }
            None => format!("later: step {number}"),
        };
        let _ = writeln!(out, "\n{}  {state}", look.bold(&format!("{number}. {}", step.phase.sentence())));
        if step.commit.is_some() {
            continue;
        }
        for change in &step.changes {
            if names.len() > 1 {
                let _ = writeln!(out, "   {}", change.diff.root);
            }
            for line in human::summary(&change.diff, change.sources, look).lines() {
                let _ = writeln!(out, "   {line}");
            }
        }
        let waits = waits::after(rollout, number);
        if waits.is_empty() {
            continue;
        }
        let next = number + 1;
        let when = if number < steps.len() { format!("Before step {next}:") } else { "Then:".to_owned() };
        let _ = writeln!(out, "   {when}");
        for wait in waits {
            let _ = writeln!(out, "     {} `{}`\n       {}", wait.question, wait.command, wait.answer);
        }
    }
    out
}
