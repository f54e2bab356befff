//! What a tree was compiled from, and what its manifest says otherwise today.

use git2::Oid;

use super::base::{AtCommit, directory};
use crate::git::{GitError, Repository};
use crate::kit_cache::KitCache;
use sovereign_change::input_changes::InputChanges;
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::read;
use sovereign_language::input::{Input, names_sources};
use sovereign_text::source::Source;

/// How many versions of a manifest are tried: the tree was written for one of the last.
const MOST: usize = 20;
/// How many commits are looked at for them.
const MOST_COMMITS: usize = 1000;

/// A manifest as it is today, and where it stands in a repository.
#[derive(Clone, Copy)]
pub struct Today<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The commit that is looked back from.
    pub commit: Oid,
    /// The path of the manifest.
    pub path: &'a str,
    /// The manifest, with what stands beside it.
    pub input: &'a Input,
}

/// Returns what a manifest says otherwise than the version that a tree was written for; `None` if that is not found. The tree's
/// lock knows the digest of its input.
///
/// # Errors
/// The repository cannot be read.
pub fn changes(
    today: Today<'_>,
    tree: &Snapshot,
    cache: &KitCache,
) -> Result<Option<InputChanges>, GitError> {
    let Today { repository, commit, path, input } = today;
    let Some(wanted) = tree.lock().ok().flatten().and_then(|lock| lock.origin("input").map(str::to_owned))
    else {
        return Ok(None);
    };
    let (mut tried, mut last) = (0, None);
    for commit in repository.first_parents(commit, MOST_COMMITS) {
        let Some(bytes) = repository.file(commit, path)? else { continue };
        let Ok(source) = Source::manifest(path, bytes) else { continue };
        // What stands beside a manifest may be another one while that stays.
        if last.as_deref() == Some(source.text()) && !names_sources(&source) {
            continue;
        }
        last = Some(source.text().to_owned());
        tried += 1;
        if tried > MOST {
            break;
        }
        let reader =
            AtCommit { repository, base: Some(commit), directory: directory(path).to_owned(), cache };
        let before = Input::gather(source, &reader);
        if read::digest(&before).is_some_and(|digest| wanted == format!("sha256:{digest}")) {
            return Ok(Some(InputChanges::new(&before, input)));
        }
    }
    Ok(None)
}
