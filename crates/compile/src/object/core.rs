//! Objects of the Kubernetes core API.

use super::Meta;
use sovereign_text::node::{Map, Node};
use sovereign_text::source::Spanned;

/// A Namespace. Its labels say the pod-security level, its annotation keeps Flux from ever deleting it with all
/// that lives in it.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its metadata; a Namespace has nothing else.
    pub meta: Meta,
}

/// A ConfigMap.
#[derive(Clone, Debug)]
pub struct ConfigMap {
    /// Its metadata.
    pub meta: Meta,
    /// Its texts, by key.
    pub data: Vec<(String, Spanned<String>)>,
}

impl ConfigMap {
    pub(super) fn data(&self) -> Node {
        let mut data = Map::new();
        for (key, text) in &self.data {
            data.insert(key.clone(), text.clone().into());
        }
        Node::new(data, self.meta.name.span)
    }
}
