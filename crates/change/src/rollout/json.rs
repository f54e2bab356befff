//! A plan for programs. Keys are stable: new ones may come, none changes its meaning.
//!
//! | key | holds |
//! |---|---|
//! | `version` | 1 |
//! | `sovereigns[]` | the roots of the trees: `clusters/<fqdn>` |
//! | `done` | how many steps are committed |
//! | `steps[]` | every step, in order |
//! | `….number` | its number, from 1: what `sovereign commit --step` takes |
//! | `….phase` | `keep`, `arrive`, `loosen`, `change`, `switch`, `follow`, `drain`, `remove`, `return`, `leave`, `forget`, `close` or `settle` |
//! | `….sentence` | what it does, for people |
//! | `….commit` | the commit that it is, or `null` |
//! | `….command` | the command that makes it |
//! | `….before[]` | what to see to before it: `question`, `command`, `answer`; empty where it is done |
//! | `….changes[]` | for each Sovereign in which something changes, what `sovereign diff --format json` prints; empty where it is done |
//! | `….then[]` | what to see to before the next step, or at the end: as `before` |

use serde_json::{Value as Json, json};

use super::Rollout;
use super::report::{Report, Step};
use crate::diff;
use sovereign_compile::manual_checks::ManualCheck;

/// Returns one JSON document, with a final newline. `command` gives the command that makes a step.
pub fn render(rollout: &Rollout<'_>, report: &Report<'_>, command: &dyn Fn(usize) -> String) -> String {
    let steps = &report.steps;
    let checks = |checks: &[ManualCheck]| checks.iter().map(check).collect::<Vec<_>>();
    let step = |(index, step): (usize, &Step<'_>)| {
        let changes = step.changes.iter().map(|change| diff::json::value(&change.diff, change.sources));
        let then = steps.get(index + 1).map_or(&report.then, |next| &next.before);
        json!({
            "number": index + 1,
            "phase": step.phase.word(),
            "sentence": step.phase.sentence(),
            "commit": step.commit,
            "command": command(index + 1),
            "before": checks(&step.before),
            "changes": changes.collect::<Vec<_>>(),
            "then": checks(then),
        })
    };
    let document = json!({
        "version": 1,
        "sovereigns": rollout.migrations().iter().map(|migration| migration.new.tree.root().as_str()).collect::<Vec<_>>(),
        "done": steps.iter().filter(|step| step.commit.is_some()).count(),
        "steps": steps.iter().enumerate().map(step).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn check(check: &ManualCheck) -> Json {
    json!({ "question": check.question, "command": check.command, "answer": check.answer })
}
