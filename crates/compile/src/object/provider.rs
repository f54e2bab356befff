//! Crossplane's packages.

use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `pkg.crossplane.io` Provider: a Crossplane package.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its metadata.
    pub meta: Meta,
    /// The package, with its tag.
    pub package: Spanned<String>,
}

impl Resource for Provider {
    const KIND: &'static str = "Provider";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("pkg.crossplane.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        object.put("spec", Fields::new(self.meta.name.span).set("package", &self.package).node())
    }
}
