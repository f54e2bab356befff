//! Routes between two networks.

use super::{Claim, ClaimKind, Parameters};
use sovereign_language::cloud::NetworkId;
use sovereign_language::scalar::Cidr;
use sovereign_text::node::{Fields, Node, text};
use sovereign_text::source::{Span, Spanned};

/// Claim of this kind: routes between two networks.
pub type PeeringClaim = Claim<PeeringParameters>;

/// The parameters of a [`PeeringClaim`]. Its regions are numbers of networks at the provider.
#[derive(Clone, Debug)]
pub struct PeeringParameters {
    /// Its name.
    pub name: Spanned<String>,
    /// The one network: its number and its range.
    pub a: (Spanned<NetworkId>, Spanned<Cidr>),
    /// The other one.
    pub b: (Spanned<NetworkId>, Spanned<Cidr>),
}

impl Parameters for PeeringParameters {
    const KIND: &'static str = "PeeringClaim";
    const CLAIM: ClaimKind = ClaimKind { has_machines: false, immutable: &[] };

    fn node(&self, cause: Span) -> Node {
        Fields::new(cause)
            .set("name", &self.name)
            .set("regionAID", &text(&self.a.0))
            .set("regionBID", &text(&self.b.0))
            .set("cidrA", &text(&self.a.1))
            .set("cidrB", &text(&self.b.1))
            .fixed("bidirectional", true)
            .node()
    }
}
