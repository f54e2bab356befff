#![doc = include_str!("../../../../docs/diagnostics/secret-literal.md")]

use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, Step, path_text};
use sovereign_text::source::{Source, Span};

/// Tokens that say what they are: a beginning, how many characters follow at least, and the name.
const TOKENS: [(&str, usize, &str); 18] = [
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS session key"),
    ("AIza", 30, "a Google API key"),
    ("SG.", 40, "a SendGrid key"),
    ("dop_v1_", 40, "a DigitalOcean token"),
    ("eyJhbGciOi", 40, "a signed web token"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("hvs.", 20, "an OpenBao or Vault token"),
    ("npm_", 30, "an npm token"),
    ("pypi-", 40, "a PyPI token"),
    ("sk-", 40, "an API key"),
    ("sk_live_", 20, "a Stripe key"),
    ("xoxb-", 20, "a Slack token"),
    ("AGE-SECRET-KEY-1", 50, "an age key"),
];
/// Words of a key that hold a secret.
const SECRET_WORDS: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "credential"];
/// Ends of a key that name a secret without holding it.
const REFERENCES: [&str; 9] =
    ["name", "key", "ref", "path", "keys", "id", "namespace", "class", "existingsecret"];
/// How long the first line of a key is at most: `-----BEGIN OPENSSH PRIVATE KEY-----`.
const LONGEST_HEAD: usize = 80;
/// Below this many characters a text holds too little to be a generated secret.
const SHORTEST: usize = 16;
/// Bits a character: random hexadecimal digits have close to 4, words of a language below 3.
const ENTROPY: f64 = 3.3;

/// Reports everything that looks like a secret: known tokens and private keys anywhere in a text, comments
/// included, and random-looking values of keys with a secret-like name.
pub(crate) fn check(source: &Source, tree: Option<&Node>, diags: &mut Diagnostics) {
    tokens(source, diags);
    if let Some(tree) = tree {
        values(tree, diags);
    }
}

fn report(span: Span, what: &str, diags: &mut Diagnostics) {
    if diags.overflows(Code::SecretLiteral) {
        return;
    }
    diags.push(
        Diagnostic::new(Code::SecretLiteral, span, format!("this looks like {what}"))
            .note("what is committed stays in the history for ever")
            .help("revoke it, put the new one into a Secret, and refer to that: `{ secret = \"…\", key = \"…\" }`"),
    );
}

fn tokens(source: &Source, diags: &mut Diagnostics) {
    let text = source.text();
    let found = |start: usize, end: usize| Span::new(source.id(), start..end);
    for (start, _) in text.match_indices("-----BEGIN ") {
        let line = text.get(start..text.floor_char_boundary(start + LONGEST_HEAD)).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        if line.contains("PRIVATE KEY") {
            report(found(start, start + line.len()), "a private key", diags);
        }
    }
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    for (prefix, least, what) in TOKENS {
        // The run of word characters that was looked at last, and its last digit: a text that repeats a prefix
        // must not be read again and again.
        let (mut run, mut digit) = (0..0, None);
        for (start, _) in text.match_indices(prefix) {
            if text[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
                continue;
            }
            let body = start + prefix.len();
            if !run.contains(&body) {
                let rest = &text[body..];
                run = body..body + rest.find(|c| !word(c)).unwrap_or(rest.len());
                digit = text[run.clone()].rfind(|c: char| c.is_ascii_digit()).map(|at| body + at);
            }
            if run.end - body >= least && digit.is_some_and(|at| at >= body) {
                report(found(start, run.end), what, diags);
            }
        }
    }
}

fn values(tree: &Node, diags: &mut Diagnostics) {
    tree.walk(&mut |path, node| {
        let Some(text) = node.as_str() else { return };
        let key =
            path.iter().rev().find_map(|step| if let Step::Key(key) = step { Some(*key) } else { None });
        let is_token = || diags.reported(Code::SecretLiteral, node.cause);
        if key.is_some_and(|key| holds_secret(key, text)) && !is_token() {
            report(node.cause, &format!("a secret, in `{}`", path_text(path)), diags);
        }
    });
}

/// Returns whether a key promises a secret and the text looks like one.
pub(crate) fn holds_secret(key: &str, text: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let promises = SECRET_WORDS.iter().any(|word| plain.contains(word));
    let is_password = ["password", "passwd", "passphrase"].iter().any(|word| plain.ends_with(word));
    if is_password {
        return !text.is_empty() && !text.contains("{{");
    }
    let refers = if plain.ends_with("privatekey") || plain.ends_with("apikey") {
        false
    } else if plain.ends_with("secret") && !plain.ends_with("existingsecret") {
        // `clientSecret` may hold a secret or name one: what stands there decides.
        is_name(text)
    } else {
        REFERENCES.iter().any(|end| plain.ends_with(end))
    };
    let is_address = text.contains("://") || text.contains("{{") || text.contains(' ');
    promises && !refers && !is_address && text.len() >= SHORTEST && entropy(text) >= ENTROPY && mixed(text)
}

/// Returns whether a text can be the name of an object and has the parts of one: words and hyphens. Generated texts have
/// no hyphens, or are hexadecimal between them, as UUIDs are.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    text.contains('-') && text.chars().all(plain) && text.contains(|c| ('g'..='z').contains(&c))
}

/// Names of Secrets are words and hyphens; generated values mix digits in, or upper and lower case.
fn mixed(text: &str) -> bool {
    let has = |test: fn(&char) -> bool| text.chars().any(|c| test(&c));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits * 8 >= text.len() || (has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && digits > 0)
}

/// Shannon's entropy in bits a byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    let share = |&count: &u32| {
        let p = f64::from(count) / length;
        -p * p.log2()
    };
    counts.iter().filter(|&&count| count > 0).map(share).sum()
}

#[cfg(test)]
mod tests {
    use super::{Node, SHORTEST, Source, TOKENS, check, holds_secret};
    use sovereign_text::diag::Diagnostics;

    /// Returns whether a text of that kind would be reported, as a comment of a manifest.
    fn is_found(text: &str) -> bool {
        let bytes = format!("# {text}\n").into_bytes();
        let source =
            Source::manifest("sovereign.toml", bytes).unwrap_or_else(|(fault, _)| panic!("{fault:?}"));
        let mut diags = Diagnostics::new();
        check(&source, None::<&Node>, &mut diags);
        diags.verdict().is_err()
    }

    #[test]
    fn a_token_is_one_from_its_least_length_on() {
        for (prefix, least, what) in TOKENS {
            let body = |length: usize| format!("7{}", "a".repeat(length - 1));
            assert!(is_found(&format!("{prefix}{}", body(least))), "{what}");
            assert!(!is_found(&format!("{prefix}{}", body(least - 1))), "{what}");
            assert!(!is_found(&format!("{prefix}{}", "a".repeat(least))), "{what}: words have no digit");
            assert!(!is_found(&format!("x{prefix}{}", body(least))), "{what}: the middle of a word");
        }
    }

    #[test]
    fn the_first_line_of_a_private_key_is_one_and_that_of_a_certificate_is_not() {
        assert!(is_found("-----BEGIN OPENSSH PRIVATE KEY-----"));
        assert!(!is_found("-----BEGIN CERTIFICATE-----"));
        assert!(!is_found(&format!("-----BEGIN {} PRIVATE KEY-----", "x".repeat(80))));
    }

    #[test]
    fn a_generated_text_is_one_from_its_least_length_on() {
        let text = "a1B2c3D4e5F6g7H8";
        assert_eq!(text.len(), SHORTEST);
        assert!(holds_secret("token", text));
        assert!(!holds_secret("token", &text[1..]));
        // Eight characters for each digit, and one case: just enough digits, and one too few.
        assert!(holds_secret("token", "abcdefg1hijklmn2"));
        assert!(!holds_secret("token", "abcdefg1hijklmn2p"));
        // Sixteen characters of eleven kinds have 3.375 bits each, of ten 3.25.
        assert!(holds_secret("token", "0123456789a01234"));
        assert!(!holds_secret("token", "0123456789012345"));
    }

    #[test]
    fn secrets_are_told_from_references_to_them() {
        for (key, text) in [
            ("password", "x"),
            ("adminPassword", "Tr0ub4dor"),
            ("token", "9f86d081884c7d659a2feaa0c55ad015"),
            ("apiKey", "bGkS0Vd3x9QmT7pZ"),
            ("client-secret", "Zk8Q~aB3dE5fG7hJ9kL1mN"),
            ("clientSecret", "3b12f1df-5232-4804-897e-917bf397618a"),
            ("secret", "9f86d081884c7d659a2feaa0c55ad015"),
        ] {
            assert!(holds_secret(key, text), "{key} = {text}");
        }
        for (key, text) in [
            ("secret", "registrar-token"),
            ("existingSecret", "newapi-bp-newapi-newapi-db-dsn"),
            ("clientSecret", "harbor-oidc-2026-prod-7d4f"),
            ("tokenSecretRef", "continuum-cf-token-2026-11-20"),
            ("credentialsSecretName", "velero-objectstorage-credentials"),
            ("secretStoreRef", "vault-region1"),
            ("passwordKey", "password"),
            ("token", "short"),
            ("tokenUrl", "https://login.example.com/oauth2/v2.0/token"),
        ] {
            assert!(!holds_secret(key, text), "{key} = {text}");
        }
    }
}
