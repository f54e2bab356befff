//! Where a rollout stands in a history, and its next step.
//!
//! A commit of a step says so in a trailer. That alone is not believed: a rollout stands where the steps were committed
//! from the tree before the first of them, the same manifests still give the same steps, and the trees of today are those
//! of the last one. Otherwise (a manifest has changed, a hand has interfered) a new plan begins from the trees as they
//! stand.

mod out_of_order;
mod trail;

use std::collections::BTreeSet;

use git2::Oid;

use super::Step;
use crate::git::{GitError, Known, Repository};
use sovereign_change::rollout::{Migration, Rollout};
use sovereign_change::snapshot::Snapshot;
use sovereign_change::transition;
use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_compile::{Compiled, compile_with_objects};
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;

pub use out_of_order::{Number, OutOfOrder};
pub(crate) use trail::TRAILER;
use trail::Trail;

/// Finds where the rollout of these Sovereigns stands on a base, and gives it to `then` with the commits of the steps
/// that are done. `sides` are the trees at the base, and what the manifests give.
///
/// # Errors
/// The repository cannot be read.
pub fn standing<T>(
    repository: &Repository,
    kits: &Kits,
    base: Option<Oid>,
    sides: &[Migration<'_>],
    then: impl FnOnce(&Rollout<'_>, &[Oid]) -> T,
) -> Result<T, GitError> {
    let catalog = kits.catalog();
    let roots: BTreeSet<&str> = sides.iter().map(|side| side.new.tree.root().as_str()).collect();
    let trail = base.map(|base| Trail::find(repository, base, &roots)).transpose()?.flatten();
    if let Some(trail) = trail.filter(|trail| trail.commits.len() < trail.of) {
        let before = |side: &Migration<'_>| match trail.before {
            Some(commit) => {
                repository.snapshot_beside(commit, side.new.tree.root(), &Known::new(&side.new.tree))
            }
            None => Ok(Snapshot::default()),
        };
        let before = sides.iter().map(before).collect::<Result<Vec<_>, _>>()?;
        let migrations = before.iter().zip(sides).map(|(old, side)| Migration { old, new: side.new });
        let rollout = Rollout::new(migrations.collect(), catalog);
        let stages = rollout.after(trail.commits.len());
        let stands = stages.iter().zip(sides).all(|(stage, side)| stage.is(side.old));
        if rollout.phases().len() == trail.of && stands {
            return Ok(then(&rollout, &trail.commits));
        }
    }
    Ok(then(&Rollout::new(sides.to_vec(), catalog), &[]))
}

/// Turns steps that go all the way into step `asked` of their rollout, and holds it against the transition rules.
///
/// # Errors
/// The repository cannot be read.
pub(crate) fn advance(
    repository: &Repository,
    kits: &Kits,
    base: Option<Oid>,
    asked: usize,
    steps: &mut [Step],
) -> Result<Result<Number, OutOfOrder>, GitError> {
    let sides: Vec<Migration<'_>> = steps.iter().filter_map(Step::migration).collect();
    let mut later: Vec<Diagnostics> = steps.iter().map(|step| step.diags.apart()).collect();
    let next = standing(repository, kits, base, &sides, |rollout, done| {
        let of = rollout.phases().len();
        let phase = rollout.phases().get(done.len()).filter(|_| asked == done.len() + 1);
        let Some(&phase) = phase else {
            return Err(OutOfOrder::NotNext { asked, done: done.to_vec(), of });
        };
        let trees: Vec<Option<Compiled>> =
            rollout.after(asked).iter().map(|stage| stage.compiled().cloned()).collect();
        // What a later step lacks is said before the first is made, not in the middle of the way.
        for step in asked..of {
            let (before, after) = (rollout.after(step), rollout.after(step + 1));
            for ((before, after), diags) in before.iter().zip(&after).zip(&mut later) {
                let Some(new) = after.compiled() else { continue };
                transition::judge(&before.snapshot(), new, kits.catalog(), &[], true, diags);
            }
        }
        Ok((Number { step: asked, of, phase }, trees))
    })?;
    let (number, trees) = match next {
        Ok(next) => next,
        Err(refused) => return Ok(Err(refused)),
    };
    for ((step, tree), later) in steps.iter_mut().zip(trees).zip(later) {
        step.compiled = tree;
        step.judge_part(kits);
        step.diags.take_in(later);
        if step.diags.verdict().is_err() {
            step.compiled = None;
        }
    }
    Ok(Ok(number))
}

/// Returns why an ordinary commit of these Sovereigns is refused: commits of steps have begun a rollout and
/// not ended it, or the change takes more than one.
///
/// # Errors
/// The repository cannot be read.
pub(crate) fn all_at_once(
    repository: &Repository,
    kits: &Kits,
    base: Option<Oid>,
    steps: &[Step],
) -> Result<Option<OutOfOrder>, GitError> {
    let changing = steps.iter().filter(|step| step.diff.is_some());
    let roots: BTreeSet<&str> = changing.filter_map(Step::root).collect();
    for trail in
        base.map(|base| Trail::all_under_way(repository, base, &roots)).transpose()?.unwrap_or_default()
    {
        let together: Vec<(usize, &Step)> =
            steps.iter().enumerate().filter(|(_, step)| trail.is_about(step)).collect();
        let refused = rollout_of(repository, kits, base, base, &together)?;
        if refused.as_ref().is_some_and(|refused| refused.next() > Some(1)) {
            return Ok(refused);
        }
    }
    let involved: Vec<(usize, &Step)> =
        steps.iter().enumerate().filter(|(place, _)| is_involved(steps, *place)).collect();
    let several = rollout_of(repository, kits, base, None, &involved)?;
    Ok(several.filter(|refused| matches!(refused, OutOfOrder::AllAtOnce { phases, .. } if phases.len() > 1)))
}

/// Sovereigns that go their steps together.
pub struct Together {
    /// Their places among those that were asked for.
    pub places: Vec<usize>,
    /// How many steps they take.
    pub of: usize,
    /// How many of them are committed.
    pub done: usize,
    /// The tree of each after the next step.
    pub next: Vec<Compiled>,
}

/// Returns which of these Sovereigns have begun steps and not ended them, or take several: as `commit`
/// without a step would refuse them, whatever else is among those that were asked for.
///
/// # Errors
/// The repository cannot be read.
pub fn together(
    repository: &Repository,
    kits: &Kits,
    base: Option<Oid>,
    steps: &[Step],
) -> Result<Vec<Together>, GitError> {
    let standing_of = |base: Option<Oid>, places: Vec<usize>| {
        let migrations: Vec<_> =
            places.iter().filter_map(|place| steps.get(*place).and_then(Step::migration)).collect();
        if migrations.is_empty() || migrations.len() < places.len() {
            return Ok(None);
        }
        standing(repository, kits, base, &migrations, |rollout, done| {
            let (of, done) = (rollout.phases().len(), done.len());
            if of <= 1 && done == 0 {
                return None;
            }
            let next = rollout.after(done + 1);
            let next = next.iter().filter_map(|stage| stage.compiled().cloned()).collect();
            Some(Together { places, of, done, next })
        })
    };
    let mut groups: Vec<Together> = Vec::new();
    for roots in under_way_with(repository, base, steps)? {
        let is_of = |step: &Step| step.root().is_some_and(|root| roots.contains(root));
        let places = steps.iter().enumerate().filter(|(_, step)| is_of(step)).map(|(place, _)| place);
        groups.extend(standing_of(base, places.collect())?.filter(|group| group.done > 0));
    }
    let is_free = |place: &usize| !groups.iter().any(|group| group.places.contains(place));
    let involved = (0..steps.len()).filter(|place| is_free(place) && is_involved(steps, *place)).collect();
    groups.extend(standing_of(None, involved)?);
    Ok(groups)
}

/// Returns the roots of the Sovereigns that have begun steps with one of these and not ended them, by plan.
///
/// # Errors
/// The repository cannot be read.
pub fn under_way_with(
    repository: &Repository,
    base: Option<Oid>,
    steps: &[Step],
) -> Result<Vec<BTreeSet<String>>, GitError> {
    let roots: BTreeSet<&str> = steps.iter().filter_map(Step::root).collect();
    let trails = base.map(|base| Trail::all_under_way(repository, base, &roots)).transpose()?;
    Ok(trails.unwrap_or_default().into_iter().map(|trail| trail.roots).collect())
}

/// Returns whether a Sovereign takes several steps, or something moves between it and another one.
fn is_involved(steps: &[Step], place: usize) -> bool {
    let Some(way) = steps.get(place).map(|step| &step.phases_ahead) else { return false };
    let mut others =
        steps.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, step)| &step.phases_ahead);
    way.phases.len() > 1 || others.any(|other| way.moves_to(other) || other.moves_to(way))
}

/// Returns the refusal of an ordinary commit for some of the Sovereigns, by their places: which steps they
/// take. Rarely asked for, so what was let go of is compiled again, and what was left out of a tree at the
/// base is read. Steps are looked for in what led to `begun`.
fn rollout_of(
    repository: &Repository,
    kits: &Kits,
    base: Option<Oid>,
    begun: Option<Oid>,
    which: &[(usize, &Step)],
) -> Result<Option<OutOfOrder>, GitError> {
    let again =
        |(_, step): &(usize, &Step)| compile_with_objects(&step.input, kits, &mut Diagnostics::new()).ok();
    let compiled: Vec<Compiled> = which.iter().filter_map(again).collect();
    if compiled.is_empty() || compiled.len() < which.len() {
        return Ok(None);
    }
    let mut old = Vec::with_capacity(which.len());
    for ((_, step), new) in which.iter().zip(&compiled) {
        old.push(match base.filter(|_| !step.old.is_whole()) {
            Some(base) => repository.snapshot_beside(base, new.tree.root(), &Known::new(&new.tree))?,
            None => step.old.clone(),
        });
    }
    let sides: Vec<_> = old.iter().zip(&compiled).map(|(old, new)| Migration { old, new }).collect();
    standing(repository, kits, begun, &sides, |rollout, done| {
        Some(OutOfOrder::AllAtOnce {
            roots: rollout
                .migrations()
                .iter()
                .map(|migration| migration.new.tree.root().to_string())
                .collect(),
            manifests: which.iter().map(|(place, _)| *place).collect(),
            phases: rollout.phases().to_vec(),
            done: done.len(),
        })
    })
}

/// Returns why a step of some Sovereigns is refused that others take with them: their manifests are as they
/// were when the last step was made, and not all of them are named.
///
/// # Errors
/// The repository cannot be read.
pub fn joint(
    repository: &Repository,
    base: Option<Oid>,
    steps: &[Step],
) -> Result<Option<OutOfOrder>, GitError> {
    let migrations: Vec<Migration<'_>> = steps.iter().filter_map(Step::migration).collect();
    // Its lock names every file of a tree, so it says whether one changes.
    let lock = TreePath::new(LOCK);
    let stays = |migration: &&Migration<'_>| {
        lock.as_ref().is_some_and(|lock| {
            migration.old.text(lock) == migration.new.tree.files().get(lock).map(String::as_str)
        })
    };
    let changing = migrations.iter().filter(|migration| !stays(migration));
    let roots: BTreeSet<&str> = changing.map(|migration| migration.new.tree.root().as_str()).collect();
    let Some(base) = base else { return Ok(None) };
    let as_it_was = |migration: &Migration<'_>| {
        let lock = migration.old.lock().ok().flatten();
        lock.is_some_and(|lock| lock.origin("input") == migration.new.tree.lock().origin("input"))
    };
    let is_joint = |trail: &Trail| {
        let of_trail = |migration: &&Migration<'_>| trail.roots.contains(migration.new.tree.root().as_str());
        let named = migrations.iter().filter(of_trail).count();
        named < trail.roots.len() && migrations.iter().filter(of_trail).all(as_it_was)
    };
    let joint = Trail::all_under_way(repository, base, &roots)?.into_iter().find(is_joint);
    Ok(joint.map(|trail| OutOfOrder::Joint {
        done: trail.commits.len(),
        of: trail.of,
        roots: trail.roots.into_iter().collect(),
    }))
}

/// Returns which step of how many the last commit about a tree is, if it is not the last of them: until then
/// the tree is not what its manifest gives.
///
/// # Errors
/// The repository cannot be read.
pub fn under_way(
    repository: &Repository,
    commit: Oid,
    root: &TreePath,
) -> Result<Option<(usize, usize)>, GitError> {
    let trails = Trail::all_under_way(repository, commit, &BTreeSet::from([root.as_str()]))?;
    Ok(trails.first().map(|trail| (trail.commits.len(), trail.of)))
}

impl Step {
    /// Compares a part of the way with the tree before, and holds it against the transition rules.
    pub fn judge_part(&mut self, kits: &Kits) {
        let Some(compiled) = self.compiled.as_ref().filter(|compiled| !self.old.holds(&compiled.tree)) else {
            return;
        };
        let diff =
            transition::judge(&self.old, compiled, kits.catalog(), &self.former, true, &mut self.diags);
        self.diff = Some(diff);
    }
}
