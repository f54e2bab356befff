//! Claims: what Crossplane shall make at a provider (domain section 8.4). Their definitions come with
//! bp-crossplane-claims; which values they accept is a fact of the kit.

mod cluster;
mod load_balancer;
mod node_pool;
mod peering;
mod region;

pub use cluster::ClusterClaim;
pub(crate) use cluster::ClusterParameters;
pub use load_balancer::LoadBalancerClaim;
pub(crate) use load_balancer::LoadBalancerParameters;
pub use node_pool::NodePoolClaim;
pub(crate) use node_pool::{NodePoolParameters, NodeRole};
pub use peering::PeeringClaim;
pub(crate) use peering::PeeringParameters;
pub use region::RegionClaim;
pub(crate) use region::RegionParameters;

use super::{ApiVersion, ClaimKind, Definition, Identity, KINDS, Meta, Need, ProviderConfig, Resource};
use sovereign_text::node::{Fields, Node};
use sovereign_text::source::{Span, Spanned};

/// The label that names the region which a claim is for.
pub const REGION_LABEL: &str = "catalyst.openova.io/region";

/// A claim: its parameters, and the ProviderConfig that it logs in with.
#[derive(Clone, Debug)]
pub struct Claim<P> {
    /// Its metadata.
    pub meta: Meta,
    /// Group and version.
    pub api_version: Spanned<String>,
    /// The name of the ProviderConfig.
    pub config: Spanned<String>,
    /// The API group of the ProviderConfig.
    pub config_group: String,
    /// What is claimed.
    pub parameters: P,
}

/// What is claimed by the claims of one kind.
pub trait Parameters {
    /// The kind.
    const KIND: &'static str;
    /// What holds of all of them.
    const CLAIM: ClaimKind;

    /// Returns the parameters as they are written.
    fn node(&self, cause: Span) -> Node;
}

/// Returns the kinds whose objects stand for machines, their disks and their addresses.
pub fn kinds_with_machines() -> impl Iterator<Item = &'static str> {
    KINDS.iter().filter(|kind| kind.claim.is_some_and(|claim| claim.has_machines)).map(|kind| kind.name)
}

/// Returns the parameters that cannot change, each with the kind whose claims have it.
pub fn immutable_parameters() -> impl Iterator<Item = (&'static str, &'static str)> {
    let claims = KINDS.iter().filter_map(|kind| Some((kind.name, kind.claim?)));
    claims.flat_map(|(kind, claim)| claim.immutable.iter().map(move |parameter| (kind, *parameter)))
}

/// A reference to another claim.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Its name.
    pub name: Spanned<String>,
    /// Its namespace.
    pub namespace: Spanned<String>,
}

impl Reference {
    fn node(&self) -> Node {
        Fields::new(self.name.span).set("name", &self.name).set("namespace", &self.namespace).node()
    }
}

impl<P: Parameters> Resource for Claim<P> {
    const KIND: &'static str = P::KIND;
    const API_VERSION: ApiVersion<Self> = ApiVersion::Given(|claim| &claim.api_version.value);
    const DEFINITION: Definition = Definition::Release;
    const CLAIM: Option<ClaimKind> = Some(P::CLAIM);

    fn body(&self, object: Fields) -> Fields {
        let cause = self.meta.name.span;
        let config = Fields::new(self.config.span).set("name", &self.config).node();
        let spec = Fields::new(cause)
            .put("parameters", self.parameters.node(cause))
            .put("providerConfigRef", config);
        object.put("spec", spec.node())
    }

    /// The ProviderConfig must be there before Crossplane can log in.
    fn needs(&self) -> Vec<Need> {
        vec![Need::Object(Identity {
            group: self.config_group.clone(),
            kind: ProviderConfig::KIND.into(),
            namespace: None,
            name: self.config.value.clone(),
        })]
    }
}
