//! What the name of a value promises.

use super::random;

/// What stands behind a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// A password: whatever stands there is one.
    Password,
    /// A secret, or the name of one: what stands there decides.
    Secret,
    /// A key of any kind: of a cipher, of a map, of a Secret. Only what was generated is a secret.
    Key,
    /// `user:password`, as base64 or not.
    Login,
    /// The words of a wallet.
    Phrase,
    /// No secret.
    Nothing,
}

/// Names of passwords, at the end of a key.
const PASSWORDS: [&str; 15] = [
    "contrasena",
    "kennwort",
    "mdp",
    "motdepasse",
    "pass",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "psk",
    "pw",
    "pwd",
    "senha",
    "wachtwoord",
];
/// Those of them that end a word of one case: `adminpassword`. Others end words that mean something else: `bypass`.
const LONG_PASSWORDS: [&str; 5] = ["password", "passwd", "passphrase", "passcode", "pwd"];
/// What stands before `pass` in a word of one case.
const BEFORE_PASS: [&str; 17] = [
    "admin", "auth", "basic", "bind", "db", "ftp", "http", "ldap", "login", "mail", "my", "pg", "redis",
    "require", "root", "smtp", "user",
];
/// Names of other secrets, at the end of a key.
const SECRETS: [&str; 24] = [
    "apikey",
    "authorization",
    "bearer",
    "cookie",
    "dockercfg",
    "dockerconfigjson",
    "encrypt",
    "hmac",
    "htpasswd",
    "jwt",
    "kubeconfig",
    "otp",
    "pat",
    "pepper",
    "salt",
    "sas",
    "secret",
    "secrets",
    "seed",
    "sig",
    "signature",
    "token",
    "tokens",
    "totp",
];
/// Those of them that end a word of one case: `clientsecret`.
const LONG_SECRETS: [&str; 3] = ["secret", "token", "apikey"];
/// Names of logins: a user and a password.
const LOGINS: [&str; 5] = ["auth", "cred", "creds", "credential", "credentials"];
/// What stands before `key` where that is a secret.
const SECRET_KEYS: [&str; 30] = [
    "access",
    "account",
    "admin",
    "aes",
    "api",
    "app",
    "application",
    "auth",
    "cipher",
    "client",
    "cookie",
    "crypto",
    "decryption",
    "deploy",
    "encryption",
    "hmac",
    "integration",
    "jwt",
    "license",
    "master",
    "private",
    "root",
    "secret",
    "service",
    "session",
    "shared",
    "signing",
    "storage",
    "token",
    "webhook",
];
/// What stands before `key` where that is known to all, or a place.
const OPEN_KEYS: [&str; 22] = [
    "authorized",
    "cache",
    "foreign",
    "group",
    "host",
    "hot",
    "idempotency",
    "index",
    "label",
    "lookup",
    "object",
    "partition",
    "pub",
    "public",
    "primary",
    "row",
    "shard",
    "site",
    "sort",
    "topology",
    "translation",
    "verification",
];
/// Words that say of a password what happens with it: `forgotPassword`, `requirePassword`.
const ABOUT: [&str; 34] = [
    "allow",
    "auto",
    "change",
    "check",
    "confirm",
    "disable",
    "disabled",
    "enable",
    "enabled",
    "existing",
    "expire",
    "force",
    "forgot",
    "forgotten",
    "generate",
    "has",
    "hide",
    "is",
    "lost",
    "max",
    "min",
    "no",
    "prompt",
    "recover",
    "remember",
    "require",
    "required",
    "reset",
    "rotate",
    "show",
    "skip",
    "update",
    "use",
    "verify",
];
/// Words after the name that say how the value is written.
const WRITTEN_AS: [&str; 9] = ["b64", "base64", "clear", "data", "hex", "plain", "plaintext", "raw", "value"];

/// Returns what a key promises, by its words: the last one counts, as in `passwordPolicy` and `tokenTTL`.
pub(super) fn promise(key: &str) -> Promise {
    let lower = key.to_ascii_lowercase();
    let words: Vec<String> = random::runs(key).into_iter().map(str::to_ascii_lowercase).collect();
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    while words.len() > 1 && words.last().is_some_and(|last| WRITTEN_AS.contains(last)) {
        words.pop();
    }
    // `secret_key_base`, of Rails.
    if words.ends_with(&["key", "base"]) {
        words.pop();
    }
    let Some(last) = words.last().copied() else { return Promise::Nothing };
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).copied().unwrap_or_default();
    if is_password(last) {
        let about = words.iter().any(|word| ABOUT.contains(word));
        return if about { Promise::Secret } else { Promise::Password };
    }
    match last {
        last if LOGINS.contains(&last) && !words.contains(&"existing") => return Promise::Login,
        // `basicAuthUsers`, of Traefik and others.
        "users" if before == "auth" => return Promise::Login,
        // What an AppRole of OpenBao logs in with.
        "id" if before == "secret" => return Promise::Secret,
        "mnemonic" | "phrase" => return Promise::Phrase,
        "seed" if lower.contains("phrase") => return Promise::Phrase,
        _ => {}
    }
    if words.contains(&"existing") {
        return Promise::Nothing;
    }
    if SECRETS.contains(&last) || LONG_SECRETS.iter().any(|end| last.ends_with(end)) {
        return Promise::Secret;
    }
    if let Some(joined) = last.strip_suffix("key").or_else(|| last.strip_suffix("keys")) {
        let what = if joined.is_empty() { before } else { joined };
        return if OPEN_KEYS.iter().any(|open| what == *open || (!joined.is_empty() && what.ends_with(open))) {
            Promise::Nothing
        } else if SECRET_KEYS.iter().any(|secret| what.ends_with(secret)) {
            Promise::Secret
        } else {
            Promise::Key
        };
    }
    Promise::Nothing
}

fn is_password(word: &str) -> bool {
    let word = word.strip_suffix('s').filter(|one| LONG_PASSWORDS.contains(one)).unwrap_or(word);
    PASSWORDS.contains(&word)
        || LONG_PASSWORDS.iter().any(|end| word.ends_with(end))
        || word.strip_suffix("pass").is_some_and(|before| BEFORE_PASS.contains(&before))
}

/// Returns whether a key says only that a value follows, so that the one above it speaks: `adminPassword.value`.
pub(super) fn says_nothing(key: &str) -> bool {
    ["value", "val", "plain", "plaintext", "literal", "default", "content", "contents", "raw"]
        .contains(&key.to_ascii_lowercase().as_str())
}

/// Returns whether the values below a key are names of fields, labels or words for people:
/// `secretKeys.password = "admin-password"`.
pub(super) fn holds_names(key: &str) -> bool {
    const HOLDERS: [&str; 16] = [
        "columns",
        "existingsecret",
        "fields",
        "fieldnames",
        "i18n",
        "keymapping",
        "keys",
        "labels",
        "locale",
        "mapping",
        "mappings",
        "messages",
        "placeholders",
        "secretkeys",
        "secretref",
        "translations",
    ];
    let lower: String =
        key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    HOLDERS.contains(&lower.as_str()) || lower.ends_with("secretkeys") || lower.ends_with("keymapping")
}

/// Returns whether all that is below a key are words for people, each language with its own.
pub(super) fn holds_words(key: &str) -> bool {
    let words = ["i18n", "l10n", "locale", "locales", "messages", "translations"];
    words.iter().any(|word| key.eq_ignore_ascii_case(word))
}

/// Returns whether a key beside a value says that the value is in a Secret, so that what stands here names a field of it.
pub(super) fn names_a_secret(key: &str) -> bool {
    let lower: String =
        key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["existingsecret", "existingsecretname", "secretname", "secretref", "secretkeyref", "fromsecret"]
        .iter()
        .any(|name| lower.ends_with(name))
}
