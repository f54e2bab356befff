//! What applies the directories of the tree.

use super::{ApiVersion, Definition, GitRepository, HealthCheck, Hosts, Meta, Resource};
use sovereign_text::node::{Fields, Node};
use sovereign_text::source::Span;

/// `kustomize.toolkit.fluxcd.io` Kustomization: applies one directory of the tree.
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
    /// What must be there before it is ready: what those that wait for it need, and nothing else.
    pub health_checks: Vec<HealthCheck>,
}

impl Kustomization {
    /// How often drift in the cluster is corrected.
    const INTERVAL: &'static str = "10m";
    /// How soon a failure is tried again. Without it Flux waits for the next interval. Flux looks as often for what a
    /// Kustomization depends on (its `--requeue-dependency`).
    const RETRY: &'static str = "30s";
    /// How long it may take to apply a directory: the largest have some hundred objects.
    const TO_APPLY: &'static str = "5m";
    /// How long it may take with health checks. While Flux waits for one, it takes no new commit; so this bounds how long a
    /// repair waits for what it repairs, and what is not ready by then is looked at again (docs/flux.md).
    const TO_WAIT: &'static str = "1m";
}

impl Resource for Kustomization {
    const KIND: &'static str = "Kustomization";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("kustomize.toolkit.fluxcd.io/v1");
    const DEFINITION: Definition = Definition::BuiltIn;
    // The names of definitions that it checks look like hosts.
    const HOSTS: Hosts = Hosts::Nowhere;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        let span = self.meta.name.span;
        let mut spec = Fields::new(span)
            .fixed("interval", Self::INTERVAL)
            .fixed("retryInterval", Self::RETRY)
            .fixed("timeout", if self.health_checks.is_empty() { Self::TO_APPLY } else { Self::TO_WAIT });
        if !self.depends_on.is_empty() {
            let names =
                self.depends_on.iter().map(|name| Fields::new(span).fixed("name", name.clone()).node());
            spec = spec.fixed("dependsOn", names.collect::<Vec<_>>());
        }
        let source = Fields::new(span).fixed("kind", GitRepository::KIND).fixed("name", self.source.clone());
        spec = spec
            .put("sourceRef", source.node())
            .fixed("path", self.path.clone())
            .fixed("prune", true)
            // With it Flux would check everything that it applied, and no health check that is named.
            .fixed("wait", false);
        if !self.health_checks.is_empty() {
            let checks = self.health_checks.iter().map(|check| health_check(check, span));
            spec = spec.fixed("healthChecks", checks.collect::<Vec<_>>());
        }
        object.put("spec", spec.node())
    }
}

fn health_check(check: &HealthCheck, span: Span) -> Node {
    let mut fields =
        Fields::new(span).fixed("apiVersion", check.api_version.clone()).fixed("kind", check.kind);
    if let Some(namespace) = &check.namespace {
        fields = fields.fixed("namespace", namespace.clone());
    }
    fields.fixed("name", check.name.clone()).node()
}
