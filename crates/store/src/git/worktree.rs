//! Bringing the work tree and the index along after a commit, for our paths only.

#![expect(clippy::disallowed_methods, reason = "the work tree and the index are files")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use git2::Oid;

use super::commit::Change;
use super::{GitError, Repository, failed, id, program};
use sovereign_compile::tree::TreePath;

/// A step of the branch that is checked out, which the work tree and the index are to follow.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// Where the branch was; `None` before its first commit.
    pub from: Option<Oid>,
    /// Where it goes.
    pub to: Oid,
    /// The trees of ours at the new place.
    pub changes: &'a [Change<'a>],
}

impl Repository {
    /// Returns why the work tree cannot follow a step without losing what is in it, in the words of Git; `None` if it can.
    /// Nothing is changed.
    ///
    /// # Errors
    /// The work tree or the index cannot be read.
    pub(crate) fn cannot_follow(&self, step: Step<'_>) -> Result<Option<String>, GitError> {
        let index = self.inner().path().join("index");
        let lock = index.with_extension("lock");
        if lock.exists() {
            return Ok(Some(format!(
                "another process is writing the index; if none is running, it was killed: delete {}",
                lock.display()
            )));
        }
        let copy = Copied::new(&index, self.inner().path().join("sovereign-index"))?;
        program::stage(self.directory(), &self.already_there(step)?, Some(&copy.0))?;
        program::follow(self.directory(), step.from, step.to, Some(&copy.0))
    }

    /// Brings the work tree and the index along with a step: all that changes between the two commits. What a person
    /// has changed elsewhere stays.
    ///
    /// # Errors
    /// Something would be lost, or cannot be written. Then nothing is changed.
    pub fn follow(&self, step: Step<'_>) -> Result<(), GitError> {
        program::stage(self.directory(), &self.already_there(step)?, None)?;
        match program::follow(self.directory(), step.from, step.to, None)? {
            None => Ok(()),
            Some(reason) => Err(GitError::Failed { action: "bring the work tree along".to_owned(), reason }),
        }
    }

    /// Returns files of the new trees that stand in the work tree as they are to be, and not yet in the index: `sovereign
    /// build` wrote them. As lines for `git update-index --index-info`.
    fn already_there(&self, step: Step<'_>) -> Result<String, GitError> {
        let cannot = || failed("read the index");
        let mut lines = String::new();
        let Some(worktree) = self.worktree().and_then(|path| path.canonicalize().ok()) else {
            return Ok(lines);
        };
        let mut index = self.inner().index().map_err(cannot())?;
        index.read(true).map_err(cannot())?;
        for change in step.changes {
            for (path, text) in change.tree.files() {
                let path = format!("{}/{path}", change.tree.root());
                let id = id::of_text(text).map_err(cannot())?;
                if index.get_path(Path::new(&path), 0).is_some_and(|entry| entry.id == id) {
                    continue;
                }
                let file = worktree.join(&path);
                let plain = fs::symlink_metadata(&file).is_ok_and(|data| data.is_file())
                    && file.canonicalize().is_ok_and(|real| real == file);
                if plain && fs::read(&file).is_ok_and(|bytes| bytes == text.as_bytes()) {
                    let _ = writeln!(lines, "100644 {id}\t{path}");
                }
            }
        }
        Ok(lines)
    }

    /// Stages a tree: index entries of our paths become those of the tree, the others stay.
    ///
    /// # Errors
    /// The index cannot be read or written.
    pub fn stage(&self, change: &Change<'_>) -> Result<(), GitError> {
        let cannot = || failed("write the index");
        let mut index = self.inner().index().map_err(cannot())?;
        let root = change.tree.root();
        for (path, text) in change.tree.files() {
            let path = format!("{root}/{path}");
            let old = index.get_path(Path::new(&path), 0);
            let id = id::of_text(text).map_err(cannot())?;
            if old.is_some_and(|entry| entry.id == id) {
                continue;
            }
            index.add_frombuffer(&entry(&path, text.len()), text.as_bytes()).map_err(cannot())?;
        }
        let gone = change.old.iter().flat_map(|lock| lock.files().keys());
        for path in gone.filter(|path: &&TreePath| !change.tree.files().contains_key(*path)) {
            let path = format!("{root}/{path}");
            if index.get_path(Path::new(&path), 0).is_some() {
                index.remove_path(Path::new(&path)).map_err(cannot())?;
            }
        }
        index.write().map_err(cannot())
    }
}

/// Returns an index entry for new content. Times of zero make Git look at the file once more, which is right.
fn entry(path: &str, size: usize) -> git2::IndexEntry {
    git2::IndexEntry {
        ctime: git2::IndexTime::new(0, 0),
        mtime: git2::IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: u32::try_from(size).unwrap_or(0),
        id: git2::Oid::ZERO_SHA1,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

/// A copy of the index that is deleted when it is no longer needed.
struct Copied(PathBuf);

impl Copied {
    /// Returns a copy that a killed run has left is overwritten.
    fn new(index: &Path, to: PathBuf) -> Result<Self, GitError> {
        let cannot = |error: std::io::Error| GitError::Failed {
            action: "copy the index".to_owned(),
            reason: error.to_string(),
        };
        let copy = Self(to);
        if index.exists() {
            fs::copy(index, &copy.0).map_err(cannot)?;
        } else if copy.0.exists() {
            fs::remove_file(&copy.0).map_err(cannot)?;
        }
        let lock = copy.0.with_extension("lock");
        if lock.exists() {
            fs::remove_file(&lock).map_err(cannot)?;
        }
        Ok(copy)
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
