//! Git: trees as they stand in a repository, commits that change only our paths, branches that move by
//! compare-and-swap.
//!
//! Objects, trees and refs go through libgit2, without a work tree. What crosses a network or signs goes through
//! the `git` program ([`program`]), so that credentials, ssh, proxies and signing work as the user has them.

mod blame;
pub(crate) mod commit;
mod directory;
pub(crate) mod forced;
mod history;
mod id;
pub mod index;
mod kit;
pub mod memory;
mod pack;
pub mod program;
mod shared;
mod staged;
mod stale;
mod store;
mod subtree;
mod trusted;
pub(crate) mod worktree;
mod writer;

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use git2::{ErrorClass, ErrorCode, ObjectType, Oid, TreeWalkMode, TreeWalkResult};

use sovereign_change::snapshot::{Entry, Snapshot};
use sovereign_compile::tree::TreePath;

pub use blame::Blamed;
pub use commit::{Change as TreeChange, Identity, Moved};
pub use kit::{GitKit, KitError, fetch_kit};
pub use staged::Known;
pub(crate) use subtree::MOST_OF_A_TREE;

/// A repository, bare or not.
pub struct Repository {
    inner: git2::Repository,
    /// The index, where Git's environment names another one than the repository's.
    index: Option<PathBuf>,
    /// Whether that is one which libgit2 cannot read.
    only_git_reads_index: bool,
}

/// Why Git could not do something. Each says what was tried and on what.
#[derive(Debug)]
pub enum GitError {
    /// libgit2 or the file system failed.
    Failed {
        /// What was tried, as a phrase: `open the repository /x`.
        action: String,
        /// The words of libgit2 or of the system.
        reason: String,
    },
    /// The repository is of a kind that this program cannot write.
    Unsupported {
        /// What it is.
        what: String,
        /// What to do instead.
        help: String,
    },
    /// A repository gives no kit.
    Kit {
        /// The repository.
        url: String,
        /// Why.
        source: KitError,
    },
    /// The `git` program failed; its words.
    Program {
        /// The command, as one would type it.
        command: String,
        /// What it printed.
        words: String,
    },
    /// The remote's branch was forced to another history, and the branch here stands on the one before.
    Forced {
        /// The branch.
        branch: String,
        /// The remote.
        remote: String,
        /// Where it was, in short.
        was: String,
        /// Where it is, in short.
        is: String,
    },
    /// Something is not there: a branch, a commit, a file in a commit.
    Missing {
        /// What is missing.
        what: String,
        /// What to do.
        help: String,
    },
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { action, reason } => write!(f, "cannot {action}: {reason}"),
            Self::Kit { url, source } => write!(f, "cannot fetch the kit from {url}: {source}"),
            Self::Unsupported { what, help } => write!(f, "{what}; {help}"),
            Self::Forced { branch, remote, was, is } => write!(
                f,
                "`{branch}` of `{remote}` was forced to another history: it stood at {was}, and stands at {is}, which does not contain \
                 that. `{branch}` here still has the old one, so nothing was committed and nothing pushed\n\
                 help: if the new history is meant, take it: git rebase --onto {is} {was} {branch} (commits of yours that were \
                 never pushed come along), or git reset --keep {is} (they go)\n\
                 help: if it is not, bring the old one back: git push --force-with-lease={branch}:{is} {remote} {was}:{branch}"
            ),
            Self::Program { command, words } => write!(f, "`{command}` failed:\n{}", words.trim_end()),
            Self::Missing { what, help } => write!(f, "there is no {what}; {help}"),
        }
    }
}

impl Error for GitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Kit { source, .. } => Some(source),
            // The words of libgit2 and of the program are all that these have.
            Self::Failed { .. }
            | Self::Unsupported { .. }
            | Self::Program { .. }
            | Self::Missing { .. }
            | Self::Forced { .. } => None,
        }
    }
}

/// Turns an error of libgit2 into words about what was tried.
pub(crate) fn failed(action: impl Into<String>) -> impl FnOnce(git2::Error) -> GitError {
    let action = action.into();
    move |error| GitError::Failed { action, reason: error.message().to_owned() }
}

/// Returns why a repository cannot be opened, and what to do.
fn unopened(path: &Path, error: git2::Error) -> GitError {
    let words = error.message().to_ascii_lowercase();
    let path = path.display();
    if words.contains("object format") || words.contains("objectformat") {
        return GitError::Unsupported {
            what: format!(
                "the repository at {path} holds sha256 objects, which this program cannot read yet"
            ),
            help: "use one with sha1 objects (git init --object-format=sha1)".to_owned(),
        };
    }
    if words.contains("partialclone") {
        return GitError::Unsupported {
            what: format!(
                "the repository at {path} is a partial clone, and this program cannot fetch what it lacks"
            ),
            help: "clone without --filter; --depth 1 is fine".to_owned(),
        };
    }
    if words.contains("unsupported extension") {
        return GitError::Unsupported {
            what: format!(
                "the repository at {path} uses an extension of Git that this program does not know ({words})"
            ),
            help: "clone it without".to_owned(),
        };
    }
    if error.code() == ErrorCode::NotFound {
        return GitError::Missing {
            what: format!("Git repository at {path} or above it"),
            help: "name one with --repository, or make one with `git init`".to_owned(),
        };
    }
    if error.code() == ErrorCode::Owner {
        return GitError::Unsupported {
            what: format!("the repository at {path} belongs to another user"),
            help: "if you trust it: git config --global --add safe.directory <its directory>, or GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=<its directory> for one call".to_owned(),
        };
    }
    failed(format!("open the repository at {path}"))(error)
}

/// A branch and where it points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The full name: `refs/heads/main`.
    pub name: String,
    /// The commit; `None` if the branch is not born yet.
    pub commit: Option<Oid>,
}

/// What stands in a directory: its name, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedEntry {
    /// The name.
    pub name: String,
    /// What stands there.
    pub content: Entry,
}

impl Branch {
    /// Returns the name as people say it: `main`.
    pub fn short(&self) -> &str {
        self.name.strip_prefix("refs/heads/").unwrap_or(&self.name)
    }
}

impl Repository {
    /// Opens the repository that holds a directory.
    ///
    /// # Errors
    /// There is none, or it is of a kind that cannot be read.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        // Not by looking for its directory and opening that: a Git directory that stands apart does not know its work tree.
        let flags = git2::RepositoryOpenFlags::CROSS_FS;
        match git2::Repository::open_ext(path, flags, std::iter::empty::<&Path>()) {
            Ok(inner) => Ok(Self { inner, index: None, only_git_reads_index: false }),
            Err(error) if error.code() == ErrorCode::Owner => trusted::open(path)
                .map(|inner| Self { inner, index: None, only_git_reads_index: false })
                .ok_or_else(|| unopened(path, error)),
            Err(error) => Err(unopened(path, error)),
        }
    }

    /// Opens the repository that Git's environment names: inside a hook the index may be another file.
    ///
    /// # Errors
    /// There is none, or it is of a kind that cannot be read.
    pub fn from_environment() -> Result<Self, GitError> {
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let index = path("GIT_INDEX_FILE").map(absolute);
        if let Ok(inner) = git2::Repository::open_from_env() {
            let repository = Self { inner, index, only_git_reads_index: false };
            return if path("GIT_DIR").is_some() { repository.at_work_here() } else { Ok(repository) };
        }
        // libgit2 refuses an environment with GIT_WORK_TREE; Git sets it for whoever keeps the two apart.
        let mut repository = Self::open(&path("GIT_DIR").unwrap_or_else(|| PathBuf::from(".")))?;
        if let Some(worktree) = path("GIT_WORK_TREE") {
            repository.inner.set_workdir(&worktree, false).map_err(failed("use GIT_WORK_TREE"))?;
        } else if path("GIT_DIR").is_some() {
            repository = repository.at_work_here()?;
        }
        if let Some(file) = &index {
            let opened = git2::Index::open(file);
            match opened.and_then(|mut index| repository.inner.set_index(&mut index)) {
                Err(error) if error.class() == ErrorClass::Index => repository.only_git_reads_index = true,
                set => set.map_err(failed("use GIT_INDEX_FILE"))?,
            }
        }
        repository.index = index;
        Ok(repository)
    }

    /// As Git has it where a Git directory is named and nothing else: the work tree is the current directory.
    fn at_work_here(self) -> Result<Self, GitError> {
        let config = self.inner.config().map_err(failed("read the configuration"))?;
        if !self.inner.is_bare() && config.get_path("core.worktree").is_err() {
            self.inner.set_workdir(Path::new("."), false).map_err(failed("use the current directory"))?;
        }
        Ok(self)
    }

    /// Returns the commit that is checked out; `None` before the first one.
    ///
    /// # Errors
    /// HEAD cannot be read.
    pub fn head(&self) -> Result<Option<Oid>, GitError> {
        match self.inner.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => Ok(Some(commit.id())),
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => Ok(None),
            Err(error) => Err(failed("read HEAD")(error)),
        }
    }

    pub(crate) fn inner(&self) -> &git2::Repository {
        &self.inner
    }

    /// Returns the directory that the `git` program is to run in: the work tree, or the bare repository.
    pub fn directory(&self) -> &Path {
        self.inner.workdir().unwrap_or_else(|| self.inner.path())
    }

    /// Returns the work tree, if there is one.
    pub fn worktree(&self) -> Option<&Path> {
        self.inner.workdir()
    }

    /// Returns the path of a file relative to the work tree, if it lies inside.
    pub fn relative(&self, file: &Path) -> Option<PathBuf> {
        let root = self.inner.workdir()?.canonicalize().ok()?;
        // Neither the file nor its directory need be there: the branch may be another than the one checked out.
        // The file's own name is not followed, since it is the name in the commit that counts.
        let mut below = PathBuf::from(file.file_name()?);
        let mut parent = file.parent()?;
        loop {
            let here = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            if let Ok(real) = here.canonicalize() {
                return real.join(below).strip_prefix(root).ok().map(Path::to_owned);
            }
            below = Path::new(parent.file_name()?).join(below);
            parent = parent.parent()?;
        }
    }

    /// Returns the named branch, or the one that is checked out.
    ///
    /// # Errors
    /// HEAD is detached and no branch is named, or the name is none.
    pub fn branch(&self, name: Option<&str>) -> Result<Branch, GitError> {
        let name = match name {
            Some(name) => format!("refs/heads/{name}"),
            None => self.checked_out()?.ok_or_else(|| GitError::Missing {
                what: "branch checked out".to_owned(),
                help: "HEAD is detached: name the branch with --branch".to_owned(),
            })?,
        };
        if !git2::Reference::is_valid_name(&name) {
            return Err(GitError::Missing {
                what: format!("branch `{name}`"),
                help: "that is no name".to_owned(),
            });
        }
        let commit = self.reference(&name)?;
        Ok(Branch { name, commit })
    }

    /// Returns the full name of the branch that is checked out; `None` if HEAD is detached.
    ///
    /// # Errors
    /// HEAD cannot be read.
    pub(crate) fn checked_out(&self) -> Result<Option<String>, GitError> {
        let head = self.inner.find_reference("HEAD").map_err(failed("read HEAD"))?;
        Ok(head.symbolic_target().ok().flatten().map(str::to_owned))
    }

    /// Returns the commit that a reference points to; `None` if it does not exist.
    ///
    /// # Errors
    /// The reference cannot be read.
    pub fn reference(&self, name: &str) -> Result<Option<Oid>, GitError> {
        match self.inner.find_reference(name) {
            Ok(reference) => {
                let commit = reference.peel_to_commit().map_err(failed(format!("read {name}")))?;
                Ok(Some(commit.id()))
            }
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(failed(format!("read {name}"))(error)),
        }
    }

    /// Returns the commit behind a revision: a branch, a tag, an id, `HEAD~1`.
    ///
    /// # Errors
    /// There is no such commit.
    pub fn resolve(&self, revision: &str) -> Result<Oid, GitError> {
        let object = self.inner.revparse_single(revision).and_then(|object| object.peel_to_commit());
        object.map(|commit| commit.id()).map_err(|error| GitError::Missing {
            what: format!("commit `{revision}`"),
            help: error.message().to_owned(),
        })
    }

    /// Returns a file of a commit; `None` if nothing or no file stands there.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn file(&self, commit: Oid, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let tree = self.tree(commit)?;
        let Ok(entry) = tree.get_path(Path::new(path)) else { return Ok(None) };
        if entry.filemode() == SYMLINK {
            return Err(GitError::Unsupported {
                what: format!("{path} is a symlink in {}", short(commit)),
                help: "name the file that it points to".to_owned(),
            });
        }
        if entry.kind() != Some(ObjectType::Blob) {
            return Ok(None);
        }
        let blob = self.inner.find_blob(entry.id()).map_err(failed(format!("read {path} of {commit}")))?;
        Ok(Some(blob.content().to_vec()))
    }

    /// Returns what stands directly in a directory of a commit, by name; `None` if there is no such directory.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn list(&self, commit: Oid, directory: &str) -> Result<Option<Vec<NamedEntry>>, GitError> {
        let tree = self.tree(commit)?;
        let Ok(entry) = tree.get_path(Path::new(directory)) else { return Ok(None) };
        let Ok(tree) = self.inner.find_tree(entry.id()) else { return Ok(None) };
        let mut found = Vec::new();
        for entry in &tree {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let content = match (entry.kind(), entry.filemode()) {
                (Some(ObjectType::Blob), SYMLINK) => Entry::Other("a symlink"),
                (Some(ObjectType::Blob), _) => {
                    let blob = self.inner.find_blob(entry.id());
                    let blob = blob.map_err(failed(format!("read {directory}/{name}")))?;
                    Entry::File(blob.content().to_vec())
                }
                (Some(ObjectType::Tree), _) => Entry::Other("a directory"),
                _ => Entry::Other("a submodule"),
            };
            found.push(NamedEntry { name, content });
        }
        Ok(Some(found))
    }

    /// Returns the files below a root at a commit, in one pass over that subtree.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn snapshot(&self, commit: Oid, root: &TreePath) -> Result<Snapshot, GitError> {
        self.snapshot_beside(commit, root, &Known::default())
    }

    /// Returns the same, with texts that are known already, and without the files that are known to stand.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn snapshot_beside(
        &self,
        commit: Oid,
        root: &TreePath,
        known: &Known<'_>,
    ) -> Result<Snapshot, GitError> {
        let tree = self.tree(commit)?;
        let mut snapshot = Snapshot::default();
        let mut tree = tree;
        let mut above = String::new();
        for part in root.as_str().split('/') {
            above = if above.is_empty() { part.to_owned() } else { format!("{above}/{part}") };
            let Some((id, kind, mode)) = tree.get_name(part).map(|e| (e.id(), e.kind(), e.filemode())) else {
                return Ok(snapshot);
            };
            if kind != Some(ObjectType::Tree) {
                let what = if mode == SYMLINK {
                    "a symlink where a directory must be"
                } else if mode == SUBMODULE {
                    "a submodule where a directory must be"
                } else {
                    "a file where a directory must be"
                };
                return Ok(Snapshot::obstructed(above, what));
            }
            tree = self.inner.find_tree(id).map_err(failed(format!("read {above} of {commit}")))?;
        }
        let mut problem = None;
        let walked = tree.walk(TreeWalkMode::PreOrder, |directory, entry| {
            let name = String::from_utf8_lossy(entry.name_bytes());
            let path = format!("{directory}{name}");
            match (entry.kind(), entry.filemode()) {
                (Some(ObjectType::Tree), _) if known.is_whole(&path) => return TreeWalkResult::Skip,
                (Some(ObjectType::Tree), _) => {}
                (Some(ObjectType::Blob), _) if known.stands(directory.trim_end_matches('/'), &name) => {}
                (Some(ObjectType::Blob), SYMLINK) => snapshot.insert(&path, Entry::Other("a symlink")),
                (Some(ObjectType::Blob), _) => match self.text(entry.id(), known) {
                    Ok(bytes) => snapshot.insert(&path, Entry::File(bytes)),
                    Err(error) => problem = Some(error),
                },
                _ => snapshot.insert(&path, Entry::Other("a submodule")),
            }
            if problem.is_some() { TreeWalkResult::Abort } else { TreeWalkResult::Ok }
        });
        match problem.or(walked.err()) {
            Some(error) => Err(failed(format!("read {root} of {commit}"))(error)),
            None => Ok(snapshot),
        }
    }

    fn text(&self, id: Oid, known: &Known<'_>) -> Result<Vec<u8>, git2::Error> {
        match known.text(id) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.inner.find_blob(id).map(|blob| blob.content().to_vec()),
        }
    }

    /// Returns the directory at a root in a commit, if one stands there.
    pub(crate) fn below(&self, commit: Oid, root: &TreePath) -> Result<Option<git2::Tree<'_>>, GitError> {
        let tree = self.tree(commit)?;
        let Ok(entry) = tree.get_path(Path::new(root.as_str())) else { return Ok(None) };
        Ok(self.inner.find_tree(entry.id()).ok())
    }

    pub(crate) fn tree(&self, commit: Oid) -> Result<git2::Tree<'_>, GitError> {
        let commit = self.inner.find_commit(commit).and_then(|commit| commit.tree());
        commit.map_err(failed("read the commit"))
    }
}

/// Returns the first digits of an id, as people read it.
pub fn short(id: Oid) -> String {
    id.to_string().chars().take(12).collect()
}

/// The file mode of a symlink.
pub(crate) const SYMLINK: i32 = 0o120_000;
/// The file mode of a submodule.
pub(crate) const SUBMODULE: i32 = 0o160_000;
