//! Passwords that stand beside a user: in addresses, in headers, behind `-u` of a command.

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
    users_of_commands(text, found);
    robots(text, found);
    access_lists(text, found);
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
            if has_scheme && random::is_generated(login) && !is_public_key_of_sentry(login, &text[at + 1..]) {
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

/// `user name on >password ~* +@all`: who may use Redis.
fn access_lists(text: &str, found: &mut dyn FnMut(Login)) {
    for line in text.lines().filter(|line| line.len() <= LONGEST) {
        let mut words = line.trim_start().split(' ');
        if words.next() != Some("user") || !words.any(|word| word == "on") {
            continue;
        }
        for password in words.filter_map(|word| word.strip_prefix('>')).filter(|word| !is_reference(word)) {
            let start = password.as_ptr() as usize - text.as_ptr() as usize;
            found(Login { what: "a password of Redis", at: start..start + password.len() });
        }
    }
}

/// Returns whether an address is where a browser sends errors: `https://<32 hexadecimal digits>@host/<project>`. Sentry calls that
/// key public.
fn is_public_key_of_sentry(login: &str, after: &str) -> bool {
    let end = after.find(|c: char| c.is_whitespace() || "\"'`,;".contains(c)).unwrap_or(after.len());
    let project = after[..end].rsplit_once('/').map(|(_, project)| project);
    login.len() == 32
        && login.bytes().all(|byte| byte.is_ascii_hexdigit())
        && project.is_some_and(|project| !project.is_empty() && project.bytes().all(|b| b.is_ascii_digit()))
}

/// `robot$project+name:secret`, a login of Harbor; and `jdbc:oracle:thin:user/password@…`.
fn robots(text: &str, found: &mut dyn FnMut(Login)) {
    for (word, sign, what) in [
        ("robot$", ':', "the secret of a robot of Harbor"),
        ("jdbc:oracle:thin:", '/', "a password in an address"),
    ] {
        for (at, _) in text.match_indices(word) {
            let start = at + word.len();
            let rest = head(&text[start..], LONGEST);
            let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '@');
            let rest = &rest[..rest.find(ends).unwrap_or(rest.len())];
            let Some((user, password)) = rest.split_once(sign) else { continue };
            let is_login = !user.is_empty() && !user.contains([':', '/']) && !password.is_empty();
            if is_login && !password.starts_with('/') && !is_reference(password) && !has_hole(password) {
                let start = start + user.len() + 1;
                found(Login { what, at: start..start + password.len() });
            }
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
pub(super) fn has_hole(password: &str) -> bool {
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
fn users_of_commands(text: &str, found: &mut dyn FnMut(Login)) {
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
