//! What variables of several modules accept.

use serde_json::{Value as Json, json};

use crate::provision::variable::{Pattern, Rule};
use sovereign_language::scalar::{Bucket, K3sVersion, SSH_ALGORITHMS, SourceNetwork};

pub(super) const ANY: Rule = Rule::Any;
pub(super) const YES_OR_NO: Rule = Rule::OneOf(&["true", "false"]);
pub(super) const DOMAIN: Rule = Rule::Pattern(&Pattern {
    refusal: "is no domain name for it: every label begins with a letter",
    holds: is_domain,
    schema: || pattern("^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$"),
});
pub(super) const EMAIL: Rule = Rule::Pattern(&Pattern {
    refusal: "is no e-mail address",
    holds: is_email,
    schema: || pattern("^[^@]+@[^@]+\\.[^@]+$"),
});
pub(super) const SSH_KEY: Rule = Rule::Pattern(&Pattern {
    refusal: "begins with no algorithm that it knows",
    holds: |text| text.split_once(' ').is_some_and(|(first, _)| SSH_ALGORITHMS.contains(&first)),
    schema: || pattern(&format!("^({}) ", SSH_ALGORITHMS.join("|"))),
});
pub(super) const K3S: Rule = Rule::Pattern(&Pattern::new::<K3sVersion>("is no k3s version"));
pub(super) const BUCKET: Rule = Rule::Pattern(&Pattern::new::<Bucket>("is no bucket name"));
pub(super) const NETWORK: Rule = Rule::Pattern(&Pattern::new::<SourceNetwork>("is no network"));
pub(super) const ROLE: Rule = Rule::OneOf(&["primary", "secondary"]);

pub(super) fn pattern(pattern: &str) -> Json {
    json!({ "type": "string", "pattern": pattern })
}

fn is_domain(text: &str) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let label = |label: &str| label.starts_with(|c: char| c.is_ascii_lowercase()) && label.chars().all(ok);
    text.contains('.') && text.split('.').all(label)
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let mut inner = host.chars();
    // A dot that is neither the first character nor the last.
    let _ = (inner.next(), inner.next_back());
    !name.is_empty() && !host.contains('@') && inner.as_str().contains('.')
}
