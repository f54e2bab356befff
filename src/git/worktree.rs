//! Bringing the work tree and the index along after a commit, for our paths only.

use std::path::Path;

use super::commit::Change;
use super::{GitError, Repository, failed};
use crate::tree::TreePath;

impl Repository {
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
            let id = git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes()).map_err(cannot())?;
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

/// An index entry for new content. Times of zero make Git look at the file once more, which is right.
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
