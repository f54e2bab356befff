//! The layers of a cluster: each is one directory, applied by one Flux Kustomization.

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
    /// Gateway, certificate and issuer.
    Gateway,
    /// What takes over when a region is lost.
    Failover,
    /// What services of the platform are told by their own API.
    Policies,
    /// Organizations, cut into parts of bounded size, each with a Kustomization of its own.
    Tenants,
}

impl Layer {
    /// Every layer, in order.
    pub const ALL: [Self; 14] = [
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
        Self::Gateway,
        Self::Failover,
        Self::Policies,
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
            Self::Gateway => "gateway",
            Self::Failover => "failover",
            Self::Policies => "policies",
            Self::Tenants => "tenants",
        }
    }

    /// How long Flux waits for the layer to become ready. Releases may take half an hour on a cold start.
    pub fn timeout(self) -> &'static str {
        match self {
            Self::Foundation | Self::Releases | Self::Platform | Self::Vclusters | Self::Tenants => "30m",
            Self::Gateway => "15m",
            Self::FluxSystem
            | Self::Namespaces
            | Self::Sources
            | Self::SovereignValues
            | Self::Providers
            | Self::Infrastructure
            | Self::Failover
            | Self::Policies => "5m",
        }
    }
}
