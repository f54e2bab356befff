//! A tree as it stands somewhere: at a commit, in the index, in a directory, or compiled from another manifest.
//!
//! Only bytes and places; what the bytes say is read by [`diff`](crate::diff), and only where they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::input_changes::InputChanges;
use sovereign_compile::build_cache::Standing;
use sovereign_compile::tree::{self, BrokenLock, LOCK, Lock, Tree, TreePath};
use sovereign_text::digest::Digest;

/// The files below `clusters/<fqdn>`; without those that are known to stand as the new tree has them, if some are
/// ([`Snapshot::leave_out`]).
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    files: BTreeMap<TreePath, Entry>,
    /// Paths that no tree of ours could hold: hidden files, odd names.
    strange: Vec<String>,
    /// What stands in the place of the directory itself, or of one above it: its path, and what it is.
    obstacle: Option<(String, &'static str)>,
    /// The directories with files that were left out.
    standing: BTreeSet<String>,
    /// What the lock says. It has a line for each file and is asked for often.
    lock: OnceLock<Result<Option<Lock>, BrokenLock>>,
    /// What today's input says otherwise than the one of this tree, if that is known.
    input_changes: Option<Arc<InputChanges>>,
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        let Self { files, strange, obstacle, standing, lock: _, input_changes: _ } = self;
        (files, strange, obstacle, standing)
            == (&other.files, &other.strange, &other.obstacle, &other.standing)
    }
}

impl Eq for Snapshot {}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A regular file.
    File(Vec<u8>),
    /// Something else: a symlink, a submodule.
    Other(&'static str),
}

impl Entry {
    /// Returns the bytes of a regular file.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::File(bytes) => Some(bytes),
            Self::Other(_) => None,
        }
    }
}

impl Snapshot {
    /// Returns the snapshot of a compiled tree.
    pub fn from_tree(tree: &Tree) -> Self {
        let file =
            |(path, text): (&TreePath, &String)| (path.clone(), Entry::File(text.clone().into_bytes()));
        Self { files: tree.files().iter().map(file).collect(), ..Self::default() }
    }

    /// Returns whether every file of a compiled tree stands here as it is to be. The lock is one of them, so nothing of ours
    /// is left over either; files of others may be there besides.
    pub fn holds(&self, tree: &Tree) -> bool {
        tree.files().iter().all(|(path, text)| {
            self.files.get(path).and_then(Entry::bytes).is_some_and(|bytes| bytes == text.as_bytes())
        })
    }

    /// Returns what today's input says otherwise than the one of this tree, if that is known.
    pub fn input_changes(&self) -> Option<&InputChanges> {
        self.input_changes.as_deref()
    }

    /// Takes what today's input says otherwise than the one of this tree.
    pub fn know(&mut self, changes: InputChanges) {
        self.input_changes = Some(Arc::new(changes));
    }

    /// Adds what stands at a path.
    pub fn insert(&mut self, path: &str, entry: Entry) {
        if path == LOCK {
            self.lock = OnceLock::new();
        }
        match TreePath::new(path) {
            Some(path) => {
                self.files.insert(path, entry);
            }
            None => self.strange.push(path.to_owned()),
        }
    }

    /// Returns a snapshot of nothing, since something that is no directory stands at this path on the way.
    pub fn obstructed(path: String, what: &'static str) -> Self {
        Self { obstacle: Some((path, what)), ..Self::default() }
    }

    /// Returns what stands in the place of the directory itself, or of one above it: its path, and what it is.
    pub fn obstacle(&self) -> Option<(&str, &'static str)> {
        self.obstacle.as_ref().map(|(path, what)| (path.as_str(), *what))
    }

    /// Paths that no tree of ours could hold: hidden files, odd names.
    pub fn strange(&self) -> &[String] {
        &self.strange
    }

    /// Returns every path and what stands there.
    pub fn files(&self) -> &BTreeMap<TreePath, Entry> {
        &self.files
    }

    /// Returns whether nothing stands there at all.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.strange.is_empty() && self.obstacle.is_none()
    }

    /// Returns the text of a file; `None` if there is none, or if it is not UTF-8.
    pub fn text(&self, path: &TreePath) -> Option<&str> {
        std::str::from_utf8(self.files.get(path)?.bytes()?).ok()
    }

    /// Returns whether all files are here, and none was left out.
    pub fn is_whole(&self) -> bool {
        self.standing.is_empty()
    }

    /// Returns whether a file stands in a directory, or below that.
    pub fn has_below(&self, directory: &str) -> bool {
        tree::is_below(&self.files, directory) || tree::stands_below(&self.standing, directory)
    }

    /// Takes note that further files stand here, as the new tree has them. They are left out of the lock too: what is here is
    /// compared with a tree that leaves them out.
    pub fn leave_out(&mut self, standing: &Standing<'_>, mut lock: Lock) {
        lock.retain(|path, _| {
            let (directory, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
            let files = standing.get(directory).map(|standing| &standing.files);
            files.is_none_or(|files| files.binary_search_by(|file| file.name.cmp(name)).is_err())
        });
        self.lock = OnceLock::from(Ok(Some(lock)));
        self.standing = standing.keys().map(|directory| (*directory).to_owned()).collect();
    }

    /// Takes this for what the lock says: where a merge is unresolved, two sides of it say so.
    pub fn take_for_lock(&mut self, lock: Lock) {
        self.lock = OnceLock::from(Ok(Some(lock)));
    }

    /// Returns the ledger of the tree; `None` if there is none.
    ///
    /// # Errors
    /// The lock is no lock any more, as a merge conflict or a hand leaves it.
    pub fn lock(&self) -> Result<Option<&Lock>, &BrokenLock> {
        self.lock.get_or_init(|| self.parsed()).as_ref().map(Option::as_ref)
    }

    fn parsed(&self) -> Result<Option<Lock>, BrokenLock> {
        let Some(path) = TreePath::new(LOCK) else { return Ok(None) };
        match self.files.get(&path) {
            None => Ok(None),
            Some(_) => match self.text(&path) {
                Some(text) => Lock::parse(text).map(Some),
                None => Err(BrokenLock { line: 1, text: "bytes that are not text".to_owned() }),
            },
        }
    }

    /// Returns files that the lock knows and whose content is not what the lock says: edited by a hand.
    pub fn edited(&self, lock: &Lock) -> Vec<TreePath> {
        let differs = |(path, digest): &(&TreePath, &Digest)| {
            self.files
                .get(*path)
                .is_some_and(|entry| entry.bytes().map(Digest::hash).as_ref() != Some(*digest))
        };
        lock.files().iter().filter(differs).map(|(path, _)| path.clone()).collect()
    }
}
