//! Hosts: which ones a text names, and whether they are the Sovereign's own.

use std::net::Ipv4Addr;

use crate::node::{Node, Step};
use crate::object::Object;
use crate::object::failover::WitnessConfig;
use crate::plan::mirror;

/// Where Cloudflare's key-value store answers (domain appendix C).
const CLOUDFLARE: &str = "api.cloudflare.com";

/// Where a host is, seen from a Sovereign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below the Sovereign's own name.
    Own,
    /// Inside the cluster.
    Cluster,
    /// Anywhere else.
    Outside,
}

/// Where a host is, with or without a port, seen from the Sovereign of this name.
pub fn place(host: &str, fqdn: &str) -> Place {
    let name = host.split(':').next().unwrap_or_default();
    if name.strip_suffix(fqdn).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) {
        return Place::Own;
    }
    let in_cluster =
        matches!(name.rsplit_once('.'), None | Some((_, "svc"))) || name.ends_with(".cluster.local");
    if in_cluster { Place::Cluster } else { Place::Outside }
}

/// Whether a host is an address of a private network: one that no router of the internet knows.
pub fn is_private(host: &str) -> bool {
    host.parse().is_ok_and(|address: Ipv4Addr| address.is_private() || address.is_link_local())
}

/// Visits every host that an object names, with the value that names it.
pub fn of_object(object: &Object, see: &mut dyn FnMut(&Node, &str)) {
    object.node().walk(&mut |path, node| {
        if is_no_reference(path) {
            return;
        }
        for host in node.as_str().into_iter().flat_map(hosts) {
            see(node, host);
        }
    });
    if let Object::Continuum(continuum) = object {
        of_witness(&continuum.witness_config, see);
    }
}

/// A witness is asked by the controller: by addresses, or at a host that no value says.
fn of_witness(witness: &WitnessConfig, see: &mut dyn FnMut(&Node, &str)) {
    match witness {
        WitnessConfig::CloudflareKv { account, .. } => see(&account.clone().into(), CLOUDFLARE),
        WitnessConfig::DnsQuorum(resolvers) => {
            for resolver in resolvers {
                see(&resolver.clone().into(), &resolver.value);
            }
        }
        WitnessConfig::Missing => {}
    }
}

/// API versions and label keys look like image references and are none.
fn is_no_reference(path: &[Step<'_>]) -> bool {
    matches!(path.last(), Some(Step::Key(key)) if *key == "apiVersion" || key.ends_with("LabelKey"))
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
            None if mirror::is_registry(text) => hosts.push(text),
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
