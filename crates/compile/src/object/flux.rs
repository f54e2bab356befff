//! Objects of Flux (API reference of Flux 2.4): sources, releases, and the Kustomizations that apply layers.

use super::{FLUX_NAMESPACE, Fields, Identity, Meta, Need};
use crate::object::text;
use crate::plan::release::{ValueSource, is_empty};
use sovereign_language::kit::{Installation, Upgrade};
use sovereign_text::node::Node;
use sovereign_text::source::{Span, Spanned};

/// A GitRepository: where Flux reads the tree from.
#[derive(Clone, Debug)]
pub struct GitRepository {
    /// Its metadata.
    pub meta: Meta,
    /// The repository.
    pub url: Spanned<String>,
    /// The branch.
    pub branch: Spanned<String>,
    /// How often it is looked at.
    pub interval: Spanned<String>,
    /// How long a clone may take.
    pub timeout: Spanned<String>,
    /// The Secret with credentials.
    pub secret: Option<Spanned<String>>,
    /// What of the repository the artifact leaves out, in the syntax of `.gitignore`.
    pub ignore: Spanned<String>,
}

impl GitRepository {
    pub(super) fn spec(&self) -> Node {
        let span = self.meta.name.span;
        let mut fields = Fields::new(span)
            .set("interval", &self.interval)
            .set("timeout", &self.timeout)
            .set("url", &self.url)
            .put("ref", Fields::new(self.branch.span).set("branch", &self.branch).node());
        if let Some(secret) = &self.secret {
            fields = fields.put("secretRef", Fields::new(secret.span).set("name", secret).node());
        }
        fields.set("ignore", &self.ignore).node()
    }
}

/// A HelmRepository: where a chart comes from.
#[derive(Clone, Debug)]
pub struct HelmRepository {
    /// Its metadata.
    pub meta: Meta,
    /// Registry and project, without the chart: Flux joins the two (a chart in the URL gives a path with the name
    /// twice, which registries answer with 401).
    pub url: Spanned<String>,
    /// How often it is looked at.
    pub interval: Spanned<String>,
    /// The Secret with credentials.
    pub secret: Option<Spanned<String>>,
}

impl HelmRepository {
    pub(super) fn spec(&self) -> Node {
        let kind = if self.url.value.starts_with("oci://") { "oci" } else { "default" };
        let secret = self.secret.as_ref();
        Fields::new(self.meta.name.span)
            .fixed("type", kind)
            .set("interval", &self.interval)
            .set("url", &self.url)
            .put_some("secretRef", secret.map(|name| Fields::new(name.span).set("name", name).node()))
            .node()
    }
}

/// A HelmRelease.
#[derive(Clone, Debug)]
pub struct HelmRelease {
    /// Its metadata.
    pub meta: Meta,
    /// How often it is reconciled.
    pub interval: Spanned<String>,
    /// How long a Helm action may take.
    pub timeout: Option<Spanned<String>>,
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
    /// How it is installed.
    pub install: Option<Installation>,
    /// How it is upgraded.
    pub upgrade: Option<Upgrade>,
    /// Whether Flux corrects drift.
    pub drift_detection: Option<Spanned<String>>,
    /// Values from other objects.
    pub values_from: Vec<ValueSource>,
    /// The values, final.
    pub values: Node,
}

/// What Flux does with the `crds/` directory of a chart when nothing is said: creates on install, leaves alone on
/// upgrade. Written out so that a Flux upgrade cannot change it.
const CRDS_ON_INSTALL: &str = "Create";
const CRDS_ON_UPGRADE: &str = "Skip";

impl HelmRelease {
    pub(super) fn needs(&self) -> Vec<Need> {
        let object = |group: &str, kind, name: &str| {
            Need::Object(Identity {
                group: group.to_owned(),
                kind,
                namespace: Some(FLUX_NAMESPACE.to_owned()),
                name: name.to_owned(),
            })
        };
        let mut needs = vec![
            Need::Namespace(self.target_namespace.value.clone()),
            object("source.toolkit.fluxcd.io", "HelmRepository", &self.source.value),
        ];
        for source in &self.values_from {
            if source.kind.value == sovereign_language::kit::blueprint::ValuesKind::ConfigMap {
                needs.push(object("", "ConfigMap", &source.name.value));
            }
        }
        needs
    }

    pub(super) fn spec(&self) -> Node {
        let mut fields = Fields::new(self.meta.name.span)
            .set("interval", &self.interval)
            .maybe("timeout", self.timeout.as_ref())
            .set("releaseName", &self.release_name)
            .set("targetNamespace", &self.target_namespace);
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
        if !is_empty(&self.values) {
            fields = fields.put("values", self.values.clone());
        }
        fields.node()
    }

    fn chart(&self) -> Node {
        let source = Fields::new(self.source.span)
            .fixed("kind", "HelmRepository")
            .set("name", &self.source)
            .fixed("namespace", FLUX_NAMESPACE);
        let spec = Fields::new(self.chart.span)
            .set("chart", &self.chart)
            .set("version", &self.version)
            .put("sourceRef", source.node());
        Fields::new(self.chart.span).put("spec", spec.node()).node()
    }
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
    let Some(table) = table else { return Fields::new(cause).fixed("crds", CRDS_ON_UPGRADE).node() };
    let remediation = Fields::new(cause)
        .maybe("retries", table.retries.map(|retries| retries.map(|n| n.0)).as_ref())
        .maybe("remediateLastFailure", table.remediate_last_failure.as_ref())
        .maybe("strategy", table.strategy.as_ref().map(text).as_ref());
    Fields::new(cause)
        .maybe("timeout", table.timeout.as_ref().map(text).as_ref())
        .fixed("crds", CRDS_ON_UPGRADE)
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

/// A Flux Kustomization: applies one directory of the tree.
#[derive(Clone, Debug)]
pub struct Kustomization {
    /// Its metadata.
    pub meta: Meta,
    /// The directory in the repository, beginning with `./`.
    pub path: String,
    /// The Kustomizations that must be ready first.
    pub depends_on: Vec<String>,
    /// The GitRepository.
    pub source: String,
    /// How long Flux waits for what it applied to become ready.
    pub timeout: &'static str,
    /// Whether it is ready only once what it applied is.
    pub wait: bool,
}

impl Kustomization {
    /// How often drift in the cluster is corrected.
    const INTERVAL: &'static str = "10m";
    /// How soon a failure is tried again. Without it Flux waits for the next interval.
    const RETRY: &'static str = "1m";

    pub(super) fn spec(&self) -> Node {
        let span = self.meta.name.span;
        let mut fields = Fields::new(span)
            .fixed("interval", Self::INTERVAL)
            .fixed("retryInterval", Self::RETRY)
            .fixed("timeout", self.timeout);
        if !self.depends_on.is_empty() {
            let names =
                self.depends_on.iter().map(|name| Fields::new(span).fixed("name", name.clone()).node());
            fields = fields.fixed("dependsOn", names.collect::<Vec<_>>());
        }
        let source = Fields::new(span).fixed("kind", "GitRepository").fixed("name", self.source.clone());
        fields
            .put("sourceRef", source.node())
            .fixed("path", self.path.clone())
            .fixed("prune", true)
            .fixed("wait", self.wait)
            .node()
    }
}
