//! The edge of a cluster: Gateway, wildcard certificate, and the issuer of a corporate CA.
//!
//! Each is there only where a release of the region brings its definition. Kits without the Gateway API publish
//! their hosts through their charts' own ingress.

use super::{Layer, Placed, origin, path};
use crate::object::{Certificate, ClusterIssuer, Gateway, Listener, Meta, Object};
use crate::plan::{Plan, Region};
use sovereign_text::node::text;
use sovereign_text::source::Spanned;

/// Cilium's Gateway, in the namespace where its Envoy runs (domain section 4.7).
const NAME: &str = "cilium-gateway";
pub(crate) const NAMESPACE: &str = "kube-system";
/// Envoy cannot bind ports below 1024; the load balancer maps 80 and 443 to these (docs/decisions.md, 23).
const HTTP_PORT: i64 = 30_080;
const HTTPS_PORT: i64 = 30_443;
/// The API group of certificates.
const CERTIFICATES: &str = "cert-manager.io";
/// The ClusterIssuer of a corporate CA.
const CORPORATE_ISSUER: &str = "corporate-ca";

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let certificates = region.provider_of(CERTIFICATES).is_some();
    let mut placed = Vec::new();
    let mut add = |file: &str, table: &str, object: Object| {
        placed.push(Placed {
            path: path(region, Layer::Gateway, file),
            layer: Layer::Gateway,
            origin: origin(table),
            object,
        });
    };
    if let Some(ca) = plan.tls.ca.as_ref().filter(|_| certificates) {
        let name = Spanned::new(CORPORATE_ISSUER.to_owned(), plan.tls.issuer.span);
        let issuer = ClusterIssuer { meta: Meta::cluster(name), ca: text(ca) };
        add("issuer-corporate-ca", "[tls]", issuer.into());
    }
    if certified(plan, region).is_some() {
        add("certificate-wildcard", "[tls], [domain]", certificate(plan, region).into());
        add("gateway", "[domain]", gateway(plan).into());
    }
    placed
}

/// Returns where a region has a Gateway, the blueprint whose release makes the Secret of its certificate, and
/// that Secret in [`NAMESPACE`].
pub(crate) fn certified<'r>(plan: &Plan<'_>, region: &'r Region<'_>) -> Option<(&'r str, Spanned<String>)> {
    region.provider_of("gateway.networking.k8s.io")?;
    let release = region.provider_of(CERTIFICATES)?;
    Some((release.blueprint.name.value.as_str(), secret(plan)))
}

fn secret(plan: &Plan<'_>) -> Spanned<String> {
    plan.fqdn.as_ref().map(|fqdn| format!("sovereign-wildcard-tls-{}", fqdn.dashed()))
}

/// `*.a.b` covers `console.a.b` and not `a.b`, in certificates as in listeners; so both stand everywhere.
fn names(plan: &Plan<'_>) -> (Spanned<String>, Spanned<String>) {
    (plan.fqdn.as_ref().map(|fqdn| format!("*.{fqdn}")), text(&plan.fqdn))
}

/// Returns a name that only the certificate of one region has. Let's Encrypt issues five certificates a week for the same set of
/// names, so each region beyond the first asks for a set of its own. It refuses a name that a wildcard beside it covers; two
/// labels are covered by none, unless `[tls] names` has one.
fn own_name(plan: &Plan<'_>, region: &Region<'_>) -> Option<Spanned<String>> {
    let zone = format!("regions.{}", plan.fqdn.value);
    let covered = plan.tls.names.iter().any(|name| name.value.as_str().strip_prefix("*.") == Some(&zone));
    let asks = region.is_further() && plan.tls.is_acme() && !covered;
    asks.then(|| region.name.as_ref().map(|name| format!("{name}.{zone}")))
}

fn certificate(plan: &Plan<'_>, region: &Region<'_>) -> Certificate {
    let (wildcard, apex) = names(plan);
    let name = Spanned::new("sovereign-wildcard-tls".to_owned(), plan.fqdn.span);
    Certificate {
        meta: Meta::namespaced(name, NAMESPACE),
        secret: secret(plan),
        dns_names: [wildcard, apex]
            .into_iter()
            .chain(plan.tls.names.iter().map(text))
            .chain(own_name(plan, region))
            .collect(),
        issuer: Spanned::new(plan.tls.wildcard_issuer().to_owned(), plan.tls.issuer.span),
    }
}

/// Returns the name of the listener of a further name: what a route's `sectionName` says. A name may have 253 characters, a
/// listener's too.
fn listener(name: &str) -> String {
    let listener = match name.strip_prefix("*.") {
        Some(zone) => format!("https-all.{zone}"),
        None => format!("https.{name}"),
    };
    listener.chars().take(253).collect()
}

fn gateway(plan: &Plan<'_>) -> Gateway {
    let (wildcard, apex) = names(plan);
    let https = |name: &str, hostname| Listener {
        name: name.to_owned(),
        hostname: Some(hostname),
        port: HTTPS_PORT,
        certificate: Some(secret(plan)),
    };
    let mut listeners = vec![https("https", wildcard), https("https-apex", apex)];
    listeners.extend(plan.tls.names.iter().map(|name| https(&listener(name.value.as_str()), text(name))));
    listeners.push(Listener { name: "http".to_owned(), hostname: None, port: HTTP_PORT, certificate: None });
    Gateway {
        meta: Meta::namespaced(Spanned::new(NAME.to_owned(), plan.fqdn.span), NAMESPACE),
        class: "cilium",
        listeners,
    }
}

#[cfg(test)]
mod tests {
    use super::listener;

    #[test]
    fn a_listener_is_named_after_its_host_and_has_253_characters_at_most() {
        assert_eq!(listener("shop.example.com"), "https.shop.example.com");
        assert_eq!(listener("*.example.com"), "https-all.example.com");
        assert_eq!(listener(&"a".repeat(253)).len(), 253);
        assert_eq!(listener(&"a".repeat(247)), format!("https.{}", "a".repeat(247)));
    }
}
