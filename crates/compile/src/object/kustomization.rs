//! What applies the directories of the tree.

use super::{ApiVersion, Definition, GitRepository, Meta, Resource};
use sovereign_text::node::Fields;

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
}

impl Resource for Kustomization {
    const KIND: &'static str = "Kustomization";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("kustomize.toolkit.fluxcd.io/v1");
    const DEFINITION: Definition = Definition::BuiltIn;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        let span = self.meta.name.span;
        let mut spec = Fields::new(span)
            .fixed("interval", Self::INTERVAL)
            .fixed("retryInterval", Self::RETRY)
            .fixed("timeout", self.timeout);
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
            .fixed("wait", self.wait);
        object.put("spec", spec.node())
    }
}
