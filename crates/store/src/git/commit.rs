//! Commits without a work tree: the base tree with only our paths changed.

use git2::{ErrorCode, Oid, Signature};

use super::shared::Sharing;
pub use super::writer::Change;
pub(crate) use super::writer::File;
use super::writer::{Put, Writer};
use super::{GitError, Repository, failed, program, stale};

/// Who makes a commit, and when.
#[derive(Clone)]
pub struct Identity {
    author: Signature<'static>,
    committer: Signature<'static>,
    sign: bool,
}

impl Identity {
    /// Returns what the environment and the configuration of a repository say.
    ///
    /// # Errors
    /// Git does not know who the user is.
    pub fn new(repository: &Repository) -> Result<Self, GitError> {
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
pub(crate) const OURS: &str = "Sovereign-Tree: ";

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

impl Repository {
    /// Returns the root tree with these changes and files laid over that of a commit. The same id as the base's means that nothing
    /// changes. Blobs and trees are written, the branch is not touched.
    ///
    /// # Errors
    /// The repository cannot be read or written.
    pub(crate) fn write_tree(
        &self,
        base: Option<Oid>,
        changes: &[Change<'_>],
        files: &[File<'_>],
    ) -> Result<Oid, GitError> {
        let base = base.map(|commit| self.tree(commit)).transpose()?;
        let mut writer = Writer::new(self.inner())?;
        let trees = changes.iter().map(|change| (change.tree.root().as_str(), Put::Tree(change)));
        let files = files.iter().map(|file| (file.path, Put::File(file.text)));
        let places: Vec<_> = trees.chain(files).map(|(path, put)| (path.split('/').collect(), put)).collect();
        let root = writer.graft(base.as_ref().map(git2::Tree::id), &places)?;
        self.store(&writer.new)?;
        Ok(root)
    }

    /// Makes a commit object. Equal arguments give an equal id.
    ///
    /// # Errors
    /// It cannot be written or signed.
    pub(crate) fn write_commit(
        &self,
        tree: Oid,
        parent: Option<Oid>,
        message: &str,
        identity: &Identity,
    ) -> Result<Oid, GitError> {
        if identity.sign {
            return program::signed_commit(self.directory(), tree, parent, message);
        }
        let cannot = || failed("write the commit");
        let tree = self.inner().find_tree(tree).map_err(cannot())?;
        let parent = parent.map(|id| self.inner().find_commit(id)).transpose().map_err(cannot())?;
        let parents: Vec<_> = parent.iter().collect();
        let (author, committer) = (&identity.author, &identity.committer);
        let commit = self.inner().commit(None, author, committer, message, &tree, &parents);
        let commit = commit.map_err(cannot())?;
        self.share(commit, Sharing::new(self.inner()))?;
        Ok(commit)
    }

    /// Moves a branch from one commit to another, if it still stands at the first.
    ///
    /// # Errors
    /// The reference cannot be written.
    pub(crate) fn move_branch(
        &self,
        name: &str,
        from: Option<Oid>,
        to: Oid,
        log: &str,
    ) -> Result<Moved, GitError> {
        if from == Some(to) {
            return Ok(Moved::Done);
        }
        let mut lock = stale::Watch::new(self.inner().commondir(), name);
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

    /// Returns whether the content of a lock on a branch is what a killed run of this program leaves: nothing, or a commit
    /// that this program made.
    fn is_of_ours(&self, content: &str) -> bool {
        let text = content.trim();
        if text.is_empty() {
            return true;
        }
        let commit = Oid::from_str(text).and_then(|id| self.inner().find_commit(id));
        commit.is_ok_and(|commit| String::from_utf8_lossy(commit.message_bytes()).contains(OURS))
    }

    /// Returns the roots of the trees that the commits between two commits wrote, if this program made every one of them
    /// and they touch nothing else. `None` if a person's work is among them.
    ///
    /// # Errors
    /// The history cannot be read.
    pub(crate) fn roots_of_ours(&self, after: Oid, until: Oid) -> Result<Option<Vec<String>>, GitError> {
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

    /// Returns whether one commit is among the ancestors of another, or the same.
    ///
    /// # Errors
    /// The history cannot be read.
    pub(crate) fn is_ancestor(&self, ancestor: Oid, of: Oid) -> Result<bool, GitError> {
        if ancestor == of {
            return Ok(true);
        }
        self.inner().graph_descendant_of(of, ancestor).map_err(failed("read the history"))
    }
}
