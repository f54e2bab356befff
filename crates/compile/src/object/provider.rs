//! Crossplane's packages.

use super::{ApiVersion, Definition, HealthCheck, Meta, Resource};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `pkg.crossplane.io` Provider: a Crossplane package.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its metadata.
    pub meta: Meta,
    /// The package, with its tag.
    pub package: Spanned<String>,
    /// The API group of its ProviderConfig, if it has one.
    pub config_group: Option<String>,
}

impl Resource for Provider {
    const KIND: &'static str = "Provider";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("pkg.crossplane.io/v1");
    const DEFINITION: Definition = Definition::Release;

    /// A Provider that is applied has brought nothing yet, and it has no condition that Flux reads as readiness: what counts is
    /// the definition of its ProviderConfig. A later one of a Flux since 2.5 could ask for `Healthy` by `healthCheckExprs`; this
    /// holds for every version, and it is what is needed.
    fn ready_when(&self) -> Option<HealthCheck> {
        let group = self.config_group.as_ref()?;
        Some(HealthCheck {
            api_version: "apiextensions.k8s.io/v1".to_owned(),
            kind: "CustomResourceDefinition",
            namespace: None,
            name: format!("providerconfigs.{group}"),
        })
    }

    fn body(&self, object: Fields) -> Fields {
        object.put("spec", Fields::new(self.meta.name.span).set("package", &self.package).node())
    }
}
