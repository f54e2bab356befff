//! Claims: what Crossplane shall make at a provider (domain section 8.4). Their definitions come with
//! bp-crossplane-claims; which values they accept is a fact of the kit.

use super::{Fields, Identity, Meta, text};
use sovereign_language::cloud::Provider;
use sovereign_language::cloud::hetzner::NetworkId;
use sovereign_language::grammar::cidr::Cidr;
use sovereign_language::grammar::location::RegionName;
use sovereign_language::grammar::machine::MachineSize;
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{Span, Spanned};

/// The label that names the region which a claim is for.
pub const REGION_LABEL: &str = "catalyst.openova.io/region";
/// The kinds whose objects stand for machines, their disks and their addresses.
pub const KINDS_WITH_MACHINES: [&str; 4] =
    ["RegionClaim", "ClusterClaim", "NodePoolClaim", "LoadBalancerClaim"];

/// A claim: its parameters, and the ProviderConfig that it logs in with.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its metadata.
    pub meta: Meta,
    /// Group and version.
    pub api_version: Spanned<String>,
    /// The name of the ProviderConfig.
    pub config: Spanned<String>,
    /// The API group of the ProviderConfig.
    pub config_group: String,
    /// What is claimed.
    pub parameters: Parameters,
}

/// What is claimed.
#[derive(Clone, Debug)]
pub enum Parameters {
    /// A network, its firewall, and the first machine of the control plane.
    Region(RegionParameters),
    /// What makes those machines a cluster.
    Cluster(ClusterParameters),
    /// Further machines of one size and role.
    NodePool(NodePoolParameters),
    /// A load balancer in front of them.
    LoadBalancer(LoadBalancerParameters),
    /// Routes between two networks.
    Peering(PeeringParameters),
}

/// The parameters of a RegionClaim.
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

/// The parameters of a ClusterClaim.
#[derive(Clone, Debug)]
pub struct ClusterParameters {
    /// The name of the cluster.
    pub name: Spanned<String>,
    /// The RegionClaim.
    pub region: Reference,
    /// The release of k3s.
    pub k3s_version: Spanned<String>,
    /// What everything of the cluster is tagged with at the provider, in the order of the keys.
    pub tags: Vec<(&'static str, Spanned<String>)>,
}

/// The parameters of a NodePoolClaim.
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
    /// The role as claims and labels write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::Worker => "worker",
        }
    }
}

/// The parameters of a LoadBalancerClaim.
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

/// The parameters of a PeeringClaim. Its regions are numbers of networks at the provider.
#[derive(Clone, Debug)]
pub struct PeeringParameters {
    /// Its name.
    pub name: Spanned<String>,
    /// The one network: its number and its range.
    pub a: (Spanned<NetworkId>, Spanned<Cidr>),
    /// The other one.
    pub b: (Spanned<NetworkId>, Spanned<Cidr>),
}

/// A reference to another claim.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Its name.
    pub name: Spanned<String>,
    /// Its namespace.
    pub namespace: Spanned<String>,
}

impl Reference {
    fn node(&self) -> Node {
        Fields::new(self.name.span).set("name", &self.name).set("namespace", &self.namespace).node()
    }
}

impl Claim {
    pub(super) fn kind(&self) -> &'static str {
        match self.parameters {
            Parameters::Region(_) => "RegionClaim",
            Parameters::Cluster(_) => "ClusterClaim",
            Parameters::NodePool(_) => "NodePoolClaim",
            Parameters::LoadBalancer(_) => "LoadBalancerClaim",
            Parameters::Peering(_) => "PeeringClaim",
        }
    }

    /// The ProviderConfig, which must be there before Crossplane can log in.
    pub(super) fn provider_config(&self) -> Identity {
        Identity {
            group: self.config_group.clone(),
            kind: "ProviderConfig",
            namespace: None,
            name: self.config.value.clone(),
        }
    }

    pub(super) fn spec(&self) -> Node {
        let cause = self.meta.name.span;
        let parameters = match &self.parameters {
            Parameters::Region(region) => region.node(cause),
            Parameters::Cluster(cluster) => cluster.node(cause),
            Parameters::NodePool(pool) => pool.node(cause),
            Parameters::LoadBalancer(balancer) => balancer.node(cause),
            Parameters::Peering(peering) => peering.node(cause),
        };
        let config = Fields::new(self.config.span).set("name", &self.config).node();
        Fields::new(cause).put("parameters", parameters).put("providerConfigRef", config).node()
    }
}

impl RegionParameters {
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

impl ClusterParameters {
    fn node(&self, cause: Span) -> Node {
        let mut tags = Map::new();
        for (key, value) in &self.tags {
            tags.insert(*key, value.clone().into());
        }
        Fields::new(cause)
            .set("name", &self.name)
            .put("regionRef", self.region.node())
            .set("k3sVersion", &self.k3s_version)
            .put("tags", Node::new(tags, cause))
            .node()
    }
}

impl NodePoolParameters {
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

impl LoadBalancerParameters {
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

impl PeeringParameters {
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
