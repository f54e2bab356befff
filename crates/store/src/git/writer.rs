//! The objects of a new tree: blobs that are not there yet, and the directories above them. They are collected in memory, and
//! [stored](super::store) when all are known.

use std::borrow::Cow;
use std::collections::{BTreeMap, btree_map};

use git2::{ObjectType, Odb, OdbLookupFlags, Oid};

use super::directory::Directory;
use super::{GitError, failed, id};
use sovereign_compile::tree::{Lock, Tree, TreePath};
use sovereign_text::parallel;

/// What is to stand below one root: a compiled tree, and the lock of the tree before it.
pub struct Change<'a> {
    /// The new tree.
    pub tree: &'a Tree,
    /// The ledger of the old one: what it lists and the new tree lacks is removed.
    pub old: Option<&'a Lock>,
}

/// A single file that is to stand at a path in the repository.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    /// The path.
    pub path: &'a str,
    /// Its content.
    pub text: &'a str,
}

/// What is to stand at a place.
#[derive(Clone, Copy)]
pub(super) enum Put<'a> {
    Tree(&'a Change<'a>),
    File(&'a str),
}

/// What is to stand somewhere, and where, from the directory that is being written.
pub(super) type Place<'a> = (Vec<&'a str>, Put<'a>);

/// An object that the repository does not have yet.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub(super) kind: ObjectType,
    pub(super) content: Cow<'a, [u8]>,
}

/// Objects by their ids.
pub(super) type Objects<'a> = BTreeMap<Oid, Object<'a>>;

/// A file that a directory is to hold, by its path from there.
#[derive(Clone, Copy)]
struct Blob<'a> {
    path: &'a str,
    text: &'a str,
    id: Oid,
}

/// What a directory is to hold, and what goes from it, by paths from there.
#[derive(Default)]
struct Below<'a> {
    files: Vec<Blob<'a>>,
    gone: Vec<&'a str>,
}

/// Collects blobs and trees.
pub(super) struct Writer<'a> {
    repository: &'a git2::Repository,
    odb: Odb<'a>,
    pub(super) new: Objects<'a>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(repository: &'a git2::Repository) -> Result<Self, GitError> {
        let odb = repository.odb().map_err(cannot())?;
        Ok(Self { repository, odb, new: Objects::new() })
    }

    /// Replaces the subtrees at some places below a tree, making the directories on the way. Each directory is
    /// written once, however many places are in it.
    pub(super) fn graft(&mut self, tree: Option<Oid>, places: &[Place<'a>]) -> Result<Oid, GitError> {
        let mut directory = self.read(tree)?;
        let mut below: BTreeMap<&str, Vec<Place<'a>>> = BTreeMap::new();
        for (parts, put) in places {
            if let Some((first, rest)) = parts.split_first() {
                below.entry(first).or_default().push((rest.to_vec(), *put));
            }
        }
        for (name, places) in below {
            let old = directory.directory(name);
            let new = match places.iter().find(|(parts, _)| parts.is_empty()) {
                Some((_, Put::Tree(change))) => self.fill(old, change)?,
                Some((_, Put::File(text))) => {
                    let id = id::of_text(text).map_err(cannot())?;
                    self.add(id, ObjectType::Blob, Cow::Borrowed(text.as_bytes()))?;
                    directory.put_file(name, id);
                    continue;
                }
                None => self.graft(old, &places)?,
            };
            directory.put_directory(name, new);
        }
        self.directory(&directory, tree)
    }

    /// Returns the subtree of one Sovereign: foreign entries as they were, ours as they are to be.
    fn fill(&mut self, old: Option<Oid>, change: &'a Change<'a>) -> Result<Oid, GitError> {
        let gone = change.old.iter().flat_map(|lock| lock.files().keys());
        let gone = gone.filter(|path| !change.tree.files().contains_key(*path)).map(TreePath::as_str);
        let wanted = Below { files: files(change.tree)?, gone: gone.collect() };
        let filled = self.fill_directory(old, wanted)?;
        filled.ok_or_else(|| GitError::Failed {
            action: "write the tree".to_owned(),
            reason: "it has no files".to_owned(),
        })
    }

    /// Returns one directory and all below; `None` if nothing is left in it. Paths are sorted and relative to it.
    fn fill_directory(&mut self, old: Option<Oid>, wanted: Below<'a>) -> Result<Option<Oid>, GitError> {
        let mut directory = self.read(old)?;
        let mut below: BTreeMap<&str, Below<'a>> = BTreeMap::new();
        let mut here = Vec::new();
        for file in wanted.files {
            match file.path.split_once('/') {
                Some((name, path)) => below.entry(name).or_default().files.push(Blob { path, ..file }),
                None => here.push(file),
            }
        }
        for path in wanted.gone {
            if let Some((name, rest)) = path.split_once('/') {
                below.entry(name).or_default().gone.push(rest);
            } else if directory.directory(path).is_none() {
                // Only a file: if somebody has put a directory there, it is theirs.
                directory.remove(path);
            }
        }
        for (name, wanted) in below {
            match self.fill_directory(directory.directory(name), wanted)? {
                Some(id) => directory.put_directory(name, id),
                // What is no directory is somebody else's.
                None if directory.directory(name).is_some() => directory.remove(name),
                None => {}
            }
        }
        // Last, since a file may stand where a directory of ours has just gone.
        for Blob { path, text, id } in here {
            if directory.id(path) != Some(id) {
                self.add(id, ObjectType::Blob, Cow::Borrowed(text.as_bytes()))?;
            }
            directory.put_file(path, id);
        }
        if directory.is_empty() { Ok(None) } else { self.directory(&directory, old).map(Some) }
    }

    fn read(&self, tree: Option<Oid>) -> Result<Directory, GitError> {
        let tree = tree.map(|id| self.repository.find_tree(id)).transpose().map_err(cannot())?;
        Ok(tree.as_ref().map(Directory::new).unwrap_or_default())
    }

    fn directory(&mut self, directory: &Directory, old: Option<Oid>) -> Result<Oid, GitError> {
        let bytes = directory.bytes();
        let id = id::of_tree(&bytes).map_err(cannot())?;
        if old != Some(id) {
            self.add(id, ObjectType::Tree, Cow::Owned(bytes))?;
        }
        Ok(id)
    }

    /// Collects an object that the old tree does not hold in its place.
    fn add(&mut self, id: Oid, kind: ObjectType, content: Cow<'a, [u8]>) -> Result<(), GitError> {
        if let btree_map::Entry::Vacant(place) = self.new.entry(id) {
            if self.odb.exists_ext(id, OdbLookupFlags::NO_REFRESH) {
                // Perhaps nothing holds it, and `git gc` is about to prune what is old: this makes it young.
                self.odb.write(kind, &content).map_err(cannot())?;
            } else {
                place.insert(Object { kind, content });
            }
        }
        Ok(())
    }
}

/// Returns the files of a tree with the ids of their blobs, sorted by path.
fn files(tree: &Tree) -> Result<Vec<Blob<'_>>, GitError> {
    let texts: Vec<(&TreePath, &String)> = tree.files().iter().collect();
    let blobs = parallel::map(&texts, |(path, text)| {
        let id = id::of_text(text)?;
        Ok(Blob { path: path.as_str(), text, id })
    });
    blobs.into_iter().collect::<Result<_, _>>().map_err(cannot())
}

fn cannot() -> impl FnOnce(git2::Error) -> GitError {
    failed("write the tree")
}
