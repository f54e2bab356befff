//! How Crossplane's packages log in.

use super::{ApiVersion, Definition, Identity, Meta, Need, Provider, Resource, SecretKey, SecretUse};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// ProviderConfig of a Crossplane provider: how it logs in.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Its metadata.
    pub meta: Meta,
    /// The group and version that the Provider brings.
    pub api_version: Spanned<String>,
    /// The Provider that brings the kind.
    pub provider: Spanned<String>,
    /// The credentials.
    pub secret: SecretKey,
}

impl Resource for ProviderConfig {
    const KIND: &'static str = "ProviderConfig";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Given(|config| &config.api_version.value);
    const DEFINITION: Definition = Definition::Object;

    fn body(&self, object: Fields) -> Fields {
        let SecretKey { namespace, name, key } = &self.secret;
        let reference = Fields::new(name.span).set("namespace", namespace).set("name", name).set("key", key);
        let credentials = Fields::new(name.span).fixed("source", "Secret").put("secretRef", reference.node());
        object.put("spec", Fields::new(self.meta.name.span).put("credentials", credentials.node()).node())
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::Object(Identity {
            group: "pkg.crossplane.io".to_owned(),
            kind: Provider::KIND.into(),
            namespace: None,
            name: self.provider.value.clone(),
        })]
    }

    fn secrets(&self) -> Vec<SecretUse<'_>> {
        vec![self.secret.secret()]
    }
}
