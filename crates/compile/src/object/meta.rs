//! `metadata`.

use sovereign_language::scalar::{LABEL, Shard};
use sovereign_text::node::{Fields, Map, Node, text};
use sovereign_text::source::Spanned;

/// `metadata`.
#[derive(Clone, Debug)]
pub struct Meta {
    /// The name.
    pub name: Spanned<String>,
    /// The namespace, for kinds that have one.
    pub namespace: Option<Spanned<String>>,
    /// The shard it belongs to, if not to Flux's own controllers. Becomes a label.
    pub shard: Option<Spanned<Shard>>,
    /// Further labels, in the order of their keys.
    pub labels: Vec<(String, Spanned<String>)>,
    /// Annotations, in the order of their keys.
    pub annotations: Vec<(&'static str, Spanned<String>)>,
}

impl Meta {
    /// Metadata of a cluster-scoped object.
    pub fn cluster(name: Spanned<String>) -> Self {
        Self { name, namespace: None, shard: None, labels: Vec::new(), annotations: Vec::new() }
    }

    /// Metadata of an object in a namespace.
    pub(crate) fn namespaced(name: Spanned<String>, namespace: &str) -> Self {
        let namespace = Some(Spanned::new(namespace.to_owned(), name.span));
        Self { name, namespace, shard: None, labels: Vec::new(), annotations: Vec::new() }
    }

    pub(super) fn node(&self) -> Node {
        let mut fields =
            Fields::new(self.name.span).set("name", &self.name).maybe("namespace", self.namespace.as_ref());
        let shard = self.shard.as_ref().map(|shard| (LABEL.to_owned(), text(shard)));
        if !self.labels.is_empty() || shard.is_some() {
            let mut labels = Map::new();
            for (key, value) in self.labels.iter().chain(&shard) {
                labels.insert(key.clone(), value.clone().into());
            }
            let mut labels = Node::new(labels, self.name.span);
            labels.sort();
            fields = fields.put("labels", labels);
        }
        if !self.annotations.is_empty() {
            let mut annotations = Map::new();
            for (key, value) in &self.annotations {
                annotations.insert(*key, value.clone().into());
            }
            fields = fields.put("annotations", Node::new(annotations, self.name.span));
        }
        fields.node()
    }
}
