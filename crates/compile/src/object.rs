//! Kubernetes objects, typed: only the kinds and fields that the tree holds, in the order in which they are
//! written. A field's value carries its cause.
//!
//! What an object needs from others ([`Object::needs`]) is read from its fields, so that the layers below
//! [`lower`](crate::lower) are ordered by what is really referred to.

pub mod batch;
pub mod claim;
pub mod controller;
pub mod core;
pub mod crossplane;
pub mod edge;
pub mod failover;
pub mod flux;
pub mod former;
pub mod tenant;

pub use self::controller::{Controller, ControllerService};
pub use self::core::{ConfigMap, Namespace};
pub use batch::CronJob;
pub use claim::Claim;
pub use crossplane::{Provider, ProviderConfig};
pub use edge::{Certificate, ClusterIssuer, Gateway};
pub use failover::{CnpgPair, Continuum, Pdm};
pub use flux::{GitRepository, HelmRelease, HelmRepository, Kustomization};
pub use former::Former;

use crate::plan::shards::{LABEL, Shard};
use sovereign_text::node::{Map, Node, Value};
use sovereign_text::source::{Span, Spanned};

/// The namespace of every Flux object.
pub const FLUX_NAMESPACE: &str = "flux-system";
/// The release that brings Flux's own controllers.
pub const FLUX_RELEASE: &str = "bp-flux";

/// An object of the tree.
#[derive(Clone, Debug)]
pub enum Object {
    /// `v1` Namespace.
    Namespace(Namespace),
    /// `v1` ConfigMap.
    ConfigMap(ConfigMap),
    /// `batch` CronJob.
    CronJob(Box<CronJob>),
    /// `source.toolkit.fluxcd.io` GitRepository.
    GitRepository(GitRepository),
    /// `source.toolkit.fluxcd.io` HelmRepository.
    HelmRepository(HelmRepository),
    /// `helm.toolkit.fluxcd.io` HelmRelease.
    HelmRelease(Box<HelmRelease>),
    /// `kustomize.toolkit.fluxcd.io` Kustomization.
    Kustomization(Kustomization),
    /// `pkg.crossplane.io` Provider.
    Provider(Provider),
    /// ProviderConfig of a Crossplane provider.
    ProviderConfig(ProviderConfig),
    /// A claim, which a Crossplane provider fulfils.
    Claim(Box<Claim>),
    /// `gateway.networking.k8s.io` Gateway.
    Gateway(Gateway),
    /// `cert-manager.io` Certificate.
    Certificate(Certificate),
    /// `cert-manager.io` ClusterIssuer.
    ClusterIssuer(ClusterIssuer),
    /// `dr.openova.io` Continuum.
    Continuum(Box<Continuum>),
    /// `dr.openova.io` CNPGPair.
    CnpgPair(CnpgPair),
    /// `dr.openova.io` PDM.
    Pdm(Pdm),
    /// `v1` ResourceQuota.
    ResourceQuota(tenant::ResourceQuota),
    /// `v1` LimitRange.
    LimitRange(tenant::LimitRange),
    /// `networking.k8s.io` NetworkPolicy.
    NetworkPolicy(tenant::NetworkPolicy),
    /// `cilium.io` CiliumNetworkPolicy.
    GatewayAccess(tenant::GatewayAccess),
    /// `helm.toolkit.fluxcd.io` HelmRelease of an Organization's vCluster.
    Vcluster(Box<tenant::Vcluster>),
    /// `apps` Deployment of a shard's controller.
    Controller(Box<Controller>),
    /// `v1` Service of a shard's source-controller.
    ControllerService(ControllerService),
    /// `orgs.openova.io` Organization.
    Organization(Box<tenant::Organization>),
    /// `catalyst.openova.io` Environment.
    Environment(Box<tenant::Environment>),
    /// `catalyst.openova.io` EnvironmentPolicy.
    EnvironmentPolicy(Box<tenant::EnvironmentPolicy>),
    /// `catalyst.openova.io` SecretPolicy.
    SecretPolicy(Box<tenant::SecretPolicy>),
    /// `apps.openova.io` Application.
    Application(Box<tenant::Application>),
    /// What stood in an old tree. No manifest gives it; a step of a rollout may keep it.
    Former(Box<Former>),
}

/// The same of every kind of object.
macro_rules! of_every_kind {
    ($object:expr, $name:ident => $part:expr) => {
        match $object {
            Object::Namespace($name) => $part,
            Object::ConfigMap($name) => $part,
            Object::GitRepository($name) => $part,
            Object::HelmRepository($name) => $part,
            Object::HelmRelease($name) => $part,
            Object::Kustomization($name) => $part,
            Object::Provider($name) => $part,
            Object::ProviderConfig($name) => $part,
            Object::Claim($name) => $part,
            Object::Gateway($name) => $part,
            Object::Certificate($name) => $part,
            Object::ClusterIssuer($name) => $part,
            Object::Continuum($name) => $part,
            Object::CnpgPair($name) => $part,
            Object::Pdm($name) => $part,
            Object::ResourceQuota($name) => $part,
            Object::LimitRange($name) => $part,
            Object::NetworkPolicy($name) => $part,
            Object::GatewayAccess($name) => $part,
            Object::Vcluster($name) => $part,
            Object::Controller($name) => $part,
            Object::ControllerService($name) => $part,
            Object::CronJob($name) => $part,
            Object::Organization($name) => $part,
            Object::Environment($name) => $part,
            Object::EnvironmentPolicy($name) => $part,
            Object::SecretPolicy($name) => $part,
            Object::Application($name) => $part,
            Object::Former($name) => $part,
        }
    };
}

/// What tells an object from every other one in its cluster. What differs most stands first, so that comparing two is
/// quick.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The namespace, if the kind has one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: &'static str,
    /// The API group; empty for the core group.
    pub group: String,
}

/// Something that must be in the cluster before an object can be applied or do its work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A namespace.
    Namespace(String),
    /// The definitions of an API group.
    Definitions(String),
    /// Another object.
    Object(Identity),
}

/// `metadata`.
#[derive(Clone, Debug)]
pub struct Meta {
    /// The name.
    pub name: Spanned<String>,
    /// The namespace, for kinds that have one.
    pub namespace: Option<Spanned<String>>,
    /// The shard it belongs to, if not to Flux's own controllers. Becomes a label.
    pub shard: Option<Spanned<Shard>>,
    /// Further labels, in the order of their keys.
    pub labels: Vec<(String, Spanned<String>)>,
    /// Annotations, in the order of their keys.
    pub annotations: Vec<(&'static str, Spanned<String>)>,
}

impl Meta {
    /// Metadata of a cluster-scoped object.
    pub fn cluster(name: Spanned<String>) -> Self {
        Self { name, namespace: None, shard: None, labels: Vec::new(), annotations: Vec::new() }
    }

    /// Metadata of an object in a namespace.
    pub fn namespaced(name: Spanned<String>, namespace: &str) -> Self {
        let namespace = Some(Spanned::new(namespace.to_owned(), name.span));
        Self { name, namespace, shard: None, labels: Vec::new(), annotations: Vec::new() }
    }

    fn node(&self) -> Node {
        let mut fields =
            Fields::new(self.name.span).set("name", &self.name).maybe("namespace", self.namespace.as_ref());
        let shard = self.shard.as_ref().map(|shard| (LABEL.to_owned(), text(shard)));
        if !self.labels.is_empty() || shard.is_some() {
            let mut labels = Map::new();
            for (key, value) in self.labels.iter().chain(&shard) {
                labels.insert(key.clone(), value.clone().into());
            }
            let mut labels = Node::new(labels, self.name.span);
            labels.sort();
            fields = fields.put("labels", labels);
        }
        if !self.annotations.is_empty() {
            let mut annotations = Map::new();
            for (key, value) in &self.annotations {
                annotations.insert(*key, value.clone().into());
            }
            fields = fields.put("annotations", Node::new(annotations, self.name.span));
        }
        fields.node()
    }
}

/// Builds a mapping field by field, each with its cause.
pub(crate) struct Fields {
    cause: Span,
    map: Map,
}

impl Fields {
    pub(crate) fn new(cause: Span) -> Self {
        Self { cause, map: Map::new() }
    }

    /// A field whose value knows its cause.
    pub(crate) fn set<T: Clone + Into<Value>>(self, key: &'static str, value: &Spanned<T>) -> Self {
        self.put(key, value.clone().into())
    }

    /// A field that may be absent.
    pub(crate) fn maybe<T: Clone + Into<Value>>(self, key: &'static str, value: Option<&Spanned<T>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// A field that may be absent, as the text that its value shows.
    pub(crate) fn shown<T: std::fmt::Display>(self, key: &'static str, value: Option<&Spanned<T>>) -> Self {
        self.maybe(key, value.map(text).as_ref())
    }

    /// A field with a ready node that may be absent.
    pub(crate) fn put_some(self, key: &'static str, node: Option<Node>) -> Self {
        match node {
            Some(node) => self.put(key, node),
            None => self,
        }
    }

    /// A field that follows from the mapping's own cause.
    pub(crate) fn fixed(self, key: &'static str, value: impl Into<Value>) -> Self {
        let node = Node::new(value, self.cause);
        self.put(key, node)
    }

    /// A field with a ready node.
    pub(crate) fn put(mut self, key: &'static str, node: Node) -> Self {
        self.map.insert(key, node);
        self
    }

    /// A field that stays out if its mapping is empty.
    pub(crate) fn put_unless_empty(self, key: &'static str, fields: Self) -> Self {
        if fields.map.is_empty() { self } else { self.put(key, fields.node()) }
    }

    pub(crate) fn node(self) -> Node {
        Node::new(self.map, self.cause)
    }
}

/// Text from anything that shows itself, at the same place.
pub(crate) fn text<T: std::fmt::Display>(value: &Spanned<T>) -> Spanned<String> {
    value.as_ref().map(ToString::to_string)
}

impl Object {
    /// The whole object as it is written.
    pub fn node(&self) -> Node {
        if let Self::Former(former) = self {
            return former.node();
        }
        let meta = self.meta();
        let (api_version, spec) = (self.api_version(), self.body());
        let mut fields = Fields::new(meta.name.span)
            .fixed("apiVersion", api_version)
            .fixed("kind", self.kind())
            .put("metadata", meta.node());
        for (key, node) in spec {
            fields = fields.put(key, node);
        }
        fields.node()
    }

    /// The kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Namespace(_) => "Namespace",
            Self::ConfigMap(_) => "ConfigMap",
            Self::CronJob(_) => "CronJob",
            Self::GitRepository(_) => "GitRepository",
            Self::HelmRepository(_) => "HelmRepository",
            Self::HelmRelease(_) | Self::Vcluster(_) => "HelmRelease",
            Self::Kustomization(_) => "Kustomization",
            Self::Provider(_) => "Provider",
            Self::ProviderConfig(_) => "ProviderConfig",
            Self::Claim(claim) => claim.kind(),
            Self::Gateway(_) => "Gateway",
            Self::Certificate(_) => "Certificate",
            Self::ClusterIssuer(_) => "ClusterIssuer",
            Self::Continuum(_) => "Continuum",
            Self::CnpgPair(_) => "CNPGPair",
            Self::Pdm(_) => "PDM",
            Self::ResourceQuota(_) => "ResourceQuota",
            Self::LimitRange(_) => "LimitRange",
            Self::NetworkPolicy(_) => "NetworkPolicy",
            Self::GatewayAccess(_) => "CiliumNetworkPolicy",
            Self::Controller(_) => "Deployment",
            Self::ControllerService(_) => "Service",
            Self::Organization(_) => "Organization",
            Self::Environment(_) => "Environment",
            Self::EnvironmentPolicy(_) => "EnvironmentPolicy",
            Self::SecretPolicy(_) => "SecretPolicy",
            Self::Application(_) => "Application",
            Self::Former(former) => former.kind,
        }
    }

    /// Group and version. All kits install Flux 2.4 or later, where these are the versions that stay
    /// (docs/decisions.md, 11).
    pub fn api_version(&self) -> String {
        match self {
            Self::Namespace(_)
            | Self::ConfigMap(_)
            | Self::ResourceQuota(_)
            | Self::LimitRange(_)
            | Self::ControllerService(_) => "v1",
            Self::Controller(_) => "apps/v1",
            Self::CronJob(_) => "batch/v1",
            Self::GitRepository(_) | Self::HelmRepository(_) => "source.toolkit.fluxcd.io/v1",
            Self::HelmRelease(_) | Self::Vcluster(_) => "helm.toolkit.fluxcd.io/v2",
            Self::Kustomization(_) => "kustomize.toolkit.fluxcd.io/v1",
            Self::Provider(_) => "pkg.crossplane.io/v1",
            Self::ProviderConfig(config) => return config.api_version.value.clone(),
            Self::Claim(claim) => return claim.api_version.value.clone(),
            Self::Gateway(_) => "gateway.networking.k8s.io/v1",
            Self::Certificate(_) | Self::ClusterIssuer(_) => "cert-manager.io/v1",
            Self::Continuum(_) | Self::CnpgPair(_) | Self::Pdm(_) => "dr.openova.io/v1",
            Self::NetworkPolicy(_) => "networking.k8s.io/v1",
            Self::GatewayAccess(_) => "cilium.io/v2",
            Self::Organization(_) => "orgs.openova.io/v1",
            Self::Environment(_) | Self::EnvironmentPolicy(_) | Self::SecretPolicy(_) => {
                "catalyst.openova.io/v1"
            }
            Self::Application(_) => "apps.openova.io/v1",
            Self::Former(former) => return former.api_version.clone(),
        }
        .to_owned()
    }

    /// The metadata.
    pub fn meta(&self) -> &Meta {
        of_every_kind!(self, object => &object.meta)
    }

    /// Its metadata, to be changed.
    pub fn meta_mut(&mut self) -> &mut Meta {
        of_every_kind!(self, object => &mut object.meta)
    }

    /// What tells this object from every other one in its cluster.
    pub fn identity(&self) -> Identity {
        let meta = self.meta();
        Identity {
            group: self.group(),
            kind: self.kind(),
            namespace: meta.namespace.as_ref().map(|namespace| namespace.value.clone()),
            name: meta.name.value.clone(),
        }
    }

    /// The API group; empty for the core group.
    pub fn group(&self) -> String {
        let api_version = self.api_version();
        api_version.rsplit_once('/').map_or_else(String::new, |(group, _)| group.to_owned())
    }

    /// What must be in the cluster first. Definitions of Flux's own kinds are there before Flux reads anything.
    pub fn needs(&self) -> Vec<Need> {
        let mut needs: Vec<_> =
            self.meta().namespace.iter().map(|namespace| Need::Namespace(namespace.value.clone())).collect();
        if self.meta().shard.is_some() {
            // Flux's own controllers must leave it alone before it is there.
            needs.push(Need::Object(Identity {
                group: "helm.toolkit.fluxcd.io".into(),
                kind: "HelmRelease",
                namespace: Some(FLUX_NAMESPACE.to_owned()),
                name: FLUX_RELEASE.to_owned(),
            }));
        }
        match self {
            Self::HelmRelease(release) => needs.extend(release.needs()),
            Self::Controller(controller) => needs.extend(controller.needs()),
            Self::Provider(_)
            | Self::Gateway(_)
            | Self::Certificate(_)
            | Self::ClusterIssuer(_)
            | Self::Continuum(_)
            | Self::CnpgPair(_)
            | Self::Pdm(_)
            | Self::GatewayAccess(_)
            | Self::Organization(_)
            | Self::Environment(_)
            | Self::EnvironmentPolicy(_)
            | Self::SecretPolicy(_)
            | Self::Application(_) => {
                needs.push(Need::Definitions(self.group()));
            }
            Self::ProviderConfig(config) => {
                needs.push(Need::Object(Identity {
                    group: "pkg.crossplane.io".into(),
                    kind: "Provider",
                    namespace: None,
                    name: config.provider.value.clone(),
                }));
            }
            Self::Claim(claim) => {
                needs.push(Need::Definitions(self.group()));
                needs.push(Need::Object(claim.provider_config()));
            }
            Self::Namespace(_)
            | Self::ConfigMap(_)
            | Self::CronJob(_)
            | Self::GitRepository(_)
            | Self::HelmRepository(_)
            | Self::Kustomization(_)
            | Self::ResourceQuota(_)
            | Self::LimitRange(_)
            | Self::NetworkPolicy(_)
            | Self::Vcluster(_)
            | Self::ControllerService(_)
            | Self::Former(_) => {}
        }
        needs
    }

    fn body(&self) -> Vec<(&'static str, Node)> {
        match self {
            Self::Namespace(_) | Self::Former(_) => Vec::new(),
            Self::ConfigMap(object) => vec![("data", object.data())],
            Self::CronJob(object) => vec![("spec", object.spec())],
            Self::GitRepository(object) => vec![("spec", object.spec())],
            Self::HelmRepository(object) => vec![("spec", object.spec())],
            Self::HelmRelease(object) => vec![("spec", object.spec())],
            Self::Kustomization(object) => vec![("spec", object.spec())],
            Self::Provider(object) => vec![("spec", object.spec())],
            Self::ProviderConfig(object) => vec![("spec", object.spec())],
            Self::Claim(object) => vec![("spec", object.spec())],
            Self::Gateway(object) => vec![("spec", object.spec())],
            Self::Certificate(object) => vec![("spec", object.spec())],
            Self::ClusterIssuer(object) => vec![("spec", object.spec())],
            Self::Continuum(object) => vec![("spec", object.spec())],
            Self::CnpgPair(object) => vec![("spec", object.spec())],
            Self::Pdm(object) => vec![("spec", object.spec(crate::plan::failover::NAMESPACE))],
            Self::ResourceQuota(object) => vec![("spec", object.spec())],
            Self::LimitRange(object) => vec![("spec", object.spec())],
            Self::NetworkPolicy(object) => vec![("spec", object.spec())],
            Self::GatewayAccess(object) => vec![("spec", object.spec())],
            Self::Vcluster(object) => vec![("spec", object.spec())],
            Self::Controller(object) => vec![("spec", object.spec())],
            Self::ControllerService(object) => vec![("spec", object.spec())],
            Self::Organization(object) => vec![("spec", object.spec())],
            Self::Environment(object) => vec![("spec", object.spec())],
            Self::EnvironmentPolicy(object) => vec![("spec", object.spec())],
            Self::SecretPolicy(object) => vec![("spec", object.spec())],
            Self::Application(object) => vec![("spec", object.spec())],
        }
    }
}
