//! Which versions of Kubernetes' own groups have a kind.

/// Kinds with the versions that are served, best first (Kubernetes API reference, 1.31; deprecation guide).
const SERVED: &[(&str, &[&str])] = &[
    ("ClusterRole", &["rbac.authorization.k8s.io/v1"]),
    ("ClusterRoleBinding", &["rbac.authorization.k8s.io/v1"]),
    ("ConfigMap", &["v1"]),
    ("CronJob", &["batch/v1"]),
    ("CustomResourceDefinition", &["apiextensions.k8s.io/v1"]),
    ("DaemonSet", &["apps/v1"]),
    ("Deployment", &["apps/v1"]),
    ("EndpointSlice", &["discovery.k8s.io/v1"]),
    ("HorizontalPodAutoscaler", &["autoscaling/v2", "autoscaling/v1"]),
    ("Ingress", &["networking.k8s.io/v1"]),
    ("IngressClass", &["networking.k8s.io/v1"]),
    ("Job", &["batch/v1"]),
    ("LimitRange", &["v1"]),
    ("MutatingWebhookConfiguration", &["admissionregistration.k8s.io/v1"]),
    ("Namespace", &["v1"]),
    ("NetworkPolicy", &["networking.k8s.io/v1"]),
    ("PersistentVolume", &["v1"]),
    ("PersistentVolumeClaim", &["v1"]),
    ("Pod", &["v1"]),
    ("PodDisruptionBudget", &["policy/v1"]),
    ("PriorityClass", &["scheduling.k8s.io/v1"]),
    ("ReplicaSet", &["apps/v1"]),
    ("ResourceQuota", &["v1"]),
    ("Role", &["rbac.authorization.k8s.io/v1"]),
    ("RoleBinding", &["rbac.authorization.k8s.io/v1"]),
    ("RuntimeClass", &["node.k8s.io/v1"]),
    ("Secret", &["v1"]),
    ("Service", &["v1"]),
    ("ServiceAccount", &["v1"]),
    ("StatefulSet", &["apps/v1"]),
    ("StorageClass", &["storage.k8s.io/v1"]),
    ("ValidatingWebhookConfiguration", &["admissionregistration.k8s.io/v1"]),
];
/// Kinds that no version has any more, with what took their place.
const REMOVED: &[(&str, &str)] =
    &[("PodSecurityPolicy", "write `pod-security` for the blueprint"), ("PodPreset", "remove it")];
/// Groups of Kubernetes without a domain; those with one end in `.k8s.io`. A kind of the same name in another group is another one.
const PLAIN_GROUPS: [&str; 5] = ["apps", "autoscaling", "batch", "extensions", "policy"];

/// Why a version does not have a kind.
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: String,
}

/// Returns why the API server refuses a kind in a version; `None` if it does not, or nothing is known of it.
pub(super) fn refused(kind: &str, version: &str) -> Option<Wrong> {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let is_own = group.is_empty()
        || PLAIN_GROUPS.contains(&group)
        || SERVED.iter().any(|(_, served)| {
            served.iter().any(|it| it.split_once('/').is_some_and(|(own, _)| own == group))
        });
    if !is_own {
        return None;
    }
    if let Some((_, instead)) = REMOVED.iter().find(|(removed, _)| *removed == kind) {
        return Some(Wrong {
            message: format!("there is no `{kind}` any more"),
            help: (*instead).to_owned(),
        });
    }
    let (_, served) = SERVED.iter().find(|(known, _)| *known == kind)?;
    let best = served.first().filter(|_| !served.contains(&version))?;
    Some(Wrong {
        message: format!("there is no `{kind}` in `{version}`"),
        help: format!("write `apiVersion = \"{best}\"`"),
    })
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn kinds_are_refused_in_versions_that_do_not_have_them() {
        for (kind, version) in [
            ("Role", "v1"),
            ("CronJob", "batch/v1beta1"),
            ("Ingress", "extensions/v1beta1"),
            ("ConfigMap", "apps/v1"),
            ("PodSecurityPolicy", "policy/v1beta1"),
        ] {
            assert!(refused(kind, version).is_some(), "{kind} in {version}");
        }
        for (kind, version) in [
            ("Role", "rbac.authorization.k8s.io/v1"),
            ("HorizontalPodAutoscaler", "autoscaling/v1"),
            ("Service", "serving.knative.dev/v1"),
            ("Widget", "v1"),
            ("ClusterPolicy", "kyverno.io/v1"),
        ] {
            assert!(refused(kind, version).is_none(), "{kind} in {version}");
        }
    }
}
