//! The air gap's rewriting: every image and chart reference comes from the one registry.
//!
//! Harbor's proxy projects keep the path of the upstream registry below a project of its own (domain section
//! 10), so a reference is rewritten by its host alone.

use crate::grammar::dns::Host;
use crate::node::{Node, Value};
use crate::source::Spanned;

/// Upstream registries and the proxy project that holds their images. An empty project keeps the path: the
/// platform's own registry has the same projects already.
pub const PROJECTS: [(&str, &str); 8] = [
    ("docker.io", "proxy-dockerhub"),
    ("gcr.io", "proxy-gcr"),
    ("ghcr.io", "proxy-ghcr"),
    ("harbor.openova.io", ""),
    ("public.ecr.aws", "proxy-ecr"),
    ("quay.io", "proxy-quay"),
    ("registry.k8s.io", "proxy-k8s"),
    ("xpkg.upbound.io", "proxy-xpkg"),
];
/// The registry path of OpenOva's own artifacts, which Harbor holds in a project of their own and not behind
/// the proxy.
const OWN: &str = "ghcr.io/openova-io";

/// The reference in the registry, or `None` if it names none of the upstream registries.
pub fn mirrored(reference: &str, registry: &str) -> Option<String> {
    let (scheme, rest) = match reference.split_once("://") {
        Some(("oci", rest)) => ("oci://", rest),
        Some(_) => return None,
        None => ("", reference),
    };
    if let Some(path) = rest.strip_prefix(OWN).filter(|path| path.is_empty() || path.starts_with('/')) {
        return Some(format!("{scheme}{registry}/openova-io{path}"));
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (_, project) = PROJECTS.iter().find(|(upstream, _)| *upstream == host)?;
    let parts = [registry, project, path];
    let joined: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Some(format!("{scheme}{}", joined.join("/")))
}

/// Rewrites every reference in a value tree. What changes is caused by the air gap.
pub(crate) fn rewrite(node: &mut Node, registry: &Spanned<Host>) {
    match &mut node.value {
        Value::String(text) => {
            if let Some(mirrored) = mirrored(text, registry.value.as_str()) {
                *node = Node::new(mirrored, registry.span);
            }
        }
        Value::List(list) => list.iter_mut().for_each(|item| rewrite(item, registry)),
        Value::Map(map) => map.iter_mut().for_each(|(_, item)| rewrite(item, registry)),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::mirrored;

    #[test]
    fn references_keep_their_path_below_the_proxy_project() {
        let cases = [
            ("oci://ghcr.io/openova-io", Some("oci://r.x/openova-io")),
            (
                "ghcr.io/openova-io/openova/continuum-controller",
                Some("r.x/openova-io/openova/continuum-controller"),
            ),
            (
                "ghcr.io/cloudnative-pg/postgresql:16.4-1",
                Some("r.x/proxy-ghcr/cloudnative-pg/postgresql:16.4-1"),
            ),
            ("harbor.openova.io/proxy-k8s/kube-apiserver", Some("r.x/proxy-k8s/kube-apiserver")),
            ("harbor.openova.io", Some("r.x")),
            ("registry.k8s.io", Some("r.x/proxy-k8s")),
            ("ghcr.io.evil.example/x", None),
            ("https://ghcr.io/x", None),
            ("cilium", None),
        ];
        for (reference, expected) in cases {
            assert_eq!(mirrored(reference, "r.x").as_deref(), expected, "{reference}");
        }
    }
}
