//! What differs between a tree at a commit and what its manifest gives, and who changed it.

use std::fmt;

use sovereign_change::snapshot::{Entry, Snapshot};
use sovereign_compile::tree::{LOCK, Lock, Tree, TreePath};
use sovereign_text::digest::Digest;

/// A file that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, below the root.
    pub path: TreePath,
    /// Who changed it.
    pub by: By,
}

/// Who changed a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A hand: the content is not what the lock says.
    Hand,
    /// The file is gone, and the lock still names it.
    Lost,
    /// Nobody wrote it yet: the manifest, the kit or the compiler asks for it since.
    Missing,
    /// It is in the lock, and nothing asks for it any more.
    Left,
    /// The manifest, the kit or the compiler gives another content since.
    Stale,
    /// Something that is no file stands there.
    Foreign,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.by {
            By::Hand => "edited by hand since it was written",
            By::Lost => "removed by hand since it was written",
            By::Missing => "not written yet",
            By::Left => "left over",
            By::Stale => "out of date",
            By::Foreign => "no file",
        };
        write!(f, "{}: {words}", self.path)
    }
}

/// Returns every file of ours that is not what it should be, by path. Files of others are theirs.
pub fn findings(snapshot: &Snapshot, lock: &Lock, tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let broken = snapshot.lock().is_err();
    for (path, text) in tree.files() {
        let by = match snapshot.files().get(path) {
            None if lock.files().contains_key(path) => By::Lost,
            None => By::Missing,
            Some(Entry::Other(_)) => By::Foreign,
            Some(Entry::File(bytes)) if bytes == text.as_bytes() => continue,
            Some(Entry::File(bytes)) => match lock.files().get(path) {
                Some(digest) if *digest != Digest::hash(bytes) => By::Hand,
                None if broken && path.as_str() == LOCK => By::Hand,
                Some(_) | None => By::Stale,
            },
        };
        findings.push(Finding { path: path.clone(), by });
    }
    let left = lock.files().keys().filter(|path| !tree.files().contains_key(*path));
    let left = left.filter(|path| snapshot.files().contains_key(*path));
    findings.extend(left.map(|path| Finding { path: path.clone(), by: By::Left }));
    findings.sort_by(|a, b| a.path.cmp(&b.path));
    findings
}
