//! References to things in a cluster, as blueprints write them down: API groups, Secrets, Services.

use crate::grammar::{Grammar, Malformed};

/// The group of a Kubernetes API: `gateway.networking.k8s.io`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiGroup(String);

impl ApiGroup {
    /// The group.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A Secret, as `namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretId(String);

/// A Service, as `namespace/name` with perhaps `:port`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceId(String);

impl SecretId {
    /// `namespace/name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Namespace and name.
    pub fn parts(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or((&self.0, ""))
    }
}

impl ServiceId {
    /// `namespace/name` with perhaps `:port`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const DOTTED: &str = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?";

fn dotted(text: &str) -> bool {
    let edge = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= 253
        && bytes.first().is_some_and(edge)
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(|b| edge(b) || matches!(b, b'-' | b'.'))
}

impl Grammar for ApiGroup {
    const NAME: &'static str = "an API group";
    const EXAMPLE: &'static str = "cert-manager.io";

    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "pattern": format!("^{DOTTED}$") })
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new("is not lower-case labels joined by dots");
        dotted(text).then(|| Self(text.to_owned())).ok_or_else(malformed)
    }
}

impl Grammar for SecretId {
    const NAME: &'static str = "a Secret as `namespace/name`";
    const EXAMPLE: &'static str = "flux-system/ghcr-pull";

    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "pattern": format!("^{DOTTED}/{DOTTED}$") })
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        match text.split_once('/') {
            Some((namespace, name)) if dotted(namespace) && dotted(name) => Ok(Self(text.to_owned())),
            _ => Err(Malformed::new("is not `namespace/name`")),
        }
    }
}

impl Grammar for ServiceId {
    const NAME: &'static str = "a Service as `namespace/name` or `namespace/name:port`";
    const EXAMPLE: &'static str = "powerdns/powerdns:8081";

    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "pattern": format!("^{DOTTED}/{DOTTED}(:[0-9]{{1,5}})?$") })
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        let (id, port) = text.split_once(':').map_or((text, None), |(id, port)| (id, Some(port)));
        let port_is_right = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        match id.split_once('/') {
            Some((namespace, name)) if dotted(namespace) && dotted(name) && port_is_right => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Malformed::new("is not `namespace/name` with perhaps `:port`")),
        }
    }
}
