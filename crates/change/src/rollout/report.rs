//! The steps of a rollout as they are shown: which are done, what the others change, and what to see to before each.
//!
//! Takes a [`Rollout`] and the commits of the steps that are done, gives one [`Step`] a phase, and what the transition rules
//! find in those that are to come.

use super::impact::Impact;
use super::{Phase, Rollout, preconditions};
use crate::diff::Diff;
use crate::transition;
use sovereign_compile::manual_checks::ManualCheck;
use sovereign_language::kit::Catalog;
use sovereign_text::diag::{Diagnostics, Sources};

/// All steps.
pub struct Report<'a> {
    /// Each of them, in order.
    pub steps: Vec<Step<'a>>,
    /// What to see to after the last.
    pub then: Vec<ManualCheck>,
}

/// One step.
pub struct Step<'a> {
    /// When it comes.
    pub phase: Phase,
    /// The commit that it is, if it is done.
    pub commit: Option<String>,
    /// What to see to before it; nothing where it is done.
    pub before: Vec<ManualCheck>,
    /// What it changes, for each Sovereign in which it does; nothing where it is done.
    pub changes: Vec<Change<'a>>,
}

/// What a step does to one Sovereign.
pub struct Change<'a> {
    /// What changes.
    pub diff: Diff,
    /// Where causes are looked up.
    pub sources: &'a dyn Sources,
}

/// Returns the steps of a rollout. `done` are the commits of its first steps, as they are shown. `sovereigns`
/// has for each of its goals where causes are looked up, and where findings go.
pub fn steps<'a>(
    rollout: &Rollout<'_>,
    done: &[String],
    sovereigns: &mut [(&'a dyn Sources, Diagnostics)],
    catalog: &Catalog,
) -> Report<'a> {
    let mut steps = Vec::with_capacity(rollout.phases().len());
    for (phase, commit) in rollout.phases().iter().zip(done) {
        let commit = Some(commit.clone());
        steps.push(Step { phase: *phase, commit, before: Vec::new(), changes: Vec::new() });
    }
    // Of the last step that is done it has to be known what it did: the next one waits for that.
    let mut last = match done.len().checked_sub(1) {
        Some(before) => {
            let mut quiet: Vec<_> =
                sovereigns.iter().map(|(sources, _)| (*sources, Diagnostics::new())).collect();
            step(rollout, before + 1, &mut quiet, catalog).1
        }
        None => Impact::default(),
    };
    for (place, phase) in rollout.phases().iter().enumerate().skip(done.len()) {
        let number = place + 1;
        let (changes, impact) = step(rollout, number, sovereigns, catalog);
        let before = preconditions::before(rollout, number, &last, &impact);
        steps.push(Step { phase: *phase, commit: None, before, changes });
        last = impact;
    }
    let then = if steps.len() > done.len() { preconditions::at_end(rollout, &last) } else { Vec::new() };
    Report { steps, then }
}

/// Returns what one step does, counted from 1.
fn step<'a>(
    rollout: &Rollout<'_>,
    number: usize,
    sovereigns: &mut [(&'a dyn Sources, Diagnostics)],
    catalog: &Catalog,
) -> (Vec<Change<'a>>, Impact) {
    let (before, after) = (rollout.after(number - 1), rollout.after(number));
    let (mut changes, mut impact) = (Vec::new(), Impact::default());
    let from = rollout.after(0);
    let stages = from.iter().zip(&before).zip(&after).zip(rollout.clusters());
    for ((((first, before), after), clusters), (sources, diags)) in stages.zip(sovereigns) {
        let (mut old, Some(new)) = (before.snapshot(), after.compiled()) else { continue };
        first.known_changes().into_iter().for_each(|changes| old.know(changes.clone()));
        let diff = transition::judge(&old, new, catalog, &[], true, diags);
        if !diff.is_empty() {
            impact.add(&diff, new, clusters.leaving());
            changes.push(Change { diff, sources: *sources });
        }
    }
    (changes, impact)
}
