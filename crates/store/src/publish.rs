//! From a manifest to a commit: compile on a base, check who owns what, hold the step against the transition
//! rules, commit on top, and where a remote is asked for push without force, again from its new head if it moved.
//!
//! Takes a repository and manifests, gives [`Outcome`]. The tree of a commit is a function of the manifest at its
//! base, the kit and the compiler, so a lost race is solved by compiling again, never by merging YAML.

mod base;
pub mod editing;
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

use crate::git::commit::{Change, File};
use crate::git::memory::{Memory, Pending};
use crate::git::program::{self, Pushed};
use crate::git::worktree::{self, Checkout, Followers, Step as BranchMove};
use crate::git::{Branch, GitError, Identity, Moved, Repository};
use crate::kit_cache::KitCache;
use sovereign_change::diff::Diff;
use sovereign_change::rollout::{Migration, PhasePlan};
use sovereign_change::snapshot::Snapshot;
use sovereign_change::transition;
use sovereign_compile::Compiled;
use sovereign_compile::lower::Lowered;
use sovereign_compile::tree::TreePath;
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;

use base::At;
use editing::Edited;

pub use base::input;
pub use editing::Editing;
pub use orphaned_roots::roots as orphaned_roots;
pub use ownership::OwnershipConflict;
use part::{Part, Recollection};
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
    /// The edit cannot be made on the commit that is built on, in these words; nothing was committed.
    EditRefused(String),
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
    if let Some(words) = steps.iter().find_map(|step| step.edited.refused.clone()) {
        return Ok(Attempt::Ended(Outcome::EditRefused(words)));
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
        Gone::Hindered(words) => return Ok(Attempt::Ended(in_the_way(words))),
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

/// What stands in the reflog.
const LOG: &str = "sovereign: compiled";

/// The branch here, and the work tree that may stand on it.
struct LocalBranch<'a> {
    repository: &'a Repository,
    local: &'a Branch,
    request: &'a Request<'a>,
    changes: &'a [Change<'a>],
}

/// Returns a work tree would lose something.
fn in_the_way(words: String) -> Outcome {
    Outcome::OwnershipConflict(vec![OwnershipConflict::WorkTree { words }])
}

/// How a branch here went to a commit.
enum Gone {
    /// It is there, and so are the work trees in which it is checked out.
    Moved,
    /// Somebody else has moved it in between.
    Elsewhere,
    /// It has stayed, since something would be lost in a work tree: the words of Git.
    Hindered(String),
}

impl LocalBranch<'_> {
    fn checkouts(&self) -> Result<Vec<Checkout>, GitError> {
        self.repository.checkouts(&self.local.name)
    }

    fn step(&self, to: Oid) -> BranchMove<'_> {
        BranchMove { from: self.local.commit, to, changes: self.changes }
    }

    /// Returns why the work trees cannot follow to what is about to be pushed, if they are to.
    fn hindrance(&self, to: Oid) -> Result<Option<String>, GitError> {
        if !self.request.worktree || self.local.commit == Some(to) {
            return Ok(None);
        }
        worktree::cannot_follow(&self.checkouts()?, self.step(to))
    }

    /// Pushes a commit; how the attempt ends, if it is not there then.
    fn push(&self, remote: &str, to: Oid, progress: &mut dyn Progress) -> Result<Option<Attempt>, GitError> {
        if let Some(words) = self.hindrance(to)? {
            return Ok(Some(Attempt::Ended(in_the_way(words))));
        }
        let branch = self.local.short();
        progress.say(&format!("pushing {} to {branch} of {remote}", crate::git::short(to)));
        match program::push(self.repository, remote, to, branch) {
            Ok(Pushed::Done) => Ok(None),
            Ok(Pushed::Moved(why)) => Ok(Some(Attempt::Moved(why))),
            // The work is kept where the next run, or a person, finds it.
            Ok(Pushed::Refused(words)) => {
                self.keep(to, progress)?;
                Ok(Some(Attempt::Ended(Outcome::Refused { commit: to, words })))
            }
            Err(error) => {
                self.keep(to, progress)?;
                Err(error)
            }
        }
    }

    /// Moves the branch, and files and indexes of every work tree on it: a person who commits there next would otherwise take
    /// back what was committed here. The work trees go first: a run that is killed in between is finished by the next one,
    /// which finds the files as it wants them.
    fn go(&self, to: Oid) -> Result<Gone, GitError> {
        let (name, from) = (&self.local.name, self.local.commit);
        if from == Some(to) {
            return Ok(Gone::Moved);
        }
        let followers = match Followers::hold(&self.checkouts()?)? {
            Ok(followers) => followers,
            Err(words) => return Ok(Gone::Hindered(words)),
        };
        // Whoever held an index until now may have moved the branch.
        if self.repository.reference(name)? != from {
            return Ok(Gone::Elsewhere);
        }
        if let Some(words) = followers.bring(self.step(to))? {
            return Ok(Gone::Hindered(words));
        }
        match self.repository.move_branch(name, from, to, LOG) {
            Ok(Moved::Done) => Ok(Gone::Moved),
            Ok(Moved::Elsewhere) => followers.take_back(self.step(to)).map(|()| Gone::Elsewhere),
            Err(error) => {
                followers.take_back(self.step(to))?;
                Err(error)
            }
        }
    }

    /// Moves the branch to what the remote has not taken, and says where that is. An edit is made anew by the next run.
    fn keep(&self, to: Oid, progress: &mut dyn Progress) -> Result<(), GitError> {
        if self.request.edit.is_some() {
            progress.say("nothing is kept here; the next run makes the edit anew");
            return Ok(());
        }
        let commit = crate::git::short(to);
        progress.say(&match self.go(to)? {
            Gone::Moved | Gone::Elsewhere => format!("{commit} is kept here; the next run pushes it"),
            Gone::Hindered(words) => {
                format!("{commit} is not on {}, since it is checked out: {words}", self.local.short())
            }
        });
        Ok(())
    }

    /// Moves the branch to what the remote has. A branch that is checked out stays, unless its files may be touched: the push
    /// brought what others have pushed, too.
    fn go_after_push(&self, to: Oid, progress: &mut dyn Progress) -> Result<Gone, GitError> {
        if self.local.commit == Some(to) {
            return Ok(Gone::Moved);
        }
        if !self.request.worktree
            && let Some(checkout) = self.checkouts()?.first()
        {
            progress.say(&format!(
                "note: {} is checked out in {} and stays as it is; `git pull` brings it along, and so does --worktree",
                self.local.short(),
                checkout.worktree().display()
            ));
            return Ok(Gone::Moved);
        }
        self.go(to)
    }
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
    // What goes only a part of the way needs all files, and so does a work tree that follows to what others have pushed.
    let remembers = request.step.is_none() && !(request.worktree && request.push.is_some());
    // By the score: what is compiled and not yet compared is large, and the processors need no more to be busy.
    for manifests in request.manifests.chunks(AT_ONCE) {
        let mut group = Vec::with_capacity(manifests.len());
        for manifest in manifests {
            let mut diags =
                if request.deny_warnings { Diagnostics::denying_warnings() } else { Diagnostics::new() };
            let input = base::input(repository, manifest, base, &request.cache, &mut diags)?;
            let mut step = Step::compiled(input, diags, None, Snapshot::default());
            if let Some(editing) = request.edit {
                let at = At { repository, base, cache: &request.cache };
                editing::make(editing, at, manifest, &mut step);
            }
            group.push(step);
        }
        let known = base.filter(|_| remembers);
        compile_group(repository, kits, Bases { base, known }, request.large, &mut group)?;
        for (manifest, step) in manifests.iter().zip(&mut group) {
            step.manifest = manifest.path().map(str::to_owned);
            if let (Manifest::InRepository(path), Some(compiled), Some(base)) =
                (manifest, &step.compiled, base)
                && step.old.is_empty()
            {
                step.former = orphaned_roots::roots(repository, base, path, compiled.tree.root())?;
            }
        }
        // A step of a rollout is compared when it is known which part of the way it goes.
        if request.step.is_none() {
            each(&mut group, |step| {
                step.judge(kits);
                step.slim();
            });
        }
        steps.append(&mut group);
    }
    Ok(steps)
}

/// How many manifests are compiled before their trees are compared.
const AT_ONCE: usize = 64;

/// Does something to each item, on all processors if there is more than one item. Nothing depends on who is first.
fn each<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Sync) {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    if workers <= 1 {
        return items.iter_mut().for_each(work);
    }
    let (share, work) = (items.len().div_ceil(workers), &work);
    std::thread::scope(|scope| {
        for items in items.chunks_mut(share) {
            scope.spawn(move || items.iter_mut().for_each(work));
        }
    });
}

/// What steps are built on.
#[derive(Clone, Copy)]
struct Bases {
    /// The commit whose trees they are compared with.
    base: Option<Oid>,
    /// The same, if what is remembered of its trees may be left out.
    known: Option<Oid>,
}

/// Compiles steps side by side, and reads their trees at the base; where something is remembered of one, only the rest.
fn compile_group(
    repository: &Repository,
    kits: &Kits,
    bases: Bases,
    large: usize,
    steps: &mut [Step],
) -> Result<(), GitError> {
    let memories: Vec<_> = steps.iter().map(|step| part::memory(repository, &step.input)).collect();
    let remembrances: Vec<_> =
        memories.iter().map(|memory| memory.as_ref().and_then(Memory::recall)).collect();
    let mut jobs = Vec::with_capacity(steps.len());
    for ((step, memory), remembrance) in steps.iter_mut().zip(&memories).zip(&remembrances) {
        let recollection = match memory {
            Some(memory) => Some(Recollection::new(repository, bases.known, memory, remembrance.as_ref())?),
            None => None,
        };
        jobs.push(Job { step, recollection, part: None });
    }
    each(&mut jobs, |job| job.compile(kits, large));
    for Job { step, recollection, part } in jobs {
        let Some(part) = part else { continue };
        if let Some(base) = bases.base {
            step.old = part::old_side(repository, base, &part, recollection.as_ref())?;
        }
        step.compiled = Some(part.compiled);
    }
    Ok(())
}

/// A step that is compiled.
struct Job<'s, 'm> {
    step: &'s mut Step,
    recollection: Option<Recollection<'m>>,
    part: Option<Part<'m>>,
}

impl Job<'_, '_> {
    fn compile(&mut self, kits: &Kits, large: usize) {
        let Self { step, recollection, part } = self;
        if step.diags.verdict().is_ok() {
            let compiled = part::compile(recollection.as_ref(), &step.input, kits, &mut step.diags);
            *part = compiled.ok();
        }
        // Now, since this too is work for all processors.
        let remembered = part.as_mut().zip(recollection.as_ref());
        step.pending = remembered.and_then(|(part, recollection)| part.remember(recollection, large));
    }
}

impl Step {
    /// Compares with the tree before, and holds the step against the transition rules. A tree that stays as it is
    /// needs neither.
    pub fn judge(&mut self, kits: &Kits) {
        let Some(compiled) = &self.compiled else { return };
        let unchanged = self.old.holds(&compiled.tree);
        // A consent that is still written down after its commit is spent, and only a comparison says so.
        if unchanged && compiled.consents.is_empty() {
            return;
        }
        let diff =
            transition::judge(&self.old, compiled, kits.catalog(), &self.former, false, &mut self.diags);
        if !unchanged {
            self.phases_ahead =
                PhasePlan::new(Migration { old: &self.old, new: compiled }, &diff, kits.catalog());
        }
        self.diff = Some(diff).filter(|_| !unchanged);
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
            diff.variables = Vec::new();
        }
    }
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

/// What the commits of one run have in common.
struct Committer<'a> {
    repository: &'a Repository,
    kits: &'a Kits,
    /// Who commits, once that was asked.
    identity: &'a OnceCell<Identity>,
    /// Whether all Sovereigns are in one commit.
    together: bool,
    /// Which step of a rollout it is, if it is one.
    number: Option<Number>,
    /// The edit that is committed with the trees.
    edit: Option<&'a dyn Editing>,
}

impl Committer<'_> {
    /// Makes the commits, one a Sovereign that changes or one for all. A step of a rollout is one commit about all of them,
    /// those included in which it changes nothing.
    fn commit(&self, base: Option<Oid>, steps: &[Step]) -> Result<Vec<Oid>, GitError> {
        let is_step = self.number.is_some();
        let changes = |step: &&Step| is_step || step.diff.is_some() || !step.edited.files.is_empty();
        let changing: Vec<_> = steps.iter().filter(changes).collect();
        let groups: Vec<&[&Step]> =
            if self.together || is_step { vec![&changing[..]] } else { changing.chunks(1).collect() };
        let words = self.edit.map(Editing::words);
        let mut commits = Vec::new();
        let mut parent = base;
        for group in groups.into_iter().filter(|group| !group.is_empty()) {
            let files: Vec<_> = group.iter().flat_map(|step| &step.edited.files).collect();
            let files: Vec<_> = files.iter().map(|(path, text)| File { path, text }).collect();
            let changing = group.iter().filter(|step| step.diff.is_some());
            let changes: Vec<_> = changing.filter_map(|step| change(step)).collect();
            let before =
                parent.map(|parent| self.repository.tree(parent).map(|tree| tree.id())).transpose()?;
            let tree = self.repository.write_tree(parent, &changes, &files)?;
            if before == Some(tree) {
                continue;
            }
            let message = message::compose(group, self.number, words.as_deref(), self.kits);
            let commit = self.repository.write_commit(tree, parent, &message, self.identity()?)?;
            commits.push(commit);
            parent = Some(commit);
        }
        Ok(commits)
    }

    /// Returns who commits. Git is asked once, and only if there is something to commit.
    fn identity(&self) -> Result<&Identity, GitError> {
        if let Some(identity) = self.identity.get() {
            return Ok(identity);
        }
        let asked = Identity::new(self.repository)?;
        Ok(self.identity.get_or_init(|| asked))
    }
}

fn change(step: &Step) -> Option<Change<'_>> {
    let tree = &step.compiled.as_ref()?.tree;
    Some(Change { tree, old: step.old.lock().ok().flatten() })
}
