//! What a word says of a host: by its form, and where the form leaves it open, by the key that it stands behind.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::domain::{is_host_by_itself, is_host_by_key, is_name};
use super::is_private;
use crate::plan::mirror;
use sovereign_text::key_hint::{KeyHint, Word, hint_of, is_among};

/// Domains of the platform's labels and annotations.
const LABELS: &str = "openova.io catalyst.openova.io";
/// How targets of gRPC, and servers that Thanos, Mimir and Loki look up, begin.
const TARGETS: [&str; 5] = ["dns+", "dnssrv+", "dnssrvnoa+", "ipv4:", "dns:"];
/// The domains of Kubernetes.
const KUBERNETES: [&str; 2] = ["k8s.io", "kubernetes.io"];

/// Returns the host that a word names, with its port.
pub(super) fn host(word: Word<'_>) -> Option<&str> {
    let text = word.text;
    // Pages name hosts without a scheme, too (`//cdn.example.com/a.js`), and Oracle's drivers behind an `@`.
    let behind = |sign: &str| text.split_once(sign).map(|(_, rest)| rest);
    if let Some(rest) = behind("://").or_else(|| text.strip_prefix("//")).or_else(|| behind("@//")) {
        return of_url(rest);
    }
    if let Some(target) = TARGETS.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        return of_target(target);
    }
    // Names of C++ look like addresses that nobody has.
    if text.parse::<Ipv6Addr>().is_ok_and(|address| !is_private(address.into())) {
        return Some(text);
    }
    let (head, path) = text.split_once('/').map_or((text, None), |(head, path)| (head, Some(path)));
    let (user, host) = head.rsplit_once('@').map_or((None, head), |(user, host)| (Some(user), host));
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let has_port = port.is_some_and(|port| port.parse::<u16>().is_ok());
    if name.parse::<Ipv4Addr>().is_ok() {
        let is_network = path.is_some_and(|path| path.bytes().all(|b| b.is_ascii_digit()));
        let is_version = hint_of(word.key) == KeyHint::Name && !has_port;
        return (!is_network && !is_version).then_some(host);
    }
    match (user, port, path) {
        (_, Some(_), _) if has_port => Some(host).filter(|_| is_name(name)),
        // What `git clone` and `ssh` take; without path and port it is an address of mail.
        (Some(_), Some(_), _) => Some(name).filter(|_| is_name(name)),
        (Some(_), None, Some(_)) => Some(host).filter(|_| is_name(name)),
        (Some(_), None, None) | (None, Some(_), Some(_)) => None,
        (None, Some(_), None) => host.split(':').find(|name| is_bare(name, word.key)),
        (None, None, Some(path)) => Some(host).filter(|_| is_name(name) && is_place(name, path, word.key)),
        (None, None, None) => Some(host).filter(|_| is_bare(name, word.key)),
    }
}

/// Returns the host of what clients look up: `_grpc._tcp.mimir.example.com`, `9.9.9.10:443`.
fn of_target(mut target: &str) -> Option<&str> {
    while let Some((_, rest)) = target.split_once('.').filter(|(label, _)| label.starts_with('_')) {
        target = rest;
    }
    let name = target.split_once(':').map_or(target, |(name, _)| name);
    (is_name(name) || name.parse::<Ipv4Addr>().is_ok()).then_some(target)
}

/// Returns the host of what stands behind the two slashes of a URL. Behind a third one is a path; where it
/// begins with what can only be a host, a client looks that up: `dns:///a.example.com:4317`.
fn of_url(rest: &str) -> Option<&str> {
    if let Some(path) = rest.strip_prefix('/') {
        let first = path.split('/').next().unwrap_or_default();
        return of_target(first).filter(|first| first.contains(':') || is_host_by_itself(first));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'));
    let host = host.split(ends).next().unwrap_or_default().trim_end_matches([':', '.']);
    (!host.is_empty()).then_some(host)
}

fn is_bare(name: &str, key: &str) -> bool {
    match hint_of(key) {
        KeyHint::Name => false,
        KeyHint::Host | KeyHint::Image => is_host_by_key(name),
        KeyHint::Nothing => is_host_by_itself(name) && (mirror::is_registry(name) || !is_in_kubernetes(name)),
    }
}

/// Returns whether a name with a path is a host with a path: images and addresses are, labels and versions of
/// an API are not.
fn is_place(name: &str, path: &str, key: &str) -> bool {
    let is_label = !path.contains(['/', ':', '@']);
    if !is_label || mirror::is_registry(name) {
        return true;
    }
    match hint_of(key) {
        KeyHint::Host | KeyHint::Image => true,
        KeyHint::Name => false,
        KeyHint::Nothing => !is_api_version(path) && !is_in_kubernetes(name) && !is_among(LABELS, name),
    }
}

/// Returns whether a name is a domain of Kubernetes, which has labels and API groups in it far more often than hosts.
fn is_in_kubernetes(name: &str) -> bool {
    let below =
        |domain: &&str| name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    KUBERNETES.iter().any(below)
}

/// `v1`, `v1beta2`: what stands behind the slash of an API group.
fn is_api_version(path: &str) -> bool {
    path.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(key: &'static str, text: &'static str) -> Option<&'static str> {
        host(Word { key, text })
    }

    #[test]
    fn what_can_be_nothing_else_is_a_host_whatever_its_key_says() {
        for (text, expected) in [
            ("https://a.b:8443/x", "a.b:8443"),
            ("https://user@git.x/y", "git.x"),
            ("jdbc:postgresql://db", "db"),
            ("//cdn.a.b/c.js", "cdn.a.b"),
            ("oci://ghcr.io/openova-io", "ghcr.io"),
            ("smtp.gmail.com:587", "smtp.gmail.com:587"),
            ("user:pass@mq.a.io:80", "mq.a.io:80"),
            ("git@github.com:a/b", "github.com"),
            ("dns:///otlp.a.example:4317", "otlp.a.example:4317"),
            ("xds:///otlp.a.example", "otlp.a.example"),
            ("dns:otlp.a.example:4317", "otlp.a.example:4317"),
            ("dns+mc.a.example:11211", "mc.a.example:11211"),
            ("dnssrv+_grpc._tcp.mimir.a.example", "mimir.a.example"),
            ("ipv4:9.9.9.10:443", "9.9.9.10:443"),
            ("jdbc:oracle:thin:@//db.a.example:1521/x", "db.a.example:1521"),
            ("8.8.8.8:53", "8.8.8.8:53"),
            ("2001:4860:4860::8888", "2001:4860:4860::8888"),
            ("ghcr.io/evil/sidecar:1", "ghcr.io"),
            ("a.example/b@sha256:00", "a.example"),
            ("a.example:5000/b", "a.example:5000"),
            ("logs.example.com/a/b", "logs.example.com"),
        ] {
            for key in ["", "label", "host"] {
                assert_eq!(found(key, text), Some(expected), "{key}: {text}");
            }
        }
    }

    #[test]
    fn what_could_be_something_else_is_what_its_key_says() {
        for (text, by_itself, by_key) in [
            ("smtp.gmail.com", true, true),
            ("smtp.gmail.com:smtps", true, true),
            ("9.9.9.9", true, true),
            ("quay.io/redis", true, true),
            ("acme.example/team", true, true),
            ("mail.corp.ministry", false, true),
            ("app.kubernetes.io/name", false, true),
            ("openova.io/region", false, true),
            ("cert-manager.io/v1", false, true),
            ("events.k8s.io", false, true),
            ("registry.k8s.io", true, true),
        ] {
            assert_eq!(found("", text).is_some(), by_itself, "{text}");
            assert_eq!(found("endpoint", text).is_some(), by_key, "{text}");
        }
        for text in ["cert-manager.io", "openova.io/region", "acme.example/team", "1.2.3.4"] {
            assert_eq!(found("labelKey", text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_none() {
        for text in [
            "ops@example.com",
            "10.0.0.0/16",
            "./clusters/a.b/x",
            "/etc/a.b/x",
            "5.0/x",
            "nginx:1.27",
            "proxy-ghcr/loft-sh/vcluster",
            "values.yaml:12",
            "12:30:00",
            "a::b",
            "https://",
            "file:///etc/a.b/c",
            "unix:///var/run/a.sock",
            "dns:///mimir",
            "ipv4:",
            "v1.31.4+k3s1",
            "cilium",
        ] {
            assert_eq!(found("", text), None, "{text}");
        }
    }
}
