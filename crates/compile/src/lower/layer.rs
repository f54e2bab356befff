//! The layers of a cluster: each is one directory, applied by one Flux Kustomization.

use sovereign_language::grammar::tenant::TENANTS;

/// A layer, in the order in which a cluster fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The GitRepository and the Kustomizations of all other layers.
    FluxSystem,
    /// Every Namespace, once.
    Namespaces,
    /// Where the charts come from.
    Sources,
    /// Values that speak of all regions; shared between clusters.
    SovereignValues,
    /// The releases that other layers need: the network, and the definitions of custom resources in the tree.
    Foundation,
    /// All other releases. Nothing waits for this layer, so one that cannot start holds up nobody else.
    Releases,
    /// The release that brings the platform's own definitions, for the layers that hold resources of them.
    Platform,
    /// The vClusters.
    Vclusters,
    /// Crossplane's providers.
    Providers,
    /// What needs the definitions of those providers.
    Infrastructure,
    /// What Crossplane shall make at the providers.
    Claims,
    /// Gateway, certificate and issuer.
    Gateway,
    /// What takes over when a region is lost.
    Failover,
    /// What services of the platform are told by their own API.
    Policies,
    /// Where the shards take charts from, in a namespace that a release makes: applied again until that is there.
    ShardSources,
    /// The controllers of the shards.
    Shards,
    /// Organizations, cut into parts of bounded size, each with a Kustomization of its own.
    Tenants,
}

impl Layer {
    /// Every layer, in order.
    pub const ALL: [Self; 17] = [
        Self::FluxSystem,
        Self::Namespaces,
        Self::Sources,
        Self::SovereignValues,
        Self::Foundation,
        Self::Releases,
        Self::Platform,
        Self::Vclusters,
        Self::Providers,
        Self::Infrastructure,
        Self::Claims,
        Self::Gateway,
        Self::Failover,
        Self::Policies,
        Self::ShardSources,
        Self::Shards,
        Self::Tenants,
    ];

    /// The directory, and the name of the Kustomization. Never changes: a Kustomization that is renamed prunes
    /// what it applied.
    pub fn directory(self) -> &'static str {
        match self {
            Self::FluxSystem => "flux-system",
            Self::Namespaces => "namespaces",
            Self::Sources => "sources",
            Self::SovereignValues => "sovereign-values",
            Self::Foundation => "foundation",
            Self::Releases => "releases",
            Self::Platform => "platform",
            Self::Vclusters => "vclusters",
            Self::Providers => "providers",
            Self::Infrastructure => "infrastructure",
            Self::Claims => "claims",
            Self::Gateway => "gateway",
            Self::Failover => "failover",
            Self::Policies => "policies",
            Self::Shards => "shards",
            Self::ShardSources => "shard-sources",
            Self::Tenants => TENANTS,
        }
    }

    /// How long Flux waits for the layer to become ready. Releases may take half an hour on a cold start, and machines as
    /// long as a provider needs.
    pub fn timeout(self) -> &'static str {
        match self {
            Self::Foundation
            | Self::Releases
            | Self::Platform
            | Self::Vclusters
            | Self::Claims
            | Self::Tenants => "30m",
            Self::Gateway => "15m",
            Self::FluxSystem
            | Self::Namespaces
            | Self::Sources
            | Self::SovereignValues
            | Self::Providers
            | Self::Infrastructure
            | Self::Failover
            | Self::Shards
            | Self::ShardSources
            | Self::Policies => "5m",
        }
    }

    /// Whether what stands in it goes before its cluster does: it asks the cloud, the zone or other clusters for
    /// something, and only controllers that still run take that back. No other layer waits for one of these, so they
    /// can go alone.
    pub fn is_drained(self) -> bool {
        match self {
            Self::Vclusters | Self::Claims | Self::Gateway | Self::Failover | Self::Tenants => true,
            Self::FluxSystem
            | Self::Namespaces
            | Self::Sources
            | Self::SovereignValues
            | Self::Foundation
            | Self::Releases
            | Self::Platform
            | Self::Providers
            | Self::Infrastructure
            | Self::Shards
            | Self::ShardSources
            | Self::Policies => false,
        }
    }

    /// Whether the layer is ready only once what it applied is. The sources of shards have no controller before the layer
    /// of these.
    pub fn waits(self) -> bool {
        self != Self::ShardSources
    }
}
