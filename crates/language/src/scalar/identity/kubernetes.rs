//! Names and labels of Kubernetes objects.

use serde_json::Value as Json;

use crate::scalar::Malformed;
use crate::scalar::text::{self, Checked, part, parts, text};

/// A DNS subdomain without the limit of its length, as a pattern.
const SUBDOMAIN: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
/// The name of a label, as a pattern.
const NAME: &str = "([A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?)";

text! {
    /// The name of a Secret, or of most other objects of Kubernetes: a DNS subdomain (RFC 1123).
    SecretName, "the name of a Secret", "object-storage",
    subdomain,
    subdomain_schema()
}

text! {
    /// A key of a Secret or ConfigMap: it becomes the name of a file, so `..` may not begin it.
    SecretKey, "a key of a Secret", "access-key",
    |text| {
        text::length(text, 1, usize::MAX)?;
        let ok = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        text::only(text, "letters, digits, dots, dashes and underscores", ok)?;
        if text == "." || text.starts_with("..") {
            return Err(Malformed::new("is no name for a file").at(0..text.len().min(2)));
        }
        text::length(text, 1, 253)
    },
    text::schema("^(?!\\.$|\\.\\.)[-._a-zA-Z0-9]+$", 1, 253)
}

text! {
    /// The value of a label of Kubernetes; may be empty.
    LabelValue, "a label value", "control-plane",
    |text| if text.is_empty() { Ok(()) } else { name(text) },
    text::schema(format!("^{NAME}?$"), 0, 63)
}

text! {
    /// The key of a label of Kubernetes: a name, and before it the domain that it belongs to.
    LabelKey, "a label key", "catalyst.openova.io/sovereign",
    |text| match text.split_once('/') {
        Some((prefix, _)) => {
            part(text, 0..prefix.len(), subdomain)?;
            part(text, prefix.len() + 1..text.len(), name)
        }
        None => name(text),
    },
    text::schema_of_both(&format!("^({SUBDOMAIN}/)?{NAME}$"), "^([^/]{1,253}/)?[^/]{1,63}$", 1, 317)
}

text! {
    /// A selector of Pods by one label: `key=value`.
    PodSelector, "a label selector", "app.kubernetes.io/name=openbao",
    |text| {
        text::length(text, 1, usize::MAX)?;
        let Some(equals) = text.find('=') else {
            return Err(Malformed::new("is not `key=value`"));
        };
        let key = &text[..equals];
        match key.find('/') {
            Some(slash) => {
                part(text, 0..slash, subdomain)?;
                part(text, slash + 1..equals, name)?;
            }
            None => part(text, 0..equals, name)?,
        }
        part(text, equals + 1..text.len(), name)
    },
    text::schema_of_both(
        &format!("^({SUBDOMAIN}/)?{NAME}={NAME}$"),
        "^([^/]{1,253}/)?[^/=]{1,63}=[^=]{1,63}$",
        3,
        381,
    )
}

/// Returns a DNS subdomain as Kubernetes checks it: labels are not limited on their own.
pub(crate) fn subdomain(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    for range in parts(text, '.') {
        if range.is_empty() {
            let dot = range.start.min(text.len() - 1);
            return Err(Malformed::new("has nothing beside a dot").at(dot..dot + 1));
        }
        part(text, range, |label| text::label(label, usize::MAX))?;
    }
    text::length(text, 1, 253)
}

pub(crate) fn subdomain_schema() -> Json {
    text::schema(format!("^{SUBDOMAIN}$"), 1, 253)
}

fn name(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    let ok = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    text::only(text, "letters, digits, dots, dashes and underscores", ok)?;
    text::edges(text, |c| c.is_ascii_alphanumeric(), |c| c.is_ascii_alphanumeric())?;
    text::length(text, 1, 63)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn names_of_secrets_are_subdomains() {
        let (most, over) = ("a".repeat(253), "a".repeat(254));
        agree::<SecretName>(
            &["a", "object-storage", "a.b-c.0", &most],
            &["", ".", "a.", ".a", "a..b", "-a", "a-.b", "A", "a_b", "a/b", &over],
        );
        assert_eq!(fault::<SecretName>("Registrar.token"), ("R", Some("registrar.token".into())));
        assert_eq!(fault::<SecretName>("a..b"), (".", None));
        assert_eq!(fault::<SecretName>("a.b-.c"), ("-", None));
    }

    #[test]
    fn keys_of_secrets_are_names_of_files() {
        let (most, over) = ("K".repeat(253), "K".repeat(254));
        agree::<SecretKey>(
            &["token", "tls.crt", ".dockerconfigjson", "API_KEY", "-", "_", "a..", &most],
            &["", ".", "..", "..a", "a/b", "a b", "ä", &over],
        );
        assert_eq!(fault::<SecretKey>("a/b"), ("/", None));
        assert_eq!(fault::<SecretKey>("..data"), ("..", None));
    }

    #[test]
    fn a_selector_of_pods_is_a_label_and_its_value() {
        agree::<PodSelector>(
            &["app=openbao", "app.kubernetes.io/name=openbao"],
            &["", "app", "=a", "app=", "a=b=c", "a/b/c=d", "app=-x", "A/b=c"],
        );
        assert_eq!(fault::<PodSelector>("app="), ("app=", None));
    }

    #[test]
    fn labels_are_those_of_kubernetes() {
        let of = |n| "a".repeat(n);
        agree::<LabelValue>(
            &["", "a", "hz-hel-rtz-prod", "A.b_c", &of(63)],
            &["-", "-a", "a-", ".", "a b", "a/b", "ä", &of(64)],
        );
        let prefixed = |prefix, name| format!("{}/{}", of(prefix), of(name));
        agree::<LabelKey>(
            &["app", "openova.io/region", "app.kubernetes.io/managed-by", "A_b", &prefixed(253, 63)],
            &[
                "",
                "/",
                "/a",
                "a/",
                "a/b/c",
                "A/b",
                "a_b/c",
                "a./b",
                "-a",
                "a/-",
                &prefixed(254, 1),
                &prefixed(1, 64),
                &of(64),
            ],
        );
        assert_eq!(fault::<LabelKey>("openova.io/-x"), ("-", None));
        assert_eq!(fault::<LabelKey>("Openova.io/x"), ("O", Some("openova.io/x".into())));
        assert_eq!(fault::<LabelKey>("openova.io/"), ("openova.io/", None));
    }
}
