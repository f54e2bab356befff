//! The Gateway, and what it listens to.

use super::{ApiVersion, Definition, Hosts, Meta, Resource};
use sovereign_text::node::{Fields, Node};
use sovereign_text::source::Spanned;

/// `gateway.networking.k8s.io` Gateway.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Its metadata.
    pub meta: Meta,
    /// Its class.
    pub class: &'static str,
    /// Its listeners.
    pub listeners: Vec<Listener>,
}

/// A listener of a [`Gateway`].
#[derive(Clone, Debug)]
pub struct Listener {
    /// Its name, unique in the Gateway.
    pub name: String,
    /// The host name it serves; every one if there is none.
    pub hostname: Option<Spanned<String>>,
    /// The port.
    pub port: i64,
    /// The Secret with the certificate, for HTTPS.
    pub certificate: Option<Spanned<String>>,
}

impl Resource for Gateway {
    const KIND: &'static str = "Gateway";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("gateway.networking.k8s.io/v1");
    const DEFINITION: Definition = Definition::Release;
    const HOSTS: Hosts = Hosts::Nowhere;

    fn body(&self, object: Fields) -> Fields {
        let listeners: Vec<_> = self.listeners.iter().map(|listener| self.listener(listener)).collect();
        let spec = Fields::new(self.meta.name.span)
            .fixed("gatewayClassName", self.class)
            .fixed("listeners", listeners);
        object.put("spec", spec.node())
    }
}

impl Gateway {
    fn listener(&self, listener: &Listener) -> Node {
        let span = listener.hostname.as_ref().map_or(self.meta.name.span, |hostname| hostname.span);
        let protocol = if listener.certificate.is_some() { "HTTPS" } else { "HTTP" };
        let mut fields = Fields::new(span)
            .fixed("name", listener.name.clone())
            .maybe("hostname", listener.hostname.as_ref())
            .fixed("port", listener.port)
            .fixed("protocol", protocol);
        if let Some(secret) = &listener.certificate {
            let reference = Fields::new(secret.span).fixed("kind", "Secret").set("name", secret).node();
            let tls = Fields::new(secret.span).fixed("mode", "Terminate");
            fields = fields.put("tls", tls.fixed("certificateRefs", vec![reference]).node());
        }
        let from = Fields::new(span).fixed("from", "All").node();
        fields.put("allowedRoutes", Fields::new(span).put("namespaces", from).node()).node()
    }
}
