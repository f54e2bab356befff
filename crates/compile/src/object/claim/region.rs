//! A network, its firewall, and the first machine of the control plane.

use super::{Claim, ClaimKind, Parameters};
use sovereign_language::cloud::Provider;
use sovereign_language::scalar::{Cidr, MachineSize, RegionName};
use sovereign_text::node::{Fields, Node, text};
use sovereign_text::source::{Span, Spanned};

/// Claim of this kind: a network, its firewall, and the first machine of the control plane.
pub type RegionClaim = Claim<RegionParameters>;

/// The parameters of a [`RegionClaim`].
#[derive(Clone, Debug)]
pub struct RegionParameters {
    /// The region.
    pub region: Spanned<RegionName>,
    /// The cloud.
    pub provider: Spanned<Provider>,
    /// The size of the first machine of the control plane.
    pub control_plane: Spanned<MachineSize>,
    /// The size of workers.
    pub worker: Spanned<MachineSize>,
    /// The SSH key at the provider.
    pub ssh_key: Spanned<String>,
    /// The range of the network.
    pub network: Spanned<Cidr>,
    /// The range of its machines, inside that of the network.
    pub subnet: Spanned<Cidr>,
}

impl Parameters for RegionParameters {
    const KIND: &'static str = "RegionClaim";
    const CLAIM: ClaimKind = ClaimKind { has_machines: true, immutable: &["region", "sshKeyName"] };

    fn node(&self, cause: Span) -> Node {
        Fields::new(cause)
            .set("region", &text(&self.region))
            .set("provider", &text(&self.provider))
            .set("skuCP", &text(&self.control_plane))
            .set("skuWorker", &text(&self.worker))
            // Workers have one owner, their NodePoolClaim: a number here is a wish that others would fulfil again.
            .fixed("workerCount", 0)
            .set("sshKeyName", &self.ssh_key)
            .set("ipRange", &text(&self.network))
            .set("subnetIpRange", &text(&self.subnet))
            .node()
    }
}
