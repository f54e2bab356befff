//! A kit at a commit of a Git repository, which is fetched for that and not kept.
#![expect(
    clippy::disallowed_methods,
    reason = "the repository stands in a directory of this program's own, and goes again"
)]

use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid};

use super::GitError;
use super::program::git;
use crate::kit_cache::{KitCache, KitCacheError};
use crate::kit_files::{KitFault, KitFiles};

/// The mode of a plain file that may be run, which says nothing about its bytes.
const RUNNABLE: i32 = 0o100_755;
/// The mode of a plain file.
const PLAIN: i32 = 0o100_644;

/// Where a kit is in Git.
#[derive(Clone, Copy, Debug)]
pub struct GitKit<'a> {
    /// The repository.
    pub url: &'a str,
    /// The full id of the commit.
    pub commit: &'a str,
    /// The directory in it.
    pub directory: Option<&'a str>,
}

/// Why a repository gives no kit.
#[derive(Debug)]
pub enum KitError {
    /// There is nowhere to keep it.
    Cache(KitCacheError),
    /// There is nowhere to fetch to.
    Scratch(io::Error),
    /// What was fetched cannot be read.
    Git(git2::Error),
    /// It lacks the commit.
    NoCommit(String),
    /// The commit lacks the directory.
    NoDirectory {
        /// The directory.
        directory: String,
        /// The commit.
        commit: String,
    },
    /// What is there is no kit.
    Fault(KitFault),
}

impl fmt::Display for KitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cache(error) => error.fmt(f),
            Self::Scratch(error) => error.fmt(f),
            Self::Git(error) => f.write_str(error.message()),
            Self::NoCommit(commit) => write!(f, "it has no commit {commit}"),
            Self::NoDirectory { directory, commit } => {
                write!(f, "it has no directory `{directory}` at {commit}")
            }
            Self::Fault(fault) => write!(f, "it {fault}"),
        }
    }
}

impl Error for KitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Cache(error) => error.source(),
            Self::Scratch(error) => error.source(),
            Self::Git(error) => Some(error),
            Self::Fault(fault) => Some(fault),
            Self::NoCommit(_) | Self::NoDirectory { .. } => None,
        }
    }
}

/// Fetches a kit with the `git` program, with the logins and the time that it has for remotes.
///
/// # Errors
/// The repository cannot be reached, or has no such kit.
pub fn fetch_kit(kit: GitKit<'_>, cache: &KitCache) -> Result<KitFiles, GitError> {
    let failed = |source| GitError::Kit { url: kit.url.to_owned(), source };
    let cache = cache.directory().map_err(|error| failed(KitError::Cache(error)))?;
    let place = Scratch::new(cache).map_err(|error| failed(KitError::Scratch(error)))?;
    git(&place.0, &["init", "--quiet", "--bare"])?;
    // One commit is enough. A server that gives only what has a name is asked for all that has one.
    let one = ["fetch", "--quiet", "--no-tags", "--depth=1", kit.url, kit.commit];
    if let Err(error) = git(&place.0, &one) {
        let refused =
            ["not our ref", "unadvertised object", "couldn't find remote ref", "no such remote ref"];
        if !refused.iter().any(|words| error.to_string().contains(words)) {
            return Err(error);
        }
        git(&place.0, &["fetch", "--quiet", "--no-tags", kit.url, "+refs/*:refs/kit/*"])?;
    }
    read(&place.0, kit).map_err(failed)
}

fn read(repository: &Path, kit: GitKit<'_>) -> Result<KitFiles, KitError> {
    let repository = git2::Repository::open_bare(repository).map_err(KitError::Git)?;
    let commit = Oid::from_str(kit.commit).and_then(|id| repository.find_commit(id));
    let commit = commit.map_err(|_| KitError::NoCommit(kit.commit.to_owned()))?;
    let mut tree = commit.tree().map_err(KitError::Git)?;
    if let Some(directory) = kit.directory {
        let entry = tree.get_path(Path::new(directory)).ok();
        let below = entry.and_then(|entry| repository.find_tree(entry.id()).ok());
        tree = below.ok_or_else(|| KitError::NoDirectory {
            directory: directory.to_owned(),
            commit: kit.commit.to_owned(),
        })?;
    }
    let mut files = KitFiles::default();
    for entry in &tree {
        let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
        if entry.kind() == Some(ObjectType::Tree) || !sovereign_language::input::is_source_file(&name) {
            continue;
        }
        if ![PLAIN, RUNNABLE].contains(&entry.filemode()) {
            return Err(KitError::Fault(KitFault::Special(name)));
        }
        let blob = repository.find_blob(entry.id()).map_err(KitError::Git)?;
        files.insert(name, blob.content().to_vec()).map_err(KitError::Fault)?;
    }
    files.whole().map_err(KitError::Fault)
}

/// A directory that goes with its value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(above: &Path) -> io::Result<Self> {
        let path = above.join(format!(".git-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}
