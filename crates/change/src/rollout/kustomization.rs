//! What a Flux Kustomization of a tree applies, and what it waits for.

use serde_json::Value as Json;

use crate::diff::ObjectChange;

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

/// Returns the names of what a Kustomization waits for.
pub(super) fn needs(kustomization: &Json) -> impl Iterator<Item = &str> {
    let edges = kustomization.pointer("/spec/dependsOn").and_then(Json::as_array).into_iter().flatten();
    edges.filter_map(|edge| edge.get("name").and_then(Json::as_str))
}
