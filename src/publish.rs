//! From a manifest to a commit: compile on a base, check who owns what, hold the step against the transition
//! rules, commit on top, and where a remote is asked for push without force, again from its new head if it moved.
//!
//! Takes a repository and manifests, gives [`Outcome`]. The tree of a commit is a function of the manifest at its
//! base, the kit and the compiler, so a lost race is solved by compiling again, never by merging YAML.

pub mod base;
pub mod message;
pub mod ownership;
pub mod verify;

use std::path::PathBuf;

use git2::Oid;

use crate::diag::Diagnostics;
use crate::diff::{Diff, diff};
use crate::git::commit::Change;
use crate::git::program::{self, Pushed};
use crate::git::{Branch, GitError, Identity, Known, Repository};
use crate::lower::Lowered;
use crate::snapshot::Snapshot;
use crate::transition::{self, Transition};
use crate::{Compiled, Input, Kits};

pub use ownership::Trespass;

/// What to commit, and how.
pub struct Request<'a> {
    /// The manifests: paths in the repository, or files elsewhere.
    pub manifests: &'a [Manifest],
    /// The branch; the one that is checked out if none is named.
    pub branch: Option<&'a str>,
    /// The remote to push to, if it is to be pushed.
    pub push: Option<&'a str>,
    /// Whether hand edits of files of ours are overwritten.
    pub overwrite: bool,
    /// Whether the work tree and the index are brought along.
    pub worktree: bool,
    /// Whether all Sovereigns go into one commit.
    pub together: bool,
    /// Whether warnings stop it.
    pub deny_warnings: bool,
}

/// Where a manifest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// At this path in the repository; read from the commit that is built on.
    InRepository(String),
    /// In a file elsewhere.
    Elsewhere(PathBuf),
}

/// How often a moved branch is tried again. Each try takes the time of a fetch, so this is minutes.
pub const TRIES: u32 = 30;

/// How a request ended.
pub enum Outcome {
    /// Nothing changed, so nothing was committed.
    Unchanged,
    /// The branch has these commits now, oldest first.
    Committed {
        /// The commits.
        commits: Vec<Oid>,
        /// The branch.
        branch: String,
        /// How many times the branch had moved in between.
        races: u32,
    },
    /// At least one manifest has errors; nothing was committed.
    Wrong,
    /// Files belong to somebody else, or were edited by hand; nothing was committed.
    Trespass(Vec<Trespass>),
    /// The remote refused in these words. The commit is here and not there.
    Refused {
        /// The commit that was refused.
        commit: Oid,
        /// The remote's words.
        words: String,
    },
}

/// One Sovereign of a request, compiled on a base.
pub struct Step {
    /// Its input.
    pub input: Input,
    /// What was found.
    pub diags: Diagnostics,
    /// The tree; `None` if there are errors.
    pub compiled: Option<Compiled>,
    /// The tree at the base.
    pub old: Snapshot,
    /// What changes.
    pub diff: Option<Diff>,
}

/// Told of what goes on, so that a person sees progress.
pub trait Progress {
    /// A word about what is being done.
    fn say(&mut self, words: &str);
    /// What was found in one manifest, at the last base.
    fn found(&mut self, step: &Step);
    /// Waits before another try; the number grows with the tries.
    fn wait(&mut self, attempt: u32);
}

/// Compiles, checks and commits.
///
/// # Errors
/// The repository, the disk or the network failed, or the branch kept moving.
pub fn publish(
    repository: &Repository,
    kits: &Kits,
    request: &Request<'_>,
    progress: &mut dyn Progress,
) -> Result<Outcome, GitError> {
    let mut races = 0;
    loop {
        match attempt(repository, kits, request, progress)? {
            Attempt::Ended(Outcome::Committed { commits, branch, .. }) => {
                return Ok(Outcome::Committed { commits, branch, races });
            }
            Attempt::Ended(outcome) => return Ok(outcome),
            Attempt::Moved(why) => {
                races += 1;
                if races >= TRIES {
                    return Err(GitError::Failed {
                        action: "bring the commit to the branch".to_owned(),
                        reason: format!("it moved {races} times in between; the last time: {why}"),
                    });
                }
                progress.say(&format!("the branch moved ({why}); compiling again on its new head"));
                progress.wait(races);
            }
        }
    }
}

enum Attempt {
    Ended(Outcome),
    Moved(String),
}

fn attempt(
    repository: &Repository,
    kits: &Kits,
    request: &Request<'_>,
    progress: &mut dyn Progress,
) -> Result<Attempt, GitError> {
    let local = repository.branch(request.branch)?;
    let base = base::of(repository, &local, request.push, progress)?;
    let steps = compile(repository, kits, request, base)?;
    for step in &steps {
        progress.found(step);
    }
    if steps.iter().any(|step| step.compiled.is_none()) {
        return Ok(Attempt::Ended(Outcome::Wrong));
    }
    let trespass = ownership::check(&steps, request.overwrite);
    if !trespass.is_empty() {
        return Ok(Attempt::Ended(Outcome::Trespass(trespass)));
    }
    let commits = commit(repository, (base, &steps), (request, kits))?;
    let Some(last) = commits.last().copied() else {
        // What an earlier run committed and could not push is pushed now.
        return Ok(match (request.push, base) {
            (Some(remote), Some(base)) if local.commit == Some(base) => {
                push_unsent(repository, remote, &local, base)?
            }
            _ => Attempt::Ended(Outcome::Unchanged),
        });
    };
    let short = local.name.strip_prefix("refs/heads/").unwrap_or(&local.name);
    if let Some(remote) = request.push {
        progress.say(&format!("pushing {} to {remote}/{short}", &last.to_string()[..12]));
        match program::push(repository.directory(), remote, (last, short))? {
            Pushed::Done => {}
            Pushed::Moved(why) => return Ok(Attempt::Moved(why)),
            Pushed::Refused(words) => {
                // The work is kept where the next run, or a person, finds it.
                repository.move_branch(&local.name, local.commit, (last, LOG))?;
                return Ok(Attempt::Ended(Outcome::Refused { commit: last, words }));
            }
        }
    }
    let moved = repository.move_branch(&local.name, local.commit, (last, LOG))?;
    if !moved && request.push.is_none() {
        return Ok(Attempt::Moved("another process moved it".to_owned()));
    }
    if request.worktree && moved {
        bring_along(repository, &local, &steps)?;
    }
    Ok(Attempt::Ended(Outcome::Committed { commits, branch: local.name, races: 0 }))
}

/// What stands in the reflog.
const LOG: &str = "sovereign: compiled";

fn push_unsent(
    repository: &Repository,
    remote: &str,
    local: &Branch,
    base: Oid,
) -> Result<Attempt, GitError> {
    let short = local.name.strip_prefix("refs/heads/").unwrap_or(&local.name);
    let there = repository.reference(&format!("refs/remotes/{remote}/{short}"))?;
    if there == Some(base) {
        return Ok(Attempt::Ended(Outcome::Unchanged));
    }
    Ok(match program::push(repository.directory(), remote, (base, short))? {
        Pushed::Done => {
            Attempt::Ended(Outcome::Committed { commits: vec![base], branch: local.name.clone(), races: 0 })
        }
        Pushed::Moved(why) => Attempt::Moved(why),
        Pushed::Refused(words) => Attempt::Ended(Outcome::Refused { commit: base, words }),
    })
}

/// Compiles every manifest on a base and holds each step against the transition rules.
///
/// # Errors
/// The repository or a file cannot be read.
pub fn compile(
    repository: &Repository,
    kits: &Kits,
    request: &Request<'_>,
    base: Option<Oid>,
) -> Result<Vec<Step>, GitError> {
    let mut steps = Vec::with_capacity(request.manifests.len());
    // By the score: what is compiled and not yet compared is large, and the processors need no more to be busy.
    for manifests in request.manifests.chunks(AT_ONCE) {
        let mut group = Vec::with_capacity(manifests.len());
        for manifest in manifests {
            let mut diags =
                if request.deny_warnings { Diagnostics::denying_warnings() } else { Diagnostics::new() };
            let input = base::input(repository, manifest, base, &mut diags)?;
            group.push(Step { input, diags, compiled: None, old: Snapshot::default(), diff: None });
        }
        each(&mut group, |step| step.compile(kits));
        for step in &mut group {
            if let (Some(compiled), Some(base)) = (&step.compiled, base) {
                let known = Known::of(&compiled.tree);
                step.old = repository.snapshot_beside(base, compiled.tree.root(), &known)?;
            }
        }
        each(&mut group, |step| {
            step.judge(kits);
            step.slim();
        });
        steps.append(&mut group);
    }
    Ok(steps)
}

/// How many manifests are compiled before their trees are compared.
const AT_ONCE: usize = 64;

/// Does something to each step, on all processors if there is more than one step. Nothing depends on who is first.
fn each(steps: &mut [Step], work: impl Fn(&mut Step) + Sync) {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(steps.len());
    if workers <= 1 {
        return steps.iter_mut().for_each(work);
    }
    let (share, work) = (steps.len().div_ceil(workers), &work);
    std::thread::scope(|scope| {
        for steps in steps.chunks_mut(share) {
            scope.spawn(move || steps.iter_mut().for_each(work));
        }
    });
}

impl Step {
    fn compile(&mut self, kits: &Kits) {
        let verdict = self.diags.verdict();
        self.compiled = verdict.and_then(|()| crate::compile_whole(&self.input, kits, &mut self.diags)).ok();
    }
}

impl Step {
    /// Compares with the tree before, and holds the step against the transition rules. A tree that stays as it is
    /// needs neither.
    pub fn judge(&mut self, kits: &Kits) {
        let Some(compiled) = &self.compiled else { return };
        if self.old.holds(&compiled.tree) {
            return;
        }
        let knowledge = kits.knowledge();
        let diff = diff(&self.old, compiled, knowledge);
        let transition = Transition { old: &self.old, new: compiled, diff: &diff, knowledge };
        transition::check(&transition, &mut self.diags);
        self.diff = Some(diff);
        if self.diags.verdict().is_err() {
            self.compiled = None;
        }
    }
}

impl Step {
    /// Lets go of what nobody asks for after [`Step::judge`]: of a thousand Sovereigns it is most of the memory.
    fn slim(&mut self) {
        if let Some(compiled) = &mut self.compiled {
            compiled.lowered = Lowered { clusters: Vec::new(), shared: Vec::new() };
        }
        if let Some(diff) = &mut self.diff {
            diff.objects = Vec::new();
        }
    }
}

/// Makes the commits, one a Sovereign that changes or one for all.
fn commit(
    repository: &Repository,
    (base, steps): (Option<Oid>, &[Step]),
    (request, kits): (&Request<'_>, &Kits),
) -> Result<Vec<Oid>, GitError> {
    let changing: Vec<_> = steps.iter().filter(|step| step.diff.is_some()).collect();
    let groups: Vec<&[&Step]> =
        if request.together { vec![&changing[..]] } else { changing.chunks(1).collect() };
    let mut commits = Vec::new();
    let mut parent = base;
    let mut identity = None;
    for group in groups.into_iter().filter(|group| !group.is_empty()) {
        let changes: Vec<_> = group.iter().filter_map(|step| change(step)).collect();
        let before = parent.map(|parent| repository.tree(parent).map(|tree| tree.id())).transpose()?;
        let tree = repository.write_tree(parent, &changes)?;
        if before == Some(tree) {
            continue;
        }
        let identity = match &identity {
            Some(identity) => identity,
            None => identity.insert(Identity::of(repository)?),
        };
        let commit = repository.write_commit((tree, parent), &message::of(group, kits), identity)?;
        commits.push(commit);
        parent = Some(commit);
    }
    Ok(commits)
}

fn change(step: &Step) -> Option<Change<'_>> {
    let tree = &step.compiled.as_ref()?.tree;
    Some(Change { tree, old: step.old.lock().ok().flatten() })
}

/// Writes our files to the work tree and stages them, if the branch is the one that is checked out.
fn bring_along(repository: &Repository, branch: &Branch, steps: &[Step]) -> Result<(), GitError> {
    let Some(worktree) = repository.worktree().map(std::path::Path::to_owned) else { return Ok(()) };
    if repository.checked_out()?.as_ref() != Some(&branch.name) {
        return Ok(());
    }
    for step in steps {
        let Some(change) = change(step) else { continue };
        crate::write::apply(change.tree, &worktree, crate::write::Options { overwrite: true }).map_err(
            |error| GitError::Failed {
                action: "bring the work tree along (the commit is made)".to_owned(),
                reason: error.to_string(),
            },
        )?;
        repository.stage(&change)?;
    }
    Ok(())
}
