//! URLs. None may carry a password: a secret is always a reference to a Secret.

use std::ops::Range;

use serde_json::Value as Json;

use super::{LABEL, PORT, authority};
use crate::scalar::Malformed;
use crate::scalar::text::{self, Checked, part, text};
use sovereign_text::diag::suggest;

/// Longer URLs are refused by proxies and browsers.
const MOST: usize = 2048;
/// A character of a path (RFC 3986), as a pattern.
const PATH: &str = "([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})";
/// The name to sign in with, as a pattern.
const USER: &str = "[A-Za-z0-9._-]+@";

text! {
    /// Where something answers: a Helm repository of Flux, a health check, a registry.
    Url, "a URL", "oci://ghcr.io/openova-io",
    |text| url(text, &["https", "http", "oci"], true),
    schema("(https?|oci)://", "", &format!("(/{PATH}*)?(\\?({PATH}|\\?)*)?"))
}

text! {
    /// A URL that Flux's GitRepository takes: http, https or ssh; the short form of `git clone` is not one.
    GitUrl, "the URL of a Git repository", "https://github.com/openova-io/openova",
    git,
    schema("", &format!("(https?://|ssh://({USER})?)"), &format!("/{PATH}+"))
}

text! {
    /// A URL that answers over TLS: an issuer, an object store.
    HttpsUrl, "an https URL", "https://hel1.your-objectstorage.com",
    |text| url(text, &["https"], true),
    schema("https://", "", &format!("(/{PATH}*)?(\\?({PATH}|\\?)*)?"))
}

text! {
    /// A URL that a health check can ask (Continuum, `healthCheck.url`).
    WebUrl, "an http or https URL", "https://console.omantel.omani.works/healthz",
    |text| url(text, &["https", "http"], true),
    schema("https?://", "", &format!("(/{PATH}*)?(\\?({PATH}|\\?)*)?"))
}

macro_rules! parts_of_url {
    ($($name:ident)+) => {
        $(impl $name {
            /// Returns what stands before `://`.
            pub fn scheme(&self) -> &str {
                self.0.split("://").next().unwrap_or_default()
            }

            /// Returns the host's name, without user and port.
            pub fn host(&self) -> &str {
                let host = self.0.get(authority_of(&self.0)).unwrap_or_default();
                let host = host.rsplit('@').next().unwrap_or_default();
                host.split(':').next().unwrap_or_default()
            }

            /// Returns what stands after the host and port, with its slash.
            pub fn path(&self) -> &str {
                self.0.get(authority_of(&self.0).end..).unwrap_or_default()
            }
        })+
    };
}
parts_of_url!(Url GitUrl HttpsUrl WebUrl);

/// Returns where user, host and port stand.
fn authority_of(text: &str) -> Range<usize> {
    let start = text.find("://").map_or(0, |n| n + 3);
    let rest = text.get(start..).unwrap_or_default();
    start..start + rest.find(['/', '?', '#']).unwrap_or(rest.len())
}

fn schema(scheme: &str, user: &str, rest: &str) -> Json {
    let pattern = format!("^{scheme}{user}{LABEL}(\\.{LABEL})*(:{PORT})?{rest}$");
    // The host's name alone has at most 253 characters.
    text::schema_of_both(&pattern, "^[a-z]+://([^@/?]*@)?[^:/?]{1,253}([:/?]|$)", 6, MOST)
}

fn git(text: &str) -> Checked {
    if let Some(short) = short_form(text) {
        let bad = Malformed::new("is the short form of `git clone`, which Flux does not read");
        return Err(if git(&short).is_ok() { bad.meant(short) } else { bad });
    }
    url(text, &["https", "http", "ssh"], false)?;
    if text.len() - authority_of(text).end < 2 {
        return Err(Malformed::new("names a host but no repository"));
    }
    Ok(())
}

/// `user@host:path` as a URL.
fn short_form(text: &str) -> Option<String> {
    let (login, path) = text.split_once(':')?;
    let is_login = login.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    let is_path = !login.contains('/') && !path.starts_with("//");
    (is_login && is_path).then(|| format!("ssh://{login}/{}", path.trim_start_matches('/')))
}

fn url(text: &str, schemes: &[&str], query: bool) -> Checked {
    text::length(text, 1, usize::MAX)?;
    let Some(colon) = text.find("://") else {
        return Err(Malformed::new("has no scheme, such as `https://`"));
    };
    let place = authority_of(text);
    let lower_case = || {
        let host = text[place.clone()].rfind('@').map_or(place.start, |n| place.start + n + 1);
        let scheme = text[..colon].to_lowercase();
        let lower = format!(
            "{scheme}{}{}{}",
            &text[colon..host],
            text[host..place.end].to_lowercase(),
            &text[place.end..]
        );
        (lower != text && url(&lower, schemes, query).is_ok()).then_some(lower)
    };
    let with_case = |mut bad: Malformed| {
        bad.meant = lower_case();
        bad
    };
    let scheme = &text[..colon];
    if !schemes.contains(&scheme) {
        let known = suggest::list(schemes.iter().copied(), schemes.len());
        let reason = format!("has the scheme `{scheme}`, but only {known} can be used");
        return Err(with_case(Malformed::new(reason).at(0..colon.max(1))));
    }
    let mut host = place.clone();
    if let Some(at) = text[place.clone()].rfind('@') {
        host.start += at + 1;
        let range = place.start..place.start + at;
        user(text, &range, scheme == "ssh" && schemes.contains(&"ssh"))?;
    }
    part(text, host, authority).map_err(with_case)?;
    rest(text, place.end, query)?;
    text::length(text, 1, MOST)
}

fn user(text: &str, range: &Range<usize>, may_name: bool) -> Checked {
    let user = &text[range.clone()];
    if user.contains(':') || !may_name {
        let reason = "carries credentials; they belong into a Secret";
        return Err(Malformed::new(reason).at(range.start..range.end + 1));
    }
    part(text, range.clone(), |user| {
        text::length(user, 1, usize::MAX)?;
        let ok = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        text::only(user, "letters, digits, dots, dashes and underscores", ok)
    })
}

/// Returns the path and the query.
fn rest(text: &str, start: usize, query: bool) -> Checked {
    for (n, c) in text[start..].char_indices() {
        let at = start + n;
        let hex = |n| text.as_bytes().get(at + n).is_some_and(u8::is_ascii_hexdigit);
        let ok = match c {
            '%' => hex(1) && hex(2),
            '?' => query,
            c => c.is_ascii_alphanumeric() || "._~!$&'()*+,;=:@/-".contains(c),
        };
        if !ok {
            let reason = match c {
                '#' => "has a fragment, which is never sent".to_owned(),
                '%' => "has a `%` without two hexadecimal digits".to_owned(),
                '?' => "has a query".to_owned(),
                c => format!("holds {c:?}, which must be written with `%`"),
            };
            return Err(Malformed::new(reason).at(at..at + c.len_utf8()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Scalar;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn urls_have_a_scheme_and_a_host() {
        let (most, over) =
            (format!("http://a/{}", "b".repeat(MOST - 9)), format!("http://a/{}", "b".repeat(MOST - 8)));
        agree::<Url>(
            &[
                "https://a.b",
                "http://powerdns:8081",
                "oci://ghcr.io/openova-io",
                "https://a.b/c?d=%20&e",
                "https://a?b",
                &most,
            ],
            &[
                "",
                "a.b",
                "ftp://a.b",
                "https://",
                "https:///x",
                "HTTPS://a.b",
                "https://u:p@a.b",
                "https://a.b/#x",
                "https://a b",
                "https://a.b/%2",
                "https://a.b/{}",
                &over,
            ],
        );
        assert_eq!(fault::<Url>("HTTPS://A.b/C"), ("HTTPS", Some("https://a.b/C".into())));
        assert_eq!(fault::<Url>("https://u:p@a.b/"), ("u:p@", None));
        assert_eq!(fault::<Url>("https://a.b/%zz"), ("%", None));
        assert_eq!(fault::<Url>("https://a.b:0/"), (":0", None));
        let url = Url::parse("http://powerdns.svc:8081/api?x").expect("a URL");
        assert_eq!((url.scheme(), url.host(), url.path()), ("http", "powerdns.svc", "/api?x"));
    }

    #[test]
    fn a_host_in_a_url_has_at_most_253_characters() {
        let name = |last: usize| format!("{}{}", format!("{}.", "a".repeat(49)).repeat(5), "b".repeat(last));
        let (most, over) = (format!("https://{}:80/", name(3)), format!("https://{}/", name(4)));
        agree::<HttpsUrl>(
            &[&most, "https://login.example.com/tenant/v2.0"],
            &[&over, "http://a.b", "oci://a.b"],
        );
        agree::<WebUrl>(
            &["https://a.b/healthz", "http://a.b:8080/", "https://a.b?x=1"],
            &["oci://a.b", "a.b/healthz", "ftp://a.b", "https://u:p@a.b"],
        );
        let git = format!("ssh://git@{}/x", name(4));
        agree::<GitUrl>(&[], &[&git]);
    }

    #[test]
    fn git_urls_are_those_that_flux_reads() {
        agree::<GitUrl>(
            &[
                "https://github.com/a/b",
                "http://gitea:3000/a/b.git",
                "ssh://git@github.com/a/b",
                "ssh://h:22/r",
            ],
            &[
                "git@github.com:a/b",
                "git://h/r",
                "https://github.com",
                "https://github.com/",
                "https://u@h/r",
                "https://u:p@h/r",
                "ssh://g:p@h/r",
                "ssh://@h/r",
                "https://h/r?x",
            ],
        );
        assert_eq!(
            fault::<GitUrl>("git@github.com:openova-io/openova.git"),
            (
                "git@github.com:openova-io/openova.git",
                Some("ssh://git@github.com/openova-io/openova.git".into())
            )
        );
        assert_eq!(fault::<GitUrl>("https://token@github.com/a/b"), ("token@", None));
        assert_eq!(
            fault::<GitUrl>("ssh://Git@GitHub.com/a/B"),
            ("G", Some("ssh://Git@github.com/a/B".into()))
        );
        let url = GitUrl::parse("ssh://git@github.com:22/a/b").expect("a Git URL");
        assert_eq!((url.scheme(), url.host(), url.path()), ("ssh", "github.com", "/a/b"));
    }
}
