//! References to things in a cluster, as blueprints write them down: API groups, Secrets, Services.

use crate::grammar::Malformed;
use crate::grammar::text::{self, text};

/// Lower-case labels joined by dots: what Kubernetes takes as the name of most objects and of API groups.
const DOTTED: &str = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?";
const MOST: usize = 253;

text! {
    /// The group of a Kubernetes API: `gateway.networking.k8s.io`.
    ApiGroup, "an API group", "cert-manager.io",
    |group| dotted(group).then_some(()).ok_or_else(|| Malformed::new("is not lower-case labels joined by dots")),
    text::schema(format!("^{DOTTED}$"), 1, MOST)
}

text! {
    /// A Secret, as `namespace/name`.
    SecretId, "a Secret as `namespace/name`", "flux-system/ghcr-pull",
    |id| pair(id).then_some(()).ok_or_else(|| Malformed::new("is not `namespace/name`")),
    text::schema(format!("^{DOTTED}/{DOTTED}$"), 3, 2 * MOST + 1)
}

text! {
    /// A Service, as `namespace/name` with perhaps `:port`.
    ServiceId, "a Service as `namespace/name` or `namespace/name:port`", "powerdns/powerdns:8081",
    |id| service(id).then_some(()).ok_or_else(|| Malformed::new("is not `namespace/name` with perhaps `:port`")),
    text::schema(format!("^{DOTTED}/{DOTTED}(:[1-9][0-9]{{0,4}})?$"), 3, 2 * MOST + 7)
}

impl SecretId {
    /// Namespace and name.
    pub fn parts(&self) -> (&str, &str) {
        self.as_str().split_once('/').unwrap_or((self.as_str(), ""))
    }
}

fn dotted(text: &str) -> bool {
    let edge = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= MOST
        && bytes.first().is_some_and(edge)
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(|b| edge(b) || matches!(b, b'-' | b'.'))
}

fn pair(text: &str) -> bool {
    text.split_once('/').is_some_and(|(namespace, name)| dotted(namespace) && dotted(name))
}

fn service(text: &str) -> bool {
    let (id, port) = text.split_once(':').map_or((text, None), |(id, port)| (id, Some(port)));
    pair(id) && port.is_none_or(|port| !port.starts_with('0') && port.parse::<u16>().is_ok())
}
