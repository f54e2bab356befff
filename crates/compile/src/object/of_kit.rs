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

/// The groups of Kubernetes itself, each with its kinds that one may apply (`kubectl api-resources` of 1.34).
const BUILT_IN: [(&str, &[&str]); 18] = [
    (
        "",
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("apps", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob", "Job"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("coordination.k8s.io", &["Lease", "LeaseCandidate"]),
    ("discovery.k8s.io", &["EndpointSlice"]),
    ("events.k8s.io", &["Event"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &[
            "CSIDriver",
            "CSINode",
            "CSIStorageCapacity",
            "StorageClass",
            "VolumeAttachment",
            "VolumeAttributesClass",
        ],
    ),
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
        let group = self.group();
        (Self::kinds_of_kubernetes(group).is_none() && !group.ends_with(OF_FLUX)).then_some(group)
    }

    /// Returns its group; that of Kubernetes' first kinds is empty.
    pub(crate) fn group(&self) -> &str {
        super::need::group(&self.api_version)
    }

    /// Returns the kinds of a group of Kubernetes itself; `None` for all other groups.
    pub(crate) fn kinds_of_kubernetes(group: &str) -> Option<&'static [&'static str]> {
        BUILT_IN.iter().find(|(known, _)| *known == group).map(|(_, kinds)| *kinds)
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
