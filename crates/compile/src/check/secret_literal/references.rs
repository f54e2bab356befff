//! Values that stand for a secret which is elsewhere.

use super::random;

/// Beginnings of references, each with the program that resolves it.
const BEGINNINGS: [(&str, &str); 24] = [
    ("$__", "Grafana: `$__file{…}`, `$__env{…}`, `$__vault{…}`"),
    ("AWS_SECRET:", "the CSI driver of secrets"),
    ("ENC[", "SOPS: it is encrypted"),
    ("arn:", "AWS: the name of a resource"),
    ("age1", "age: a recipient, which is public"),
    ("avp:", "the Vault plugin of Argo CD"),
    ("aws-secretsmanager:", "vals"),
    ("awssm:", "vals"),
    ("azurekeyvault:", "vals"),
    ("bao:", "OpenBao's webhook"),
    ("ecdsa-sha2-", "OpenSSH: a public key"),
    ("env:", "many"),
    ("env.", "many"),
    ("file:", "many"),
    ("gcp-secretmanager:", "vals"),
    ("kv/", "Vault: a path"),
    ("op://", "1Password"),
    ("projects/", "Google's Secret Manager"),
    ("ref+", "vals and helmfile"),
    ("secret/", "Vault: a path"),
    ("secretref", "vals, Helm plugins"),
    ("ssh-", "OpenSSH: a public key"),
    ("ssm:", "AWS Systems Manager"),
    ("vault:", "Vault's webhook"),
];
/// Words in place of a value.
const NO_VALUES: [&str; 14] =
    ["", "-", "~", "false", "nil", "no", "none", "null", "off", "on", "optional", "redacted", "true", "yes"];

/// Returns whether a text refers to a value, or stands in its place until somebody fills it in;
/// `leftover-placeholder` has a word for that.
pub(super) fn is_reference(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let begins = |start: &str| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    NO_VALUES.contains(&lower.as_str())
        || ["${", "$(", "{{", "}}", "%{", "%(", "<%", "$__", "@Microsoft.KeyVault("]
            .iter()
            .any(|open| text.contains(open))
        || BEGINNINGS.iter().any(|(start, _)| begins(start))
        || lower.starts_with("sha256:")
        || is_sealed(text)
        || is_bracketed(text)
        || is_variable(text)
        || is_blanked(text)
        || is_path(text)
}

/// Returns what `kubeseal` encrypts: it begins with the length of the key of the session, which is 512 bytes.
fn is_sealed(text: &str) -> bool {
    /// With its session's key it is longer still; documents show a beginning.
    const LEAST: usize = 64;
    let base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    text.len() >= LEAST
        && text.starts_with("Ag")
        && text.chars().all(base64)
        && matches!(text.as_bytes().get(2), Some(b'A'..=b'D'))
}

/// `<set by the operator>`, `[redacted]`, `%PASSWORD%`.
fn is_bracketed(text: &str) -> bool {
    [('<', '>'), ('[', ']'), ('%', '%'), ('{', '}')]
        .iter()
        .any(|(open, close)| text.len() > 2 && text.starts_with(*open) && text.ends_with(*close))
}

/// Returns the name of a variable: `$PASSWORD`, `DB_PASSWORD`.
fn is_variable(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named = |name: &str| {
        !name.is_empty() && name.chars().all(plain) && name.starts_with(|c: char| !c.is_ascii_digit())
    };
    let loud =
        text.contains('_') && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    text.strip_prefix('$').is_some_and(named) || (loud && named(text) && random::is_words(text))
}

/// Returns one sign again and again, or none that is a letter or a digit: `********`, `xxxx`, `…`.
fn is_blanked(text: &str) -> bool {
    let x = |c: char| matches!(c, 'x' | 'X' | '*' | '.' | '-');
    text.len() > 2 && text.chars().all(x) || !text.contains(char::is_alphanumeric)
}

/// Returns a path of words: `/run/secrets/db-password`.
fn is_path(text: &str) -> bool {
    let rooted = text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
    rooted && text.matches('/').count() >= 2 && !text.contains("==") && !random::has_generated_part(text)
}
