//! Images in Helm values: a reference as text under a key such as `image`, or a table with `repository` and `tag`.

use crate::node::{Node, Step, Value};
use crate::reference::image_parts;

/// An image as values give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Registry and path.
    pub repository: String,
    /// The tag or digest; without one, the chart has it.
    pub tag: Option<String>,
}

impl Image {
    /// The image of a reference.
    pub fn parse(reference: &str) -> Self {
        let (repository, tag) = image_parts(reference);
        Self { repository: repository.to_owned(), tag: tag.map(str::to_owned) }
    }
}

/// Visits every value that stands where charts keep an image, with its key.
pub fn in_values(values: &Node, see: &mut dyn FnMut(&str, &Node)) {
    values.walk(&mut |path, node| {
        let Some(Step::Key(key)) = path.last() else { return };
        if key.eq_ignore_ascii_case("image") || key.ends_with("Image") {
            see(key, node);
        }
    });
}

/// The image that such a value says; `None` where it leaves the repository to the chart.
pub fn read(node: &Node) -> Option<Image> {
    if let Some(text) = node.as_str() {
        // Words without a registry are no references.
        return text.contains('/').then(|| Image::parse(text));
    }
    let map = node.as_map()?;
    let word = |key| map.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
    let number = |node: &Node| if let Value::Integer(n) = &node.value { Some(n.to_string()) } else { None };
    let repository = word("repository")?;
    let repository = match word("registry") {
        Some(registry) => format!("{registry}/{repository}"),
        None => repository.to_owned(),
    };
    let tag = word("tag").map(str::to_owned).or_else(|| map.get("tag").and_then(number));
    Some(Image { repository, tag: word("digest").map(str::to_owned).or(tag) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceId, Span};

    #[test]
    fn images_are_read_as_text_and_as_tables() {
        let cases = [
            (serde_json::json!("a.b/c:1"), Some(("a.b/c", Some("1")))),
            (serde_json::json!("a.b:80/c"), Some(("a.b:80/c", None))),
            (serde_json::json!("a.b/c:1@sha256:0"), Some(("a.b/c", Some("sha256:0")))),
            (serde_json::json!("busybox"), None),
            (
                serde_json::json!({"registry": "a.b", "repository": "c/d", "tag": 1}),
                Some(("a.b/c/d", Some("1"))),
            ),
            (serde_json::json!({"repository": "a.b/c", "tag": ""}), Some(("a.b/c", None))),
            (
                serde_json::json!({"repository": "a.b/c", "tag": "1", "digest": "sha256:0"}),
                Some(("a.b/c", Some("sha256:0"))),
            ),
            (serde_json::json!({"registry": "a.b"}), None),
        ];
        for (json, expected) in cases {
            let node = Node::from_json(json.clone(), Span::new(SourceId::MANIFEST, 0..0));
            let found = read(&node);
            let found = found.as_ref().map(|image| (image.repository.as_str(), image.tag.as_deref()));
            assert_eq!(found, expected, "{json}");
        }
    }
}
