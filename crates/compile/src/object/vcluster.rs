//! The vClusters of Organizations.

use super::{ApiVersion, Definition, FLUX_NAMESPACE, HelmRelease, HelmRepository, Meta, Resource};
use sovereign_language::scalar::{LABEL, Shard};
use sovereign_text::node::{Fields, Node, text};
use sovereign_text::source::Spanned;

/// `helm.toolkit.fluxcd.io` HelmRelease of an Organization's vCluster (chart `vcluster`).
#[derive(Clone, Debug)]
pub struct Vcluster {
    /// Its metadata.
    pub meta: Meta,
    /// The name of the Helm release.
    pub release: &'static str,
    /// The release that brings the source of the chart. Not waited for in a shard, which has a source of its own.
    pub waits_for: Spanned<String>,
    /// The version of the chart.
    pub version: &'static str,
    /// The values, final.
    pub values: Node,
}

impl Resource for Vcluster {
    const KIND: &'static str = HelmRelease::KIND;
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("helm.toolkit.fluxcd.io/v2");
    const DEFINITION: Definition = Definition::BuiltIn;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        object.put("spec", self.spec())
    }
}

impl Vcluster {
    /// The namespace of the chart's HelmRepositories, which bp-vcluster-helmrepo makes.
    pub(crate) const SOURCES: &'static str = "vcluster-system";
    /// The HelmRepository that bp-vcluster-helmrepo makes.
    const SOURCE: &'static str = "loft";
    /// The name of the chart.
    pub(crate) const CHART: &'static str = "vcluster";
    /// The Secret with the kubeconfig, which the chart makes beside the vCluster: `vc-<release>`.
    pub(crate) const KUBECONFIG: &'static str = "vc-vcluster";
    const INTERVAL: &'static str = "10m";
    const TIMEOUT: &'static str = "15m";
    const RETRIES: i64 = 3;

    /// Returns the HelmRepository of a shard, whose source-controller sees no other.
    pub(crate) fn source_of(shard: &Spanned<Shard>) -> Spanned<String> {
        shard.as_ref().map(|shard| format!("{}-{shard}", Self::SOURCE))
    }

    fn spec(&self) -> Node {
        let span = self.meta.name.span;
        let shard = self.meta.shard.as_ref();
        let name = shard.map_or_else(|| Spanned::new(Self::SOURCE.to_owned(), span), Self::source_of);
        let source = Fields::new(span)
            .fixed("kind", HelmRepository::KIND)
            .set("name", &name)
            .fixed("namespace", Self::SOURCES);
        let chart = Fields::new(span)
            .fixed("chart", Self::CHART)
            .fixed("version", self.version)
            .put("sourceRef", source.node());
        // The chart object that Flux makes of this belongs to the shard too.
        let metadata = shard.map(|shard| {
            let labels = Fields::new(shard.span).set(LABEL, &text(shard));
            Fields::new(shard.span).put("labels", labels.node()).node()
        });
        let chart = Fields::new(span).put_some("metadata", metadata).put("spec", chart.node());
        // In a shard nothing is waited for: a release of another one is none of its controller's business.
        let waits_for = shard.is_none().then(|| {
            let waits_for = Fields::new(self.waits_for.span)
                .set("name", &self.waits_for)
                .fixed("namespace", FLUX_NAMESPACE);
            Node::new(vec![waits_for.node()], span)
        });
        let action = |crds: &'static str| {
            let remediation = Fields::new(span).fixed("retries", Self::RETRIES);
            Fields::new(span)
                .fixed("timeout", Self::TIMEOUT)
                .fixed("crds", crds)
                .put("remediation", remediation.node())
                .node()
        };
        Fields::new(span)
            .fixed("interval", Self::INTERVAL)
            .fixed("releaseName", self.release)
            .put_some("targetNamespace", self.meta.namespace.clone().map(Into::into))
            .put_some("dependsOn", waits_for)
            .put("chart", chart.node())
            .put("install", action("Create"))
            .put("upgrade", action("Skip"))
            .put("values", self.values.clone())
            .node()
    }
}
