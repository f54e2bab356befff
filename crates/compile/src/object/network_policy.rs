//! What keeps the Pods of a namespace apart from those of others.

use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::{Fields, Map, Node};
use sovereign_text::source::Span;

/// `networking.k8s.io` NetworkPolicy of all Pods of a namespace: what it does not list is refused.
#[derive(Clone, Debug)]
pub struct NetworkPolicy {
    /// Its metadata.
    pub meta: Meta,
    /// Who may reach the Pods.
    pub ingress: Vec<Flow>,
    /// Whom the Pods may reach.
    pub egress: Vec<Flow>,
}

/// Connections that are allowed.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// With whom.
    pub peers: &'static [Peer],
    /// To which ports, each with its protocol. None means all. The port of the Pod counts, not that of the Service:
    /// the policy is applied after the address is translated.
    pub ports: &'static [(&'static str, i64)],
}

/// The other side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// All Pods of the same namespace.
    SameNamespace,
    /// All Pods of a namespace.
    Namespace(&'static str),
}

impl Resource for NetworkPolicy {
    const KIND: &'static str = "NetworkPolicy";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("networking.k8s.io/v1");
    const DEFINITION: Definition = Definition::BuiltIn;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        let span = self.meta.name.span;
        let kinds = ["Ingress", "Egress"].map(|kind| Node::new(kind, span));
        let flows = |flows: &[Flow], side| flows.iter().map(|flow| flow.node(side, span)).collect::<Vec<_>>();
        let spec = Fields::new(span)
            .fixed("podSelector", Map::new())
            .fixed("policyTypes", kinds.to_vec())
            .fixed("ingress", flows(&self.ingress, "from"))
            .fixed("egress", flows(&self.egress, "to"));
        object.put("spec", spec.node())
    }
}

impl Flow {
    fn node(self, side: &'static str, span: Span) -> Node {
        let peer = |peer: &Peer| {
            let labels = match peer {
                Peer::SameNamespace => return Fields::new(span).fixed("podSelector", Map::new()).node(),
                Peer::Namespace(name) => Fields::new(span).fixed("kubernetes.io/metadata.name", *name),
            };
            let selector = Fields::new(span).put("matchLabels", labels.node());
            Fields::new(span).put("namespaceSelector", selector.node()).node()
        };
        let port = |(protocol, port): &(&'static str, i64)| {
            Fields::new(span).fixed("protocol", *protocol).fixed("port", *port).node()
        };
        let mut fields = Fields::new(span);
        if !self.peers.is_empty() {
            fields = fields.fixed(side, self.peers.iter().map(peer).collect::<Vec<_>>());
        }
        if !self.ports.is_empty() {
            fields = fields.fixed("ports", self.ports.iter().map(port).collect::<Vec<_>>());
        }
        fields.node()
    }
}
