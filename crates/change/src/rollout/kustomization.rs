//! What a Flux Kustomization of a tree applies, and what it waits for.

use serde_json::Value as Json;

use crate::diff::ObjectChange;
use sovereign_compile::tree::TreePath;

/// Returns the directory below the root of the tree that a Flux Kustomization applies, if the object is one that applies
/// another directory than its own.
pub(super) fn applies(change: &ObjectChange) -> Option<&str> {
    if change.id.group != "kustomize.toolkit.fluxcd.io" {
        return None;
    }
    let (path, json) = change.new.as_ref().or(change.old.as_ref())?;
    let directory = json.pointer("/spec/path").and_then(Json::as_str)?;
    // `./clusters/<fqdn>/<directory>`
    let below = directory.trim_start_matches("./").splitn(3, '/').nth(2)?;
    let own = path.as_str().rsplit_once('/').map(|(directory, _)| directory);
    (own != Some(below)).then_some(below)
}

/// Returns the path of a side of a Kustomization, if it waits for the one of this name.
pub(super) fn waits<'a>(side: Option<&'a (TreePath, Json)>, name: &str) -> Option<&'a TreePath> {
    let (path, json) = side?;
    let edges = json.pointer("/spec/dependsOn").and_then(Json::as_array)?;
    edges.iter().any(|edge| edge.get("name").and_then(Json::as_str) == Some(name)).then_some(path)
}
