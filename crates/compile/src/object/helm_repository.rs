//! Where charts come from.

use super::{ApiVersion, Definition, Meta, Resource, SecretUse};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `source.toolkit.fluxcd.io` HelmRepository: where a chart comes from.
#[derive(Clone, Debug)]
pub struct HelmRepository {
    /// Its metadata.
    pub meta: Meta,
    /// Registry and project, without the chart: Flux joins the two (a chart in the URL gives a path with the name
    /// twice, which registries answer with 401).
    pub url: Spanned<String>,
    /// How often it is looked at.
    pub interval: Spanned<String>,
    /// The Secret with credentials.
    pub secret: Option<Spanned<String>>,
}

impl Resource for HelmRepository {
    const KIND: &'static str = "HelmRepository";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("source.toolkit.fluxcd.io/v1");
    const DEFINITION: Definition = Definition::BuiltIn;

    fn body(&self, object: Fields) -> Fields {
        let kind = if self.url.value.starts_with("oci://") { "oci" } else { "default" };
        let secret = self.secret.as_ref();
        let spec = Fields::new(self.meta.name.span)
            .fixed("type", kind)
            .set("interval", &self.interval)
            .set("url", &self.url)
            .put_some("secretRef", secret.map(|name| Fields::new(name.span).set("name", name).node()));
        object.put("spec", spec.node())
    }

    fn secrets(&self) -> Vec<SecretUse<'_>> {
        let secret = self.secret.iter().map(|name| SecretUse {
            comes_first: true,
            ..SecretUse::beside(&self.meta, &name.value, Vec::new())
        });
        secret.collect()
    }
}
