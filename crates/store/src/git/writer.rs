//! Writing the objects of a tree: blobs that are not there yet, and the directories above them.

use std::collections::{BTreeMap, BTreeSet};

use git2::{FileMode, ObjectType, Odb, OdbLookupFlags, Oid};

use super::{GitError, failed};
use sovereign_compile::tree::{Lock, Tree, TreePath};

/// What is to stand below one root: a compiled tree, and the lock of the tree before it.
pub struct Change<'a> {
    /// The new tree.
    pub tree: &'a Tree,
    /// The ledger of the old one: what it lists and the new tree lacks is removed.
    pub old: Option<Lock>,
}

/// A change and where it belongs, from the directory that is being written.
pub(super) type Place<'a> = (Vec<&'a str>, &'a Change<'a>);

/// What a directory is to hold and what goes from it, by paths from there.
type Below<'a> = (Vec<(&'a str, &'a str)>, Vec<&'a str>);

/// Writes blobs and trees, and remembers which.
pub(super) struct Writer<'a> {
    pub(super) repository: &'a git2::Repository,
    pub(super) odb: &'a Odb<'a>,
    pub(super) new: BTreeSet<Oid>,
}

impl Writer<'_> {
    /// Replaces the subtrees at some places below a tree, making the directories on the way. Each directory is
    /// written once, however many places are in it.
    pub(super) fn graft(&mut self, tree: Option<Oid>, places: &[Place<'_>]) -> Result<Oid, GitError> {
        let cannot = || failed("write the tree");
        let tree = tree.map(|id| self.repository.find_tree(id)).transpose().map_err(cannot())?;
        let mut builder = self.repository.treebuilder(tree.as_ref()).map_err(cannot())?;
        let mut below: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
        for (parts, change) in places {
            if let Some((first, rest)) = parts.split_first() {
                below.entry(first).or_default().push((rest.to_vec(), change));
            }
        }
        for (name, places) in below {
            let old = directory(&builder, name)?;
            let new = match places.iter().find(|(parts, _)| parts.is_empty()) {
                Some((_, change)) => {
                    let old = old.map(|id| self.repository.find_tree(id)).transpose().map_err(cannot())?;
                    self.fill(old.as_ref(), change)?
                }
                None => self.graft(old, &places)?,
            };
            builder.insert(name, new, FileMode::Tree.into()).map_err(cannot())?;
        }
        self.tree(&builder)
    }

    /// Returns the subtree of one Sovereign: foreign entries as they were, ours as they are to be.
    fn fill(&mut self, old: Option<&git2::Tree<'_>>, change: &Change<'_>) -> Result<Oid, GitError> {
        let mut wanted: BTreeMap<&str, &str> = BTreeMap::new();
        for (path, text) in change.tree.files() {
            wanted.insert(path.as_str(), text);
        }
        let gone: Vec<&str> = change
            .old
            .iter()
            .flat_map(|lock| lock.files().keys())
            .map(TreePath::as_str)
            .filter(|path| !wanted.contains_key(path))
            .collect();
        let files: Vec<_> = wanted.into_iter().collect();
        let filled = self.directory_of(old, &files, &gone)?;
        filled.ok_or_else(|| GitError::Failed {
            action: "write the tree".to_owned(),
            reason: "it has no files".to_owned(),
        })
    }

    /// Returns one directory and all below; `None` if nothing is left in it. Paths are sorted and relative to it.
    fn directory_of(
        &mut self,
        old: Option<&git2::Tree<'_>>,
        files: &[(&str, &str)],
        gone: &[&str],
    ) -> Result<Option<Oid>, GitError> {
        let cannot = || failed("write the tree");
        let mut builder = self.repository.treebuilder(old).map_err(cannot())?;
        let mut below: BTreeMap<&str, Below<'_>> = BTreeMap::new();
        for (path, text) in files {
            if let Some((directory, rest)) = path.split_once('/') {
                below.entry(directory).or_default().0.push((rest, text));
            }
        }
        for path in gone {
            if let Some((directory, rest)) = path.split_once('/') {
                below.entry(directory).or_default().1.push(rest);
            } else if directory(&builder, path)?.is_none() && builder.get(path).map_err(cannot())?.is_some() {
                // Only a file: if somebody has put a directory there, it is theirs.
                builder.remove(path).map_err(cannot())?;
            }
        }
        for (name, (files, gone)) in below {
            let entry = directory(&builder, name)?;
            let old = entry.map(|id| self.repository.find_tree(id)).transpose().map_err(cannot())?;
            match self.directory_of(old.as_ref(), &files, &gone)? {
                Some(id) => {
                    builder.insert(name, id, FileMode::Tree.into()).map_err(cannot())?;
                }
                None if entry.is_some() => builder.remove(name).map_err(cannot())?,
                None => {}
            }
        }
        // Last, since a file may stand where a directory of ours has just gone.
        for (path, text) in files {
            if !path.contains('/') {
                let id = self.blob(builder.get(path).map_err(cannot())?.map(|e| e.id()), text)?;
                builder.insert(path, id, FileMode::Blob.into()).map_err(cannot())?;
            }
        }
        if builder.is_empty() { Ok(None) } else { self.tree(&builder).map(Some) }
    }

    fn tree(&mut self, builder: &git2::TreeBuilder<'_>) -> Result<Oid, GitError> {
        let id = builder.write().map_err(failed("write the tree"))?;
        self.new.insert(id);
        Ok(id)
    }

    /// Returns the blob of a text; written only where the old entry is another one and no object holds it yet.
    fn blob(&mut self, old: Option<Oid>, text: &str) -> Result<Oid, GitError> {
        let cannot = || failed("write a file");
        let id = Oid::hash_object(ObjectType::Blob, text.as_bytes()).map_err(cannot())?;
        if old == Some(id) || self.new.contains(&id) || self.odb.exists_ext(id, OdbLookupFlags::NO_REFRESH) {
            return Ok(id);
        }
        self.new.insert(id);
        self.odb.write(ObjectType::Blob, text.as_bytes()).map_err(cannot())
    }
}

/// Returns the directory of a name in a tree, if a directory stands there.
fn directory(builder: &git2::TreeBuilder<'_>, name: &str) -> Result<Option<Oid>, GitError> {
    let entry = builder.get(name).map_err(failed("write the tree"))?;
    Ok(entry.filter(|entry| entry.kind() == Some(ObjectType::Tree)).map(|entry| entry.id()))
}
