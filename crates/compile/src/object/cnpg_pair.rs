//! The two halves of a database.

use super::{ApiVersion, Definition, Meta, Resource};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// `dr.openova.io` CNPGPair: two database clusters, of which one follows the other (domain section 5.2).
#[derive(Clone, Debug)]
pub struct CnpgPair {
    /// Its metadata.
    pub meta: Meta,
    /// The cluster that writes.
    pub primary_cluster: Spanned<String>,
    /// The cluster that follows.
    pub replica_cluster: Spanned<String>,
    /// The node label of the region that writes.
    pub primary_region: Spanned<String>,
    /// That of the region that follows.
    pub replica_region: Spanned<String>,
    /// The work that may be lost, in seconds; the schema begins at one.
    pub rpo: Option<Spanned<i64>>,
    /// The time until it answers again, in seconds; the schema begins at one.
    pub rto: Option<Spanned<i64>>,
}

impl Resource for CnpgPair {
    const KIND: &'static str = "CNPGPair";
    const API_VERSION: ApiVersion<Self> = ApiVersion::Fixed("dr.openova.io/v1");
    const DEFINITION: Definition = Definition::Release;

    fn body(&self, object: Fields) -> Fields {
        let spec = Fields::new(self.meta.name.span)
            .set("primaryCluster", &self.primary_cluster)
            .set("replicaCluster", &self.replica_cluster)
            .set("primaryRegion", &self.primary_region)
            .set("replicaRegion", &self.replica_region)
            .maybe("rpoSeconds", self.rpo.as_ref())
            .maybe("rtoSeconds", self.rto.as_ref())
            .fixed("topology", "active-hot-standby");
        object.put("spec", spec.node())
    }
}
