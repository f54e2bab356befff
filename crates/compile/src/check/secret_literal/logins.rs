//! Passwords that stand beside a user: in addresses, in headers, in commands.

use std::ops::Range;

use super::references::is_reference;
use super::{judge, random};

/// A secret in a text, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) what: &'static str,
    pub(super) at: Range<usize>,
}

/// The longest login or host that is looked at: a name has 253 bytes, and hostile text must cost little.
const LONGEST: usize = 300;
/// The longest header: a web token has some hundred bytes.
const LONGEST_HEADER: usize = 4096;

/// All of a text.
pub(super) fn find(text: &str, found: &mut dyn FnMut(Login)) {
    addresses(text, found);
    headers(text, found);
    commands(text, found);
}

fn head(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// `scheme://user:password@host`, and without a scheme where a port, a path or a parenthesis follows.
fn addresses(text: &str, found: &mut dyn FnMut(Login)) {
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | '<' | '>' | '\\' | ',' | ';')
    };
    let mut next = 0;
    for piece in text.split(ends) {
        let start = next;
        next += piece.len() + text[start + piece.len()..].chars().next().map_or(0, char::len_utf8);
        // A password may hold an `@` too.
        let Some(login) = piece.rsplit_once('@').map(|(login, _)| login) else { continue };
        let at = start + login.len();
        let has_scheme = text[..start].ends_with("://");
        let Some((user, password)) = login.split_once(':') else {
            if has_scheme && random::is_generated(login) {
                found(Login { what: "a token in an address", at: start..at });
            }
            continue;
        };
        let is_user = user.chars().all(|c| c.is_ascii_alphanumeric() || "_.-%".contains(c));
        let is_login = has_scheme || is_user && host_follows(head(&text[at + 1..], LONGEST));
        if is_login && !password.is_empty() && !is_reference(password) && !has_hole(password) {
            found(Login { what: "a password in an address", at: start + user.len() + 1..at });
        }
    }
}

/// Returns whether a host and what only follows a host stand at the beginning of a text.
fn host_follows(text: &str) -> bool {
    let end =
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(text.len());
    let rest = &text[end..];
    let port = rest.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    end > 0 && !text.starts_with("sha") && (port || rest.starts_with('/') || rest.starts_with('('))
}

/// `%s`, `*`: what a program fills in.
fn has_hole(password: &str) -> bool {
    password.starts_with(['$', '%', '{', '*', '[', '<', ':'])
        || password.contains("%s")
        || password.contains("***")
}

/// `Basic …` and `Bearer …`.
fn headers(text: &str, found: &mut dyn FnMut(Login)) {
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_' | '.' | '~');
    for (scheme, what) in [
        ("basic ", "a login in a header"),
        ("bearer ", "a token in a header"),
        ("token ", "a token in a header"),
    ] {
        for at in places(text, scheme) {
            let start = at + scheme.len();
            let rest = head(&text[start..], LONGEST_HEADER);
            let end = start + rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            let word = &text[start..end];
            let is_secret =
                if scheme == "basic " { judge::is_login(word) } else { random::is_generated(word) };
            if is_secret {
                found(Login { what, at: start..end });
            }
        }
    }
}

/// `curl -u user:password`.
fn commands(text: &str, found: &mut dyn FnMut(Login)) {
    for flag in ["-u ", "--user ", "--userpwd "] {
        for at in places(text, flag) {
            let start = at + flag.len();
            let rest = text[start..].trim_start_matches(['"', '\'']);
            let start = text.len() - rest.len();
            let login = head(rest, LONGEST);
            let end =
                login.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).unwrap_or(login.len());
            if let Some((user, password)) = rest[..end].split_once(':') {
                let plain = !password.is_empty() && !is_reference(password) && !has_hole(password);
                // `-u 1000:1000` is a user and a group.
                if plain && !user.is_empty() && !password.bytes().all(|byte| byte.is_ascii_digit()) {
                    found(Login { what: "a password of a command", at: start + user.len() + 1..start + end });
                }
            }
        }
    }
}

/// Returns where a word begins, in any case, that stands after no letter.
fn places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let bytes = text.as_bytes();
    let last = word.len() - 1;
    // The sign that ends the word is rarer than its letters.
    text.match_indices(' ').filter_map(move |(space, _)| {
        let start = space.checked_sub(last)?;
        let is_word = bytes.get(start..=space)?.eq_ignore_ascii_case(word.as_bytes());
        let joined = start > 0 && bytes.get(start - 1).is_some_and(u8::is_ascii_alphanumeric);
        (is_word && !joined && text.is_char_boundary(start)).then_some(start)
    })
}
