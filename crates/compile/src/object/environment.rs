//! Environments of Organizations.

use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `catalyst.openova.io` Environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its metadata.
    pub meta: Meta,
    /// Its Organization.
    pub organization: Spanned<String>,
    /// Its type.
    pub env: Spanned<String>,
    /// In how many regions it is.
    pub placement: Spanned<String>,
    /// Its regions, the primary first.
    pub regions: Vec<EnvironmentRegion>,
    /// Its policy, if it has one.
    pub policy: Option<Spanned<String>>,
}

/// A region of an Environment.
#[derive(Clone, Debug)]
pub struct EnvironmentRegion {
    /// The cloud.
    pub provider: Spanned<String>,
    /// The code of the region.
    pub code: Spanned<String>,
    /// The building block that tenants run in.
    pub block: Spanned<String>,
    /// The name of the host cluster.
    pub host_cluster: Spanned<String>,
}

impl Resource for Environment {
    const KIND: &'static str = "Environment";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("catalyst.openova.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        let region = |region: &EnvironmentRegion| {
            Fields::new(region.code.span)
                .set("provider", &region.provider)
                .set("region", &region.code)
                .set("buildingBlock", &region.block)
                .set("hostCluster", &region.host_cluster)
                .node()
        };
        let spec = Fields::new(self.meta.name.span)
            .set("organizationRef", &self.organization)
            .set("envType", &self.env)
            .set("placement", &self.placement)
            .fixed("regions", self.regions.iter().map(region).collect::<Vec<_>>())
            .maybe("policyRef", self.policy.as_ref());
        object.put("spec", spec.node())
    }
}
