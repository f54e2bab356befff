//! A plan for programs. Keys are stable: new ones may come, none changes its meaning.
//!
//! | key | holds |
//! |---|---|
//! | `version` | 1 |
//! | `sovereigns[]` | the roots of the trees: `clusters/<fqdn>` |
//! | `done` | how many steps are committed |
//! | `steps[]` | every step, in order |
//! | `….number` | its number, from 1: what `sovereign commit --step` takes |
//! | `….phase` | `keep`, `arrive`, `change`, `drain`, `remove`, `return`, `leave`, `close` or `settle` |
//! | `….sentence` | what it does, for people |
//! | `….commit` | the commit that it is, or `null` |
//! | `….changes[]` | for each Sovereign in which something changes, what `sovereign diff --format json` prints; empty where it is done |
//! | `….then[]` | what to see to before the next step, or at the end: `question`, `command`, `answer` |

use serde_json::{Value as Json, json};

use super::shown::Step;
use super::{Rollout, waits};
use crate::diff;
use crate::probes::Probe;

/// One JSON document, with a final newline.
pub fn render(rollout: &Rollout<'_>, steps: &[Step<'_>]) -> String {
    let step = |(index, step): (usize, &Step<'_>)| {
        let changes = step.changes.iter().map(|change| diff::json::value(&change.diff, change.sources));
        json!({
            "number": index + 1,
            "phase": step.phase.word(),
            "sentence": step.phase.sentence(),
            "commit": step.commit,
            "changes": changes.collect::<Vec<_>>(),
            "then": waits::after(rollout, index + 1).iter().map(probe).collect::<Vec<_>>(),
        })
    };
    let document = json!({
        "version": 1,
        "sovereigns": rollout.goals().iter().map(|goal| goal.new.tree.root().as_str()).collect::<Vec<_>>(),
        "done": steps.iter().filter(|step| step.commit.is_some()).count(),
        "steps": steps.iter().enumerate().map(step).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn probe(probe: &Probe) -> Json {
    json!({ "question": probe.question, "command": probe.command, "answer": probe.answer })
}
