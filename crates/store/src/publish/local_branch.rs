//! The branch here and the work trees that stand on it: pushing from it, and moving it.

use git2::Oid;

use crate::git::commit::Change;
use crate::git::program::{self, Pushed};
use crate::git::worktree::{self, Checkout, Followers, Step as BranchMove};
use crate::git::{self, Branch, GitError, Moved, Repository};

use super::{Attempt, Outcome, OwnershipConflict, Progress, Request};

/// What stands in the reflog.
const LOG: &str = "sovereign: compiled";

/// The branch here, and the work tree that may stand on it.
pub(super) struct LocalBranch<'a> {
    pub(super) repository: &'a Repository,
    pub(super) local: &'a Branch,
    pub(super) request: &'a Request<'a>,
    /// What the commits of this run change in a work tree.
    pub(super) changes: &'a [Change<'a>],
}

/// Returns the outcome where a work tree would lose something, in the words of Git.
pub(super) fn in_the_way(words: String) -> Outcome {
    Outcome::OwnershipConflict(vec![OwnershipConflict::WorkTree { words }])
}

/// How a branch here went to a commit.
pub(super) enum Gone {
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
    pub(super) fn push(
        &self,
        remote: &str,
        to: Oid,
        progress: &mut dyn Progress,
    ) -> Result<Option<Attempt>, GitError> {
        if let Some(words) = self.hindrance(to)? {
            return Ok(Some(Attempt::Ended(in_the_way(words))));
        }
        let branch = self.local.short();
        progress.say(&format!("pushing {} to {branch} of {remote}", git::short(to)));
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
    pub(super) fn go(&self, to: Oid) -> Result<Gone, GitError> {
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
        let commit = git::short(to);
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
    pub(super) fn go_after_push(&self, to: Oid, progress: &mut dyn Progress) -> Result<Gone, GitError> {
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
