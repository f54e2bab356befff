//! The directories that Git calls trees, as data: read from the repository, changed, and put into bytes again.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use git2::Oid;

/// The modes of what is ours. Other modes are kept as they are.
const FILE: i32 = 0o100_644;
const DIRECTORY: i32 = 0o040_000;
/// The bits of a mode that say what kind of thing it is.
const KIND: i32 = 0o170_000;

/// What stands in one directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directory {
    entries: BTreeMap<Vec<u8>, Entry>,
}

/// A file, a directory, a symlink or a submodule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    mode: i32,
    id: Oid,
}

impl Entry {
    fn is_directory(self) -> bool {
        self.mode & KIND == DIRECTORY
    }
}

impl Directory {
    /// Returns what a tree of the repository holds.
    pub(super) fn new(tree: &git2::Tree<'_>) -> Self {
        let entry = |entry: git2::TreeEntry<'_>| {
            (entry.name_bytes().to_vec(), Entry { mode: entry.filemode_raw(), id: entry.id() })
        };
        Self { entries: tree.iter().map(entry).collect() }
    }

    /// Returns whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the id of whatever stands under a name.
    pub(super) fn id(&self, name: &str) -> Option<Oid> {
        self.entries.get(name.as_bytes()).map(|entry| entry.id)
    }

    /// Returns the id of the directory under a name, if a directory stands there.
    pub(super) fn directory(&self, name: &str) -> Option<Oid> {
        self.entries.get(name.as_bytes()).filter(|entry| entry.is_directory()).map(|entry| entry.id)
    }

    /// Puts a plain file there, whatever stood there before.
    pub(super) fn put_file(&mut self, name: &str, id: Oid) {
        self.entries.insert(name.as_bytes().to_vec(), Entry { mode: FILE, id });
    }

    /// Puts a directory there, whatever stood there before.
    pub(super) fn put_directory(&mut self, name: &str, id: Oid) {
        self.entries.insert(name.as_bytes().to_vec(), Entry { mode: DIRECTORY, id });
    }

    /// Removes what stands under a name.
    pub(super) fn remove(&mut self, name: &str) {
        self.entries.remove(name.as_bytes());
    }

    /// Returns the content of the tree object.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut sorted: Vec<_> = self.entries.iter().collect();
        sorted.sort_by(|one, other| order(*one, *other));
        let mut bytes = Vec::with_capacity(sorted.iter().map(|(name, _)| name.len() + 28).sum());
        for (name, entry) in sorted {
            bytes.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
            bytes.extend_from_slice(name);
            bytes.push(0);
            bytes.extend_from_slice(entry.id.as_bytes());
        }
        bytes
    }
}

/// Git sorts a directory as if its name ended with a slash.
fn order(one: (&Vec<u8>, &Entry), other: (&Vec<u8>, &Entry)) -> Ordering {
    let end = |entry: &Entry| entry.is_directory().then_some(&b'/');
    let (left, right) = (one.0.iter().chain(end(one.1)), other.0.iter().chain(end(other.1)));
    left.cmp(right)
}

#[cfg(test)]
mod tests {
    use git2::ObjectType;

    use super::*;

    fn id(of: &str) -> Oid {
        Oid::hash_object(ObjectType::Blob, of.as_bytes()).unwrap()
    }

    #[test]
    fn directories_are_sorted_as_git_sorts_them() {
        let scratch = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init_bare(scratch.path()).unwrap();
        let blob = repository.blob(b"text").unwrap();
        let below = repository.treebuilder(None).unwrap().write().unwrap();
        let (mut ours, mut theirs) = (Directory::default(), repository.treebuilder(None).unwrap());
        // `a` is a directory, so it comes after `a-b` and `a.b`, and before `a0`.
        for name in ["a.b", "a0", "a-b", "b", "ab"] {
            ours.put_file(name, blob);
            theirs.insert(name, blob, 0o100_644).unwrap();
        }
        ours.put_directory("a", below);
        theirs.insert("a", below, 0o040_000).unwrap();
        let expected = theirs.write().unwrap();
        assert_eq!(Oid::hash_object(ObjectType::Tree, &ours.bytes()).unwrap(), expected);
        assert_eq!(Directory::new(&repository.find_tree(expected).unwrap()), ours);
    }

    #[test]
    fn what_is_not_ours_keeps_its_mode() {
        let mut directory = Directory::default();
        directory.entries.insert(b"run".to_vec(), Entry { mode: 0o100_755, id: id("run") });
        directory.entries.insert(b"link".to_vec(), Entry { mode: 0o120_000, id: id("link") });
        directory.put_file("file", id("file"));
        let text = String::from_utf8_lossy(&directory.bytes()).into_owned();
        for line in ["100755 run\0", "120000 link\0", "100644 file\0"] {
            assert!(text.contains(line), "{text:?}");
        }
        assert_eq!(directory.directory("run"), None);
        assert_eq!(directory.id("run"), Some(id("run")));
    }
}
