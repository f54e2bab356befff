//! The releases of blueprints.

use super::{
    ApiVersion, ConfigMap, Definition, FLUX_NAMESPACE, HealthCheck, HelmRepository, Identity, Meta, Need,
    Resource, SecretUse,
};
use sovereign_language::kit::{Definitions, Installation, Upgrade, ValueSource, ValuesKind, VclusterTarget};
use sovereign_text::node::{Fields, Map, Node, text};
use sovereign_text::source::{Span, Spanned};

/// `helm.toolkit.fluxcd.io` HelmRelease of a blueprint.
#[derive(Clone, Debug)]
pub struct HelmRelease {
    /// Its metadata.
    pub meta: Meta,
    /// How often it is reconciled.
    pub interval: Spanned<String>,
    /// How long a Helm action may take.
    pub timeout: Option<Spanned<String>>,
    /// The vCluster that the chart is installed into, if not the cluster itself.
    pub into: Option<VclusterTarget>,
    /// The name of the Helm release; always explicit, since Flux would compose one and cut it.
    pub release_name: Spanned<String>,
    /// The namespace that the chart is installed into.
    pub target_namespace: Spanned<String>,
    /// The releases of the same cluster that must be ready first.
    pub depends_on: Vec<Spanned<String>>,
    /// The chart.
    pub chart: Spanned<String>,
    /// Its exact version.
    pub version: Spanned<String>,
    /// The HelmRepository.
    pub source: Spanned<String>,
    /// The Secret with the key that the chart must be signed with, if Flux looks.
    pub signed_with: Option<Spanned<String>>,
    /// How it is installed.
    pub install: Option<Installation>,
    /// How it is upgraded.
    pub upgrade: Option<Upgrade>,
    /// Whether Flux leaves it as it is.
    pub suspend: Option<Spanned<bool>>,
    /// Whether Flux corrects drift.
    pub drift_detection: Option<Spanned<String>>,
    /// Values from other objects.
    pub values_from: Vec<ValueSource>,
    /// The values, final.
    pub values: Node,
}

/// What a public key of cosign is called in its Secret. Flux takes those whose names end so.
const PUBLIC_KEY: &str = "cosign.pub";

/// What Flux does with the `crds/` directory of a chart on install. Written out so that a Flux upgrade cannot change it.
const CRDS_ON_INSTALL: &str = "Create";

/// Returns what Flux does with that directory on upgrade: definitions that are not there yet always come, and those that are
/// change only where the blueprint says so (docs/decisions.md, Flux).
const fn crds_on_upgrade(definitions: Definitions) -> &'static str {
    match definitions {
        Definitions::Skip => "Skip",
        Definitions::Create => "Create",
        Definitions::CreateReplace => "CreateReplace",
    }
}

impl Resource for HelmRelease {
    const KIND: &'static str = "HelmRelease";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("helm.toolkit.fluxcd.io/v2");
    const DEFINITION: Definition = Definition::BuiltIn;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        object.put("spec", self.spec())
    }

    fn needs(&self) -> Vec<Need> {
        let object = |group: &str, kind: &'static str, name: &str| {
            Need::Object(Identity {
                group: group.to_owned(),
                kind: kind.into(),
                namespace: Some(FLUX_NAMESPACE.to_owned()),
                name: name.to_owned(),
            })
        };
        let mut needs = vec![object("source.toolkit.fluxcd.io", HelmRepository::KIND, &self.source.value)];
        // A namespace in a vCluster is none of the cluster.
        if self.into.is_none() {
            needs.insert(0, Need::Namespace(self.target_namespace.value.clone()));
        }
        for source in &self.values_from {
            if source.kind.value == ValuesKind::ConfigMap {
                needs.push(object("", ConfigMap::KIND, &source.name.value));
            }
        }
        needs
    }

    /// The definitions that a release brings are there once it is.
    fn ready_when(&self) -> Option<HealthCheck> {
        Some(self.readiness(&self.meta))
    }

    fn secrets(&self) -> Vec<SecretUse<'_>> {
        let key = self.signed_with.iter().map(|secret| SecretUse {
            comes_first: true,
            ..SecretUse::beside(&self.meta, &secret.value, vec![PUBLIC_KEY])
        });
        let of_secrets = self.values_from.iter().filter(|source| source.kind.value == ValuesKind::Secret);
        let of_values = of_secrets
            .map(|source| SecretUse::beside(&self.meta, &source.name.value, vec![&source.key.value]));
        let kubeconfig = self.into.iter().filter_map(|into| Some((into.secret.as_ref()?, &into.key)));
        let kubeconfig = kubeconfig.map(|(secret, key)| {
            let keys = key.iter().map(|key| key.value.as_str()).collect();
            SecretUse::beside(&self.meta, secret.value.as_str(), keys)
        });
        of_values.chain(kubeconfig).chain(key).collect()
    }
}

impl HelmRelease {
    /// Returns what tells the release of a blueprint from others.
    pub(crate) fn identity(name: &str) -> Identity {
        Identity {
            group: "helm.toolkit.fluxcd.io".to_owned(),
            kind: Self::KIND.into(),
            namespace: Some(FLUX_NAMESPACE.to_owned()),
            name: name.to_owned(),
        }
    }

    fn spec(&self) -> Node {
        let mut fields = Fields::new(self.meta.name.span)
            .set("interval", &self.interval)
            .maybe("timeout", self.timeout.as_ref())
            .maybe("suspend", self.suspend.as_ref())
            .set("releaseName", &self.release_name)
            .set("targetNamespace", &self.target_namespace);
        if let Some(into) = &self.into {
            let reference =
                Fields::new(into.span).shown("name", into.secret.as_ref()).shown("key", into.key.as_ref());
            let kubeconfig = Fields::new(into.span).put("secretRef", reference.node());
            fields = fields
                .shown("storageNamespace", into.storage_namespace.as_ref())
                .put("kubeConfig", kubeconfig.node());
        }
        if !self.depends_on.is_empty() {
            let names = self.depends_on.iter().map(|name| Fields::new(name.span).set("name", name).node());
            let span = self.meta.name.span;
            fields = fields.put("dependsOn", Node::new(names.collect::<Vec<_>>(), span));
        }
        fields = fields
            .put("chart", self.chart())
            .put("install", install(self.install.as_ref(), self.meta.name.span))
            .put("upgrade", upgrade(self.upgrade.as_ref(), self.meta.name.span));
        if let Some(mode) = &self.drift_detection {
            fields = fields.put("driftDetection", Fields::new(mode.span).set("mode", mode).node());
        }
        if !self.values_from.is_empty() {
            let sources = self.values_from.iter().map(value_source).collect::<Vec<_>>();
            fields = fields.put("valuesFrom", Node::new(sources, self.meta.name.span));
        }
        if !self.values.as_map().is_some_and(Map::is_empty) {
            fields = fields.put("values", self.values.clone());
        }
        fields.node()
    }

    fn chart(&self) -> Node {
        let source = Fields::new(self.source.span)
            .fixed("kind", HelmRepository::KIND)
            .set("name", &self.source)
            .fixed("namespace", FLUX_NAMESPACE);
        let spec = Fields::new(self.chart.span)
            .set("chart", &self.chart)
            .set("version", &self.version)
            .put("sourceRef", source.node())
            .put_some("verify", self.signed_with.as_ref().map(signature));
        Fields::new(self.chart.span).put("spec", spec.node()).node()
    }
}

/// Returns how a chart is said to be signed, with the key in a Secret. With a key, Flux asks no transparency log.
fn signature(secret: &Spanned<String>) -> Node {
    let reference = Fields::new(secret.span).set("name", secret).node();
    Fields::new(secret.span).fixed("provider", "cosign").put("secretRef", reference).node()
}

fn install(table: Option<&Installation>, span: Span) -> Node {
    let cause = table.map_or(span, |table| table.span);
    let Some(table) = table else { return Fields::new(cause).fixed("crds", CRDS_ON_INSTALL).node() };
    let remediation = Fields::new(cause)
        .maybe("retries", table.retries.map(|retries| retries.map(|n| n.0)).as_ref())
        .maybe("remediateLastFailure", table.remediate_last_failure.as_ref());
    Fields::new(cause)
        .maybe("timeout", table.timeout.as_ref().map(text).as_ref())
        .fixed("crds", CRDS_ON_INSTALL)
        .maybe("createNamespace", table.create_namespace.as_ref())
        .maybe("disableWait", table.disable_wait.as_ref())
        .put_unless_empty("remediation", remediation)
        .node()
}

fn upgrade(table: Option<&Upgrade>, span: Span) -> Node {
    let cause = table.map_or(span, |table| table.span);
    let definitions =
        table.and_then(|table| table.definitions).map_or(Definitions::Create, |word| word.value);
    let crds = crds_on_upgrade(definitions);
    let Some(table) = table else { return Fields::new(cause).fixed("crds", crds).node() };
    let remediation = Fields::new(cause)
        .maybe("retries", table.retries.map(|retries| retries.map(|n| n.0)).as_ref())
        .maybe("remediateLastFailure", table.remediate_last_failure.as_ref())
        .maybe("strategy", table.strategy.as_ref().map(text).as_ref());
    Fields::new(cause)
        .maybe("timeout", table.timeout.as_ref().map(text).as_ref())
        .fixed("crds", crds)
        .maybe("cleanupOnFail", table.cleanup_on_fail.as_ref())
        .maybe("disableWait", table.disable_wait.as_ref())
        .maybe("preserveValues", table.preserve_values.as_ref())
        .put_unless_empty("remediation", remediation)
        .node()
}

fn value_source(source: &ValueSource) -> Node {
    Fields::new(source.name.span)
        .set("kind", &text(&source.kind))
        .set("name", &source.name)
        .set("valuesKey", &source.key)
        .maybe("targetPath", source.target.as_ref())
        .maybe("optional", source.optional.as_ref())
        .node()
}
