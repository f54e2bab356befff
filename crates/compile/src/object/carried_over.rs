//! An object of an old tree, as it stood there: what a step of a rollout keeps while it only adds an annotation.

use super::Meta;
use sovereign_text::node::{Map, Node, Value};
use sovereign_text::source::Spanned;

/// An object as it stood, with one annotation more.
#[derive(Clone, Debug)]
pub struct CarriedOver {
    /// The metadata that tell it from others.
    pub meta: Meta,
    /// The kind.
    pub kind: String,
    /// Group and version.
    pub api_version: String,
    /// All of it.
    node: Node,
}

impl CarriedOver {
    /// Returns an object as JSON, with an annotation. `heir` is the same object as it will be.
    pub fn annotated(
        was: &serde_json::Value,
        heir: &super::Object,
        key: &'static str,
        value: &'static str,
    ) -> Self {
        let name = &heir.meta().name;
        let mut node = Node::from_json(was.clone(), name.span);
        node.set(&["metadata", "annotations", key], Node::new(value, name.span));
        if let Some(Value::Map(map)) = annotations(&mut node).map(|node| &mut node.value) {
            let mut entries: Vec<_> = map.iter().map(|(key, node)| (key.to_owned(), node.clone())).collect();
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            *map = Map::of_unique(entries);
        }
        let mut meta = Meta::cluster(name.clone());
        meta.namespace.clone_from(&heir.meta().namespace);
        meta.annotations = vec![(key, Spanned::new(value.to_owned(), name.span))];
        let api_version = was.get("apiVersion").and_then(serde_json::Value::as_str).unwrap_or_default();
        Self { meta, kind: heir.kind().to_owned(), api_version: api_version.to_owned(), node }
    }

    pub(super) fn node(&self) -> Node {
        self.node.clone()
    }
}

fn annotations(node: &mut Node) -> Option<&mut Node> {
    let Value::Map(object) = &mut node.value else { return None };
    let Value::Map(metadata) = &mut object.get_mut("metadata")?.value else { return None };
    metadata.get_mut("annotations")
}
