//! The name servers of a DNS quorum.

use super::{ApiVersion, Definition, Meta, Resource, SecretKey, SecretUse};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `dr.openova.io` PDM: a server that answers for the zone and vouches for a DNS quorum (domain section 5.2).
#[derive(Clone, Debug)]
pub struct Pdm {
    /// Its metadata.
    pub meta: Meta,
    /// Where its API answers.
    pub endpoint: Spanned<String>,
    /// The node label of its region, if it is one of the Sovereign's.
    pub region: Option<Spanned<String>>,
    /// The zone.
    pub zone: Spanned<String>,
    /// What it is to the others.
    pub role: Spanned<String>,
    /// The name in its certificate.
    pub tls_server_name: Option<Spanned<String>>,
    /// Its API key.
    pub api: Option<SecretKey>,
}

impl Resource for Pdm {
    const KIND: &'static str = "PDM";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("dr.openova.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        let api = self.api.as_ref().map(|SecretKey { namespace, name, key }| {
            Fields::new(name.span).set("name", name).set("namespace", namespace).set("key", key).node()
        });
        let spec = Fields::new(self.meta.name.span)
            .set("endpoint", &self.endpoint)
            .maybe("region", self.region.as_ref())
            .set("zone", &self.zone)
            .set("role", &self.role)
            .maybe("tlsServerName", self.tls_server_name.as_ref())
            .put_some("apiSecretRef", api);
        object.put("spec", spec.node())
    }

    fn secrets(&self) -> Vec<SecretUse<'_>> {
        self.api.iter().map(SecretKey::secret).collect()
    }
}
