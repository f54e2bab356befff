//! Bringing work trees and their indexes along with a branch that is checked out in them, for our paths only.

#![expect(clippy::disallowed_methods, reason = "the work tree and the index are files")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid};

use super::commit::Change;
use super::index::HeldIndex;
use super::{GitError, Repository, failed, id, program, trusted};
use sovereign_change::snapshot::{Entry, Snapshot};
use sovereign_compile::tree::TreePath;

/// A step of a branch that is checked out, which the work tree and the index are to follow.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    /// Where the branch was; `None` before its first commit.
    pub from: Option<Oid>,
    /// Where it goes.
    pub to: Oid,
    /// The trees of ours at the new place.
    pub changes: &'a [Change<'a>],
}

/// A work tree in which a branch is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkout {
    /// The directory of its HEAD and its index.
    repository: PathBuf,
    worktree: PathBuf,
}

/// Work trees whose indexes are held until their branch has moved.
pub(crate) struct Followers(Vec<Follower>);

struct Follower {
    checkout: Checkout,
    index: HeldIndex,
}

impl Repository {
    /// Returns the work trees in which a branch is checked out, here and elsewhere. Those whose directory is gone are none.
    ///
    /// # Errors
    /// The list of work trees cannot be read.
    pub(crate) fn checkouts(&self, branch: &str) -> Result<Vec<Checkout>, GitError> {
        let mut found = Vec::new();
        // Of a Git directory that stands apart nobody but its work tree knows where that is.
        let common = self.inner().commondir();
        let opened = |path: &Path| git2::Repository::open(path).ok().or_else(|| trusted::open(path));
        let main = common.ends_with(".git").then(|| opened(common)).flatten();
        let names = self.inner().worktrees().map_err(failed("list the work trees"))?;
        let linked = names.iter().flatten().flatten().filter_map(|name| {
            let linked = self.inner().find_worktree(name).ok()?;
            git2::Repository::open_from_worktree(&linked).ok().or_else(|| trusted::open(linked.path()))
        });
        let here = std::iter::once(self.inner()).filter_map(|inner| Checkout::new(inner, branch));
        let others = main.into_iter().chain(linked).filter_map(|inner| Checkout::new(&inner, branch));
        for checkout in here.chain(others) {
            if !found.iter().any(|other: &Checkout| other.repository == checkout.repository) {
                found.push(checkout);
            }
        }
        Ok(found)
    }
}

/// Returns why work trees cannot follow a step without losing what is in them, in the words of Git; `None` if they can.
/// Nothing is changed.
///
/// # Errors
/// A work tree or its index cannot be read.
pub(crate) fn cannot_follow(checkouts: &[Checkout], step: Step<'_>) -> Result<Option<String>, GitError> {
    let followers = match Followers::hold(checkouts)? {
        Ok(followers) => followers,
        Err(words) => return Ok(Some(words)),
    };
    for Follower { checkout, index } in &followers.0 {
        let place = checkout.place(index.copy()?);
        program::stage(&place, &checkout.already_there(step)?)?;
        if let Some(words) = program::follow(&place, step.from, Some(step.to), true)? {
            return Ok(Some(words));
        }
    }
    Ok(None)
}

impl Followers {
    /// Holds the indexes of some work trees; why not, if somebody else is writing one.
    ///
    /// # Errors
    /// A lock cannot be made.
    pub(crate) fn hold(checkouts: &[Checkout]) -> Result<Result<Self, String>, GitError> {
        let mut followers = Vec::with_capacity(checkouts.len());
        for checkout in checkouts {
            match HeldIndex::hold(checkout.repository.join("index"))? {
                Ok(index) => followers.push(Follower { checkout: checkout.clone(), index }),
                Err(busy) => return Ok(Err(busy.to_string())),
            }
        }
        Ok(Ok(Self(followers)))
    }

    /// Brings files and indexes along with a step: all that changes between the two commits. What a person has changed
    /// elsewhere stays. Git's words if something would be lost; then nothing is changed.
    ///
    /// # Errors
    /// Something cannot be written.
    pub(crate) fn bring(&self, step: Step<'_>) -> Result<Option<String>, GitError> {
        for (place, follower) in self.0.iter().enumerate() {
            let brought = follower.bring(step);
            if !matches!(brought, Ok(None)) {
                let before = self.0.get(..place).unwrap_or_default();
                before.iter().try_for_each(|follower| follower.take_back(step))?;
                return brought;
            }
        }
        Ok(None)
    }

    /// Takes back what [`Followers::bring`] has done, since the branch has not moved.
    ///
    /// # Errors
    /// Something cannot be written.
    pub(crate) fn take_back(&self, step: Step<'_>) -> Result<(), GitError> {
        self.0.iter().try_for_each(|follower| follower.take_back(step))
    }
}

impl Follower {
    fn bring(&self, step: Step<'_>) -> Result<Option<String>, GitError> {
        let place = self.checkout.place(self.index.copy()?);
        program::stage(&place, &self.checkout.already_there(step)?)?;
        let refused = program::follow(&place, step.from, Some(step.to), false)?;
        if refused.is_none() {
            self.index.install()?;
        }
        Ok(refused)
    }

    fn take_back(&self, step: Step<'_>) -> Result<(), GitError> {
        let place = self.checkout.place(self.index.copy()?);
        match program::follow(&place, Some(step.to), step.from, false)? {
            None => self.index.install(),
            Some(reason) => Err(GitError::Failed { action: "take the work tree back".to_owned(), reason }),
        }
    }
}

impl Checkout {
    /// Returns the work tree of a repository, if this branch is checked out there.
    fn new(inner: &git2::Repository, branch: &str) -> Option<Self> {
        let worktree = inner.workdir().filter(|path| path.is_dir())?.to_owned();
        let head = inner.find_reference("HEAD").ok()?;
        let is_on = head.symbolic_target().ok().flatten() == Some(branch);
        is_on.then(|| Self { repository: inner.path().to_owned(), worktree })
    }

    /// Returns its directory.
    pub(crate) fn worktree(&self) -> &Path {
        &self.worktree
    }

    fn place<'p>(&'p self, index: &'p Path) -> program::Place<'p> {
        program::Place { repository: &self.repository, worktree: Some(&self.worktree), index: Some(index) }
    }

    /// Returns files that a step changes and that stand in the work tree already as they are to be:
    /// `sovereign build` wrote them, or a run that was killed. As lines for `git update-index --index-info`.
    fn already_there(&self, step: Step<'_>) -> Result<String, GitError> {
        let mut lines = String::new();
        let Ok(worktree) = self.worktree.canonicalize() else { return Ok(lines) };
        for change in step.changes {
            let changed = change.tree.files().iter().filter(|(path, _)| {
                let old = change.old.and_then(|old| old.files().get(*path));
                old.is_none() || old != change.tree.lock().files().get(*path)
            });
            for (path, text) in changed {
                let path = format!("{}/{path}", change.tree.root());
                let file = worktree.join(&path);
                let plain = fs::symlink_metadata(&file).is_ok_and(|data| data.is_file())
                    && file.canonicalize().is_ok_and(|real| real == file);
                if plain && fs::read(&file).is_ok_and(|bytes| bytes == text.as_bytes()) {
                    let id = id::of_text(text).map_err(failed("read the work tree"))?;
                    let _ = writeln!(lines, "100644 {id}\t{path}");
                }
            }
        }
        Ok(lines)
    }
}

impl Repository {
    /// Holds the index, which may be another file than the repository's own; why not, if somebody else is writing it.
    ///
    /// # Errors
    /// The lock cannot be made.
    pub fn hold_index(&self) -> Result<Result<HeldIndex, super::index::Busy>, GitError> {
        HeldIndex::hold(self.index_file())
    }

    /// Stages a tree in an index that is held and in which `staged` stands: entries of our paths become those of the tree, the
    /// others stay.
    ///
    /// # Errors
    /// The index or an object cannot be written.
    pub fn stage(&self, index: &HeldIndex, change: &Change<'_>, staged: &Snapshot) -> Result<(), GitError> {
        let cannot = || failed("write the index");
        let odb = self.inner().odb().map_err(cannot())?;
        let root = change.tree.root();
        let mut lines = String::new();
        let differs = |path: &TreePath, text: &str| {
            staged.files().get(path).and_then(Entry::bytes) != Some(text.as_bytes())
        };
        for (path, text) in change.tree.files().iter().filter(|(path, text)| differs(path, text)) {
            let id = odb.write(ObjectType::Blob, text.as_bytes()).map_err(cannot())?;
            let _ = writeln!(lines, "100644 {id}\t{root}/{path}");
        }
        let gone = change.old.iter().flat_map(|lock| lock.files().keys());
        for path in gone.filter(|path: &&TreePath| !change.tree.files().contains_key(*path)) {
            let _ = writeln!(lines, "0 {}\t{root}/{path}", Oid::ZERO_SHA1);
        }
        index.stage(&self.place(), &lines)
    }
}
