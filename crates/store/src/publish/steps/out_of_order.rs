//! Which step of a rollout a commit is, and why one is refused that leaves the order.

use std::fmt;

use git2::Oid;

use crate::git::short;
use sovereign_change::rollout::Phase;

/// Which step of a rollout a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// From 1.
    pub step: usize,
    /// How many there are.
    pub of: usize,
    /// What it does.
    pub phase: Phase,
}

/// Why a commit is refused that leaves the order of a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutOfOrder {
    /// The step that was asked for is not the next one.
    NotNext {
        /// What was asked for.
        asked: usize,
        /// The commits of the steps that are done.
        done: Vec<Oid>,
        /// How many steps there are.
        of: usize,
    },
    /// An ordinary commit would be all steps, or all that are left.
    AllAtOnce {
        /// The roots of the trees that take them.
        roots: Vec<String>,
        /// The places of their manifests among those that were named.
        manifests: Vec<usize>,
        /// The phases, in order.
        phases: Vec<Phase>,
        /// How many of them are committed.
        done: usize,
    },
    /// Steps are under way that Sovereigns take together, and not all of them are named.
    Joint {
        /// The roots of the trees that take them.
        roots: Vec<String>,
        /// How many steps are committed.
        done: usize,
        /// How many there are.
        of: usize,
    },
}

impl OutOfOrder {
    /// Returns the step that is next, if one is.
    pub fn next(&self) -> Option<usize> {
        match self {
            Self::NotNext { done, of, .. } => (done.len() < *of).then_some(done.len() + 1),
            Self::AllAtOnce { done, .. } | Self::Joint { done, .. } => Some(done + 1),
        }
    }
}

impl fmt::Display for OutOfOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNext { of: 0, .. } => {
                f.write_str("nothing is left to commit: the trees are what the manifests give")
            }
            Self::NotNext { asked, of, .. } if *asked == 0 || asked > of => {
                let count = if *of == 1 { "1 step".to_owned() } else { format!("{of} steps") };
                write!(f, "there is no step {asked}: the plan has {count}")
            }
            Self::NotNext { asked, done, .. } if *asked <= done.len() => {
                let commit = done.get(asked - 1).copied().map(short).unwrap_or_default();
                write!(f, "step {asked} is done: commit {commit}")
            }
            Self::NotNext { asked, done, .. } => {
                write!(f, "step {asked} comes after step {}, which is not committed", done.len() + 1)
            }
            Self::AllAtOnce { roots, phases, done: 0, .. } => {
                let words: Vec<_> = phases.iter().map(|phase| phase.word()).collect();
                let (count, words) = (phases.len(), words.join(", "));
                write!(
                    f,
                    "{} takes {count} steps ({words}), and this commit would be all of them at once",
                    roots.join(", ")
                )
            }
            Self::AllAtOnce { roots, phases, done, .. } => {
                let of = phases.len();
                let left = if of - done == 1 { "the last one" } else { "all others at once" };
                write!(
                    f,
                    "step {done} of {of} of {} is committed, and this would be {left}",
                    roots.join(", ")
                )
            }
            Self::Joint { roots, done, of } => write!(
                f,
                "step {done} of {of} is committed, which {} take together, and not all of their manifests are named",
                roots.join(", ")
            ),
        }
    }
}
