//! What a person makes, as ExternalSecrets: the cluster then reads the values from OpenBao (domain section 9).
//!
//! They are no part of the tree: a Secret that a person makes by other means would be taken over.

use super::{Provider, Secret};
use crate::node::Node;
use crate::object::Fields;
use crate::source::Span;
use crate::yaml;

/// The store of every cluster.
const STORE: &str = "vault-region1";
/// How often the operator looks into the store.
const INTERVAL: &str = "1h";
/// The API group of ExternalSecrets.
pub const GROUP: &str = "external-secrets.io";

/// An ExternalSecret and the file to write it to.
#[derive(Clone, Debug)]
pub struct File {
    /// `<region>/<namespace>-<name>.yaml`.
    pub path: String,
    /// The document.
    pub text: String,
}

/// The Secrets that an ExternalSecret can make: a person makes them, and Flux does not need them before the operator
/// of ExternalSecrets runs.
pub fn can_make(secret: &Secret) -> bool {
    matches!(secret.provider, Provider::Operator(_)) && !secret.comes_first
}

/// An ExternalSecret for every Secret that one can make.
pub fn files(secrets: &[Secret], cause: Span) -> Vec<File> {
    let file = |secret: &Secret| File {
        path: format!("{}/{}-{}.yaml", secret.region, secret.namespace, secret.name),
        text: yaml::document(
            &format!("{}: {}", secret.region, secret.provider.phrase()),
            &object(secret, cause),
        ),
    };
    secrets.iter().filter(|secret| can_make(secret)).map(file).collect()
}

/// Where the value lies in OpenBao: `sso/…` for what an identity provider gives, `catalyst/<namespace>/…` for all
/// else.
pub fn path(secret: &Secret) -> String {
    let from_identity = matches!(&secret.provider, Provider::Operator(key) if key.starts_with("identity."));
    if from_identity {
        return format!("sso/{}", secret.name);
    }
    format!("catalyst/{}/{}", secret.namespace, secret.name)
}

fn object(secret: &Secret, cause: Span) -> Node {
    let fields = || Fields::new(cause);
    let metadata = fields().fixed("name", secret.name.clone()).fixed("namespace", secret.namespace.clone());
    let store = fields().fixed("kind", "ClusterSecretStore").fixed("name", STORE);
    let spec = fields()
        .fixed("refreshInterval", INTERVAL)
        .put("secretStoreRef", store.node())
        .put("target", fields().fixed("name", secret.name.clone()).node());
    let remote = || fields().fixed("key", path(secret));
    let entry = |key: &String| {
        let remote = remote().fixed("property", key.clone());
        fields().fixed("secretKey", key.clone()).put("remoteRef", remote.node()).node()
    };
    let spec = if secret.keys.is_empty() {
        // All keys that are there, since nothing says which are read.
        spec.fixed("dataFrom", vec![fields().put("extract", remote().node()).node()])
    } else {
        spec.fixed("data", secret.keys.iter().map(entry).collect::<Vec<_>>())
    };
    fields()
        .fixed("apiVersion", format!("{GROUP}/v1beta1"))
        .fixed("kind", "ExternalSecret")
        .put("metadata", metadata.node())
        .put("spec", spec.node())
        .node()
}
