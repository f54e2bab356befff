//! Names that are taken: by the control plane in every Sovereign's zone, and by namespaces and codes of the platform.

use sovereign_language::cloud::Provider;
use sovereign_language::scalar::choice::Choice;
use sovereign_language::scalar::{BuildingBlock, Env};

/// What the pool-domain manager refuses as a subdomain of a pool.
const RESERVED_POOL_SUBDOMAINS: [&str; 21] = [
    "api", "admin", "console", "gitea", "harbor", "keycloak", "www", "mail", "smtp", "imap", "vpn",
    "openova", "catalyst", "docs", "status", "app", "system", "openbao", "vault", "flux", "k8s",
];

/// Namespaces of the platform itself.
const OF_THE_PLATFORM: [&str; 5] = ["system", "flux", "crossplane", "catalyst", "gitea"];

/// Organizations in Gitea that are the platform's own, beside `system` and one for each Organization (domain section 2.2).
const OF_GITEA: [&str; 2] = ["catalog", "catalog-sovereign"];

/// Returns whether the pool-domain manager keeps this subdomain for itself. Case and outer white space do not count.
pub(super) fn reserved_subdomain(name: &str) -> bool {
    RESERVED_POOL_SUBDOMAINS.contains(&name.trim().to_ascii_lowercase().as_str())
}

/// Returns why no Organization may have this slug, if so: names of Organizations stand beside the platform's own names
/// and inside names that are split at their codes.
pub(super) fn reserved_organization(slug: &str) -> Option<&'static str> {
    let clouds = || Provider::all().map(Provider::cloud);
    if OF_THE_PLATFORM.contains(&slug) {
        return Some("is a namespace of the platform");
    }
    if OF_GITEA.contains(&slug) {
        return Some("is an organization of the platform in Gitea");
    }
    if slug.starts_with("kube-") {
        return Some("begins with `kube-`, which Kubernetes keeps for itself");
    }
    if clouds().any(|cloud| cloud.word == slug || cloud.code == slug) {
        return Some("is the code of a provider");
    }
    if clouds().flat_map(|cloud| cloud.regions).any(|region| region.code == slug) {
        return Some("is the code of a region");
    }
    if BuildingBlock::from_word(slug).is_some() {
        return Some("is the code of a building block");
    }
    if Env::from_word(slug).is_some() {
        return Some("is the code of an environment type");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomains_of_the_control_plane_are_taken_in_any_case() {
        for name in ["api", "Console", " harbor ", "K8S"] {
            assert!(reserved_subdomain(name), "{name}");
        }
        for name in ["omantel", "apis", ""] {
            assert!(!reserved_subdomain(name), "{name}");
        }
    }

    #[test]
    fn codes_and_platform_names_are_no_slugs() {
        let reason = |slug| reserved_organization(slug).unwrap_or("free");
        assert_eq!(reason("catalyst"), "is a namespace of the platform");
        for slug in ["catalog", "catalog-sovereign"] {
            assert_eq!(reason(slug), "is an organization of the platform in Gitea");
        }
        assert_eq!(reason("kube-acme"), "begins with `kube-`, which Kubernetes keeps for itself");
        assert_eq!(
            (reason("hetzner"), reason("hz")),
            ("is the code of a provider", "is the code of a provider")
        );
        assert_eq!((reason("fsn"), reason("apse")), ("is the code of a region", "is the code of a region"));
        assert_eq!(reason("dmz"), "is the code of a building block");
        assert_eq!(reason("prod"), "is the code of an environment type");
        assert_eq!((reason("acme"), reason("kubera"), reason("fsn1")), ("free", "free", "free"));
    }
}
