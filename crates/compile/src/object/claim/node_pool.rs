//! Further machines of one size and role.

use super::{Claim, ClaimKind, Parameters, Reference};
use sovereign_language::cloud::NetworkId;
use sovereign_language::scalar::{MachineSize, RegionName};
use sovereign_text::node::{Fields, Node, text};
use sovereign_text::source::{Span, Spanned};

/// Claim of this kind: further machines of one size and role.
pub type NodePoolClaim = Claim<NodePoolParameters>;

/// The parameters of a [`NodePoolClaim`].
#[derive(Clone, Debug)]
pub struct NodePoolParameters {
    /// The name of the pool; its machines are numbered behind it.
    pub name: Spanned<String>,
    /// The ClusterClaim.
    pub cluster: Reference,
    /// The size of its machines.
    pub size: Spanned<MachineSize>,
    /// How many.
    pub replicas: Spanned<i64>,
    /// What they are.
    pub role: NodeRole,
    /// The region.
    pub region: Spanned<RegionName>,
    /// The SSH key at the provider.
    pub ssh_key: Spanned<String>,
    /// The private network, once its number is known.
    pub network: Option<Spanned<NetworkId>>,
}

/// What a machine of a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    /// A further machine of the control plane.
    ControlPlane,
    /// A worker.
    Worker,
}

impl NodeRole {
    /// Returns the role as claims and labels write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Worker => "worker",
        }
    }
}

impl Parameters for NodePoolParameters {
    const KIND: &'static str = "NodePoolClaim";
    const CLAIM: ClaimKind = ClaimKind { has_machines: true, immutable: &["region", "sshKeyName"] };

    fn node(&self, cause: Span) -> Node {
        Fields::new(cause)
            .set("name", &self.name)
            .put("clusterRef", self.cluster.node())
            .set("sku", &text(&self.size))
            .set("replicas", &self.replicas)
            .fixed("role", self.role.word())
            .set("region", &text(&self.region))
            .set("sshKeyName", &self.ssh_key)
            .shown("networkId", self.network.as_ref())
            .node()
    }
}
