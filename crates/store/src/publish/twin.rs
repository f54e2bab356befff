//! Two manifests that name one Sovereign. In one run both are seen; in two runs each would overwrite the tree of the other, for
//! ever. So a commit says in a trailer which manifest its tree follows from, and the next one looks whether that still stands.

use git2::Oid;

use super::orphaned_roots;
use crate::git::commit::OURS;
use crate::git::{GitError, Repository};
use sovereign_compile::tree::TreePath;

/// The trailer that names the manifest of the tree in the next line.
pub(crate) const TRAILER: &str = "Sovereign-Manifest: ";
/// How many commits are looked at for the last one of a tree.
const MOST: usize = 1000;

/// Returns the manifest of the last commit of the tree at a root, if that is another one than `path` and still gives this tree.
///
/// # Errors
/// The repository cannot be read.
pub fn of(
    repository: &Repository,
    base: Oid,
    path: &str,
    root: &TreePath,
) -> Result<Option<String>, GitError> {
    let mut messages = repository.messages(base, MOST)?;
    let last = messages.find_map(|(_, message, _)| mention(&message, root));
    let other = last.and_then(|mention| mention.manifest).filter(|other| other != path);
    let Some(other) = other else { return Ok(None) };
    let bytes = repository.file(base, &other).ok().flatten();
    Ok(bytes
        .and_then(|bytes| orphaned_roots::root(&other, bytes))
        .filter(|of_other| of_other == root)
        .map(|_| other))
}

/// What a message says of a tree.
#[derive(Debug, PartialEq, Eq)]
struct Mention {
    /// The manifest that it was compiled from, if the message names one.
    manifest: Option<String>,
}

/// Returns what a message says of a tree; `None` if it is about others.
fn mention(message: &str, root: &TreePath) -> Option<Mention> {
    let mut before = None;
    for line in message.lines() {
        let tree = line.strip_prefix(OURS).and_then(|rest| rest.split(' ').next());
        if tree == Some(root.as_str()) {
            return Some(Mention { manifest: before.map(str::to_owned) });
        }
        before = line.strip_prefix(TRAILER);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_stands_before_its_tree() {
        let message = "two\n\nSovereign-Manifest: a.toml\nSovereign-Tree: clusters/a sha256:1\nSovereign-Input: x\n\
                       Sovereign-Tree: clusters/b sha256:2\n";
        let of = |root: &str| mention(message, &TreePath::new(root).unwrap()).map(|mention| mention.manifest);
        assert_eq!(of("clusters/a"), Some(Some("a.toml".to_owned())));
        assert_eq!((of("clusters/b"), of("clusters/c")), (Some(None), None));
    }
}
