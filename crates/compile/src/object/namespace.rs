//! Namespaces.

use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::Fields;

/// `v1` Namespace. Its labels say the pod-security level, its annotation keeps Flux from ever deleting it with all that
/// lives in it.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its metadata; a Namespace has nothing else.
    pub meta: Meta,
}

impl Resource for Namespace {
    const KIND: &'static str = "Namespace";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("v1");
    const DEFINITION: Definition = Definition::BuiltIn;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        object
    }
}
