//! What a person makes, as ExternalSecrets: the cluster then reads the values from OpenBao (domain section 9).
//!
//! They are no part of the tree: a Secret that a person makes by other means would be taken over.

use super::{Provider, Secret};
use crate::plan::Plan;
use sovereign_text::node::{Fields, Node};
use sovereign_text::source::Span;
use sovereign_text::yaml;

/// The store of every cluster.
pub const STORE: &str = "vault-region1";
/// The blueprints that may bring it: one of its own, or where a kit has none, that of the operator (domain section 9).
const BRINGING: [&str; 2] = ["bp-external-secrets-stores", "bp-external-secrets"];
/// How often the operator looks into the store.
const INTERVAL: &str = "1h";
/// The API group of ExternalSecrets.
pub(crate) const GROUP: &str = "external-secrets.io";

/// An ExternalSecret and the file to write it to.
#[derive(Clone, Debug)]
pub struct File {
    /// `<region>/<namespace>.<name>.yaml`: a namespace has no dot, so no two Secrets have one file.
    pub path: String,
    /// The document.
    pub text: String,
}

/// Returns the Secrets that an ExternalSecret can make: a person makes them, and Flux does not need them before the operator
/// of ExternalSecrets runs.
pub fn can_make(secret: &Secret) -> bool {
    secret.provider.is_person() && !secret.comes_first
}

/// Returns the blueprint that would bring the store and does not run in a region, if that is so.
pub fn lacks_store(plan: &Plan<'_>, region: &str) -> Option<&'static str> {
    let bringing = BRINGING.into_iter().find(|name| plan.kit.blueprint(name).is_some());
    let region = plan.regions.iter().find(|known| known.name.value.as_str() == region)?;
    bringing.filter(|name| region.release(name).is_none())
}

/// Returns an ExternalSecret for every Secret that one can make.
pub fn files(secrets: &[Secret], cause: Span) -> Vec<File> {
    let file = |secret: &Secret| File {
        path: format!("{}/{}.{}.yaml", secret.region, secret.namespace, secret.name),
        text: yaml::document(
            &format!("{}: {}", secret.region, secret.provider.phrase()),
            &object(secret, cause),
        ),
    };
    secrets.iter().filter(|secret| can_make(secret)).map(file).collect()
}

/// Returns where the value lies in OpenBao: `sso/…` for what an identity provider gives, `catalyst/<namespace>/…` for all
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
    // What cloud-init wrote stays: an ExternalSecret on its own would take the Secret over, with its own keys alone.
    let (keys, target) = if let Provider::Completed(keys) = &secret.provider {
        (keys, fields().fixed("creationPolicy", "Merge"))
    } else {
        (&secret.keys, fields())
    };
    let target = target.fixed("name", secret.name.clone());
    let store = fields().fixed("kind", "ClusterSecretStore").fixed("name", STORE);
    let spec = fields()
        .fixed("refreshInterval", INTERVAL)
        .put("secretStoreRef", store.node())
        .put("target", target.node());
    let remote = || fields().fixed("key", path(secret));
    let entry = |key: &String| {
        let remote = remote().fixed("property", key.clone());
        fields().fixed("secretKey", key.clone()).put("remoteRef", remote.node()).node()
    };
    let spec = if keys.is_empty() {
        // All keys that are there, since nothing says which are read.
        spec.fixed("dataFrom", vec![fields().put("extract", remote().node()).node()])
    } else {
        spec.fixed("data", keys.iter().map(entry).collect::<Vec<_>>())
    };
    fields()
        .fixed("apiVersion", format!("{GROUP}/v1beta1"))
        .fixed("kind", "ExternalSecret")
        .put("metadata", metadata.node())
        .put("spec", spec.node())
        .node()
}
