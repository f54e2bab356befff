//! The air gap's rewriting: every image and chart reference comes from the one registry.
//!
//! Harbor's proxy projects keep the path of the upstream registry below a project of its own (domain section
//! 10), so a reference is rewritten by its host alone.

use super::Airgap;
use sovereign_language::scalar::Host;
use sovereign_text::node::{Node, Value};
use sovereign_text::source::Spanned;

/// A registry path of upstream, and the project that holds it in a mirror.
struct Mirrored {
    upstream: &'static str,
    project: &'static str,
}

const fn behind(upstream: &'static str, project: &'static str) -> Mirrored {
    Mirrored { upstream, project }
}

/// The one table, in both directions; of two rows that fit, the first one holds. OpenOva's own artifacts have a
/// project of their own and are not behind the proxy. An empty project keeps the path: the platform's own
/// registry has the same projects already. Upstream's Harbor has no project for `cgr.dev`, where bp-sigstore 1.0.0
/// takes an image from; that one's name is ours.
const TABLE: [Mirrored; 11] = [
    behind("ghcr.io/openova-io", "openova-io"),
    behind("cgr.dev", "proxy-cgr"),
    behind("docker.io", "proxy-dockerhub"),
    behind("gcr.io", "proxy-gcr"),
    behind("ghcr.io", "proxy-ghcr"),
    behind(PLATFORM, ""),
    behind("public.ecr.aws", "proxy-ecr"),
    behind("quay.io", "proxy-quay"),
    behind("registry.k8s.io", "proxy-k8s"),
    behind("xpkg.upbound.io", "proxy-xpkg"),
    behind(CHARTS, "loft-sh"),
];
/// The platform's own registry, which is a mirror itself.
const PLATFORM: &str = "harbor.openova.io";
/// A repository of charts and no registry; in a mirror its charts are OCI artifacts.
const CHARTS: &str = "charts.loft.sh";

/// Returns whether a text is the name of an upstream registry.
pub(crate) fn is_registry(text: &str) -> bool {
    TABLE.iter().any(|row| row.upstream == text)
}

/// Returns whether a place is a repository of charts that is no registry.
pub(crate) fn is_repository_of_charts(place: &str) -> bool {
    below(place, CHARTS).is_some()
}

/// Returns where a cluster takes an image, a chart or a package from: the registry, where there is an air gap
/// that has it, else the place that is written.
pub(crate) fn pulled(airgap: Option<&Airgap>, written: Spanned<String>) -> Spanned<String> {
    let mirrored = airgap.and_then(|airgap| {
        let mirrored = mirrored(&written.value, airgap.registry.value.as_str())?;
        Some(Spanned::new(mirrored, airgap.registry.span))
    });
    mirrored.unwrap_or(written)
}

/// Returns the reference in the registry, or `None` if it names none of the upstream registries.
pub(crate) fn mirrored(reference: &str, registry: &str) -> Option<String> {
    let (scheme, rest) = match reference.split_once("://") {
        Some(("oci", rest)) => ("oci://", rest),
        Some(_) => return None,
        None => ("", reference),
    };
    let (row, path) = TABLE.iter().find_map(|row| Some((row, below(rest, row.upstream)?)))?;
    let parts = [registry, row.project, path];
    let joined: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Some(format!("{scheme}{}", joined.join("/")))
}

/// Returns where a reference comes from in the end: the other direction of [`mirrored`], through the platform's own
/// registry too. `None` if it is in the registry under a name that no upstream has.
pub(crate) fn origin(reference: &str, registry: Option<&str>) -> Option<String> {
    let held = |registry| below(reference, registry).map(|path| upstream(path).map(|found| (path, found)));
    match registry.and_then(held) {
        Some(found) => found.map(|(_, upstream)| upstream),
        None => Some(held(PLATFORM).flatten().map_or_else(|| reference.to_owned(), |(_, upstream)| upstream)),
    }
}

/// Returns the upstream of a path in a mirror.
fn upstream(path: &str) -> Option<String> {
    let rows = TABLE.iter().filter(|row| !row.project.is_empty());
    let (row, rest) = rows.into_iter().find_map(|row| Some((row, below(path, row.project)?)))?;
    let slash = if rest.is_empty() { "" } else { "/" };
    Some(format!("{}{slash}{rest}", row.upstream))
}

/// Returns what stands behind a path and its slash; empty for the path itself.
fn below<'a>(text: &'a str, path: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(path)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
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
    use super::{mirrored, origin};

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
    #[test]
    fn what_is_in_a_registry_is_traced_to_where_it_comes_from() {
        let cases = [
            ("r.x/openova-io/bp-cilium", Some("ghcr.io/openova-io/bp-cilium")),
            ("r.x/proxy-ghcr/cloudnative-pg/postgresql", Some("ghcr.io/cloudnative-pg/postgresql")),
            ("r.x/loft-sh", Some("charts.loft.sh")),
            ("r.x/mine/ships", None),
            ("r.xy/mine/ships", Some("r.xy/mine/ships")),
            ("harbor.openova.io/proxy-dockerhub/alpine/k8s", Some("docker.io/alpine/k8s")),
            ("harbor.openova.io/mine", Some("harbor.openova.io/mine")),
            ("quay.io/a", Some("quay.io/a")),
        ];
        for (reference, expected) in cases {
            assert_eq!(origin(reference, Some("r.x")).as_deref(), expected, "{reference}");
        }
    }

    #[test]
    fn both_directions_agree() {
        for upstream in ["ghcr.io/openova-io/a", "ghcr.io/a/b", "docker.io/a", "xpkg.upbound.io/a/b"] {
            let there = mirrored(upstream, "r.x").unwrap_or_default();
            assert_eq!(origin(&there, Some("r.x")).as_deref(), Some(upstream));
        }
    }
}
