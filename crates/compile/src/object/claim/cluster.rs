//! What makes the machines of a region a cluster.

use super::{Claim, ClaimKind, Parameters, Reference};
use sovereign_text::node::{Fields, Map, Node};
use sovereign_text::source::{Span, Spanned};

/// Claim of this kind: what makes the machines of a region a cluster.
pub type ClusterClaim = Claim<ClusterParameters>;

/// The parameters of a [`ClusterClaim`].
#[derive(Clone, Debug)]
pub struct ClusterParameters {
    /// The name of the cluster.
    pub name: Spanned<String>,
    /// The RegionClaim.
    pub region: Reference,
    /// The release of k3s.
    pub k3s_version: Spanned<String>,
    /// What everything of the cluster is tagged with at the provider, in the order of the keys.
    pub tags: Vec<(&'static str, Spanned<String>)>,
}

impl Parameters for ClusterParameters {
    const KIND: &'static str = "ClusterClaim";
    const CLAIM: ClaimKind = ClaimKind { has_machines: true, immutable: &[] };

    fn node(&self, cause: Span) -> Node {
        let mut tags = Map::new();
        for (key, value) in &self.tags {
            tags.insert(*key, value.clone().into());
        }
        Fields::new(cause)
            .set("name", &self.name)
            .put("regionRef", self.region.node())
            .set("k3sVersion", &self.k3s_version)
            .put("tags", Node::new(tags, cause))
            .node()
    }
}
