//! What stood at a path in earlier commits.

use std::path::Path;

use git2::Oid;

use super::{GitError, Repository, failed};

impl Repository {
    /// Returns the contents that a file had, newest first, along the first parents of a commit and in at most
    /// `most` commits. Where a shallow clone ends, so does the history.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn versions(&self, commit: Oid, path: &str, most: usize) -> Result<Vec<Vec<u8>>, GitError> {
        let mut versions = Vec::new();
        let (mut last, mut next) = (None, Some(commit));
        for _ in 0..most {
            let Some(id) = next else { break };
            let Ok(commit) = self.inner().find_commit(id) else { break };
            let tree = commit.tree().map_err(failed(format!("read the tree of {id}")))?;
            let blob = tree.get_path(Path::new(path)).ok().map(|entry| entry.id());
            if let Some(blob) = blob.filter(|blob| last != Some(*blob)) {
                if let Ok(blob) = self.inner().find_blob(blob) {
                    versions.push(blob.content().to_vec());
                }
                last = Some(blob);
            }
            next = commit.parent_id(0).ok();
        }
        Ok(versions)
    }

    /// Returns a commit and those before it along first parents, newest first. Where a shallow clone ends, so does the history.
    pub(crate) fn first_parents(&self, commit: Oid, most: usize) -> impl Iterator<Item = Oid> {
        let before = |id: &Oid| self.inner().find_commit(*id).ok()?.parent_id(0).ok();
        std::iter::successors(Some(commit), before).take(most)
    }

    /// Returns the messages of a commit and of those before it, newest first, in at most `most` commits, each
    /// with its id and its first parent. Where a shallow clone ends, so does the history. Not sorted further:
    /// that would read all of it.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn messages(
        &self,
        commit: Oid,
        most: usize,
    ) -> Result<impl Iterator<Item = (Oid, String, Option<Oid>)>, GitError> {
        let cannot = || failed("read the history");
        let mut walk = self.inner().revwalk().map_err(cannot())?;
        walk.push(commit).map_err(cannot())?;
        let message = |id: Oid| {
            let commit = self.inner().find_commit(id).ok()?;
            let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
            Some((id, message, commit.parent_id(0).ok()))
        };
        Ok(walk.map_while(Result::ok).take(most).map_while(message))
    }
}
