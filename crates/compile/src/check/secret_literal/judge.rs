//! Whether a value is a secret, by the name it has.

use super::names::{Promise, promise};
use super::references::is_reference;
use super::{base64, random};

/// How much the place of a value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It is the value of that key.
    Value,
    /// It may be prose, the name of a field or code: only what reads like a secret is one.
    Guess,
}

/// Returns whether the value of a key is a secret.
pub(super) fn is_secret(key: &str, text: &str, trust: Trust) -> bool {
    let promise = promise(key);
    if promise == Promise::Nothing || is_reference(text) {
        return false;
    }
    let good = || random::is_generated(text) || random::is_strong(text);
    match promise {
        Promise::Nothing => false,
        Promise::Password => !is_address(text) && !is_sentence(text) && (trust == Trust::Value || good()),
        Promise::Secret => is_one_word(text) && (good() || is_uuid(text)),
        Promise::Key => is_one_word(text) && random::is_generated(text) && !is_uuid(text),
        Promise::Login => is_login(text) || is_plain_login(text) || is_one_word(text) && good(),
        Promise::Phrase => is_phrase(text),
    }
}

/// Returns whether a number is a password: one of four digits is a PIN, a shorter one a count.
pub(super) fn is_secret_number(key: &str, number: i64) -> bool {
    promise(key) == Promise::Password && number >= 1000
}

fn is_address(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'))
    })
}

fn is_one_word(text: &str) -> bool {
    !is_address(text) && !text.contains(char::is_whitespace)
}

/// Words for people about a password: `Your password`.
fn is_sentence(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.trim().contains(' ')
        && ["passwor", "kennwort", "secret", "passphrase"].iter().any(|word| lower.contains(word))
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_nil = text.bytes().all(|byte| b"0-".contains(&byte));
    !is_nil
        && lengths == [8, 4, 4, 4, 12]
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `user:password`; `host:port` is none.
fn is_plain_login(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || "_.-@$+".contains(c);
    text.split_once(':').is_some_and(|(user, password)| {
        let is_port = password.bytes().all(|byte| byte.is_ascii_digit());
        !user.is_empty()
            && user.chars().all(name)
            && !is_port
            && !password.contains([' ', '/', ':'])
            && !is_reference(password)
    })
}

/// `user:password`, as base64.
pub(super) fn is_login(text: &str) -> bool {
    let decoded = base64::text(text);
    let login = decoded.as_deref().and_then(|decoded| decoded.split_once(':'));
    login.is_some_and(|(user, password)| {
        !user.is_empty()
            && !user.contains(char::is_whitespace)
            && !password.is_empty()
            && !is_reference(password)
    })
}

/// Returns the words of a wallet: BIP 39 has 12 to 24 of at most eight letters.
fn is_phrase(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let plain =
        |word: &&str| (3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (12..=24).contains(&words.len()) && words.iter().all(plain)
}
