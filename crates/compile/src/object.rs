//! Kubernetes objects, typed: only the kinds and fields that the tree holds, in the order in which they are
//! written. A field's value carries its cause.
//!
//! One kind is one file, with a struct and its [`Resource`], and one word in the list below: from that follow
//! [`Object`], [`KINDS`], and all that is asked of an object whatever its kind.
//!
//! What an object needs from others ([`Object::needs`]) is read from its fields, so that the layers of the tree are
//! ordered by what is really referred to.

mod application;
mod carried_over;
mod certificate;
pub(crate) mod claim;
mod cluster_issuer;
mod cnpg_pair;
mod config_map;
mod continuum;
mod controller;
mod controller_service;
mod cron_job;
mod environment;
mod environment_policy;
mod gateway;
mod gateway_access;
mod git_repository;
mod helm_release;
mod helm_repository;
mod kustomization;
mod limit_range;
mod meta;
mod namespace;
mod need;
mod network_policy;
mod of_kit;
mod organization;
mod pdm;
mod provider;
mod provider_config;
mod resource;
mod resource_quota;
mod secret_policy;
mod tables;
mod vcluster;

pub use claim::{REGION_LABEL, immutable_parameters, kinds_with_machines};

pub use application::Dependency;
pub use carried_over::CarriedOver;
pub use continuum::{Switchover, WitnessConfig, Zone};
pub use controller::FluxController;
pub use environment::EnvironmentRegion;
pub use gateway::Listener;
pub use meta::Meta;
pub use need::{HealthCheck, Identity, Need};
pub use network_policy::{Flow, Peer};
pub use of_kit::OfKit;
pub use resource::{ApiVersion, ClaimKind, Definition, Hosts, Resource, SecretKey, SecretUse};

use sovereign_text::node::{Fields, Node};

/// The namespace of every Flux object.
pub const FLUX_NAMESPACE: &str = "flux-system";
/// The release that brings Flux's own controllers.
pub(crate) const FLUX_RELEASE: &str = "bp-flux";

/// Makes [`Object`] and [`KINDS`] of the kinds of the tree, each with the module that it stands in.
macro_rules! kinds {
    ($($module:ident::$kind:ident,)+) => {
        $(pub use $module::$kind;)+

        /// An object of the tree.
        #[derive(Clone, Debug)]
        pub enum Object {
            $(#[doc = concat!("A [`", stringify!($kind), "`].")] $kind(Box<$kind>),)+
            /// What stood in an old tree. No manifest gives it; a step of a rollout may keep it.
            CarriedOver(Box<CarriedOver>),
            /// What a kit of one's own has beside its releases.
            OfKit(Box<OfKit>),
        }

        $(impl From<$kind> for Object {
            fn from(object: $kind) -> Self {
                Self::$kind(Box::new(object))
            }
        })+

        /// What holds of every kind of the tree, in the order of the list.
        pub(crate) const KINDS: &[Kind] = &[$(Kind::new::<$kind>(),)+];

        impl Object {
            /// Returns what holds of its kind; `None` for what is carried over.
            fn of_kind(&self) -> Option<Kind> {
                match self {
                    $(Self::$kind(_) => Some(Kind::new::<$kind>()),)+
                    Self::CarriedOver(_) | Self::OfKit(_) => None,
                }
            }

            /// Returns the kind.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$kind(_) => $kind::KIND,)+
                    Self::CarriedOver(object) => &object.kind,
                    Self::OfKit(object) => &object.kind,
                }
            }

            /// Returns group and version.
            pub fn api_version(&self) -> &str {
                match self {
                    $(Self::$kind(object) => object.api_version(),)+
                    Self::CarriedOver(object) => &object.api_version,
                    Self::OfKit(object) => &object.api_version,
                }
            }

            /// Returns the metadata.
            pub fn meta(&self) -> &Meta {
                match self {
                    $(Self::$kind(object) => &object.meta,)+
                    Self::CarriedOver(object) => &object.meta,
                    Self::OfKit(object) => &object.meta,
                }
            }

            /// Returns the metadata, to be changed.
            pub fn meta_mut(&mut self) -> &mut Meta {
                match self {
                    $(Self::$kind(object) => &mut object.meta,)+
                    Self::CarriedOver(object) => &mut object.meta,
                    Self::OfKit(object) => &mut object.meta,
                }
            }

            /// Returns the whole object as it is written.
            pub fn node(&self) -> Node {
                match self {
                    $(Self::$kind(object) => object.body(self.head()).node(),)+
                    Self::CarriedOver(object) => object.node(),
                    Self::OfKit(object) => object.node(),
                }
            }

            /// Returns what its kind needs besides what every object does.
            fn own_needs(&self) -> Vec<Need> {
                match self {
                    $(Self::$kind(object) => object.needs(),)+
                    Self::CarriedOver(_) => Vec::new(),
                    Self::OfKit(object) => object.needs(),
                }
            }

            /// Returns what must be ready before others can use what it brings; `None` where it is enough that it is applied.
            pub fn ready_when(&self) -> Option<HealthCheck> {
                match self {
                    $(Self::$kind(object) => object.ready_when(),)+
                    Self::CarriedOver(_) | Self::OfKit(_) => None,
                }
            }

            /// Returns the Secrets that it reads and that no controller of the cluster makes for it.
            pub fn secrets(&self) -> Vec<SecretUse<'_>> {
                match self {
                    $(Self::$kind(object) => object.secrets(),)+
                    Self::CarriedOver(_) | Self::OfKit(_) => Vec::new(),
                }
            }
        }
    };
}

kinds! {
    application::Application,
    certificate::Certificate,
    claim::RegionClaim,
    claim::ClusterClaim,
    claim::NodePoolClaim,
    claim::LoadBalancerClaim,
    claim::PeeringClaim,
    cluster_issuer::ClusterIssuer,
    cnpg_pair::CnpgPair,
    config_map::ConfigMap,
    continuum::Continuum,
    controller::Controller,
    controller_service::ControllerService,
    cron_job::CronJob,
    environment::Environment,
    environment_policy::EnvironmentPolicy,
    gateway::Gateway,
    gateway_access::GatewayAccess,
    git_repository::GitRepository,
    helm_release::HelmRelease,
    helm_repository::HelmRepository,
    kustomization::Kustomization,
    limit_range::LimitRange,
    namespace::Namespace,
    network_policy::NetworkPolicy,
    organization::Organization,
    pdm::Pdm,
    provider::Provider,
    provider_config::ProviderConfig,
    resource_quota::ResourceQuota,
    secret_policy::SecretPolicy,
    vcluster::Vcluster,
}

/// What holds of every object of a kind: the constants of its [`Resource`].
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The kind.
    pub name: &'static str,
    /// Group and version, unless the kit gives them.
    pub api_version: Option<&'static str>,
    /// Where a cluster has the definition from.
    pub definition: Definition,
    /// Where its objects name hosts that somebody reaches.
    pub hosts: Hosts,
    /// Whether each cluster that an Organization runs in has its own.
    pub is_local: bool,
    /// What holds of claims, if it is one.
    pub claim: Option<ClaimKind>,
}

impl Kind {
    const fn new<R: Resource>() -> Self {
        let api_version = match R::API_VERSION {
            ApiVersion::Fixed(version) => Some(version),
            ApiVersion::Given(_) => None,
        };
        Self {
            name: R::KIND,
            api_version,
            definition: R::DEFINITION,
            hosts: R::HOSTS,
            is_local: R::IS_LOCAL,
            claim: R::CLAIM,
        }
    }
}

/// Returns whether each cluster that an Organization runs in has objects of a kind of its own; all else beside
/// Organizations, also of kinds that no tree has, stands in the primary.
pub fn is_local(kind: &str) -> bool {
    KINDS.iter().any(|known| known.name == kind && known.is_local)
}

impl Object {
    /// Returns where it names hosts that somebody reaches.
    pub fn hosts(&self) -> Hosts {
        self.of_kind().map_or(Hosts::Anywhere, |kind| kind.hosts)
    }

    /// Returns what tells this object from every other one in its cluster.
    pub fn identity(&self) -> Identity {
        let meta = self.meta();
        Identity {
            group: self.group().to_owned(),
            kind: self.kind().to_owned().into(),
            namespace: meta.namespace.as_ref().map(|namespace| namespace.value.clone()),
            name: meta.name.value.clone(),
        }
    }

    /// Returns the API group; empty for the core group.
    pub fn group(&self) -> &str {
        need::group(self.api_version())
    }

    /// Returns what must be in the cluster first: its namespace, its definition, and what its kind needs.
    pub fn needs(&self) -> Vec<Need> {
        let meta = self.meta();
        let mut needs: Vec<_> =
            meta.namespace.iter().map(|namespace| Need::Namespace(namespace.value.clone())).collect();
        if meta.shard.is_some() {
            // Flux's own controllers must leave it alone before it is there.
            needs.push(Need::Object(HelmRelease::identity(FLUX_RELEASE)));
        }
        if self.of_kind().is_some_and(|kind| kind.definition == Definition::Release) {
            needs.push(Need::Definitions(self.group().to_owned()));
        }
        needs.extend(self.own_needs());
        needs
    }

    /// Returns what stands before the body.
    fn head(&self) -> Fields {
        let meta = self.meta();
        Fields::new(meta.name.span)
            .fixed("apiVersion", self.api_version().to_owned())
            .fixed("kind", self.kind().to_owned())
            .put("metadata", meta.node())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn group_and_kind_tell_kinds_apart() {
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        for kind in KINDS {
            *seen.entry((kind.api_version.map(need::group), kind.name)).or_default() += 1;
        }
        // The vCluster of an Organization is a HelmRelease too, which is written in another way.
        assert_eq!(seen.remove(&(Some("helm.toolkit.fluxcd.io"), "HelmRelease")), Some(2));
        assert!(seen.values().all(|count| *count == 1), "{seen:?}");
    }

    #[test]
    fn what_no_release_brings_is_of_kubernetes_or_of_flux() {
        let of_kubernetes = ["", "apps", "batch", "networking.k8s.io"];
        for kind in KINDS {
            let group = kind.api_version.map(need::group);
            let is_built_in = group
                .is_some_and(|group| of_kubernetes.contains(&group) || group.ends_with(".toolkit.fluxcd.io"));
            assert_eq!(kind.definition == Definition::BuiltIn, is_built_in, "{}", kind.name);
        }
    }

    /// Claims stand in the primary, and a kit says their versions.
    #[test]
    fn a_claim_is_of_the_primary_and_of_the_kit() {
        for kind in KINDS.iter().filter(|kind| kind.claim.is_some()) {
            assert!(kind.name.ends_with("Claim") && kind.api_version.is_none(), "{}", kind.name);
            assert!(!is_local(kind.name), "{}", kind.name);
        }
        assert!(is_local(Namespace::KIND) && !is_local("NoSuchKind"));
    }
}
