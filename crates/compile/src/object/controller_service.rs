//! Where a shard's source-controller is reached.

use super::controller::HTTP;
use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::Fields;

/// `v1` Service at which a shard's source-controller gives its artifacts away.
#[derive(Clone, Debug)]
pub struct ControllerService {
    /// Its metadata; the Pods behind it bear its name.
    pub meta: Meta,
}

impl Resource for ControllerService {
    const KIND: &'static str = "Service";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("v1");
    const DEFINITION: Definition = Definition::BuiltIn;

    fn body(&self, object: Fields) -> Fields {
        let fields = || Fields::new(self.meta.name.span);
        let port = fields().fixed("name", HTTP).fixed("port", 80).fixed("protocol", "TCP");
        let port = port.fixed("targetPort", HTTP).node();
        let spec = fields()
            .fixed("type", "ClusterIP")
            .put("selector", fields().set("app", &self.meta.name).node())
            .fixed("ports", vec![port]);
        object.put("spec", spec.node())
    }
}
