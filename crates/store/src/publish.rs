//! From a manifest to a commit: compile on a base, check who owns what, hold the step against the transition
//! rules, commit on top, and where a remote is asked for push without force, again from its new head if it moved.
//!
//! Takes a repository and manifests, gives [`Outcome`]. The tree of a commit is a function of the manifest at its
//! base, the kit and the compiler, so a lost race is solved by compiling again, never by merging YAML.

mod base;
mod committer;
mod compile;
pub mod editing;
mod last_input;
mod local_branch;
mod message;
mod orphaned_roots;
pub mod ownership;
pub mod part;
pub mod steps;
pub mod twin;
pub mod verify;

use std::cell::OnceCell;
use std::path::PathBuf;

use git2::Oid;

use crate::git::commit::Change;
use crate::git::memory::Pending;
use crate::git::{GitError, Identity, Repository};
use crate::kit_cache::KitCache;
use sovereign_change::diff::Diff;
use sovereign_change::rollout::{Migration, PhasePlan};
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::Compiled;
use sovereign_compile::tree::TreePath;
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;

use committer::Committer;
use editing::Edited;
use local_branch::{Gone, LocalBranch};

pub use base::input;
pub use compile::compile;
pub use editing::{EditRefused, Editing};
pub use last_input::{Today, changes as input_changes};
pub use orphaned_roots::roots as orphaned_roots;
pub use ownership::OwnershipConflict;
pub use steps::{Number, OutOfOrder};

/// What to commit, and how.
#[expect(clippy::struct_excessive_bools, reason = "independent choices of whoever asks")]
pub struct Request<'a> {
    /// The manifests: paths in the repository, or files elsewhere.
    pub manifests: &'a [Manifest],
    /// The branch; the one that is checked out if none is named.
    pub branch: Option<&'a str>,
    /// The remote to push to, if it is to be pushed.
    pub push: Option<&'a str>,
    /// Whether commits of a person that the remote lacks are pushed along.
    pub unpushed: bool,
    /// Whether hand edits of files of ours are overwritten.
    pub overwrite: bool,
    /// Whether the branch is also brought to what was pushed where it is checked out, with files and index. Without a push it is
    /// in any case.
    pub worktree: bool,
    /// Whether all Sovereigns go into one commit.
    pub together: bool,
    /// Whether warnings stop it.
    pub deny_warnings: bool,
    /// An edit of the manifests that is made on the commit that is built on, each time anew, and committed with their trees.
    pub edit: Option<&'a dyn Editing>,
    /// Which step of the rollout of all these manifests to commit; the whole change if none is named.
    pub step: Option<usize>,
    /// Whether a change that takes several steps may be one commit.
    pub at_once: bool,
    /// Where kits are that were fetched.
    pub cache: KitCache,
    /// How many files make a tree large: then the repository remembers what they follow from. [`LARGE`], unless for a test.
    pub large: usize,
}

impl<'a> Request<'a> {
    /// Returns the plain request: each manifest in a commit of its own on the branch that is checked out, nothing pushed, nothing given up.
    pub fn new(manifests: &'a [Manifest], cache: KitCache) -> Self {
        Self {
            manifests,
            branch: None,
            push: None,
            unpushed: false,
            overwrite: false,
            worktree: false,
            together: false,
            deny_warnings: false,
            edit: None,
            step: None,
            at_once: false,
            cache,
            large: LARGE,
        }
    }
}

/// How many files make a tree large. Fewer are compiled in less time than a person notices, a fiftieth of a second.
pub const LARGE: usize = 1000;

/// Where a manifest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// At this path in the repository; read from the commit that is built on.
    InRepository(String),
    /// In a file elsewhere.
    Elsewhere(PathBuf),
}

impl Manifest {
    /// Returns its path in the repository, if it stands there.
    fn path(&self) -> Option<&str> {
        match self {
            Self::InRepository(path) => Some(path),
            Self::Elsewhere(_) => None,
        }
    }
}

/// How often a moved branch is tried again. Whenever one run loses a race another one has won it, so of many runs that
/// begin at once each loses at most as often as there are others. Each try takes the time of a fetch, so this is
/// minutes.
pub(crate) const TRIES: u32 = 100;

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
    /// The edit cannot be made on the commit that is built on; nothing was committed.
    EditRefused(EditRefused),
    /// It would leave the order of the steps that the change takes; nothing was committed.
    OutOfOrder(OutOfOrder),
    /// Files belong to somebody else, or were edited by hand; nothing was committed.
    OwnershipConflict(Vec<OwnershipConflict>),
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
    /// Where its manifest stands in the repository, if it does.
    pub manifest: Option<String>,
    /// Its input.
    pub input: Input,
    /// What was found.
    pub diags: Diagnostics,
    /// The tree; `None` if there are errors.
    pub compiled: Option<Compiled>,
    /// The tree at the base.
    pub old: Snapshot,
    /// Roots that earlier versions of the manifest gave, and whose trees still stand.
    pub former: Vec<TreePath>,
    /// What changes.
    pub diff: Option<Diff>,
    /// Which steps that takes.
    pub phases_ahead: PhasePlan,
    /// What an edit made of its files.
    edited: Edited,
    /// What is to be remembered once it is committed.
    pending: Option<Pending>,
    /// What was compiled and then refused, until it is known which lines changed.
    pub(crate) refused: Option<Box<Refused>>,
}

/// A step whose change was refused.
pub(crate) struct Refused {
    /// What was compiled.
    pub(crate) compiled: Compiled,
    /// What was found before the change was judged.
    pub(crate) found: Diagnostics,
}

impl Step {
    /// Returns an input that was compiled, before it is compared with the tree at a base.
    pub fn compiled(input: Input, diags: Diagnostics, compiled: Option<Compiled>, old: Snapshot) -> Self {
        let (manifest, former, diff, pending) = (None, Vec::new(), None, None);
        let edited = Edited::default();
        Self {
            manifest,
            input,
            diags,
            compiled,
            old,
            former,
            diff,
            phases_ahead: PhasePlan::default(),
            edited,
            pending,
            refused: None,
        }
    }

    /// Returns the root of its tree, also where its change is refused.
    pub fn root(&self) -> Option<&str> {
        let compiled = self.compiled.as_ref().map(|compiled| compiled.tree.root().as_str());
        compiled.or_else(|| Some(self.diff.as_ref()?.root.as_str()))
    }

    /// Returns its tree before and after.
    pub fn migration(&self) -> Option<Migration<'_>> {
        Some(Migration { old: &self.old, new: self.compiled.as_ref()? })
    }
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
    // Asked for once: the time between a fetch and its push is the time in which somebody else can be faster.
    let identity = OnceCell::new();
    loop {
        match attempt(repository, kits, request, &identity, progress)? {
            Attempt::Ended(Outcome::Committed { commits, branch, .. }) => {
                return Ok(Outcome::Committed { commits, branch, races });
            }
            Attempt::Ended(outcome) => return Ok(outcome),
            Attempt::Moved(why) => {
                races += 1;
                if races >= TRIES {
                    return Err(GitError::Failed {
                        action: "bring the commit to the branch".to_owned(),
                        reason: format!(
                            "it moved {races} times in between; nothing is lost, run it again. The last time: {why}"
                        ),
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
    identity: &OnceCell<Identity>,
    progress: &mut dyn Progress,
) -> Result<Attempt, GitError> {
    let local = repository.branch(request.branch)?;
    let base = match base::resolve(repository, &local, request, progress)? {
        Ok(base) => base,
        Err(busy) => return Ok(Attempt::Moved(busy)),
    };
    let mut steps = compile(repository, kits, request, base.commit)?;
    if let Some(refused) = steps.iter_mut().find_map(|step| step.edited.refused.take()) {
        return Ok(Attempt::Ended(Outcome::EditRefused(refused)));
    }
    let conflicts = ownership::conflicts(&steps);
    if !conflicts.is_empty() {
        return Ok(Attempt::Ended(Outcome::OwnershipConflict(conflicts)));
    }
    let number = match numbered(repository, kits, request, base.commit, &mut steps)? {
        Ok(number) => number,
        Err(outcome) => {
            for step in &steps {
                progress.found(step);
            }
            return Ok(Attempt::Ended(outcome));
        }
    };
    for step in &steps {
        progress.found(step);
    }
    if steps.iter().any(|step| step.compiled.is_none()) {
        return Ok(Attempt::Ended(Outcome::Wrong));
    }
    let roots: Vec<_> =
        steps.iter().filter_map(|step| Some(step.compiled.as_ref()?.tree.root().as_str())).collect();
    if base.given_up.iter().any(|root| !roots.contains(&root.as_str())) {
        return Err(base::diverged(local.short(), request.push.unwrap_or_default()));
    }
    let mut conflict = ownership::check(&steps, request.overwrite);
    if let Some(base) = base.commit {
        ownership::twins(repository, base, &steps, &mut conflict)?;
    }
    if !conflict.is_empty() {
        return Ok(Attempt::Ended(Outcome::OwnershipConflict(conflict)));
    }
    let together = request.together;
    let committer = Committer { repository, kits, identity, together, number, edit: request.edit };
    let commits = committer.commit(base.commit, &steps)?;
    let Some(to) = commits.last().copied().or(base.commit) else {
        return Ok(Attempt::Ended(Outcome::Unchanged));
    };
    let changes: Vec<_> = steps.iter().filter_map(change).collect();
    let here = LocalBranch { repository, local: &local, request, changes: &changes };
    // Also what an earlier run committed and could not push.
    let unsent = request.push.filter(|_| base.there != Some(to));
    if let Some(remote) = unsent
        && let Some(ended) = here.push(remote, to, progress)?
    {
        return Ok(ended);
    }
    let gone = if request.push.is_some() { here.go_after_push(to, progress)? } else { here.go(to)? };
    match gone {
        Gone::Moved => {}
        Gone::Elsewhere if request.push.is_some() => {}
        Gone::Elsewhere => return Ok(Attempt::Moved("another process moved it".to_owned())),
        Gone::Hindered(words) => return Ok(Attempt::Ended(local_branch::in_the_way(words))),
    }
    let commits = if commits.is_empty() && unsent.is_some() { vec![to] } else { commits };
    for pending in steps.iter().filter_map(|step| step.pending.as_ref()) {
        pending.save();
    }
    if commits.is_empty() {
        return Ok(Attempt::Ended(Outcome::Unchanged));
    }
    Ok(Attempt::Ended(Outcome::Committed { commits, branch: local.name.clone(), races: 0 }))
}

/// Returns which step of a rollout the commit is, if it is to be one; for an ordinary one, whether it would jump over steps.
fn numbered(
    repository: &Repository,
    kits: &Kits,
    request: &Request<'_>,
    base: Option<Oid>,
    steps: &mut [Step],
) -> Result<Result<Option<Number>, Outcome>, GitError> {
    if request.at_once {
        return Ok(Ok(None));
    }
    let refused = match (steps::joint(repository, base, steps)?, request.step) {
        (None, None) => steps::all_at_once(repository, kits, base, steps)?,
        (joint, _) => joint,
    };
    if refused.is_none() && request.step.is_none() {
        return Ok(Ok(None));
    }
    // A part of the way keeps most files as they are, so a hand's edit would become ours; and steps from a tree that is not
    // ours are none.
    let mut conflict = Vec::new();
    for step in &*steps {
        ownership::of_step(step, request.overwrite, &mut conflict);
    }
    if !conflict.is_empty() {
        return Ok(Err(Outcome::OwnershipConflict(conflict)));
    }
    match (refused, request.step) {
        (Some(refused), _) => Ok(Err(Outcome::OutOfOrder(refused))),
        (None, Some(asked)) if steps.iter().all(|step| step.compiled.is_some()) => {
            let number = steps::advance(repository, kits, base, asked, steps)?;
            Ok(number.map(Some).map_err(Outcome::OutOfOrder))
        }
        (None, _) => Ok(Ok(None)),
    }
}

fn change(step: &Step) -> Option<Change<'_>> {
    let tree = &step.compiled.as_ref()?.tree;
    Some(Change { tree, old: step.old.lock().ok().flatten() })
}
