//! Branches of remotes that were forced to another history.

use git2::Oid;

use super::{GitError, Repository};

/// How many earlier places of a remote's branch are looked at: what was forced is among the last of them.
const MOST: usize = 100;

/// A branch of a remote, and the same branch here.
#[derive(Clone, Copy)]
pub(crate) struct Sides<'a> {
    /// Its name.
    pub(crate) branch: &'a str,
    /// The remote.
    pub(crate) remote: &'a str,
    /// Where it stands here.
    pub(crate) here: Oid,
    /// Where it stands there.
    pub(crate) there: Oid,
}

impl Repository {
    /// Returns where a remote's branch was last known to be; `None` for a remote that has no name here.
    ///
    /// # Errors
    /// The reference cannot be read.
    pub(crate) fn remembered(&self, remote: &str, branch: &str) -> Result<Option<Oid>, GitError> {
        if self.inner().find_remote(remote).is_err() {
            return Ok(None);
        }
        self.reference(&tracking(remote, branch))
    }

    /// Returns where a remote's branch was, if it was forced away from there and the branch here still stands on that:
    /// `before` is where it was known to be before it was fetched. Earlier places are those that Git has noted down.
    ///
    /// # Errors
    /// The history cannot be read.
    pub(crate) fn forced_from(&self, sides: Sides<'_>, before: Option<Oid>) -> Result<Option<Oid>, GitError> {
        // Of a history that was cut off nobody knows what it contains.
        if self.inner().is_shallow() {
            return Ok(None);
        }
        let noted = self.inner().reflog(&tracking(sides.remote, sides.branch)).ok();
        let noted = noted.iter().flat_map(|log| log.iter().take(MOST).map(|entry| entry.id_old()));
        for was in before.into_iter().chain(noted.collect::<Vec<_>>()) {
            if self.inner().find_commit(was).is_err() || self.is_ancestor(was, sides.there)? {
                continue;
            }
            if !self.is_ancestor(was, sides.here)? {
                continue;
            }
            // Whoever has merged both histories has decided.
            let is_merged = self.is_ancestor(sides.there, sides.here)?;
            if !is_merged || self.is_ancestor(sides.there, was)? {
                return Ok(Some(was));
            }
        }
        Ok(None)
    }
}

/// Returns the name of what Git remembers a remote's branch by.
pub(super) fn tracking(remote: &str, branch: &str) -> String {
    format!("refs/remotes/{remote}/{branch}")
}
