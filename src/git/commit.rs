//! Commits without a work tree: the base tree with only our paths changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::{ErrorCode, FileMode, ObjectType, Oid, Signature};

use super::{GitError, Repository, failed, program, stale};
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
        let sign = program::signs(directory)?;
        Ok(Self { author, committer, sign })
    }
}

/// Where a branch stands after a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Where it was to go.
    Done,
    /// Somebody else has moved it in between.
    Elsewhere,
}

/// The trailer by which a commit of this program is known.
pub const OURS: &str = "Sovereign-Tree: ";

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

/// How many objects are worth a pack of their own instead of a file each.
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
        let missing = changes.iter().map(|change| self.missing_blobs(base.as_ref(), change)).sum::<usize>();
        let root = base.as_ref().map(git2::Tree::id);
        if missing < PACK_FROM {
            return Writer::of(self.inner()).lay_over(root, changes);
        }
        // Thousands of loose files are slow to write and slow to read; one pack is neither. The objects are made in
        // memory, behind a handle of its own, so that this one never sees an object that is not on disk.
        let apart = git2::Repository::open(self.inner().path()).map_err(cannot())?;
        let odb = apart.odb().map_err(cannot())?;
        let _memory = odb.add_new_mempack_backend(1000).map_err(cannot())?;
        let mut writer = Writer::of(&apart);
        let root = writer.lay_over(root, changes)?;
        let mut pack = apart.packbuilder().map_err(cannot())?;
        pack.set_threads(1);
        for id in writer.written {
            pack.insert_object(id, None).map_err(cannot())?;
        }
        let mut bytes = git2::Buf::new();
        pack.write_buf(&mut bytes).map_err(cannot())?;
        let odb = self.inner().odb().map_err(cannot())?;
        let mut file = odb.packwriter().map_err(cannot())?;
        std::io::Write::write_all(&mut file, &bytes).map_err(|error| GitError::Failed {
            action: "write the pack".to_owned(),
            reason: error.to_string(),
        })?;
        file.commit().map_err(cannot())?;
        odb.refresh().map_err(cannot())?;
        Ok(root)
    }

    /// How many files of a tree the base does not have as they are.
    fn missing_blobs(&self, base: Option<&git2::Tree<'_>>, change: &Change<'_>) -> usize {
        let entry = base.and_then(|base| base.get_path(Path::new(change.tree.root().as_str())).ok());
        let old = entry.and_then(|entry| self.inner().find_tree(entry.id()).ok());
        let Some(old) = old else { return change.tree.files().len() };
        let same = |(path, text): &(&TreePath, &String)| {
            let entry = old.get_path(Path::new(path.as_str())).ok();
            let id = Oid::hash_object(ObjectType::Blob, text.as_bytes()).ok();
            entry.map(|entry| entry.id()) == id
        };
        change.tree.files().len() - change.tree.files().iter().filter(same).count()
    }

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

    /// Moves a branch from one commit to another, if it still stands at the first.
    ///
    /// # Errors
    /// The reference cannot be written.
    pub fn move_branch(
        &self,
        name: &str,
        from: Option<Oid>,
        (to, log): (Oid, &str),
    ) -> Result<Moved, GitError> {
        if from == Some(to) {
            return Ok(Moved::Done);
        }
        let mut lock = stale::Watch::of(self.inner().commondir(), name);
        loop {
            let moved = match from {
                Some(from) => self.inner().reference_matching(name, to, true, from, log),
                None => self.inner().reference(name, to, false, log),
            };
            let Err(error) = moved else { return Ok(Moved::Done) };
            if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound) {
                return Ok(Moved::Elsewhere);
            }
            if error.code() != ErrorCode::Locked {
                return Err(failed(format!("move {name}"))(error));
            }
            // Somebody is just now moving it, which takes no time; or was killed at it.
            if let Some(held) = lock.wait(|content| self.is_of_ours(content)) {
                return Err(held);
            }
        }
    }

    /// Whether the content of a lock on a branch is what a killed run of this program leaves: nothing, or a commit
    /// that this program made.
    fn is_of_ours(&self, content: &str) -> bool {
        let text = content.trim();
        if text.is_empty() {
            return true;
        }
        let commit = Oid::from_str(text).and_then(|id| self.inner().find_commit(id));
        commit.is_ok_and(|commit| String::from_utf8_lossy(commit.message_bytes()).contains(OURS))
    }

    /// The roots of the trees that the commits between two commits wrote, if this program made every one of them
    /// and they touch nothing else. `None` if a person's work is among them.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn roots_of_ours(&self, after: Oid, until: Oid) -> Result<Option<Vec<String>>, GitError> {
        let cannot = || failed("read the history");
        let mut walk = self.inner().revwalk().map_err(cannot())?;
        walk.push(until).map_err(cannot())?;
        walk.hide(after).map_err(cannot())?;
        let mut roots = Vec::new();
        for id in walk {
            let commit = self.inner().find_commit(id.map_err(cannot())?).map_err(cannot())?;
            let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
            let own = message.lines().filter_map(|line| line.strip_prefix(OURS)?.split(' ').next());
            let own: Vec<String> = own.map(|root| format!("{root}/")).collect();
            if own.is_empty() || commit.parent_count() > 1 {
                return Ok(None);
            }
            let before = commit.parent(0).and_then(|parent| parent.tree()).ok();
            let now = commit.tree().map_err(cannot())?;
            let diff = self.inner().diff_tree_to_tree(before.as_ref(), Some(&now), None).map_err(cannot())?;
            let inside = |file: git2::DiffFile<'_>| {
                let path = file.path_bytes().map(|path| String::from_utf8_lossy(path).into_owned());
                path.is_none_or(|path| own.iter().any(|root| path.starts_with(root.as_str())))
            };
            if !diff.deltas().all(|delta| inside(delta.old_file()) && inside(delta.new_file())) {
                return Ok(None);
            }
            roots.extend(own.into_iter().map(|root| root.trim_end_matches('/').to_owned()));
        }
        Ok(Some(roots))
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

/// Writes blobs and trees, and remembers which.
struct Writer<'a> {
    repository: &'a git2::Repository,
    written: BTreeSet<Oid>,
}

impl<'a> Writer<'a> {
    fn of(repository: &'a git2::Repository) -> Self {
        Self { repository, written: BTreeSet::new() }
    }

    /// A root tree with the changes laid over it.
    fn lay_over(&mut self, base: Option<Oid>, changes: &[Change<'_>]) -> Result<Oid, GitError> {
        let mut root = base;
        for change in changes {
            let parts: Vec<&str> = change.tree.root().as_str().split('/').collect();
            root = Some(self.graft(root, &parts, change)?);
        }
        if let Some(root) = root {
            return Ok(root);
        }
        let empty = self.repository.treebuilder(None).and_then(|builder| builder.write());
        empty.map_err(failed("write the tree"))
    }

    /// Replaces the subtree at a path, making the directories on the way.
    fn graft(&mut self, tree: Option<Oid>, parts: &[&str], change: &Change<'_>) -> Result<Oid, GitError> {
        let cannot = || failed("write the tree");
        let tree = tree.map(|id| self.repository.find_tree(id)).transpose().map_err(cannot())?;
        let Some((first, rest)) = parts.split_first() else {
            return self.fill(tree.as_ref(), change);
        };
        let mut builder = self.repository.treebuilder(tree.as_ref()).map_err(cannot())?;
        let below = directory(&builder, first)?;
        let new = self.graft(below, rest, change)?;
        builder.insert(first, new, FileMode::Tree.into()).map_err(cannot())?;
        self.write(&builder)
    }

    /// The subtree of one Sovereign: foreign entries as they were, ours as they are to be.
    fn fill(&mut self, old: Option<&git2::Tree<'_>>, change: &Change<'_>) -> Result<Oid, GitError> {
        let wanted: BTreeMap<&str, &str> =
            change.tree.files().iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
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
        if builder.is_empty() { Ok(None) } else { self.write(&builder).map(Some) }
    }

    fn write(&mut self, builder: &git2::TreeBuilder<'_>) -> Result<Oid, GitError> {
        let id = builder.write().map_err(failed("write the tree"))?;
        self.written.insert(id);
        Ok(id)
    }

    /// The blob of a text; written only where the old entry is another one.
    fn blob(&mut self, old: Option<Oid>, text: &str) -> Result<Oid, GitError> {
        let cannot = || failed("write a file");
        let id = Oid::hash_object(ObjectType::Blob, text.as_bytes()).map_err(cannot())?;
        if old != Some(id) {
            self.repository.blob(text.as_bytes()).map_err(cannot())?;
            self.written.insert(id);
        }
        Ok(id)
    }
}

/// What is to stand in a directory, and what is to go from there.
type Below<'a> = (Vec<(&'a str, &'a str)>, Vec<&'a str>);

/// The directory of a name in a tree, if a directory stands there.
fn directory(builder: &git2::TreeBuilder<'_>, name: &str) -> Result<Option<Oid>, GitError> {
    let entry = builder.get(name).map_err(failed("write the tree"))?;
    Ok(entry.filter(|entry| entry.kind() == Some(ObjectType::Tree)).map(|entry| entry.id()))
}
