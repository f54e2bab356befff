#![doc = include_str!("../../docs/diagnostics/outside-registry.md")]

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::lower::Lowered;
use crate::node::{Node, Step};
use crate::plan::tenant::VCLUSTER;
use crate::plan::{Airgap, Plan, mirror};

/// Reports hosts in an air-gapped tree that cannot be reached from it, and issuers that sit outside.
pub fn check(plan: &Plan<'_>, lowered: &Lowered, diags: &mut Diagnostics) {
    let Some(airgap) = &plan.airgap else { return };
    if plan.tls.is_acme() {
        let message = "an air-gapped Sovereign cannot reach Let's Encrypt";
        let written = plan.written.tls.as_ref().and_then(|tls| tls.value.issuer);
        let found = match written {
            Some(issuer) => Diagnostic::new(Code::OutsideRegistry, issuer.span, message)
                .related(airgap.registry.span, "the air gap"),
            None => Diagnostic::new(Code::OutsideRegistry, airgap.registry.span, message)
                .label("the air gap")
                .note("without `[tls] issuer` the certificates come from Let's Encrypt"),
        };
        diags.push(found.help("write `issuer = \"corporate-ca\"` and the `ca` in `[tls]`"));
    }
    let inside: BTreeSet<&str> =
        airgap.hosts.iter().chain([&airgap.registry]).map(|host| host.value.name()).collect();
    let mut seen = BTreeSet::new();
    let has_url = plan.written.gitops.as_ref().is_some_and(|gitops| gitops.value.url.is_some());
    let placed = lowered.clusters.iter().flat_map(|cluster| &cluster.objects).chain(&lowered.shared);
    for object in placed.map(|placed| &placed.object) {
        object.node().walk(&mut |path, node| {
            let Some(text) = node.as_str() else { return };
            // Where no URL could be read, the plan has a stand-in.
            let stand_in = node.cause == plan.gitops.url.span && !has_url;
            if is_no_reference(path) || stand_in {
                return;
            }
            for host in hosts(text) {
                if reachable(plan, &inside, host) || !seen.insert((node.cause, host.to_owned())) {
                    continue;
                }
                if !diags.overflows(Code::OutsideRegistry) {
                    diags.push(report(airgap, host, node));
                }
            }
        });
    }
}

/// API versions and label keys look like image references and are none.
fn is_no_reference(path: &[Step<'_>]) -> bool {
    matches!(path.last(), Some(Step::Key(key)) if *key == "apiVersion" || key.ends_with("LabelKey"))
}

fn report(airgap: &Airgap, host: &str, node: &Node) -> Diagnostic {
    let message = format!("`{}` cannot be reached through the air gap", crate::shape::shorten(host));
    Diagnostic::new(Code::OutsideRegistry, node.cause, message)
        .related(airgap.registry.span, "everything comes from here")
        .help(format!(
            "take it from `{}`, or add the host to `[airgap] hosts` if it is inside",
            airgap.registry.value
        ))
}

fn reachable(plan: &Plan<'_>, inside: &BTreeSet<&str>, host: &str) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    let fqdn = plan.fqdn.value.as_str();
    let below = name.strip_suffix(fqdn).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let in_cluster =
        matches!(name.rsplit_once('.'), None | Some((_, "svc"))) || name.ends_with(".cluster.local");
    let of_tenant =
        matches!(name.split_once('.'), Some((VCLUSTER, slug)) if plan.organization(slug).is_some());
    let acme = plan.tls.is_acme() && name.ends_with("letsencrypt.org");
    below || in_cluster || of_tenant || acme || inside.contains(name)
}

/// The hosts that a text names: of every URL in it, and of the text itself where it is an image reference or an
/// upstream registry.
pub fn hosts(text: &str) -> Vec<&str> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '@'));
    let mut hosts: Vec<_> = text
        .match_indices("://")
        .map(|(start, _)| &text[start + 3..])
        .map(|rest| rest.split(ends).next().unwrap_or_default())
        .map(|authority| authority.rsplit('@').next().unwrap_or_default().trim_end_matches([':', '.']))
        .filter(|host| !host.is_empty())
        .collect();
    if hosts.is_empty() && !text.contains(char::is_whitespace) {
        match text.split_once('/') {
            Some((host, path)) if is_registry(host) && !is_api_version(path) => hosts.push(host),
            None if mirror::PROJECTS.iter().any(|(upstream, _)| *upstream == text) => hosts.push(text),
            Some(_) | None => {}
        }
    }
    hosts
}

/// A host in front of a slash has a dot or a port, and ends in letters.
fn is_registry(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.')
        && name
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
        && last.len() > 1
        && last.chars().all(|c| c.is_ascii_alphabetic())
}

/// `v1`, `v1beta2`: what stands behind the slash of an API group.
fn is_api_version(path: &str) -> bool {
    path.strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::hosts;

    #[test]
    fn hosts_are_found_in_urls_and_image_references() {
        for (text, found) in [
            ("oci://ghcr.io/openova-io", vec!["ghcr.io"]),
            ("https://a.b:8443/x and http://c.d", vec!["a.b:8443", "c.d"]),
            ("https://user@git.x/y", vec!["git.x"]),
            ("docker.io/library/busybox:1.36", vec!["docker.io"]),
            ("registry.k8s.io", vec!["registry.k8s.io"]),
            ("cert-manager.io/v1", vec![]),
            ("./clusters/a.b/x", vec![]),
            ("5.0/x", vec![]),
            ("cilium", vec![]),
        ] {
            assert_eq!(hosts(text), found, "{text}");
        }
    }
}
