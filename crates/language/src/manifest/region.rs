//! `[[region]]`: one cloud region, which is one k3s cluster.

use super::{BlueprintTable, HuaweiTable};
use crate::cloud::Provider;
use crate::cloud::hetzner::NetworkId;
use crate::scalar::choice::choice;
use crate::scalar::cidr::{Cidr, Ipv4};
use crate::scalar::dns::Label;
use crate::scalar::identity::{LabelKey, LabelValue};
use crate::scalar::location::{BuildingBlock, RegionCode, RegionLetter, RegionName};
use crate::scalar::machine::MachineSize;
use crate::scalar::name::{BlueprintName, DeploymentId};
use crate::scalar::port::FirewallRule;
use crate::schema::{Count, Named, table};
use sovereign_text::source::Spanned;

choice! {
    /// What a region is to the others.
    Role, "a region role" {
        /// Runs the control plane of the Sovereign. Exactly one.
        Primary "primary",
        /// Every other one.
        Secondary "secondary",
    }
}

choice! {
    /// Who makes the machines of a region.
    Maker, "a maker of machines" {
        /// The provider's module, before Flux runs.
        OpenTofu "opentofu",
        /// Crossplane in the primary's cluster, from claims in the tree.
        Crossplane "crossplane",
    }
}

choice! {
    /// A vCluster of the platform.
    Tier, "a vCluster" {
        /// The control plane of Catalyst.
        Mgmt "mgmt",
        /// The edge: gateway, firewall, mesh.
        Dmz "dmz",
        /// The restricted trust zone: tenants' workloads.
        Rtz "rtz",
    }
}

impl Tier {
    /// Returns the building block that the vCluster stands for.
    pub fn block(self) -> BuildingBlock {
        match self {
            Self::Mgmt => BuildingBlock::Mgt,
            Self::Dmz => BuildingBlock::Dmz,
            Self::Rtz => BuildingBlock::Rtz,
        }
    }
}

impl BuildingBlock {
    /// Returns the vCluster that stands for it.
    pub fn tier(self) -> Tier {
        match self {
            Self::Mgt => Tier::Mgmt,
            Self::Dmz => Tier::Dmz,
            Self::Rtz => Tier::Rtz,
        }
    }
}

table! {
    /// One cloud region, which is one k3s cluster.
    RegionTable {
        /// The provider's own name of the region, such as `hel1`. Also the name of its directory in the tree.
        name: RegionName = required,
        /// The cloud.
        provider: Provider = required,
        /// `primary` or `secondary`. Default: the first region is the primary unless another one says so.
        role: Role = optional,
        /// Who makes its machines: `opentofu` before Flux runs, or `crossplane` in the primary's cluster, from claims in
        /// the tree. Default `opentofu`, which made whatever is there already.
        managed_by: Maker = optional or "opentofu",
        /// Regions whose private network is joined with that of this one, which one of the two says. Default: none, since
        /// regions reach each other by WireGuard over public addresses.
        peers: Vec<Spanned<RegionName>> = optional,
        /// The short code of the region in names. Only where the naming tables have none (AWS, GCP, Azure).
        code: RegionCode = optional,
        /// The one-letter code of the region in DNS location codes. Only where the naming tables have none.
        letter: RegionLetter = optional,
        /// The control-plane machines.
        control_plane: NodePool = required,
        /// The worker machines. Default: none, workloads run on the control plane.
        workers: NodePool = optional,
        /// The vClusters of this region. Default: what the topology contract says.
        vclusters: Vec<Spanned<Tier>> = optional,
        /// Its number among the regions, never reused. Its key, the address of its control plane, and the defaults of the
        /// four keys below follow from it, so it stays when others come and go. Default: 0 for the primary, and for each
        /// other region one more than the highest before it.
        index: Count<0, 254> = optional,
        /// The range of Pod addresses. Default: allocated by `index`, 10.42.0.0/16 for 0.
        pod_cidr: Cidr = optional,
        /// The range of Service addresses. Default: allocated by `index`, 10.96.0.0/16 for 0.
        service_cidr: Cidr = optional,
        /// The range of machine addresses. Default: allocated by `index`, 10.0.1.0/24 for 0.
        network_cidr: Cidr = optional,
        /// The id in the cluster mesh, 1 to 255, never reused. Default: one more than `index`.
        mesh_id: Count<0, 65_535> = optional,
        /// The name in the cluster mesh, at most 32 characters. Default: `<sovereign.name>-<code>`.
        mesh_name: Label = optional,
        /// Labels that every machine of this region carries besides those of the platform.
        node_labels: Named<LabelKey, LabelValue> = optional,
        /// What the firewall of its machines lets in, as `tcp/443` or `udp/51871`. Default: what the provider's module
        /// opens.
        firewall: Vec<Spanned<FirewallRule>> = optional,
        /// What the Huawei module has to know of this region.
        huawei: HuaweiTable = optional,
        /// What is known only after provisioning. `tofu output` gives it.
        observed: Observed = optional,
        /// Changes to single blueprints in this region only.
        blueprint: Named<BlueprintName, BlueprintTable> = optional,
    }
}

table! {
    /// Machines of one size.
    NodePool {
        /// The provider's name of the machine size.
        size: MachineSize = required,
        /// How many. Default 1. A control plane has 1 or 3.
        count: Count<0, 50> = optional or 1,
    }
}

table! {
    /// Facts about a region that exist only after provisioning.
    Observed {
        /// The public address of the load balancer.
        load_balancer_address: Ipv4 = optional,
        /// The public address of the control plane.
        control_plane_address: Ipv4 = optional,
        /// The id of the deployment: 16 hexadecimal digits.
        deployment_id: DeploymentId = optional,
        /// The number of its private network at the provider, for claims of what is joined to it.
        network_id: NetworkId = optional,
    }
}
