//! What stands at the edge of a cluster: the Gateway, its certificate, and the issuer of a corporate CA.

use super::{Fields, Meta};
use sovereign_text::node::Node;
use sovereign_text::source::Spanned;

/// A ClusterIssuer that signs with a CA from a Secret in the namespace of cert-manager.
#[derive(Clone, Debug)]
pub struct ClusterIssuer {
    /// Its metadata.
    pub meta: Meta,
    /// The Secret.
    pub ca: Spanned<String>,
}

impl ClusterIssuer {
    pub(super) fn spec(&self) -> Node {
        let ca = Fields::new(self.ca.span).set("secretName", &self.ca).node();
        Fields::new(self.meta.name.span).put("ca", ca).node()
    }
}

/// A Certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Its metadata.
    pub meta: Meta,
    /// The Secret that holds it.
    pub secret: Spanned<String>,
    /// The names it is for.
    pub dns_names: Vec<Spanned<String>>,
    /// The ClusterIssuer.
    pub issuer: Spanned<String>,
}

impl Certificate {
    pub(super) fn spec(&self) -> Node {
        let names: Vec<Node> = self.dns_names.iter().map(|name| name.clone().into()).collect();
        let issuer = Fields::new(self.issuer.span)
            .fixed("group", "cert-manager.io")
            .fixed("kind", "ClusterIssuer")
            .set("name", &self.issuer);
        Fields::new(self.meta.name.span)
            .set("secretName", &self.secret)
            .put("issuerRef", issuer.node())
            .fixed("dnsNames", names)
            .node()
    }
}

/// A Gateway.
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

impl Gateway {
    pub(super) fn spec(&self) -> Node {
        let listeners: Vec<_> = self.listeners.iter().map(|listener| self.listener(listener)).collect();
        Fields::new(self.meta.name.span)
            .fixed("gatewayClassName", self.class)
            .fixed("listeners", listeners)
            .node()
    }

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
