//! The steps of a rollout as they are shown: which are done, and what the others change.
//!
//! Takes a [`Rollout`] and the commits of the steps that are done, gives one [`Step`] a phase, and what the transition rules
//! find in those that are to come.

use git2::Oid;

use super::{Phase, Rollout};
use crate::diag::{Diagnostics, Sources};
use crate::diff::Diff;
use crate::git::short;
use crate::knowledge::Knowledge;
use crate::transition;

/// One step.
pub struct Step<'a> {
    /// When it comes.
    pub phase: Phase,
    /// The commit that it is, if it is done.
    pub commit: Option<String>,
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

/// The steps of a rollout. `sovereigns` has for each of its goals where causes are looked up, and where findings go.
pub fn steps<'a>(
    rollout: &Rollout<'_>,
    done: &[Oid],
    sovereigns: &mut [(&'a dyn Sources, Diagnostics)],
    knowledge: &Knowledge,
) -> Vec<Step<'a>> {
    let step = |phase, commit, changes| Step { phase, commit, changes };
    let mut steps: Vec<_> = rollout
        .phases()
        .iter()
        .zip(done)
        .map(|(phase, commit)| step(*phase, Some(short(*commit)), Vec::new()))
        .collect();
    let mut before = rollout.after(steps.len());
    for &phase in &rollout.phases()[steps.len()..] {
        let after = rollout.after(steps.len() + 1);
        let mut changes = Vec::new();
        for ((before, after), (sources, diags)) in before.iter().zip(&after).zip(sovereigns.iter_mut()) {
            let (old, Some(new)) = (before.snapshot(), after.compiled()) else { continue };
            let diff = transition::judge((&old, new), knowledge, (&[], true), diags);
            if !diff.is_empty() {
                changes.push(Change { diff, sources: *sources });
            }
        }
        steps.push(step(phase, None, changes));
        before = after;
    }
    steps
}
