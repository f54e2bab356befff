//! Where a rollout stands in a history, and its next step.
//!
//! A commit of a step says so in a trailer. That alone is not believed: a rollout stands where the steps were committed
//! from the tree before the first of them, the same manifests still give the same steps, and the trees of today are those
//! of the last one. Otherwise (a manifest has changed, a hand has interfered) a new plan begins from the trees as they
//! stand.

use std::collections::BTreeSet;
use std::fmt;

use git2::Oid;

use super::Step;
use crate::git::commit::OURS;
use crate::git::{GitError, Known, Repository, short};
use crate::rollout::{Goal, Phase, Rollout};
use crate::snapshot::Snapshot;
use crate::transition;
use crate::tree::TreePath;
use crate::{Compiled, Diagnostics, Kits, compile_whole};

/// The trailer that says which step of how many a commit is.
pub const TRAILER: &str = "Sovereign-Step: ";
/// How many commits are looked at for earlier steps.
const MOST: usize = 1000;

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

/// Why a commit is refused that a rollout does not have next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfOrder {
    /// The step that was asked for; `None` for all at once.
    asked: Option<usize>,
    /// The commits of the steps that are done.
    done: Vec<Oid>,
    /// How many steps there are.
    of: usize,
}

impl fmt::Display for OutOfOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (done, of) = (self.done.len(), self.of);
        if of == 0 {
            return f.write_str("nothing is left to commit: the trees are what the manifests give");
        }
        match self.asked {
            None => write!(f, "step {done} of {of} is committed, and this would be all others at once")?,
            Some(asked) if asked == 0 || asked > of => {
                let count = if of == 1 { "1 step".to_owned() } else { format!("{of} steps") };
                write!(f, "there is no step {asked}: the plan has {count}")?;
            }
            Some(asked) if asked <= done => {
                let commit = self.done.get(asked - 1).copied().map(short).unwrap_or_default();
                write!(f, "step {asked} is done: commit {commit}")?;
            }
            Some(asked) => write!(f, "step {asked} comes after step {}, which is not committed", done + 1)?,
        }
        if done < of { write!(f, "; the next is `sovereign commit --step {}`", done + 1) } else { Ok(()) }
    }
}

/// Finds where the rollout of these Sovereigns stands on a base, and gives it to `then` with the commits of the steps
/// that are done. `sides` are the trees at the base, and what the manifests give.
///
/// # Errors
/// The repository cannot be read.
pub fn standing<T>(
    repository: &Repository,
    kits: &Kits,
    (base, sides): (Option<Oid>, &[Goal<'_>]),
    then: impl FnOnce(&Rollout<'_>, &[Oid]) -> T,
) -> Result<T, GitError> {
    let knowledge = kits.knowledge();
    let roots: BTreeSet<&str> = sides.iter().map(|side| side.new.tree.root().as_str()).collect();
    let trail = base.map(|base| Trail::find(repository, base, &roots)).transpose()?.flatten();
    if let Some(trail) = trail.filter(|trail| trail.commits.len() < trail.of) {
        let before = |side: &Goal<'_>| match trail.before {
            Some(commit) => {
                repository.snapshot_beside(commit, side.new.tree.root(), &Known::of(&side.new.tree))
            }
            None => Ok(Snapshot::default()),
        };
        let before = sides.iter().map(before).collect::<Result<Vec<_>, _>>()?;
        let goals = before.iter().zip(sides).map(|(old, side)| Goal { old, new: side.new });
        let rollout = Rollout::of(goals.collect(), knowledge);
        let stages = rollout.after(trail.commits.len());
        let stands = stages.iter().zip(sides).all(|(stage, side)| stage.is(side.old));
        if rollout.phases().len() == trail.of && stands {
            return Ok(then(&rollout, &trail.commits));
        }
    }
    Ok(then(&Rollout::of(sides.to_vec(), knowledge), &[]))
}

/// Turns steps that go all the way into step `asked` of their rollout, and holds it against the transition rules.
///
/// # Errors
/// The repository cannot be read.
pub fn advance(
    repository: &Repository,
    kits: &Kits,
    (base, asked): (Option<Oid>, usize),
    steps: &mut [Step],
) -> Result<Result<Number, OutOfOrder>, GitError> {
    let sides: Vec<Goal<'_>> =
        steps.iter().filter_map(|step| Some(Goal { old: &step.old, new: step.compiled.as_ref()? })).collect();
    let next = standing(repository, kits, (base, &sides), |rollout, done| {
        let of = rollout.phases().len();
        let phase = rollout.phases().get(done.len()).filter(|_| asked == done.len() + 1);
        let Some(&phase) = phase else {
            return Err(OutOfOrder { asked: Some(asked), done: done.to_vec(), of });
        };
        let trees: Vec<Option<Compiled>> =
            rollout.after(asked).iter().map(|stage| stage.compiled().cloned()).collect();
        Ok((Number { step: asked, of, phase }, trees))
    })?;
    let (number, trees) = match next {
        Ok(next) => next,
        Err(refused) => return Ok(Err(refused)),
    };
    for (step, tree) in steps.iter_mut().zip(trees) {
        step.compiled = tree;
        step.judge_part(kits);
    }
    Ok(Ok(number))
}

/// The rollout that commits of steps have begun and not ended, if the trees stand in it and more than its last step is
/// left: what an ordinary commit would jump over.
///
/// # Errors
/// The repository cannot be read.
pub fn unfinished(
    repository: &Repository,
    kits: &Kits,
    (base, steps): (Option<Oid>, &[Step]),
) -> Result<Option<OutOfOrder>, GitError> {
    let changing: Vec<&Step> = steps.iter().filter(|step| step.diff.is_some()).collect();
    let roots = changing.iter().filter_map(|step| Some(step.compiled.as_ref()?.tree.root().as_str()));
    let roots: BTreeSet<&str> = roots.collect();
    let Some(base) = base.filter(|_| !roots.is_empty()) else { return Ok(None) };
    let trail = Trail::begun(repository, base, &roots)?.filter(|trail| trail.commits.len() < trail.of);
    let Some(trail) = trail else { return Ok(None) };
    // Rare, so the objects that were let go are made again.
    let together: Vec<&Step> = steps.iter().filter(|step| trail.is_about(step)).collect();
    let again = |step: &&Step| compile_whole(&step.input, kits, &mut Diagnostics::new()).ok();
    let compiled: Vec<Compiled> = together.iter().filter_map(again).collect();
    let sides = together.iter().zip(&compiled).map(|(step, new)| Goal { old: &step.old, new });
    standing(repository, kits, (Some(base), &sides.collect::<Vec<_>>()), |rollout, done| {
        let (left, of) = (rollout.phases().len().saturating_sub(done.len()), rollout.phases().len());
        (!done.is_empty() && left > 1).then(|| OutOfOrder { asked: None, done: done.to_vec(), of })
    })
}

/// Which step of how many the last commit about a tree is, if it is not the last of them: until then the tree is not what
/// its manifest gives.
///
/// # Errors
/// The repository cannot be read.
pub fn under_way(
    repository: &Repository,
    commit: Oid,
    root: &TreePath,
) -> Result<Option<(usize, usize)>, GitError> {
    let trail = Trail::begun(repository, commit, &BTreeSet::from([root.as_str()]))?;
    Ok(trail.map(|trail| (trail.commits.len(), trail.of)).filter(|(done, of)| done < of))
}

impl Step {
    /// Compares a part of the way with the tree before, and holds it against the transition rules.
    fn judge_part(&mut self, kits: &Kits) {
        let Some(compiled) = self.compiled.as_ref().filter(|compiled| !self.old.holds(&compiled.tree)) else {
            return;
        };
        let part = (self.former.as_slice(), true);
        let diff = transition::judge((&self.old, compiled), kits.knowledge(), part, &mut self.diags);
        self.diff = Some(diff);
        if self.diags.verdict().is_err() {
            self.compiled = None;
        }
    }
}

/// The commits of one rollout in a history.
struct Trail {
    /// The roots that it is about.
    roots: BTreeSet<String>,
    /// The steps, from the first.
    commits: Vec<Oid>,
    /// How many steps there are.
    of: usize,
    /// The commit before the first.
    before: Option<Oid>,
}

impl Trail {
    /// The last rollout of exactly these Sovereigns, if the last commit about any of them is a step of it.
    fn find(repository: &Repository, base: Oid, roots: &BTreeSet<&str>) -> Result<Option<Self>, GitError> {
        let trail = Self::begun(repository, base, roots)?;
        Ok(trail.filter(|trail| trail.roots.iter().map(String::as_str).eq(roots.iter().copied())))
    }

    /// The last rollout of any of these Sovereigns, if the last commit about one of them is a step of it.
    fn begun(repository: &Repository, base: Oid, roots: &BTreeSet<&str>) -> Result<Option<Self>, GitError> {
        let mut trail: Option<Self> = None;
        for (id, message, parent) in repository.messages(base, MOST)? {
            let about: BTreeSet<String> = message
                .lines()
                .filter_map(|line| line.strip_prefix(OURS)?.split(' ').next())
                .map(str::to_owned)
                .collect();
            if !about.iter().any(|root| roots.contains(root.as_str())) {
                continue;
            }
            let Some((step, of)) = message.lines().find_map(numbered) else { return Ok(None) };
            let mut found = match trail.take() {
                None => Self { roots: about, commits: vec![Oid::ZERO_SHA1; step], of, before: None },
                Some(trail) if trail.of == of && trail.roots == about => trail,
                Some(_) => return Ok(None),
            };
            // Newest first, so each fills the last place that is still free.
            match found.commits.iter().rposition(Oid::is_zero) {
                Some(place) if place + 1 == step => found.commits[place] = id,
                Some(_) | None => return Ok(None),
            }
            if step == 1 {
                found.before = parent;
                return Ok(Some(found));
            }
            trail = Some(found);
        }
        Ok(None)
    }

    fn is_about(&self, step: &Step) -> bool {
        step.compiled.as_ref().is_some_and(|compiled| self.roots.contains(compiled.tree.root().as_str()))
    }
}

/// `Sovereign-Step: 2/4`.
fn numbered(line: &str) -> Option<(usize, usize)> {
    let (step, of) = line.strip_prefix(TRAILER)?.split_once('/')?;
    let (step, of) = (step.parse().ok()?, of.trim().parse().ok()?);
    (1 <= step && step <= of && of <= MOST).then_some((step, of))
}
