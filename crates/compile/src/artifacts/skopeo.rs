//! The list as `skopeo sync --src yaml` reads it: registries, their images, and the tags of each. Charts and packages
//! are OCI artifacts, so they stand there too.
//!
//! What has no tag stays out and is said in a comment: skopeo takes an empty list for every tag there is. So does what is in
//! the registry under a name that no upstream has, and a chart of a repository that is no registry: skopeo stops at it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Artifacts, Kind};
use sovereign_text::node::{Map, Node};
use sovereign_text::source::Span;
use sovereign_text::yaml;

/// Returns one YAML document. `cause` is what the whole list follows from.
pub fn render(artifacts: &Artifacts, cause: Span) -> String {
    let mut registries: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    let mut left_out = BTreeSet::new();
    for artifact in artifacts.list.keys().filter(|artifact| artifact.kind != Kind::Git) {
        let place = artifact.upstream.as_deref().and_then(|upstream| upstream.split_once('/'));
        if let (true, Some((registry, path)), Some(tag)) = (artifact.is_copied(), place, &artifact.tag) {
            registries.entry(registry).or_default().entry(path).or_default().insert(tag);
        } else {
            left_out.insert(match &artifact.upstream {
                Some(upstream) if artifact.is_for_helm() => {
                    ("only Helm reads its repository", artifact.at(upstream))
                }
                Some(upstream) => ("its tag is not known", upstream.clone()),
                None => ("its origin is not known", artifact.wanted.clone()),
            });
        }
    }
    let node = |map: Map| Node::new(map, cause);
    let images = |(path, tags): (&str, BTreeSet<&str>)| {
        let tags: Vec<_> = tags.into_iter().map(|tag| Node::new(tag.to_owned(), cause)).collect();
        (path.to_owned(), Node::new(tags, cause))
    };
    let registry = |(registry, paths): (&str, BTreeMap<&str, BTreeSet<&str>>)| {
        let images = node(Map::of_unique(paths.into_iter().map(images)));
        (registry.to_owned(), node(Map::of_unique([("images", images)])))
    };
    let document = node(Map::of_unique(registries.into_iter().map(registry)));
    let head = format!("What {} needs, by registry, for `skopeo sync --src yaml`.", artifacts.fqdn);
    let mut comment = vec![head];
    comment.extend(left_out.iter().map(|(why, place)| format!("Not here, since {why}: {place}")));
    let opaque: Vec<_> = artifacts.opaque.iter().map(String::as_str).collect();
    if !opaque.is_empty() {
        comment.push(format!("Not here, since charts are not opened: the images of {}", opaque.join(", ")));
    }
    let mut out: String = comment.iter().flat_map(|line| ["# ", line, "\n"]).collect();
    yaml::append(&mut out, &document);
    out
}
