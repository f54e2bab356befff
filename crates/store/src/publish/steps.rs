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
use sovereign_change::rollout::{Migration, Phase, Rollout};
use sovereign_change::snapshot::Snapshot;
use sovereign_change::transition;
use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_compile::{Compiled, compile_with_objects};
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;

/// The trailer that says which step of how many a commit is.
pub(crate) const TRAILER: &str = "Sovereign-Step: ";
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
    /// Returns the last rollout of exactly these Sovereigns, if the last commit about any of them is a step of it.
    fn find(repository: &Repository, base: Oid, roots: &BTreeSet<&str>) -> Result<Option<Self>, GitError> {
        let trail = Self::begun(repository, base, roots)?;
        Ok(trail.filter(|trail| trail.roots.iter().map(String::as_str).eq(roots.iter().copied())))
    }

    /// Returns the rollouts of some of these Sovereigns that are begun and not ended: of each, the last
    /// commit about it is a step that is not the last.
    fn all_under_way(
        repository: &Repository,
        base: Oid,
        roots: &BTreeSet<&str>,
    ) -> Result<Vec<Self>, GitError> {
        let (mut open, mut heads) = (roots.clone(), BTreeSet::new());
        for (_, message, _) in repository.messages(base, MOST)? {
            if open.is_empty() {
                break;
            }
            let about = about(&message);
            let is_first = about.iter().any(|root| open.contains(root.as_str()));
            let goes_on = message.lines().find_map(numbered).is_some_and(|(step, of)| step < of);
            open.retain(|root| !about.contains(*root));
            if is_first && goes_on {
                heads.insert(about);
            }
        }
        let trail = |about: BTreeSet<String>| {
            Self::begun(repository, base, &about.iter().map(String::as_str).collect()).transpose()
        };
        heads.into_iter().filter_map(trail).collect()
    }

    /// Returns the last rollout of any of these Sovereigns, if the last commit about one of them is a step of it.
    fn begun(repository: &Repository, base: Oid, roots: &BTreeSet<&str>) -> Result<Option<Self>, GitError> {
        let mut trail: Option<Self> = None;
        for (id, message, parent) in repository.messages(base, MOST)? {
            let about = about(&message);
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
        step.root().is_some_and(|root| self.roots.contains(root))
    }
}

/// Returns the roots of the trees that a commit is about, as its message says.
fn about(message: &str) -> BTreeSet<String> {
    let roots = message.lines().filter_map(|line| line.strip_prefix(OURS)?.split(' ').next());
    roots.map(str::to_owned).collect()
}

/// `Sovereign-Step: 2/4`.
fn numbered(line: &str) -> Option<(usize, usize)> {
    let (step, of) = line.strip_prefix(TRAILER)?.split_once('/')?;
    let (step, of) = (step.parse().ok()?, of.trim().parse().ok()?);
    (1 <= step && step <= of && of <= MOST).then_some((step, of))
}
