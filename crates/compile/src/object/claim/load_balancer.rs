//! A load balancer in front of the machines of a region.

use super::{Claim, ClaimKind, Parameters, Reference};
use sovereign_language::cloud::NetworkId;
use sovereign_language::scalar::RegionName;
use sovereign_text::node::{Fields, Node, text};
use sovereign_text::source::{Span, Spanned};

/// Claim of this kind: a load balancer in front of the machines of a region.
pub type LoadBalancerClaim = Claim<LoadBalancerParameters>;

/// The parameters of a [`LoadBalancerClaim`].
#[derive(Clone, Debug)]
pub struct LoadBalancerParameters {
    /// Its name.
    pub name: Spanned<String>,
    /// The RegionClaim.
    pub region_claim: Reference,
    /// The region.
    pub region: Spanned<RegionName>,
    /// What kind it is.
    pub kind: Spanned<String>,
    /// The private network, once its number is known.
    pub network: Option<Spanned<NetworkId>>,
    /// Public ports, and the ports of the machines that they lead to.
    pub listeners: Vec<(Spanned<i64>, Spanned<i64>)>,
    /// The name of the ClusterClaim whose machines it leads to.
    pub cluster: Spanned<String>,
    /// The domain name of the Sovereign.
    pub fqdn: Spanned<String>,
}

impl Parameters for LoadBalancerParameters {
    const KIND: &'static str = "LoadBalancerClaim";
    const CLAIM: ClaimKind = ClaimKind { has_machines: true, immutable: &["region"] };

    fn node(&self, cause: Span) -> Node {
        let listener = |(port, target): &(Spanned<i64>, Spanned<i64>)| {
            Fields::new(port.span).set("port", port).fixed("protocol", "tcp").set("targetPort", target).node()
        };
        let listeners: Vec<_> = self.listeners.iter().map(listener).collect();
        let selector = self.cluster.as_ref().map(|name| format!("catalyst.openova.io/cluster={name}"));
        let target = Fields::new(self.cluster.span)
            .fixed("type", "label-selector")
            .set("labelSelector", &selector)
            .fixed("usePrivateIP", true)
            .node();
        Fields::new(cause)
            .set("name", &self.name)
            .put("regionRef", self.region_claim.node())
            .set("region", &text(&self.region))
            .set("loadBalancerType", &self.kind)
            .shown("networkId", self.network.as_ref())
            .fixed("algorithm", "round-robin")
            .fixed("listeners", listeners)
            .fixed("targets", vec![target])
            .set("sovereignFQDN", &self.fqdn)
            .node()
    }
}
