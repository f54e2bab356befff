//! The certificate of the Gateway.

use super::{ApiVersion, ClusterIssuer, Definition, Hosts, Meta, Resource};
use sovereign_text::node::{Fields, Node};
use sovereign_text::source::Spanned;

/// `cert-manager.io` Certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its metadata.
    pub meta: Meta,
    /// The Secret that holds it, which cert-manager makes.
    pub secret: Spanned<String>,
    /// The names it is for.
    pub dns_names: Vec<Spanned<String>>,
    /// The ClusterIssuer.
    pub issuer: Spanned<String>,
}

impl Resource for Certificate {
    const KIND: &'static str = "Certificate";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("cert-manager.io/v1");
    const DEFINITION: Definition = Definition::Release;
    const HOSTS: Hosts = Hosts::Nowhere;

    fn body(&self, object: Fields) -> Fields {
        let names: Vec<Node> = self.dns_names.iter().map(|name| name.clone().into()).collect();
        let issuer = Fields::new(self.issuer.span)
            .fixed("group", "cert-manager.io")
            .fixed("kind", ClusterIssuer::KIND)
            .set("name", &self.issuer);
        let spec = Fields::new(self.meta.name.span)
            .set("secretName", &self.secret)
            .put("issuerRef", issuer.node())
            .fixed("dnsNames", names);
        object.put("spec", spec.node())
    }
}
