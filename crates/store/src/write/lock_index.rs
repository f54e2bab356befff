//! Which files on disk are ours, and what stood in them when we wrote them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;

use super::wanted::halves;
use sovereign_compile::build_cache::Record;
use sovereign_compile::tree::{LOCK, Lock};
use sovereign_text::digest::Digest;

/// The files of a lock by directory; or a record, which says the same of the lock that it remembers.
#[derive(Debug)]
pub(super) enum LockIndex<'l> {
    /// Each sorted by name. The directory of the tree itself is empty.
    Lock(BTreeMap<&'l str, Vec<(&'l str, Digest)>>),
    Record(&'l Record<'l>),
}

impl<'l> LockIndex<'l> {
    /// Returns what a lock names.
    pub(super) fn new(lock: &'l Lock) -> Self {
        let mut directories: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (path, digest) in lock.files() {
            let (directory, name) = halves(path.as_str());
            directories.entry(directory).or_default().push((name, *digest));
        }
        Self::Lock(directories)
    }

    /// Returns the digest of a file.
    pub(super) fn digest(&self, directory: &str, name: &str) -> Option<Digest> {
        match self {
            Self::Lock(directories) => {
                let files = directories.get(directory)?;
                let place = files.binary_search_by(|(file, _)| (*file).cmp(name)).ok()?;
                files.get(place).map(|(_, digest)| *digest)
            }
            // The lock does not name itself.
            Self::Record(record) => record
                .file(directory, name)
                .filter(|_| (directory, name) != ("", LOCK))
                .map(|file| file.digest),
        }
    }

    /// Returns whether a file is ours.
    pub(super) fn has(&self, path: &str) -> bool {
        let (directory, name) = halves(path);
        self.digest(directory, name).is_some()
    }

    /// Returns the directories that hold a file of ours, and those above them: not that of the tree itself.
    pub(super) fn directories(&self) -> BTreeSet<&'l OsStr> {
        let directories: Vec<&str> = match self {
            Self::Lock(directories) => directories.keys().copied().collect(),
            Self::Record(record) => record.directories.keys().copied().collect(),
        };
        directories.into_iter().flat_map(lineage).map(OsStr::new).collect()
    }
}

/// Returns a directory and those above it, outermost first, but for that of the tree itself: `a` and `a/b` for `a/b`.
pub(super) fn lineage(directory: &str) -> impl Iterator<Item = &str> {
    let above = directory.match_indices('/').map(|(end, _)| &directory[..end]);
    above.chain((!directory.is_empty()).then_some(directory))
}
