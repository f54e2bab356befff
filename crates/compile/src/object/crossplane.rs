//! Objects of Crossplane: providers and their configuration.

use super::{Fields, Meta};
use sovereign_text::node::Node;
use sovereign_text::source::Spanned;

/// A Provider: a Crossplane package.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its metadata.
    pub meta: Meta,
    /// The package, with its tag.
    pub package: Spanned<String>,
}

impl Provider {
    pub(super) fn spec(&self) -> Node {
        Fields::new(self.meta.name.span).set("package", &self.package).node()
    }
}

/// A ProviderConfig: how a Provider logs in.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Its metadata.
    pub meta: Meta,
    /// The group and version that the Provider brings.
    pub api_version: Spanned<String>,
    /// The Provider that brings the kind.
    pub provider: Spanned<String>,
    /// Namespace, name and key of the Secret with the credentials.
    pub secret: (Spanned<String>, Spanned<String>, Spanned<String>),
}

impl ProviderConfig {
    pub(super) fn spec(&self) -> Node {
        let (namespace, name, key) = &self.secret;
        let reference =
            Fields::new(name.span).set("namespace", namespace).set("name", name).set("key", key).node();
        let credentials = Fields::new(name.span).fixed("source", "Secret").put("secretRef", reference).node();
        Fields::new(self.meta.name.span).put("credentials", credentials).node()
    }
}
