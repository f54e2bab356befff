//! Objects that a kit of one's own has beside its releases: of any kind.

use super::{Meta, Need};
use sovereign_text::node::{Map, Node};
use sovereign_text::source::Spanned;

/// An object of a kit.
#[derive(Clone, Debug)]
pub struct OfKit {
    /// The metadata that tell it from others.
    pub meta: Meta,
    /// The kind.
    pub kind: String,
    /// Group and version.
    pub api_version: String,
    /// All of it.
    node: Node,
}

/// The groups of Kubernetes itself.
const BUILT_IN: [&str; 13] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];
/// The end of the groups of Flux, whose definitions are there before anything of the tree is read.
const OF_FLUX: &str = ".toolkit.fluxcd.io";

impl OfKit {
    /// Returns an object of a value tree; `None` if it has no kind, version or name.
    pub(crate) fn new(mut node: Node) -> Option<Self> {
        let text = |path: &[&str]| {
            let node = node.at(path)?;
            Some(Spanned::new(node.as_str()?.to_owned(), node.cause))
        };
        let (kind, api_version) = (text(&["kind"])?.value, text(&["apiVersion"])?.value);
        let mut meta = Meta::cluster(text(&["metadata", "name"])?);
        meta.namespace = text(&["metadata", "namespace"]);
        node.sort();
        let node = headed(&node)?;
        Some(Self { meta, kind, api_version, node })
    }

    /// Returns the group whose definitions its cluster must have from a release.
    pub(crate) fn foreign_group(&self) -> Option<&str> {
        let group = super::need::group(&self.api_version);
        (!BUILT_IN.contains(&group) && !group.ends_with(OF_FLUX)).then_some(group)
    }

    pub(super) fn needs(&self) -> Vec<Need> {
        self.foreign_group().map(|group| Need::Definitions(group.to_owned())).into_iter().collect()
    }

    pub(super) fn node(&self) -> Node {
        self.node.clone()
    }
}

/// Returns an object with what it is before what it says.
fn headed(node: &Node) -> Option<Node> {
    const HEAD: [&str; 3] = ["apiVersion", "kind", "metadata"];
    let map = node.as_map()?;
    let head = HEAD.iter().filter_map(|key| Some(((*key).to_owned(), map.get(key)?.clone())));
    let rest = map.iter().filter(|(key, _)| !HEAD.contains(key));
    let rest = rest.map(|(key, node)| (key.to_owned(), node.clone()));
    Some(Node::new(Map::of_unique(head.chain(rest).collect::<Vec<_>>()), node.cause))
}
