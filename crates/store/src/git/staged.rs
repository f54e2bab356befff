//! What is staged: the index, read by place, never whole blobs of what is not ours.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;

use git2::{IndexEntry, Oid};

use super::{GitError, Repository, SUBMODULE, SYMLINK, failed, id, program};
use sovereign_change::snapshot::{Entry, Snapshot};
use sovereign_compile::build_cache::Standing;
use sovereign_compile::tree::{Tree, TreePath};

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

impl Repository {
    /// Returns the paths that differ between what is checked out and what is staged, as far as these patterns of Git match.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_changes(&self, patterns: &[&str]) -> Result<Vec<String>, GitError> {
        // The program, since libgit2 reads every tree of HEAD; Git knows from the index which are the same.
        let listing: &[&str] = match self.head()? {
            Some(_) => &["diff-index", "--cached", "--no-renames", "--name-only", "-z", "HEAD", "--"],
            None => &["ls-files", "--cached", "-z", "--"],
        };
        let index = self.inner().index().map_err(failed("read the index"))?;
        let place = program::Place {
            repository: self.inner().path(),
            worktree: self.worktree(),
            index: index.path(),
        };
        let output = program::git_at(&place, &[listing, patterns].concat())?;
        let paths = output.stdout.split(|&b| b == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
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
        for entry in self.staged_below(&prefix)? {
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            let Some(below) = path.strip_prefix(&prefix) else { continue };
            let staged = match i32::try_from(entry.mode).unwrap_or_default() {
                SYMLINK => Entry::Other("a symlink"),
                SUBMODULE => Entry::Other("a submodule"),
                _ => Entry::File(self.content(&entry, known)?),
            };
            snapshot.insert(below, staged);
        }
        let index = self.inner().index().map_err(failed("read the index"))?;
        if index.get_path(Path::new(root.as_str()), 0).is_some() {
            snapshot.insert(".", Entry::Other("a file where the directory must be"));
        }
        Ok(snapshot)
    }

    fn content(&self, entry: &IndexEntry, known: &Known<'_>) -> Result<Vec<u8>, GitError> {
        if let Some(text) = known.text(entry.id) {
            return Ok(text.as_bytes().to_vec());
        }
        let blob = self.inner().find_blob(entry.id).map_err(|error| {
            failed(format!("read the staged {}", String::from_utf8_lossy(&entry.path)))(error)
        })?;
        Ok(blob.content().to_vec())
    }

    /// Returns the entries below a directory, whose name ends with `/`; the index is sorted, so they stand together.
    fn staged_below(&self, prefix: &str) -> Result<Vec<IndexEntry>, GitError> {
        let index = self.inner().index().map_err(failed("read the index"))?;
        let first = index.find_prefix(prefix).unwrap_or(index.len());
        let entries = (first..index.len()).map_while(|at| index.get(at));
        let below = entries.take_while(|entry| entry.path.starts_with(prefix.as_bytes()));
        Ok(below.filter(|entry| entry.flags & STAGE == 0).collect())
    }

    /// Returns a staged file; `None` if nothing is staged there.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_file(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let index = self.inner().index().map_err(failed("read the index"))?;
        let Some(entry) = index.get_path(Path::new(path), 0) else { return Ok(None) };
        if matches!(i32::try_from(entry.mode).unwrap_or_default(), SYMLINK | SUBMODULE) {
            return Ok(None);
        }
        self.content(&entry, &Known::default()).map(Some)
    }

    /// Returns the staged files directly in a directory, by name.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_list(&self, directory: &str) -> Result<Vec<(String, Vec<u8>)>, GitError> {
        let prefix = format!("{directory}/");
        let mut files = Vec::new();
        for entry in self.staged_below(&prefix)? {
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            let name = path.strip_prefix(&prefix).filter(|name| !name.contains('/'));
            let plain = !matches!(i32::try_from(entry.mode).unwrap_or_default(), SYMLINK | SUBMODULE);
            if let (Some(name), true) = (name, plain) {
                files.push((name.to_owned(), self.content(&entry, &Known::default())?));
            }
        }
        Ok(files)
    }

    /// Returns whether anything is staged below a root.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn is_staged(&self, root: &TreePath) -> Result<bool, GitError> {
        let index = self.inner().index().map_err(failed("read the index"))?;
        Ok(index.find_prefix(format!("{root}/")).is_ok())
    }

    /// Returns the staged paths that end with a name.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn staged_named(&self, name: &str) -> Result<Vec<String>, GitError> {
        let index = self.inner().index().map_err(failed("read the index"))?;
        let mut paths = Vec::new();
        for entry in index.iter().filter(|entry| entry.path.ends_with(name.as_bytes())) {
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            if path.rsplit('/').next() == Some(name) && entry.flags & STAGE == 0 {
                paths.push(path);
            }
        }
        Ok(paths)
    }

    /// Returns whether the index is the one that Git makes for `git commit <path>`: it is thrown away after the commit.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn index_is_temporary(&self) -> Result<bool, GitError> {
        let index = self.inner().index().map_err(failed("read the index"))?;
        let name = index.path().and_then(Path::file_name);
        Ok(name.is_some_and(|name| name.to_string_lossy().starts_with("next-index-")))
    }
}
