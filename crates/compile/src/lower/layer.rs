//! The layers of a cluster: each is one directory, applied by one Flux Kustomization, and one row of the table below.

use sovereign_language::scalar::TENANTS;

/// What holds of a layer.
#[derive(Clone, Copy, Debug)]
struct Row {
    directory: &'static str,
    awaits_definitions: bool,
    is_drained: bool,
    scope: Scope,
    asked_by: AskedBy,
}

/// Where what stands in a layer does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// In each cluster that has the layer.
    Cluster,
    /// In the primary alone.
    Primary,
    /// In all clusters, which apply the same directory.
    Sovereign,
}

/// Which part of the manifest asks for the objects of a layer, so that it is the cause of their absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// What the manifest says of the platform: blueprints, regions, the kit.
    Platform,
    /// The number of shards.
    Shards,
    /// The list of Organizations.
    Organizations,
}

impl Row {
    /// Returns a layer of one region, which comes when what it needs is ready.
    const fn new(directory: &'static str) -> Self {
        Self {
            directory,
            awaits_definitions: true,
            is_drained: false,
            scope: Scope::Cluster,
            asked_by: AskedBy::Platform,
        }
    }

    const fn tried_again(self) -> Self {
        Self { awaits_definitions: false, ..self }
    }

    const fn drained(self) -> Self {
        Self { is_drained: true, ..self }
    }

    const fn shared(self) -> Self {
        Self { scope: Scope::Sovereign, ..self }
    }

    const fn single(self) -> Self {
        Self { scope: Scope::Primary, ..self }
    }

    const fn asked_by(self, asked_by: AskedBy) -> Self {
        Self { asked_by, ..self }
    }
}

/// Makes [`Layer`] of its rows.
macro_rules! layers {
    ($($(#[doc = $doc:literal])+ $layer:ident => $row:expr,)+) => {
        /// A layer, in the order in which a cluster fills.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Layer {
            $($(#[doc = $doc])+ $layer,)+
        }

        impl Layer {
            /// Every layer, in order.
            pub const ALL: &[Self] = &[$(Self::$layer,)+];

            const fn row(self) -> Row {
                match self {
                    $(Self::$layer => $row,)+
                }
            }
        }
    };
}

layers! {
    /// The GitRepository and the Kustomizations of all other layers.
    FluxSystem => Row::new("flux-system"),
    /// Every Namespace, once.
    Namespaces => Row::new("namespaces"),
    /// Where the charts come from.
    Sources => Row::new("sources"),
    /// Values that speak of all regions; shared between clusters.
    SovereignValues => Row::new("sovereign-values").shared(),
    /// The releases that other layers need: the network, and the definitions of custom resources in the tree.
    Foundation => Row::new("foundation"),
    /// All other releases. Nothing waits for this layer, so one that cannot start holds up nobody else.
    Releases => Row::new("releases"),
    /// The release that brings the platform's own definitions, for the layers that hold resources of them.
    Platform => Row::new("platform"),
    /// The vClusters.
    Vclusters => Row::new("vclusters").drained(),
    /// Crossplane's providers: applied again until Crossplane is there, so that it holds up nobody else who waits for
    /// `foundation`.
    Providers => Row::new("providers").tried_again(),
    /// What needs the definitions of those providers.
    Infrastructure => Row::new("infrastructure"),
    /// What Crossplane shall make at the providers.
    Claims => Row::new("claims").drained().single(),
    /// Gateway, certificate and issuer.
    Gateway => Row::new("gateway").drained(),
    /// What takes over when a region is lost.
    Failover => Row::new("failover").drained().single(),
    /// What services of the platform are told by their own API.
    Policies => Row::new("policies"),
    /// What a kit of one's own has beside its releases.
    Objects => Row::new("objects"),
    /// Where the shards take charts from, in a namespace that a release makes: applied again until that is there.
    ShardSources => Row::new("shard-sources").asked_by(AskedBy::Shards),
    /// The controllers of the shards.
    Shards => Row::new("shards").asked_by(AskedBy::Shards),
    /// Organizations, cut into parts of bounded size, each with a Kustomization of its own.
    Tenants => Row::new(TENANTS).drained().single().asked_by(AskedBy::Organizations),
}

impl Layer {
    /// Returns the layer of a directory.
    pub fn of_directory(directory: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|layer| layer.directory() == directory)
    }

    /// Returns whether a directory at the root of the tree holds a layer that clusters share, and is no region's.
    pub fn is_shared_directory(directory: &str) -> bool {
        Self::of_directory(directory).is_some_and(Self::is_shared)
    }

    /// Returns the directory, which is also the name of the Kustomization. Never changes: a Kustomization that is renamed
    /// prunes what it applied.
    pub const fn directory(self) -> &'static str {
        self.row().directory
    }

    /// Returns whether the layers that it depends on are ready only once the definitions are there that it needs. The API server
    /// refuses the others until then, and Flux tries again.
    pub const fn awaits_definitions(self) -> bool {
        self.row().awaits_definitions
    }

    /// Returns whether what stands in it goes before its cluster does: it asks the cloud, the zone or other clusters for
    /// something, and only controllers that still run take that back. No other layer waits for one of these, so they
    /// can go alone.
    pub const fn is_drained(self) -> bool {
        self.row().is_drained
    }

    /// Returns whether it stands beside the directories of the regions, and every cluster applies the same.
    pub const fn is_shared(self) -> bool {
        matches!(self.row().scope, Scope::Sovereign)
    }

    /// Returns whether what stands in it does its work in one cluster only, the primary: two that move applications, or make what
    /// Organizations have, would do it twice. Kinds that are [local](crate::object::is_local) are its exceptions.
    pub const fn is_single(self) -> bool {
        matches!(self.row().scope, Scope::Primary)
    }

    /// Returns which part of the manifest asks for what stands in it.
    pub const fn asked_by(self) -> AskedBy {
        self.row().asked_by
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tree::TreePath;

    #[test]
    fn every_layer_has_a_directory_of_its_own() {
        let directories: BTreeSet<_> = Layer::ALL.iter().map(|layer| layer.directory()).collect();
        assert_eq!(directories.len(), Layer::ALL.len());
        for layer in Layer::ALL {
            let directory = layer.directory();
            assert_eq!(Layer::of_directory(directory), Some(*layer));
            // One part of a path, and a name that Kubernetes takes for the Kustomization.
            let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(directory.chars().all(is_plain), "{directory}");
            assert!(TreePath::new(directory).is_some_and(|path| path.as_str() == directory), "{directory}");
        }
    }

    #[test]
    fn layers_are_listed_in_their_order() {
        assert!(Layer::ALL.is_sorted());
    }

    /// What all clusters apply cannot go before one of them does.
    #[test]
    fn a_shared_layer_is_of_no_cluster() {
        for layer in Layer::ALL.iter().filter(|layer| layer.is_shared()) {
            assert!(!layer.is_drained() && layer.asked_by() == AskedBy::Platform, "{layer:?}");
        }
    }
}
