//! What lets the Gateway into a namespace.

use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::{Fields, Map, Node};

/// `cilium.io` CiliumNetworkPolicy that lets the Gateway in. Its Envoy has an identity of its own, which no selector of
/// namespaces matches.
#[derive(Clone, Debug)]
pub struct GatewayAccess {
    /// Its metadata.
    pub meta: Meta,
}

impl Resource for GatewayAccess {
    const KIND: &'static str = "CiliumNetworkPolicy";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("cilium.io/v2");
    const DEFINITION: Definition = Definition::Release;
    const IS_LOCAL: bool = true;

    fn body(&self, object: Fields) -> Fields {
        let span = self.meta.name.span;
        let entities = vec![Node::new("ingress", span)];
        let rule = Fields::new(span).fixed("fromEntities", entities).node();
        let spec = Fields::new(span).fixed("endpointSelector", Map::new()).fixed("ingress", vec![rule]);
        object.put("spec", spec.node())
    }
}
