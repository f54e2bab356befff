//! What is staged: the index, read by place, never whole blobs of what is not ours. A split or a sparse index is read by the
//! `git` program, which alone knows all of its parts.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{ErrorClass, IndexEntry, Oid};

use super::{GitError, NamedEntry, Repository, SUBMODULE, SYMLINK, failed, id, program};
use crate::conflict;
use sovereign_change::snapshot::{Entry, Snapshot};
use sovereign_compile::build_cache::Standing;
use sovereign_compile::tree::{LOCK, Lock, Tree, TreePath};
use sovereign_text::digest::Digest;

/// What need not be read: texts by the ids that their blobs have, since who holds a tree already reads no object for what is
/// the same elsewhere; and files that stand as the tree has them.
#[derive(Debug, Default)]
pub struct Known<'a> {
    tree: Option<&'a Tree>,
    standing: Option<&'a Standing<'a>>,
    /// Computed when the first id is asked for: a first commit asks for none.
    texts: OnceCell<BTreeMap<Oid, &'a str>>,
}

impl<'a> Known<'a> {
    /// Returns the texts of a tree.
    pub fn new(tree: &'a Tree) -> Self {
        Self { tree: Some(tree), ..Self::default() }
    }

    /// Returns the same, and files that stand already: these are left out of a snapshot.
    #[must_use]
    pub fn beside(self, standing: &'a Standing<'a>) -> Self {
        Self { standing: Some(standing), ..self }
    }

    /// Returns whether all of a directory stands already.
    pub(super) fn is_whole(&self, directory: &str) -> bool {
        self.standing.and_then(|standing| standing.get(directory)).is_some_and(|standing| standing.is_whole)
    }

    /// Returns whether a file stands already.
    pub(super) fn stands(&self, directory: &str, name: &str) -> bool {
        let files = self.standing.and_then(|standing| standing.get(directory));
        files.is_some_and(|standing| standing.files.binary_search_by(|file| file.name.cmp(name)).is_ok())
    }

    /// Returns the text behind an id.
    pub fn text(&self, id: Oid) -> Option<&'a str> {
        let tree = self.tree?;
        let texts = self.texts.get_or_init(|| {
            let texts =
                tree.files().values().filter_map(|text| Some((id::of_text(text).ok()?, text.as_str())));
            texts.collect()
        });
        texts.get(&id).copied()
    }
}

/// The bits of an index entry's flags that say on which side of an unresolved merge it stands.
const STAGE: u16 = 0x3000;
/// These sides.
const OURS: u16 = 2;
const THEIRS: u16 = 3;

/// One entry of the index.
struct Staged {
    path: String,
    mode: i32,
    id: Oid,
    /// 0, unless a merge is unresolved: then the side on which it stands.
    side: u16,
}

/// Which entries are asked for.
#[derive(Clone, Copy)]
enum Which<'a> {
    /// The file at a path.
    At(&'a str),
    /// All below a directory.
    Below(&'a str),
    /// All files of a name.
    Named(&'a str),
}

impl Which<'_> {
    fn is(self, path: &str) -> bool {
        match self {
            Self::At(at) => path == at,
            Self::Below(directory) => path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')),
            Self::Named(name) => path.rsplit('/').next() == Some(name),
        }
    }

    /// As a pattern of Git that matches these, and perhaps more.
    fn pattern(self) -> String {
        match self {
            Self::At(path) | Self::Below(path) => format!(":(literal,top){path}"),
            Self::Named(name) => format!(":(glob,top)**/{name}"),
        }
    }
}

impl Staged {
    fn new(entry: &IndexEntry) -> Self {
        Self {
            path: String::from_utf8_lossy(&entry.path).into_owned(),
            mode: i32::try_from(entry.mode).unwrap_or_default(),
            id: entry.id,
            side: (entry.flags & STAGE) >> 12,
        }
    }

    /// Parses an item of `git ls-files --stage -z`: mode, id and side, a tab, and the path.
    fn parse(item: &str) -> Option<Self> {
        let (head, path) = item.split_once('\t')?;
        let mut head = head.split(' ');
        let mode = i32::from_str_radix(head.next()?, 8).ok()?;
        let id = Oid::from_str(head.next()?).ok()?;
        Some(Self { path: path.to_owned(), mode, id, side: head.next()?.parse().ok()? })
    }

    /// Returns what it is, if it is no plain file.
    fn other(&self) -> Option<&'static str> {
        match self.mode {
            SYMLINK => Some("a symlink"),
            SUBMODULE => Some("a submodule"),
            _ => None,
        }
    }
}

impl Repository {
    /// Returns the index: the file that Git's environment names, or the repository's own.
    pub(super) fn index_file(&self) -> PathBuf {
        self.index.clone().unwrap_or_else(|| self.inner().path().join("index"))
    }

    /// Returns the parts of this repository, for the `git` program.
    pub(super) fn place(&self) -> program::Place<'_> {
        program::Place {
            repository: self.inner().path(),
            worktree: self.worktree(),
            index: self.index.as_deref(),
        }
    }

    /// Returns the paths that differ between what is checked out and what is staged, as far as these patterns of Git match.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_changes(&self, patterns: &[&str]) -> Result<Vec<String>, GitError> {
        // The program, since libgit2 reads every tree of HEAD; Git knows from the index which are the same.
        program::staged_changes(&self.place(), self.head()?.is_some(), patterns)
    }

    /// Returns the entries that are asked for, sorted by path, all sides of an unresolved merge included.
    fn entries(&self, which: Which<'_>) -> Result<Vec<Staged>, GitError> {
        let index = match self.inner().index() {
            Ok(index) if !self.only_git_reads_index => index,
            Err(error) if error.class() != ErrorClass::Index => return Err(failed("read the index")(error)),
            Ok(_) | Err(_) => return self.listed(which),
        };
        let entries = match which {
            Which::At(path) => index.get_path(Path::new(path), 0).iter().map(Staged::new).collect(),
            Which::Below(path) => {
                // The index is sorted, so they stand together.
                let first = index.find_prefix(path).unwrap_or(index.len());
                let entries = (first..index.len()).map_while(|at| index.get(at));
                let entries = entries.take_while(|entry| entry.path.starts_with(path.as_bytes()));
                entries.map(|entry| Staged::new(&entry)).filter(|entry| which.is(&entry.path)).collect()
            }
            Which::Named(name) => {
                let ends = index.iter().filter(|entry| entry.path.ends_with(name.as_bytes()));
                ends.map(|entry| Staged::new(&entry)).filter(|entry| which.is(&entry.path)).collect()
            }
        };
        Ok(entries)
    }

    /// Returns the same, from Git.
    fn listed(&self, which: Which<'_>) -> Result<Vec<Staged>, GitError> {
        let arguments = ["ls-files", "--cached", "--stage", "-z", "--", &which.pattern()];
        let output = program::git_at(&self.place(), &arguments)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.split('\0').filter_map(Staged::parse).filter(|entry| which.is(&entry.path)).collect())
    }

    /// Returns the files below a root in the index: what is staged.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged(&self, root: &TreePath) -> Result<Snapshot, GitError> {
        self.staged_beside(root, &Known::default())
    }

    /// Returns the same, with texts that are known already.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_beside(&self, root: &TreePath, known: &Known<'_>) -> Result<Snapshot, GitError> {
        let prefix = format!("{root}/");
        let mut snapshot = Snapshot::default();
        let entries = self.entries(Which::Below(root.as_str()))?;
        for entry in entries.iter().filter(|entry| entry.side == 0) {
            let Some(below) = entry.path.strip_prefix(&prefix) else { continue };
            let staged = match entry.other() {
                Some(what) => Entry::Other(what),
                None => Entry::File(self.content(entry, known)?),
            };
            snapshot.insert(below, staged);
        }
        if !self.entries(Which::At(root.as_str()))?.is_empty() {
            snapshot.insert(".", Entry::Other("a file where the directory must be"));
        }
        let unmerged = entries.iter().filter(|entry| entry.side == OURS || entry.side == THEIRS);
        let unmerged: Vec<(&str, &Staged)> =
            unmerged.filter_map(|entry| Some((entry.path.strip_prefix(&prefix)?, entry))).collect();
        self.unmerged(&unmerged, &mut snapshot)?;
        Ok(snapshot)
    }

    /// Adds what a merge has left that is not resolved, by path below the root: a side that was
    /// edited by hand, so that nobody loses it. Sides that we wrote are left out, as if they were gone.
    fn unmerged(&self, entries: &[(&str, &Staged)], snapshot: &mut Snapshot) -> Result<(), GitError> {
        let mut contents = Vec::with_capacity(entries.len());
        for (path, entry) in entries {
            contents.push((*path, entry.side, self.content(entry, &Known::default())?));
        }
        let lock = |side| {
            let mut sides = contents.iter().filter(|(path, of, _)| *path == LOCK && *of == side);
            sides.next().and_then(|(_, _, bytes)| Lock::parse(&String::from_utf8_lossy(bytes)).ok())
        };
        let staged =
            TreePath::new(LOCK).and_then(|path| snapshot.files().get(&path)?.bytes().map(<[u8]>::to_vec));
        let sides = match (lock(OURS), lock(THEIRS)) {
            (Some(ours), Some(theirs)) => Some([ours, theirs]),
            _ => staged.as_deref().and_then(conflict::sides_of_lock),
        };
        let Some(sides) = sides else { return Ok(()) };
        for (path, _, bytes) in contents.iter().filter(|(path, ..)| *path != LOCK) {
            let digest = Digest::hash(bytes);
            if !sides.iter().any(|lock| lock.files().get(*path) == Some(&digest)) {
                snapshot.insert(path, Entry::File(bytes.clone()));
            }
        }
        let standing = |path: &TreePath| snapshot.files().get(path)?.bytes().map(<[u8]>::to_vec);
        let lock = conflict::reconcile(sides, standing);
        snapshot.take_for_lock(lock);
        Ok(())
    }

    fn content(&self, entry: &Staged, known: &Known<'_>) -> Result<Vec<u8>, GitError> {
        if let Some(text) = known.text(entry.id) {
            return Ok(text.as_bytes().to_vec());
        }
        let blob = self.inner().find_blob(entry.id);
        let blob = blob.map_err(|error| failed(format!("read the staged {}", entry.path))(error))?;
        Ok(blob.content().to_vec())
    }

    /// Returns a staged file; `None` if nothing is staged there.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_file(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let entries = self.entries(Which::At(path))?;
        let entry = entries.iter().find(|entry| entry.side == 0 && entry.other().is_none());
        entry.map(|entry| self.content(entry, &Known::default())).transpose()
    }

    /// Returns where a staged symlink points to, as it is written; `None` if none is staged there.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_link(&self, path: &str) -> Result<Option<String>, GitError> {
        let entries = self.entries(Which::At(path))?;
        let entry = entries.iter().find(|entry| entry.side == 0 && entry.mode == SYMLINK);
        let content = entry.map(|entry| self.content(entry, &Known::default())).transpose()?;
        Ok(content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Returns what is staged directly in a directory, by name.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_list(&self, directory: &str) -> Result<Vec<NamedEntry>, GitError> {
        let prefix = format!("{directory}/");
        let mut found: Vec<NamedEntry> = Vec::new();
        for entry in self.entries(Which::Below(directory))?.iter().filter(|entry| entry.side == 0) {
            let Some(below) = entry.path.strip_prefix(&prefix) else { continue };
            let (name, is_deeper) = match below.split_once('/') {
                Some((name, _)) => (name, true),
                None => (below, false),
            };
            if found.last().is_some_and(|last| last.name == name) {
                continue;
            }
            let content = match entry.other() {
                _ if is_deeper => Entry::Other("a directory"),
                Some(what) => Entry::Other(what),
                None => Entry::File(self.content(entry, &Known::default())?),
            };
            found.push(NamedEntry { name: name.to_owned(), content });
        }
        Ok(found)
    }

    /// Returns whether anything is staged below a root.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn is_staged(&self, root: &TreePath) -> Result<bool, GitError> {
        Ok(!self.entries(Which::Below(root.as_str()))?.is_empty())
    }

    /// Returns the staged paths that end with a name.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_named(&self, name: &str) -> Result<Vec<String>, GitError> {
        let entries = self.entries(Which::Named(name))?.into_iter().filter(|entry| entry.side == 0);
        Ok(entries.map(|entry| entry.path).collect())
    }

    /// Returns whether the index is the one that Git makes for `git commit <path>`: it is thrown away after the commit.
    pub fn index_is_temporary(&self) -> bool {
        let file = self.index_file();
        file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("next-index-"))
    }
}
