//! Where OpenTofu keeps its state: a file of configuration to lay beside the module, with a backend and an encryption.
//!
//! OpenTofu reads every `*.tf.json` of its directory. No secret is in it: the login of the bucket and the passphrase come from the
//! environment of whoever runs it.

use std::collections::BTreeMap;

use super::{module, run_leader};
use crate::plan::{Plan, Region};
use sovereign_language::manifest::{SecretRef, StateTable};
use sovereign_text::node::{Map, Node};
use sovereign_text::source::{Span, Spanned};

/// The file, under a name that OpenTofu reads by itself.
pub const BACKEND: &str = "backend.tf.json";
/// The variable with the passphrase.
const PASSPHRASE: &str = "state_passphrase";
/// The first OpenTofu whose S3 backend locks a state by a file beside it (`use_lockfile`), and that takes variables in an
/// encryption (since 1.8).
const VERSION: &str = ">= 1.10.0";
/// What the S3 backend asks of AWS alone; other services have no answer.
const OF_AWS: [&str; 5] = [
    "skip_credentials_validation",
    "skip_metadata_api_check",
    "skip_region_validation",
    "skip_requesting_account_id",
    "skip_s3_checksum",
];

/// Returns the table that says where the state is.
pub(crate) fn written<'p>(plan: &Plan<'p>) -> Option<&'p Spanned<StateTable>> {
    plan.written.provisioning.as_ref()?.value.state.as_ref()
}

/// Returns what the file of a region holds, by its first keys; `None` where no table says where the state is, and for a region
/// that no run of its own makes.
pub(crate) fn backend(plan: &Plan<'_>, region: &Region<'_>) -> Option<BTreeMap<&'static str, Node>> {
    module(plan, region)?;
    let table = written(plan).filter(|_| run_leader(plan, region).is_none())?;
    let (span, table) = (table.span, &table.value);
    let at = |value: &'static str| Node::new(value, span);
    let on = || Node::new(true, span);
    let mut s3 = vec![
        ("bucket", shown(table.bucket.as_ref()?)),
        ("endpoints", map([("s3", shown(table.endpoint.as_ref()?))], span)),
        ("key", Node::new(format!("{}/{}/terraform.tfstate", plan.fqdn.value, region.name.value), span)),
        ("region", shown(table.region.as_ref()?)),
        ("use_lockfile", on()),
        ("use_path_style", on()),
    ];
    s3.extend(OF_AWS.map(|question| (question, on())));
    let use_method = || map([("enforced", on()), ("method", at("${method.aes_gcm.state}"))], span);
    let passphrase = map([("passphrase", at("${var.state_passphrase}"))], span);
    let encryption = map(
        [
            ("key_provider", map([("pbkdf2", map([("state", passphrase)], span))], span)),
            ("method", map([("aes_gcm", map([("state", keys(span))], span))], span)),
            ("plan", use_method()),
            ("state", use_method()),
        ],
        span,
    );
    let terraform = map(
        [
            ("backend", map([("s3", map(s3, span))], span)),
            ("encryption", encryption),
            ("required_version", at(VERSION)),
        ],
        span,
    );
    let variable = map([("sensitive", on()), ("type", at("string"))], span);
    let secrets = [("credentials", table.credentials.as_ref()?), ("passphrase", table.passphrase.as_ref()?)];
    let secrets = secrets.map(|(name, secret)| (name, reference(secret)));
    Some(BTreeMap::from([
        ("//", map(secrets, span)),
        ("terraform", terraform),
        ("variable", map([(PASSPHRASE, variable)], span)),
    ]))
}

fn keys(span: Span) -> Node {
    map([("keys", Node::new("${key_provider.pbkdf2.state}", span))], span)
}

fn reference(secret: &Spanned<SecretRef>) -> Node {
    let name = secret.value.secret.as_ref().map(|name| ("secret", shown(name)));
    let key = secret.value.key.as_ref().map(|key| ("key", shown(key)));
    map(name.into_iter().chain(key), secret.span)
}

fn shown<T: ToString>(value: &Spanned<T>) -> Node {
    value.as_ref().map(ToString::to_string).into()
}

fn map(entries: impl IntoIterator<Item = (&'static str, Node)>, span: Span) -> Node {
    Node::new(Map::of_unique(entries.into_iter().map(|(key, node)| (key.to_owned(), node))), span)
}
