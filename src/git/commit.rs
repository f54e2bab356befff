//! Commits without a work tree: the base tree with only our paths changed.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ErrorCode, FileMode, ObjectType, Odb, OdbLookupFlags, Oid, Signature};

use super::{GitError, Repository, failed, program};
use crate::tree::{Lock, Tree, TreePath};

/// What is to stand below one root: a compiled tree, and the lock of the tree before it.
pub struct Change<'a> {
    /// The new tree.
    pub tree: &'a Tree,
    /// The ledger of the old one: what it lists and the new tree lacks is removed.
    pub old: Option<Lock>,
}

/// Who makes a commit, and when.
#[derive(Clone)]
pub struct Identity {
    author: Signature<'static>,
    committer: Signature<'static>,
    sign: bool,
}

impl Identity {
    /// What the environment and the configuration of a repository say.
    ///
    /// # Errors
    /// Git does not know who the user is.
    pub fn of(repository: &Repository) -> Result<Self, GitError> {
        let directory = repository.directory();
        let author = signature(&program::identity(directory, "GIT_AUTHOR_IDENT")?)?;
        let committer = signature(&program::identity(directory, "GIT_COMMITTER_IDENT")?)?;
        let config = repository.inner().config().map_err(failed("read the configuration"))?;
        let sign = config.get_bool("commit.gpgsign").unwrap_or(false);
        Ok(Self { author, committer, sign })
    }
}

/// Parses `Name <mail> seconds zone`.
fn signature(text: &str) -> Result<Signature<'static>, GitError> {
    let malformed =
        || GitError::Failed { action: "read who commits".to_owned(), reason: format!("git said `{text}`") };
    let (name, rest) = text.split_once(" <").ok_or_else(malformed)?;
    let (mail, when) = rest.split_once("> ").ok_or_else(malformed)?;
    let (seconds, zone) = when.split_once(' ').ok_or_else(malformed)?;
    let seconds: i64 = seconds.parse().map_err(|_| malformed())?;
    let zone: i32 = zone.parse().map_err(|_| malformed())?;
    let minutes = zone / 100 * 60 + zone % 100;
    Signature::new(name, mail, &git2::Time::new(seconds, minutes)).map_err(failed("read who commits"))
}

/// How many files are worth a pack of their own instead of a file each.
const PACK_FROM: usize = 512;

impl Repository {
    /// The root tree with these changes laid over that of a commit. The same id as the base's means that nothing
    /// changes. Blobs and trees are written, the branch is not touched.
    ///
    /// # Errors
    /// The repository cannot be read or written.
    pub fn write_tree(&self, base: Option<Oid>, changes: &[Change<'_>]) -> Result<Oid, GitError> {
        let cannot = || failed("write the tree");
        let base = base.map(|commit| self.tree(commit)).transpose()?;
        // In memory first, and in an object database of its own: in the repository's, whatever is written later
        // would go to the memory too, and be lost with it.
        let odb = Odb::new().map_err(cannot())?;
        let objects = self.inner().commondir().join("objects");
        odb.add_disk_alternate(&objects.to_string_lossy()).map_err(cannot())?;
        let _memory = odb.add_new_mempack_backend(1000).map_err(cannot())?;
        let scratch = git2::Repository::from_odb(odb).map_err(cannot())?;
        let odb = scratch.odb().map_err(cannot())?;
        let mut writer = Writer { repository: &scratch, odb: &odb, new: BTreeSet::new() };
        let places: Vec<_> =
            changes.iter().map(|change| (change.tree.root().as_str().split('/').collect(), change)).collect();
        let root = writer.graft(base.as_ref().map(git2::Tree::id), &places)?;
        let new = writer.new;
        if new.len() >= PACK_FROM {
            self.write_pack(&scratch, &new)?;
        } else {
            let disk = self.inner().odb().map_err(cannot())?;
            for id in new {
                let object = odb.read(id).map_err(cannot())?;
                disk.write(object.kind(), object.data()).map_err(cannot())?;
            }
        }
        Ok(root)
    }

    /// Writes new objects of a database in memory as one pack. Not what hangs on them: most of that is there.
    fn write_pack(&self, scratch: &git2::Repository, new: &BTreeSet<Oid>) -> Result<(), GitError> {
        let cannot = || failed("write the pack");
        let mut builder = scratch.packbuilder().map_err(cannot())?;
        // As many as there are processors.
        builder.set_threads(0);
        for id in new {
            builder.insert_object(*id, None).map_err(cannot())?;
        }
        let odb = self.inner().odb().map_err(cannot())?;
        let mut writer = odb.packwriter().map_err(cannot())?;
        let mut problem = None;
        let told = builder.foreach(|bytes| {
            problem = std::io::Write::write_all(&mut writer, bytes).err();
            problem.is_none()
        });
        if let Some(error) = problem {
            return Err(GitError::Failed { action: "write the pack".to_owned(), reason: error.to_string() });
        }
        told.map_err(cannot())?;
        writer.commit().map_err(cannot())?;
        Ok(())
    }
}

/// A change and where it belongs, from the directory that is being written.
type Place<'a> = (Vec<&'a str>, &'a Change<'a>);

/// What a directory is to hold and what goes from it, by paths from there.
type Below<'a> = (Vec<(&'a str, &'a str)>, Vec<&'a str>);

/// Writes blobs and trees, and remembers which.
struct Writer<'a> {
    repository: &'a git2::Repository,
    odb: &'a Odb<'a>,
    new: BTreeSet<Oid>,
}

impl Writer<'_> {
    /// Replaces the subtrees at some places below a tree, making the directories on the way. Each directory is
    /// written once, however many places are in it.
    fn graft(&mut self, tree: Option<Oid>, places: &[Place<'_>]) -> Result<Oid, GitError> {
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
            let entry = builder.get(name).map_err(cannot())?;
            let old = entry.filter(|e| e.kind() == Some(ObjectType::Tree)).map(|e| e.id());
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

    /// The subtree of one Sovereign: foreign entries as they were, ours as they are to be.
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
        self.directory_of(old, &files, &gone).map(|id| id.unwrap_or(Oid::ZERO_SHA1))
    }

    /// One directory and all below; `None` if nothing is left in it. Paths are sorted and relative to it.
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
            } else {
                let id = self.blob(builder.get(path).map_err(cannot())?.map(|e| e.id()), text)?;
                builder.insert(path, id, FileMode::Blob.into()).map_err(cannot())?;
            }
        }
        for path in gone {
            match path.split_once('/') {
                Some((directory, rest)) => below.entry(directory).or_default().1.push(rest),
                None if builder.get(path).map_err(cannot())?.is_some() => {
                    builder.remove(path).map_err(cannot())?;
                }
                None => {}
            }
        }
        for (directory, (files, gone)) in below {
            let entry = builder.get(directory).map_err(cannot())?.map(|entry| entry.id());
            let old = entry.and_then(|id| self.repository.find_tree(id).ok());
            match self.directory_of(old.as_ref(), &files, &gone)? {
                Some(id) => {
                    builder.insert(directory, id, FileMode::Tree.into()).map_err(cannot())?;
                }
                None if entry.is_some() => builder.remove(directory).map_err(cannot())?,
                None => {}
            }
        }
        if builder.is_empty() { Ok(None) } else { self.tree(&builder).map(Some) }
    }

    fn tree(&mut self, builder: &git2::TreeBuilder<'_>) -> Result<Oid, GitError> {
        let id = builder.write().map_err(failed("write the tree"))?;
        self.new.insert(id);
        Ok(id)
    }

    /// The blob of a text; written only where the old entry is another one and no object holds it yet.
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

impl Repository {
    /// Makes a commit object. Equal arguments give an equal id.
    ///
    /// # Errors
    /// It cannot be written or signed.
    pub fn write_commit(
        &self,
        (tree, parent): (Oid, Option<Oid>),
        message: &str,
        identity: &Identity,
    ) -> Result<Oid, GitError> {
        if identity.sign {
            return program::signed_commit(self.directory(), (tree, parent), message);
        }
        let cannot = || failed("write the commit");
        let tree = self.inner().find_tree(tree).map_err(cannot())?;
        let parent = parent.map(|id| self.inner().find_commit(id)).transpose().map_err(cannot())?;
        let parents: Vec<_> = parent.iter().collect();
        self.inner()
            .commit(None, &identity.author, &identity.committer, message, &tree, &parents)
            .map_err(cannot())
    }

    /// Moves a branch from one commit to another, if it still stands at the first. `false` if it does not.
    ///
    /// # Errors
    /// The reference cannot be written.
    pub fn move_branch(
        &self,
        name: &str,
        from: Option<Oid>,
        (to, log): (Oid, &str),
    ) -> Result<bool, GitError> {
        let moved = match from {
            Some(from) => self.inner().reference_matching(name, to, true, from, log),
            None => self.inner().reference(name, to, false, log),
        };
        match moved {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(
                    error.code(),
                    ErrorCode::Modified | ErrorCode::Exists | ErrorCode::Locked | ErrorCode::NotFound
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(failed(format!("move {name}"))(error)),
        }
    }

    /// Whether one commit is among the ancestors of another, or the same.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn is_ancestor(&self, ancestor: Oid, of: Oid) -> Result<bool, GitError> {
        if ancestor == of {
            return Ok(true);
        }
        self.inner().graph_descendant_of(of, ancestor).map_err(failed("read the history"))
    }
}
