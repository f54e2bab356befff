//! Exact versions. A range or a tag that moves gives another cluster from the same tree on another day.

use std::fmt;

use serde_json::Value as Json;

use super::{Malformed, Scalar, text};
use sovereign_text::diag::Code;

/// A chart is stored under its version as an OCI tag, which has at most this many characters.
const MOST: usize = 128;
/// Digits of one number of a version.
const DIGITS: usize = 9;

/// One exact release (Semantic Versioning 2.0). Ordered as the specification says; builds of one release are
/// ordered by their text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    version: semver::Version,
    text: String,
}

impl Version {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the parts of the version.
    pub fn semver(&self) -> &semver::Version {
        &self.version
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scalar for Version {
    const NAME: &'static str = "an exact version";
    const EXAMPLE: &'static str = "1.2.22";

    fn schema() -> Json {
        let number = format!("(0|[1-9][0-9]{{0,{}}})", DIGITS - 1);
        let part = "(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
        let build = "[0-9A-Za-z-]+";
        let pattern =
            format!("^{number}\\.{number}\\.{number}(-{part}(\\.{part})*)?(\\+{build}(\\.{build})*)?$");
        text::schema(pattern, 5, MOST)
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        text::check(text, |text| exact(text).map(|_| ()))?;
        exact(text).map(|version| Self { version, text: text.to_owned() })
    }
}

fn exact(text: &str) -> Result<semver::Version, Malformed> {
    text::length(text, 1, MOST)?;
    if let Some(bare) = text.strip_prefix(['v', 'V', '=']) {
        let first = &text[..1];
        if exact(bare).is_ok() {
            return Err(Malformed::new(format!("begins with `{first}`")).at(0..1).meant(bare));
        }
    }
    if let Some(reason) = unpinned(text) {
        return Err(Malformed::new(format!("is a tag that moves ({reason}), not one release"))
            .code(Code::UnpinnedVersion));
    }
    if is_range_like(text) {
        return Err(
            Malformed::new("is a range, which may mean another release tomorrow").code(Code::UnpinnedVersion)
        );
    }
    let numbers = text.split(['-', '+']).next().unwrap_or_default();
    if let Some(long) = text::parts(numbers, '.').find(|range| range.len() > DIGITS) {
        return Err(Malformed::new(format!("has a number of more than {DIGITS} digits")).at(long));
    }
    semver::Version::parse(text)
        .map_err(|error| Malformed::new(format!("breaks semantic versioning: {error}")))
}

text::text! {
    /// A release of k3s, as the provisioner's modules want it.
    K3sVersion, "a k3s version", "v1.31.4+k3s1",
    k3s,
    text::schema("^v[0-9]+\\.[0-9]+\\.[0-9]+\\+k3s[0-9]+$", 11, MOST)
}

fn k3s(text: &str) -> text::Checked {
    text::length(text, 1, usize::MAX)?;
    let bare = text.strip_prefix('v').ok_or_else(|| Malformed::new("does not begin with `v`"))?;
    let Some((kubernetes, build)) = bare.split_once("+k3s") else {
        return Err(Malformed::new("does not end with `+k3s` and a number"));
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if kubernetes.split('.').count() != 3 || !kubernetes.split('.').all(is_number) || !is_number(build) {
        return Err(Malformed::new("has other parts than three numbers and that of the build"));
    }
    text::length(text, 1, MOST)
}

/// Returns whether a text asks for one of many releases: `^1`, `>=1.2`, `1.x`, `1.2`.
pub(crate) fn is_range_like(text: &str) -> bool {
    let text = text.trim();
    if text.starts_with(['^', '~', '<', '>', '=', '!', '*']) || text.contains([' ', ',', '|', '*']) {
        return true;
    }
    let core = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let numbers: Vec<_> = core.split(['-', '+']).next().unwrap_or_default().split('.').collect();
    let is_digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_any = |part: &&str| matches!(*part, "x" | "X");
    let plain = numbers.iter().all(|part| is_digits(part) || is_any(part));
    plain && (numbers.len() < 3 || numbers.iter().any(is_any))
}

/// Returns why a tag of an image or chart does not name one build, if it does not.
pub fn unpinned(tag: &str) -> Option<&'static str> {
    match tag.trim().to_lowercase().as_str() {
        "" => Some("an empty tag means `latest`"),
        "latest" => Some("`latest` is whatever was pushed last"),
        tag if tag.starts_with("latest-") => Some("`latest` is whatever was pushed last"),
        "main" | "master" | "trunk" | "head" | "dev" | "develop" | "development" => {
            Some("the name of a branch")
        }
        "edge" | "stable" | "nightly" | "canary" | "beta" | "alpha" | "rolling" | "lts" => {
            Some("the name of a release channel")
        }
        tag if is_major(tag) => Some("a major version alone is whatever was released last of it"),
        _ => None,
    }
}

/// Returns whether a tag is the number of a major version and nothing else. Larger numbers count builds.
fn is_major(tag: &str) -> bool {
    let number = tag.strip_prefix('v').unwrap_or(tag);
    matches!(number.len(), 1 | 2) && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn versions_are_exact() {
        let (most, over) = (format!("1.0.0-{}", "a".repeat(122)), format!("1.0.0-{}", "a".repeat(123)));
        agree::<Version>(
            &[
                "0.0.0",
                "1.2.22",
                "1.2.3-rc.1",
                "1.2.3-0a.-",
                "1.2.3+k3s1",
                "1.2.3-a+001.b",
                "999999999.0.0",
                &most,
            ],
            &[
                "",
                "1",
                "1.2",
                "^1",
                "~1.2",
                "1.x",
                "1.2.x",
                "0.33.*",
                ">=1",
                "latest",
                "main",
                "v1.2.3",
                "1.2.3.4",
                "01.2.3",
                "1.2.3-",
                "1.2.3-01",
                "1.2.3+",
                "1.2.3-a..b",
                " 1.2.3",
                "1.2.3 ",
                "1000000000.0.0",
                "*",
                "=1.2.3",
                &over,
            ],
        );
        assert_eq!(fault::<Version>("v1.2.3"), ("v", Some("1.2.3".into())));
        assert_eq!(fault::<Version>("1.2.3 "), ("1.2.3 ", Some("1.2.3".into())));
        assert_eq!(fault::<Version>("1.2"), ("1.2", None));
        assert_eq!(fault::<Version>("1.0.1234567890"), ("1234567890", None));
    }

    #[test]
    fn versions_are_ordered_by_precedence() {
        let version = |text| Version::parse(text).expect("a version");
        assert!(version("1.2.9") < version("1.2.10"));
        assert!(version("1.0.0-rc.1") < version("1.0.0"));
        assert_eq!(version("1.0.0-rc.1").to_string(), "1.0.0-rc.1");
        assert_eq!(version("1.2.3").semver().minor, 2);
    }

    #[test]
    fn releases_of_k3s_have_four_numbers() {
        let most = format!("v1.31.4+k3s{}", "1".repeat(MOST - 11));
        agree::<K3sVersion>(
            &["v1.31.4+k3s1", "v0.0.0+k3s10", &most],
            &["", "1.31.4+k3s1", "v1.31+k3s1", "v1.31.4", "v1.31.4+k3s", "v1.31.4-rc1+k3s1", "v1..4+k3s1"],
        );
        assert_eq!(fault::<K3sVersion>("v1.31.4+k3s1 "), ("v1.31.4+k3s1 ", Some("v1.31.4+k3s1".into())));
    }

    #[test]
    fn ranges_are_told_from_other_mistakes() {
        for range in [
            "^1",
            "~1.2",
            "1.x",
            "0.33.*",
            ">=1",
            "1.2",
            "1",
            "v1.2",
            "*",
            "1.2.X",
            ">=1.0.0 <2",
            "1 || 2",
            "1.0.0 - 2.0.0",
        ] {
            assert!(is_range_like(range), "{range}");
        }
        for other in ["1.2.3", "1.2.3-x.1", "1.2.3.4", "main", "", "1..2", "sha-abc"] {
            assert!(!is_range_like(other), "{other}");
        }
    }

    #[test]
    fn tags_that_move_are_known() {
        for tag in [
            "",
            " ",
            "latest",
            "Latest",
            "latest-alpine",
            "main",
            "master",
            "dev",
            "edge",
            "stable",
            "nightly",
            "3",
            "16",
            "v1",
        ] {
            assert!(unpinned(tag).is_some(), "{tag}");
        }
        for tag in ["1.2.3", "16.4-1", "sha-abc123", "mainline-1", "v1.2", "20260501", "stable-1.2.3"] {
            assert!(unpinned(tag).is_none(), "{tag}");
        }
    }
}
