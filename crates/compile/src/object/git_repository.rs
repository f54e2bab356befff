//! Where Flux reads the tree from.

use super::{ApiVersion, Definition, Meta, Resource, SecretUse};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `source.toolkit.fluxcd.io` GitRepository: where Flux reads the tree from.
#[derive(Clone, Debug)]
pub struct GitRepository {
    /// Its metadata.
    pub meta: Meta,
    /// The repository.
    pub url: Spanned<String>,
    /// The branch.
    pub branch: Spanned<String>,
    /// How often it is looked at.
    pub interval: Spanned<String>,
    /// How long a clone may take.
    pub timeout: Spanned<String>,
    /// The Secret with credentials.
    pub secret: Option<Spanned<String>>,
    /// What of the repository the artifact leaves out, in the syntax of `.gitignore`.
    pub ignore: Spanned<String>,
}

impl Resource for GitRepository {
    const KIND: &'static str = "GitRepository";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("source.toolkit.fluxcd.io/v1");
    const DEFINITION: Definition = Definition::BuiltIn;

    fn body(&self, object: Fields) -> Fields {
        let secret = self.secret.as_ref();
        let spec = Fields::new(self.meta.name.span)
            .set("interval", &self.interval)
            .set("timeout", &self.timeout)
            .set("url", &self.url)
            .put("ref", Fields::new(self.branch.span).set("branch", &self.branch).node())
            .put_some("secretRef", secret.map(|name| Fields::new(name.span).set("name", name).node()))
            .set("ignore", &self.ignore);
        object.put("spec", spec.node())
    }

    fn secrets(&self) -> Vec<SecretUse<'_>> {
        // What Flux reads follows from the scheme of the URL.
        let keys = if self.url.value.starts_with("ssh://") {
            ["identity", "known_hosts"]
        } else {
            ["password", "username"]
        };
        let secret = self.secret.iter().map(|name| SecretUse {
            comes_first: true,
            ..SecretUse::beside(&self.meta, &name.value, keys.to_vec())
        });
        secret.collect()
    }
}
