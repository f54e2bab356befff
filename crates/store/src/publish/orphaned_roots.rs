//! Where earlier versions of a manifest put their tree.
//!
//! The root of a tree is `clusters/<fqdn>`. A manifest whose domain name changed gives another root, and the tree at
//! the old one would stay behind without anybody noticing. Only the history knows: this is asked for when there is
//! no tree at the new root yet, so an ordinary commit pays nothing for it.

use std::collections::BTreeSet;

use git2::Oid;

use crate::git::{GitError, Repository};
use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_compile::{plan, render};
use sovereign_language::manifest::decode;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

/// How many commits are looked at; a domain name changes with one of the last, if at all.
const MOST: usize = 1000;

/// Returns the roots that versions of a manifest gave up to a commit, other than `root`, whose trees still stand there.
///
/// # Errors
/// The repository cannot be read.
pub fn roots(
    repository: &Repository,
    base: Oid,
    path: &str,
    root: &TreePath,
) -> Result<Vec<TreePath>, GitError> {
    let mut roots = BTreeSet::new();
    for bytes in repository.versions(base, path, MOST)? {
        roots.extend(self::root(path, bytes).filter(|former| former != root));
    }
    let mut standing = Vec::new();
    for former in roots {
        if repository.file(base, &format!("{former}/{LOCK}"))?.is_some() {
            standing.push(former);
        }
    }
    Ok(standing)
}

/// Returns where a manifest puts its tree, as far as it says so.
pub(super) fn root(path: &str, bytes: Vec<u8>) -> Option<TreePath> {
    let source = Source::manifest(path, bytes).ok()?;
    let document = decode(&source, &mut Diagnostics::new())?;
    plan::fqdn(&document).map(|fqdn| render::root_of(&fqdn))
}
