//! The base of a commit: which commit it stands on, and the inputs as they are there.

use git2::Oid;

use super::{Manifest, Progress, Request};
use crate::git::forced::Sides;
use crate::git::program::{self, Fetched};
use crate::git::{self, Branch, GitError, Repository};
use crate::kit_cache::KitCache;
use crate::load::{self, SourcesError};
use sovereign_language::input::{DirectoryError, Input, Overlay, ReadDirectory, Revised};
use sovereign_text::diag::Diagnostics;
use sovereign_text::digest::Digest;
use sovereign_text::source::{Source, SourceId};

/// What to build on.
pub(crate) struct Base {
    /// The commit; `None` before the first one.
    pub commit: Option<Oid>,
    /// Where the remote's branch stands; `None` if there is none, or if nothing is pushed.
    pub there: Option<Oid>,
    /// The roots of the trees whose commits here are given up for the remote's: made by this program, refused or not
    /// sent, and overtaken. Compiling again on the remote's head makes them anew.
    pub given_up: Vec<String>,
}

/// Returns the commit to build on. With a remote that is the remote's head, unless the local branch holds it and more.
///
/// # Errors
/// The remote cannot be reached, its branch was forced to another history, or a person's commits went another way there.
pub(crate) fn resolve(
    repository: &Repository,
    local: &Branch,
    request: &Request<'_>,
    progress: &mut dyn Progress,
) -> Result<Result<Base, String>, GitError> {
    let based = |commit, there| Ok(Ok(Base { commit, there, given_up: Vec::new() }));
    let Some(remote) = request.push else { return based(local.commit, None) };
    let short = local.short();
    progress.say(&format!("fetching {short} of {remote}"));
    let before = repository.remembered(remote, short)?;
    let there = match program::fetch(repository, remote, short)? {
        Fetched::At(commit) => Some(commit),
        Fetched::Nothing => None,
        Fetched::Busy(words) => return Ok(Err(words)),
    };
    let (Some(here), Some(head)) = (local.commit, there) else { return based(local.commit.or(there), there) };
    if repository.is_ancestor(here, head)? {
        return based(there, there);
    }
    let sides = Sides { branch: short, remote, here, there: head };
    if let Some(was) = repository.forced_from(sides, before)? {
        return Err(forced(sides, was));
    }
    if repository.is_ancestor(head, here)? {
        // A person may have had reasons not to push them.
        if !request.unpushed && repository.roots_of_ours(head, here)?.is_none() {
            return Err(unpushed(short, remote));
        }
        return based(local.commit, there);
    }
    match repository.roots_of_ours(head, here)? {
        Some(given_up) => Ok(Ok(Base { commit: there, there, given_up })),
        None => Err(diverged(short, remote)),
    }
}

/// Returns a person's commits would be pushed along.
fn unpushed(branch: &str, remote: &str) -> GitError {
    GitError::Unsupported {
        what: format!("`{branch}` has commits here that `{remote}` lacks, and a person made some of them"),
        help: "push them first (git push), or have them pushed along with --unpushed".to_owned(),
    }
}

/// Both sides have commits that the other lacks, and a person's are among those here.
pub(crate) fn diverged(branch: &str, remote: &str) -> GitError {
    GitError::Missing {
        what: format!("common line between `{branch}` here and at `{remote}`"),
        help: "both have commits that the other lacks; bring them together first (git pull --rebase)"
            .to_owned(),
    }
}

/// Returns the remote's branch was forced away from what the branch here stands on.
fn forced(sides: Sides<'_>, was: Oid) -> GitError {
    GitError::Forced {
        branch: sides.branch.to_owned(),
        remote: sides.remote.to_owned(),
        was: git::short(was),
        is: git::short(sides.there),
    }
}

/// Returns a manifest as it is at the base, with its sources.
///
/// # Errors
/// It is not there, or cannot be read.
pub fn input(
    repository: &Repository,
    manifest: &Manifest,
    base: Option<Oid>,
    cache: &KitCache,
    diags: &mut Diagnostics,
) -> Result<Input, GitError> {
    match manifest {
        Manifest::Elsewhere(file) => load::load(file, cache, diags)
            .map_err(|error| GitError::Failed { action: "compile".to_owned(), reason: error.to_string() }),
        Manifest::InRepository(path) => {
            let bytes = match base {
                Some(base) => repository.file(base, path)?,
                None => None,
            };
            let bytes = bytes.ok_or_else(|| GitError::Missing {
                what: format!("file {path} in the commit that is built on"),
                help: "commit the manifest first; what is not committed is not compiled".to_owned(),
            })?;
            let source = Source::manifest(path.clone(), bytes).unwrap_or_else(|(fault, source)| {
                sovereign_compile::check::report(fault, &source, diags);
                source
            });
            let directory = directory(path).to_owned();
            Ok(Input::gather(source, &AtCommit { repository, base, directory, cache }))
        }
    }
}

/// Where an edit is made.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) base: Option<Oid>,
    pub(crate) cache: &'a KitCache,
}

/// Returns an input from a commit as an edit leaves it.
pub(crate) fn revised(at: At<'_>, path: &str, input: &Input, revised: &[Revised]) -> Input {
    let At { repository, base, cache } = at;
    let manifest = revised.iter().find(|revised| revised.file.is_none());
    let text = manifest.map_or(input.manifest().text(), |revised| &revised.text);
    let manifest = Source::from_text(SourceId::MANIFEST, path.to_owned(), text.to_owned());
    let below = AtCommit { repository, base, directory: directory(path).to_owned(), cache };
    Input::gather(manifest, &Overlay { below: &below, revised })
}

/// Returns the directory of a path in a repository; empty for its top.
pub(crate) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Reads directories beside a manifest in a commit.
pub(crate) struct AtCommit<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) base: Option<Oid>,
    pub(crate) directory: String,
    pub(crate) cache: &'a KitCache,
}

impl ReadDirectory for AtCommit<'_> {
    fn fetched(&self, digest: Digest) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        Ok(self.cache.read(digest)?)
    }

    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let path =
            if self.directory.is_empty() { path.to_owned() } else { format!("{}/{path}", self.directory) };
        let base = self.base.ok_or(SourcesError::InNoCommit)?;
        let files = self.repository.list(base, &path).map_err(DirectoryError::reader)?;
        let files = files.ok_or(SourcesError::NotInCommit)?;
        Ok(load::sources(files)?)
    }
}
