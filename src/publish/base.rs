//! The base of a commit: which commit it stands on, and the inputs as they are there.

use git2::Oid;

use super::{Manifest, Progress};
use crate::Input;
use crate::diag::Diagnostics;
use crate::git::{Branch, GitError, Repository, program};
use crate::input::ReadDirectory;
use crate::source::Source;

/// The commit to build on. With a remote that is the remote's head, unless the local branch holds it and more.
///
/// # Errors
/// The remote cannot be reached, or the two branches went different ways.
pub fn of(
    repository: &Repository,
    local: &Branch,
    remote: Option<&str>,
    progress: &mut dyn Progress,
) -> Result<Option<Oid>, GitError> {
    let Some(remote) = remote else { return Ok(local.commit) };
    let short = local.name.strip_prefix("refs/heads/").unwrap_or(&local.name);
    progress.say(&format!("fetching {remote}/{short}"));
    let there = program::fetch(repository.directory(), remote, short)?;
    match (local.commit, there) {
        (here, None) => Ok(here),
        (None, there) => Ok(there),
        (Some(here), Some(there)) if repository.is_ancestor(here, there)? => Ok(Some(there)),
        (Some(here), Some(there)) if repository.is_ancestor(there, here)? => Ok(Some(here)),
        (Some(_), Some(_)) => Err(GitError::Missing {
            what: format!("common line between `{short}` here and at `{remote}`"),
            help: "both have commits that the other lacks; bring them together first (git pull --rebase)"
                .to_owned(),
        }),
    }
}

/// A manifest as it is at the base, with its blueprint sources.
///
/// # Errors
/// It is not there, or cannot be read.
pub fn input(
    repository: &Repository,
    manifest: &Manifest,
    base: Option<Oid>,
    diags: &mut Diagnostics,
) -> Result<Input, GitError> {
    match manifest {
        Manifest::Elsewhere(file) => crate::load::load(file, diags)
            .map_err(|error| GitError::Failed { action: "compile".to_owned(), reason: error.0 }),
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
                diags.push(crate::check::not_text::report(fault, &source));
                source
            });
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
            Ok(Input::gather(source, &AtCommit { repository, base, directory }))
        }
    }
}

/// Reads directories beside a manifest in a commit.
struct AtCommit<'a> {
    repository: &'a Repository,
    base: Option<Oid>,
    directory: String,
}

impl ReadDirectory for AtCommit<'_> {
    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
        let path =
            if self.directory.is_empty() { path.to_owned() } else { format!("{}/{path}", self.directory) };
        let base = self.base.ok_or("is in no commit")?;
        let files = self.repository.list(base, &path).map_err(|error| error.to_string())?;
        let files = files.ok_or("is not in the commit")?;
        let blueprint = |name: &str| {
            !name.starts_with('.') && name.rsplit_once('.').is_some_and(|(_, end)| end == "toml")
        };
        Ok(files.into_iter().filter(|(name, _)| blueprint(name)).collect())
    }
}
