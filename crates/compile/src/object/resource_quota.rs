//! What an Organization may use.

use super::tables::amounts;
use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `v1` ResourceQuota: how much may be asked for in a namespace.
#[derive(Clone, Debug)]
pub struct ResourceQuota {
    /// Its metadata.
    pub meta: Meta,
    /// What is limited, and how much of it there is.
    pub hard: Vec<(&'static str, Spanned<String>)>,
}

impl Resource for ResourceQuota {
    const KIND: &'static str = "ResourceQuota";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("v1");
    const DEFINITION: Definition = Definition::BuiltIn;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        let span = self.meta.name.span;
        object.put("spec", Fields::new(span).put("hard", amounts(&self.hard, span)).node())
    }
}
