//! What Flux says of a tree, as a hook has kept it: `<status>/<fqdn>/<region>.json`, each an event of Flux's
//! notification-controller or a list of them (<https://fluxcd.io/flux/components/notification/events/>).
//!
//! An event names the revision that it is about. It counts for the tree that stands now if both commits hold the same tree,
//! whatever else has changed between them.

use git2::Oid;
use serde_json::Value as Json;

use super::{fqdn, regions};
use crate::git::{GitError, Repository};
use sovereign_change::fleet::Said;
use sovereign_compile::Compiled;

/// The digits of a commit's id.
const DIGITS: usize = 40;
/// The longest message that is shown, in characters.
const LONGEST: usize = 300;

/// Returns what Flux says in all regions of a tree.
///
/// # Errors
/// The repository cannot be read.
pub(super) fn of(
    repository: &Repository,
    commit: Oid,
    status: &str,
    compiled: &Compiled,
) -> Result<Said, GitError> {
    let root = compiled.tree.root();
    let Some(tree) = repository.id_at(commit, root.as_str())? else {
        return Ok(Said::Nothing("nothing of it is committed".to_owned()));
    };
    let is_of_tree = |revision: Option<Oid>| {
        revision.is_some_and(|at| repository.id_at(at, root.as_str()).ok().flatten() == Some(tree))
    };
    let mut missing = None;
    for region in regions(compiled) {
        let path = format!("{status}/{}/{region}.json", fqdn(root));
        let Some(bytes) = repository.file(commit, &path)? else {
            missing.get_or_insert_with(|| format!("there is no {path}"));
            continue;
        };
        let Ok(document) = serde_json::from_slice::<Json>(&bytes) else {
            missing.get_or_insert_with(|| format!("{path} is no JSON"));
            continue;
        };
        let events = document.as_array().map_or_else(|| std::slice::from_ref(&document), Vec::as_slice);
        if events.is_empty() {
            missing.get_or_insert_with(|| format!("{path} holds no event"));
        }
        for event in events {
            let revision = revision(event);
            match (event["severity"].as_str(), is_of_tree(revision)) {
                (Some("info"), true) => {}
                // An error that names no revision is one of what stands there.
                (Some("error"), is_of_tree) if is_of_tree || revision.is_none() => {
                    let words: String =
                        event["message"].as_str().unwrap_or("it failed").chars().take(LONGEST).collect();
                    return Ok(Said::Failed(format!("{region}: {words}")));
                }
                (Some("info" | "error"), _) => {
                    missing.get_or_insert_with(|| format!("{region} has not said that it has this tree"));
                }
                (_, _) => {
                    missing.get_or_insert_with(|| {
                        format!("{path} is no event of Flux: its severity is neither info nor error")
                    });
                }
            }
        }
    }
    Ok(missing.map_or(Said::Ready, Said::Nothing))
}

/// Returns the commit that an event is about: `main@sha1:…`, in `metadata` under `revision`, or under a key of the controller that
/// ends so.
fn revision(event: &Json) -> Option<Oid> {
    let metadata = event["metadata"].as_object()?;
    let named = metadata.iter().find(|(key, _)| *key == "revision" || key.ends_with("/revision"))?;
    let text = named.1.as_str()?;
    let digits = text.rsplit([':', '/']).next().filter(|digits| digits.len() == DIGITS)?;
    Oid::from_str(digits).ok()
}
