//! The issuer of a corporate CA.

use super::{ApiVersion, Definition, Meta, Resource, SecretUse};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `cert-manager.io` ClusterIssuer that signs with a CA from a Secret in the namespace of cert-manager.
#[derive(Clone, Debug)]
pub struct ClusterIssuer {
    /// Its metadata.
    pub meta: Meta,
    /// The Secret.
    pub ca: Spanned<String>,
}

impl ClusterIssuer {
    /// Where ClusterIssuers look for Secrets.
    pub(crate) const SECRETS: &'static str = "cert-manager";
}

impl Resource for ClusterIssuer {
    const KIND: &'static str = "ClusterIssuer";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("cert-manager.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        let ca = Fields::new(self.ca.span).set("secretName", &self.ca).node();
        object.put("spec", Fields::new(self.meta.name.span).put("ca", ca).node())
    }

    fn secrets(&self) -> Vec<SecretUse<'_>> {
        let keys = vec!["tls.crt", "tls.key"];
        vec![SecretUse { namespace: Self::SECRETS, name: &self.ca.value, keys, comes_first: false }]
    }
}
