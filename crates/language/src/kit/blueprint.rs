//! One blueprint: what a kit or a blueprint source says about a Helm chart of the platform.

mod facts;
mod installation;
mod secrets;
mod values;

pub use facts::{Gate, Outside, PairFacts, RegistryApi};
use facts::{Provided, PublishedHost, Required};
use installation::DriftDetection;
pub use installation::{Definitions, Installation, ReleaseLayer, Upgrade, VclusterTarget};
pub use secrets::MintedSecret;
use secrets::{ProvidedSecret, RequiredSecret};
use values::Overlay;
pub use values::{ValueSource, ValuesFrom};

use crate::cloud::Provider;
pub use crate::manifest::ValuesKind;
use crate::manifest::{PodSecurity, Tier};
use crate::reference::{ApiGroup, ImageRef, SecretId, ServiceId};
use crate::scalar::Malformed;
use crate::scalar::choice::choice;
use crate::scalar::dns::{Fqdn, Label};
use crate::scalar::duration::FluxPeriod;
use crate::scalar::identity::{LabelKey, LabelValue};
use crate::scalar::name::{BpName, ChartName, ReleaseName, RepositoryName, Slot, ValuePath};
use crate::scalar::text::text;
use crate::scalar::version::Version;
use crate::schema::{Named, Values, table};
use sovereign_text::diag::Diagnostics;
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{Source, Span, Spanned};

choice! {
    /// In which regions a blueprint runs.
    Runs, "a set of regions" {
        /// In every region.
        Every "every",
        /// In the primary only.
        Primary "primary",
        /// In the secondaries only.
        Secondary "secondary",
        /// In the two regions of a failover database, which brings it in.
        Pair "pair",
    }
}

table! {
    /// A blueprint file.
    BlueprintFile {
        /// The place in the boot order: two digits and perhaps a letter. Unique in a kit.
        slot: Slot = required,
        /// The name, with `bp-`. Names the HelmRelease and its HelmRepository.
        name: BpName = required,
        /// The chart, where it is not called like the blueprint.
        chart: ChartName = optional,
        /// The repository of the chart, by a name of the kit. Without it the chart comes from where all do.
        repository: RepositoryName = optional,
        /// The version of the chart.
        version: Version = required,
        /// The namespace that the chart is installed into.
        namespace: Label = required,
        /// The name of the Helm release.
        release: ReleaseName = required,
        /// In which regions it runs.
        runs: Runs = required,
        /// The only cloud it runs on.
        provider: Provider = optional,
        /// The vCluster it brings; it runs where a region has that vCluster.
        vcluster: Tier = optional,
        /// It runs only where something brings it in, or where it is switched on.
        on_demand: bool = optional,
        /// It keeps data on volumes or in a database, so removing it loses something.
        stateful: bool = optional,
        /// It runs controllers of Flux, the network or storage, so it is never downgraded.
        controller: bool = optional,
        /// Blueprints that are on where this one is, and off where it is off.
        governs: Vec<Spanned<BpName>> = optional,
        /// The vCluster that the chart is installed into, where not into the cluster itself.
        into: VclusterTarget = optional,
        /// The layer of the tree it stands in. Default `releases`.
        layer: ReleaseLayer = optional,
        /// The chart renders its own namespace, so the tree must not declare it again.
        creates_namespace: bool = optional,
        /// The pod-security level that its namespace needs. Default `privileged`.
        pod_security: PodSecurity = optional,
        /// The blueprints it waits for.
        depends_on: Vec<Spanned<BpName>> = optional,
        /// How often Flux reconciles it.
        interval: FluxPeriod = required,
        /// How long a Helm action may take.
        timeout: FluxPeriod = optional,
        /// Whether Flux corrects drift.
        drift_detection: DriftDetection = optional,
        /// Whether Flux leaves the release as it is.
        suspend: bool = optional,
        /// Labels of the HelmRelease.
        labels: Named<LabelKey, LabelValue> = optional,
        /// How it is installed.
        install: Installation = optional,
        /// How it is upgraded.
        upgrade: Upgrade = optional,
        /// Its feature gate.
        gate: Gate = optional,
        /// The two halves of a database that it is, with `runs = "pair"`.
        pair: PairFacts = optional,
        /// The value that makes the chart write a Continuum of its own, beside the one of the tree.
        continuum: ValuePath = optional,
        /// The values of an OpenTelemetry collector, below which the compiler writes what it exports.
        collector: ValuePath = optional,
        /// The API of a registry, which alone takes its policies.
        registry_api: RegistryApi = optional,
        /// Values that the failover controller writes while it works, so that the tree must not.
        controller_owned: Vec<Spanned<ValuePath>> = optional,
        /// The hosts that it publishes below the Sovereign's name.
        publishes: Vec<Spanned<PublishedHost>> = optional,
        /// What it writes to outside of its cluster, so that no other release may.
        outside: Vec<Spanned<Outside>> = optional,
        /// Secrets that its chart makes up at random, so that each region has another.
        mints: Vec<Spanned<MintedSecret>> = optional,
        /// What it brings to its cluster.
        provides: Provided = optional,
        /// What it needs in its cluster.
        requires: Required = optional,
        /// Images that the chart takes by itself, as far as known. Charts are not opened.
        images: Vec<Spanned<ImageRef>> = optional,
        /// Values that come from Secrets and ConfigMaps.
        values_from: Vec<Spanned<ValuesFrom>> = optional,
        /// Helm values. Strings may hold expressions.
        values: Values = optional,
        /// Helm values that speak of all regions; kept apart from the region's own directory.
        sovereign_values: Values = optional,
        /// Values for certain choices.
        overlay: Vec<Spanned<Overlay>> = optional,
    }
}

text! {
    /// Any text that is not empty.
    Text, "a text", "text",
    |text| if text.is_empty() { Err(Malformed::new("is empty")) } else { Ok(()) },
    serde_json::json!({ "type": "string", "minLength": 1 })
}

/// A blueprint whose required keys are all there.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, one for each key of a blueprint")]
pub struct Blueprint {
    /// The first byte of its file: the cause of what the blueprint as a whole causes.
    pub span: Span,
    /// The place in the boot order.
    pub slot: Spanned<Slot>,
    /// The name, with `bp-`.
    pub name: Spanned<BpName>,
    /// The chart.
    pub chart: Spanned<ChartName>,
    /// The repository of the chart, if not that of all.
    pub repository: Option<Spanned<RepositoryName>>,
    /// The version of the chart.
    pub version: Spanned<Version>,
    /// The namespace that the chart is installed into.
    pub namespace: Spanned<Label>,
    /// The name of the Helm release.
    pub release: Spanned<ReleaseName>,
    /// In which regions it runs.
    pub runs: Spanned<Runs>,
    /// The only cloud it runs on.
    pub provider: Option<Spanned<Provider>>,
    /// The vCluster it brings.
    pub vcluster: Option<Spanned<Tier>>,
    /// Whether it runs only where it is brought in.
    pub on_demand: bool,
    /// Whether it keeps data.
    pub stateful: bool,
    /// Whether it runs controllers that everything stands on.
    pub controller: bool,
    /// Blueprints that follow its switch.
    pub governs: Vec<Spanned<BpName>>,
    /// The vCluster that the chart is installed into.
    pub into: Option<Spanned<VclusterTarget>>,
    /// The layer of its release.
    pub layer: ReleaseLayer,
    /// Whether the chart renders its own namespace.
    pub creates_namespace: bool,
    /// The pod-security level that its namespace needs.
    pub pod_security: Option<Spanned<PodSecurity>>,
    /// The blueprints it waits for.
    pub depends_on: Vec<Spanned<BpName>>,
    /// How often Flux reconciles it.
    pub interval: Spanned<FluxPeriod>,
    /// How long a Helm action may take.
    pub timeout: Option<Spanned<FluxPeriod>>,
    /// Whether Flux corrects drift.
    pub drift_detection: Option<Spanned<DriftDetection>>,
    /// Whether Flux leaves the release as it is.
    pub suspend: Option<Spanned<bool>>,
    /// Labels of the HelmRelease.
    pub labels: Vec<(Spanned<LabelKey>, Spanned<LabelValue>)>,
    /// How it is installed.
    pub install: Option<Installation>,
    /// How it is upgraded.
    pub upgrade: Option<Upgrade>,
    /// Its feature gate.
    pub gate: Option<Gate>,
    /// The two halves of a database that it is.
    pub pair: Option<Spanned<PairFacts>>,
    /// The value that makes the chart write a Continuum of its own.
    pub continuum: Option<Spanned<ValuePath>>,
    /// The values of a collector.
    pub collector: Option<Spanned<ValuePath>>,
    /// The API of a registry.
    pub registry_api: Option<RegistryApi>,
    /// Values that the failover controller writes.
    pub controller_owned: Vec<Spanned<ValuePath>>,
    /// The hosts that it publishes.
    pub publishes: Vec<PublishedHost>,
    /// What it writes to outside of its cluster.
    pub outside: Vec<Outside>,
    /// Secrets that its chart makes up.
    pub mints: Vec<MintedSecret>,
    /// What it brings.
    pub provides: Option<Provided>,
    /// What it needs.
    pub requires: Option<Required>,
    /// Images that the chart takes by itself, as far as known.
    pub images: Vec<Spanned<ImageRef>>,
    /// Values that come from Secrets and ConfigMaps.
    pub values_from: Vec<ValuesFrom>,
    /// Helm values with expressions; a mapping.
    pub values: Node,
    /// Helm values over all regions; a mapping.
    pub sovereign_values: Option<Node>,
    /// Values for certain choices.
    pub overlays: Vec<Overlay>,
}

impl Blueprint {
    /// Decodes a blueprint file; `None` after a report.
    pub fn decode(source: &Source, diags: &mut Diagnostics) -> Option<Self> {
        let file: BlueprintFile = crate::schema::decode(source, diags)?;
        let span = Span::new(source.id(), 0..0);
        let name = file.name?;
        Some(Self {
            span,
            slot: file.slot?,
            chart: file.chart.unwrap_or_else(|| name.as_ref().map(ChartName::of_blueprint)),
            name,
            repository: file.repository,
            version: file.version?,
            namespace: file.namespace?,
            release: file.release?,
            runs: file.runs?,
            provider: file.provider,
            vcluster: file.vcluster,
            on_demand: file.on_demand.is_some_and(|on| on.value),
            stateful: file.stateful.is_some_and(|on| on.value),
            controller: file.controller.is_some_and(|on| on.value),
            governs: file.governs.map(|list| list.value).unwrap_or_default(),
            into: file.into,
            layer: file.layer.map_or(ReleaseLayer::Releases, |layer| layer.value),
            creates_namespace: file.creates_namespace.is_some_and(|creates| creates.value),
            pod_security: file.pod_security,
            depends_on: file.depends_on.map(|list| list.value).unwrap_or_default(),
            interval: file.interval?,
            timeout: file.timeout,
            drift_detection: file.drift_detection,
            suspend: file.suspend,
            labels: file.labels.map(|labels| labels.value.0).unwrap_or_default(),
            install: file.install.map(|install| install.value),
            upgrade: file.upgrade.map(|upgrade| upgrade.value),
            gate: file.gate.map(|gate| gate.value),
            pair: file.pair,
            continuum: file.continuum,
            collector: file.collector,
            registry_api: file.registry_api.map(|api| api.value),
            controller_owned: file.controller_owned.map(|list| list.value).unwrap_or_default(),
            publishes: items(file.publishes),
            outside: items(file.outside),
            mints: items(file.mints),
            provides: file.provides.map(|facts| facts.value),
            requires: file.requires.map(|facts| facts.value),
            images: file.images.map(|list| list.value).unwrap_or_default(),
            values_from: items(file.values_from),
            values: file.values.map_or_else(|| Node::new(Map::new(), span), |values| values.value.0),
            sovereign_values: file.sovereign_values.map(|values| values.value.0),
            overlays: items(file.overlay),
        })
    }

    /// Returns what it publishes a host as: `console` for `console.<fqdn>`.
    pub fn publishes_host(&self, host: &Fqdn, fqdn: &Fqdn) -> Option<&PublishedHost> {
        let label = host.as_str().strip_suffix(fqdn.as_str())?.strip_suffix('.')?;
        self.publishes
            .iter()
            .find(|published| published.host.as_ref().is_some_and(|name| name.value.as_str() == label))
    }

    /// Returns the Secrets that the chart makes, as far as known.
    pub fn made_secrets(&self) -> impl Iterator<Item = &Spanned<SecretId>> {
        self.provided_secrets().map(|secret| &secret.id)
    }

    /// Returns the same with the keys that are known.
    pub fn provided_secrets(&self) -> impl Iterator<Item = &ProvidedSecret> {
        let secrets = self.provides.as_ref().and_then(|provided| provided.secrets.as_ref());
        secrets.into_iter().flat_map(|secrets| &secrets.value).map(|secret| &secret.value)
    }

    /// Copies of those Secrets that bp-reflector makes.
    pub fn reflected_secrets(&self) -> impl Iterator<Item = &Spanned<SecretId>> {
        let secrets = self.provides.as_ref().and_then(|provided| provided.reflected.as_ref());
        secrets.into_iter().flat_map(|secrets| &secrets.value)
    }

    /// Returns the Secrets that the chart reads, as far as known.
    pub fn required_secrets(&self) -> impl Iterator<Item = &RequiredSecret> {
        let secrets = self.requires.as_ref().and_then(|required| required.secrets.as_ref());
        secrets.into_iter().flat_map(|secrets| &secrets.value).map(|secret| &secret.value)
    }

    /// Returns the Services that the chart makes, as far as known.
    pub fn services(&self) -> impl Iterator<Item = &Spanned<ServiceId>> {
        let services = self.provides.as_ref().and_then(|facts| facts.services.as_ref());
        services.into_iter().flat_map(|services| &services.value)
    }

    /// Returns the API groups whose definitions the chart brings.
    pub fn crd_groups(&self) -> impl Iterator<Item = &ApiGroup> {
        let groups = self.provides.as_ref().and_then(|facts| facts.crds.as_ref());
        groups.into_iter().flat_map(|groups| &groups.value).map(|group| &group.value)
    }
}

pub(super) fn items<T>(list: Option<Spanned<Vec<Spanned<T>>>>) -> Vec<T> {
    list.map(|list| list.value.into_iter().map(|item| item.value).collect()).unwrap_or_default()
}
