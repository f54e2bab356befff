//! Texts that others read.

use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::{Fields, Map, Node};
use sovereign_text::source::Spanned;

/// `v1` ConfigMap.
#[derive(Clone, Debug)]
pub struct ConfigMap {
    /// Its metadata.
    pub meta: Meta,
    /// Its texts, by key.
    pub data: Vec<(String, Spanned<String>)>,
}

impl Resource for ConfigMap {
    const KIND: &'static str = "ConfigMap";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("v1");
    const DEFINITION: Definition = Definition::BuiltIn;

    fn body(&self, object: Fields) -> Fields {
        let mut data = Map::new();
        for (key, text) in &self.data {
            data.insert(key.clone(), text.clone().into());
        }
        object.put("data", Node::new(data, self.meta.name.span))
    }
}
