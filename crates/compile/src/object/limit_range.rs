//! What a container gets that asks for nothing.

use super::tables::amounts;
use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `v1` LimitRange: what a container that says nothing asks for. Without it, a quota refuses such containers.
#[derive(Clone, Debug)]
pub struct LimitRange {
    /// Its metadata.
    pub meta: Meta,
    /// Its limits.
    pub limits: Vec<(&'static str, Spanned<String>)>,
    /// Its requests.
    pub requests: Vec<(&'static str, Spanned<String>)>,
}

impl Resource for LimitRange {
    const KIND: &'static str = "LimitRange";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("v1");
    const DEFINITION: Definition = Definition::BuiltIn;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        let span = self.meta.name.span;
        let container = Fields::new(span)
            .fixed("type", "Container")
            .put("default", amounts(&self.limits, span))
            .put("defaultRequest", amounts(&self.requests, span));
        object.put("spec", Fields::new(span).fixed("limits", vec![container.node()]).node())
    }
}
