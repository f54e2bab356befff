//! Images in value trees: a reference as text, or a table with `repository` and `tag`.
//!
//! What is an image is said by its key (`image`, `sidecarImage`, `RELATED_IMAGE_PROXY`), by its table, or by a text that
//! can be nothing else: registry, path and tag.

use crate::reference::{ImageRef, image_parts};
use crate::scalar::Scalar as _;
use sovereign_text::key_hint::{self, KeyHint, Word, hint_of};
use sovereign_text::node::{Map, Node, Value};

/// Where an image without a registry comes from.
pub const HUB: &str = "docker.io";
/// The same by its old name, which every reader of references takes for the new one.
const OLD_HUB: &str = "index.docker.io";
/// Endings of pictures, which are images of another kind.
const PICTURES: [&str; 6] = [".gif", ".ico", ".jpg", ".png", ".svg", ".webp"];

/// An image by its full name, as containerd and skopeo have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The registry.
    pub registry: String,
    /// The path in it.
    pub path: String,
    /// The tag or digest; without one, the chart has it.
    pub tag: Option<String>,
}

impl Image {
    /// Returns the image of a reference: `nginx:1.27` is `docker.io/library/nginx:1.27`.
    pub fn parse(reference: &str) -> Self {
        let (named, tag) = image_parts(reference);
        let written = named.split_once('/').filter(|_| has_registry(named));
        let (registry, path) = written.unwrap_or((HUB, named));
        let registry = if registry == OLD_HUB { HUB } else { registry };
        let of_docker = if registry == HUB && !path.contains('/') { "library/" } else { "" };
        Self {
            registry: registry.to_owned(),
            path: format!("{of_docker}{path}"),
            tag: tag.map(str::to_owned),
        }
    }

    /// Registry and path.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.registry, self.path)
    }
}

/// Returns whether the first part of a reference is a registry: it has a dot or a port, or is this machine.
fn has_registry(reference: &str) -> bool {
    let first = reference.split_once('/').map_or("", |(first, _)| first);
    first.contains(['.', ':']) || first == "localhost"
}

/// Returns the image of a reference that may be none: a file, a registry, a phrase. `join` is a registry that
/// stands in front of it.
fn image(reference: &str, join: Option<&str>, tag: Option<String>) -> Option<Image> {
    let joined = join.map(|registry| format!("{registry}/{reference}"));
    let image = Image::parse(joined.as_deref().unwrap_or(reference));
    let image = Image { tag: image.tag.clone().or(tag), ..image };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let is_step =
        |step: &str| step.chars().all(plain) && step.starts_with(|c: char| c.is_ascii_alphanumeric());
    // A word with a dot is a file, or a registry with its port; images of Docker have none.
    let is_file = join.is_none() && !reference.contains('/') && image.path.contains('.');
    let is_picture = image.tag.is_none() && PICTURES.iter().any(|ending| image.path.ends_with(ending));
    (image.path.split('/').all(is_step) && !is_file && !is_picture).then_some(image)
}

/// An image in a value tree.
#[derive(Debug)]
pub struct Found<'a> {
    /// The image.
    pub image: Image,
    /// The value that says its registry: that of the reference where nothing says it.
    pub registry: &'a Node,
}

/// Visits every image that a value tree behind a key names.
pub fn in_tree(key: &str, node: &Node, see: &mut dyn FnMut(Found<'_>)) {
    below(key, node, None, see);
}

/// `join` is what charts put in front of an image without a registry: `global.imageRegistry`.
fn below<'a>(key: &'a str, node: &'a Node, join: Option<&'a Node>, see: &mut dyn FnMut(Found<'_>)) {
    match &node.value {
        Value::String(text) => in_text(key, text, node, join, see),
        Value::List(items) => {
            key_hint::keys_of(key, items).for_each(|(key, item)| below(key, item, join, see));
        }
        Value::Map(map) => {
            let join = node.at(&["global", "imageRegistry"]).filter(|node| is_said(node)).or(join);
            for (own, item) in map.iter() {
                let own = key_hint::key_of(map, own);
                // `images` is a mapping as often as a list.
                let own = if key == "images" && hint_of(own) == KeyHint::Nothing { key } else { own };
                match entry(key, map, own, item, join) {
                    Some(found) => see(found),
                    None => below(own, item, join, see),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {}
    }
}

/// Returns the image of an entry, with the registry and the tag that stand beside it.
fn entry<'a>(
    key: &str,
    map: &'a Map,
    own: &str,
    node: &'a Node,
    join: Option<&'a Node>,
) -> Option<Found<'a>> {
    let reference = node.as_str()?;
    let is_named = match own {
        "repository" => true,
        "name" => hint_of(key) == KeyHint::Image,
        _ => hint_of(own) == KeyHint::Image,
    };
    if !is_named {
        return None;
    }
    // `imageRepository` has an `imageTag` beside it, `image` a `tag` or an `imageTag`.
    let stem = own.strip_suffix("Repository").or_else(|| own.strip_suffix("Name")).unwrap_or(own);
    let beside = |short: &str, long: &str| {
        let said = |key: &str| map.get(key).filter(|node| is_said(node));
        said(short).or_else(|| said(&format!("{stem}{long}")))
    };
    let registry = beside("registry", "Registry");
    let tag = beside("digest", "Digest").or_else(|| beside("tag", "Tag")).and_then(text);
    let is_whole = registry.is_some() || tag.is_some();
    let is_image = match own {
        "repository" => is_whole || hint_of(key) == KeyHint::Image,
        "name" => is_whole,
        _ => is_whole || reference.contains(['/', ':']),
    };
    let registry = registry.or(join.filter(|_| !has_registry(reference)));
    let image = image(reference, registry.and_then(Node::as_str), tag).filter(|_| is_image)?;
    Some(Found { image, registry: registry.unwrap_or(node) })
}

/// Returns whether a value is a text or a number that is there.
fn is_said(node: &Node) -> bool {
    text(node).is_some()
}

/// Returns a text or a number as text, unless it is empty.
fn text(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.to_string()).filter(|text| !text.is_empty()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn in_text<'a>(
    key: &str,
    text: &str,
    node: &'a Node,
    join: Option<&'a Node>,
    see: &mut dyn FnMut(Found<'_>),
) {
    // Most texts of a tree are words without any of these.
    if !text.contains(['/', ':', '@']) {
        return;
    }
    for Word { key, text: word } in key_hint::words(key, text) {
        let word = word.strip_prefix("docker://").unwrap_or(word);
        let is_tagged = image_parts(word).1.is_some();
        if is_tagged && is_reference(word) {
            see(Found { image: Image::parse(word), registry: node });
        } else if hint_of(key) == KeyHint::Image && (is_tagged || (word == text && word.contains('/'))) {
            let join = join.filter(|_| !has_registry(word));
            if let Some(image) = image(word, join.and_then(Node::as_str), None) {
                see(Found { image, registry: join.unwrap_or(node) });
            }
        }
    }
}

/// Returns whether a word with a tag can be nothing but an image: it has a registry with a name.
fn is_reference(word: &str) -> bool {
    let registry = word.split('/').next().unwrap_or_default();
    registry.bytes().any(|b| b.is_ascii_alphabetic()) && ImageRef::parse(word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_text::source::{SourceId, Span};

    fn found(json: serde_json::Value) -> Vec<String> {
        let node = Node::from_json(json, Span::new(SourceId::MANIFEST, 0..0));
        let mut images = Vec::new();
        in_tree("", &node, &mut |found| {
            let (name, tag) = (found.image.repository(), found.image.tag);
            images.push(tag.map_or_else(|| name.clone(), |tag| format!("{name}:{tag}")));
        });
        images
    }

    #[test]
    fn references_have_the_names_that_containerd_gives_them() {
        for (reference, repository, tag) in [
            ("nginx:1.27", "docker.io/library/nginx", Some("1.27")),
            ("bitnami/redis", "docker.io/bitnami/redis", None),
            ("docker.io/nginx", "docker.io/library/nginx", None),
            ("index.docker.io/a/b:1", "docker.io/a/b", Some("1")),
            ("a.b:80/c", "a.b:80/c", None),
            ("a.b/c:1@sha256:0", "a.b/c", Some("sha256:0")),
            ("localhost/c", "localhost/c", None),
        ] {
            let image = Image::parse(reference);
            assert_eq!((image.repository().as_str(), image.tag.as_deref()), (repository, tag), "{reference}");
        }
    }

    #[test]
    fn images_are_found_wherever_charts_keep_them() {
        use serde_json::json;
        for (values, expected) in [
            (json!({"image": "a.b/c:1"}), "a.b/c:1"),
            (json!({"image": "nginx:1.27"}), "docker.io/library/nginx:1.27"),
            (json!({"image": "nginx", "tag": 1}), "docker.io/library/nginx:1"),
            (json!({"image": {"registry": "a.b", "repository": "c/d", "tag": 1}}), "a.b/c/d:1"),
            (json!({"image": {"repository": "a.b/c", "tag": ""}}), "a.b/c"),
            (json!({"image": {"repository": "a.b/c", "tag": "1", "digest": "sha256:0"}}), "a.b/c:sha256:0"),
            (json!({"image": {"name": "c/d", "tag": "1"}}), "docker.io/c/d:1"),
            (json!({"imageName": "a.b/c:1"}), "a.b/c:1"),
            (json!({"imageRepository": "c/d", "imageTag": "1"}), "docker.io/c/d:1"),
            (json!({"sidecarImage": "c/d", "sidecarImageTag": "1"}), "docker.io/c/d:1"),
            (json!({"sidecar": {"repository": "c/d", "tag": "1"}}), "docker.io/c/d:1"),
            (json!({"images": {"proxy": "c/d:1"}}), "docker.io/c/d:1"),
            (json!({"images": ["c/d:1"]}), "docker.io/c/d:1"),
            (json!({"env": [{"name": "RELATED_IMAGE_CONTROLLER", "value": "c/d:1"}]}), "docker.io/c/d:1"),
            (json!({"args": ["--reloader-image=a.b/c:1"]}), "a.b/c:1"),
            (json!({"args": ["--image", "c:1"]}), "docker.io/library/c:1"),
            (json!({"patch": "spec:\n  - image: a.b/c:1\n"}), "a.b/c:1"),
            (json!({"from": "docker://a.b/c:1"}), "a.b/c:1"),
            (
                json!({"anything": "a.b/c@sha256:".to_owned() + &"0".repeat(64)}),
                &format!("a.b/c:sha256:{}", "0".repeat(64)),
            ),
            (
                json!({"global": {"imageRegistry": "r.x"}, "a": {"image": {"repository": "c/d", "tag": "1"}}}),
                "r.x/c/d:1",
            ),
            (json!({"global": {"imageRegistry": "r.x"}, "image": "a.b/c:1"}), "a.b/c:1"),
        ] {
            assert_eq!(found(values.clone()), [expected], "{values}");
        }
    }

    #[test]
    fn what_is_no_image_is_none() {
        use serde_json::json;
        for values in [
            json!({"image": "busybox"}),
            json!({"image": {"tag": "1"}}),
            json!({"image": {"registry": "a.b:443", "pullPolicy": "Always"}}),
            json!({"imageRegistry": "a.b:443", "imageTag": "1"}),
            json!({"imagePullSecrets": ["a/b"]}),
            json!({"logoImage": "img/logo.png"}),
            json!({"machineImage": "ubuntu-24.04"}),
            json!({"repository": "https://a.b/c", "tag": "v1"}),
            json!({"repository": "c/d"}),
            json!({"url": "https://a.b/c:1"}),
            json!({"model": "Qwen/Qwen2.5:1"}),
            json!({"at": "10:30", "network": "10.0.0.0/8:1"}),
        ] {
            assert_eq!(found(values.clone()), Vec::<String>::new(), "{values}");
        }
    }
}
