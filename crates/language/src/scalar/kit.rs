//! Where a kit of one's own comes from, if it is not beside the manifest: a commit, a repository of a registry, a digest.

use serde_json::{Value as Json, json};

use super::Malformed;
use super::dns::{LABEL, PORT, authority};
use super::text::{self, Checked, part, parts, text};
use sovereign_text::digest::Digest;

/// What a digest begins with.
const ALGORITHM: &str = "sha256:";
/// The longest repository: what registries accept after the host (OCI distribution specification).
const MOST: usize = 255;

text! {
    /// The full id of a commit. A branch or a tag moves, and the beginning of an id may become another one's too.
    Revision, "the full id of a commit, 40 lower-case hexadecimal digits", "4a6f1c0e9d3b5a7788c2f0e1d2c3b4a5968778a9",
    |text| hexadecimal(text, 40),
    text::schema("^[0-9a-f]*$", 40, 40)
}

text! {
    /// The digest of the files of a kit, as `sovereign kit pack` says it.
    KitDigest, "the digest of a kit, `sha256:` and 64 lower-case hexadecimal digits",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    |text| {
        text::length(text, 1, usize::MAX)?;
        if text.starts_with(ALGORITHM) {
            return part(text, ALGORITHM.len()..text.len(), |digits| hexadecimal(digits, 64));
        }
        let bad = Malformed::new("does not begin with `sha256:`");
        Err(if hexadecimal(text, 64).is_ok() { bad.meant(format!("{ALGORITHM}{text}")) } else { bad })
    },
    text::schema("^sha256:[0-9a-f]*$", 71, 71)
}

impl KitDigest {
    /// Returns the digest.
    pub fn digest(&self) -> Option<Digest> {
        Digest::parse(self.0.strip_prefix(ALGORITHM)?)
    }
}

text! {
    /// A repository of a registry, with its host and without a scheme and a tag.
    OciRepository, "a repository of a registry", "ghcr.io/acme/kit",
    repository,
    schema()
}

impl OciRepository {
    /// Returns the host, with its port, and the repository there.
    pub fn split(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or((&self.0, ""))
    }
}

fn schema() -> Json {
    let part = "[a-z0-9]([a-z0-9._-]*[a-z0-9])?";
    let mut schema = text::schema(format!("^{LABEL}(\\.{LABEL})*(:{PORT})?(/{part})+$"), 3, MOST);
    schema["allOf"] = json!([{ "pattern": "^[^:/]{1,253}[:/]" }]);
    schema
}

fn hexadecimal(text: &str, count: usize) -> Checked {
    text::length(text, 1, usize::MAX)?;
    text::only(text, "the digits 0-9 and a-f", |c| c.is_ascii_digit() || ('a'..='f').contains(&c))?;
    text::length(text, count, count)
}

fn repository(text: &str) -> Checked {
    text::length(text, 1, MOST)?;
    if let Some(bare) = text.strip_prefix("oci://") {
        let bad = Malformed::new("begins with `oci://`, which the key says already").at(0..6);
        return Err(if repository(bare).is_ok() { bad.meant(bare) } else { bad });
    }
    let Some(slash) = text.find('/') else {
        return Err(Malformed::new("names a host but no repository"));
    };
    part(text, 0..slash, authority)?;
    let start = slash + 1;
    for range in parts(&text[start..], '/') {
        part(text, start + range.start..start + range.end, |name| {
            text::length(name, 1, usize::MAX)?;
            let ok = |c: char| text::is_lower_alnum(c) || "-._".contains(c);
            text::only(name, "lower-case letters, digits, dots, dashes and underscores", ok)?;
            text::edges(name, text::is_lower_alnum, text::is_lower_alnum)
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Scalar;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn a_commit_is_named_whole() {
        let whole = "0123456789abcdef0123456789abcdef01234567";
        agree::<Revision>(&[whole], &["", "main", &whole[..12], &format!("{whole}0"), "v1.2.0"]);
        assert_eq!(fault::<Revision>("v1.2.0"), ("v", None));
    }

    #[test]
    fn a_digest_says_its_algorithm() {
        let digits = "ab".repeat(32);
        agree::<KitDigest>(&[&format!("sha256:{digits}")], &["", &digits, "sha256:", "md5:ab", "sha256:AB"]);
        let (_, meant) = fault::<KitDigest>(&digits);
        assert_eq!(meant, Some(format!("sha256:{digits}")));
    }

    #[test]
    fn a_repository_has_a_host_and_no_scheme() {
        agree::<OciRepository>(
            &["ghcr.io/acme/kit", "127.0.0.1:5000/kit", "localhost/a/b_c/d.e"],
            &[
                "",
                "kit",
                "ghcr.io/",
                "ghcr.io//a",
                "ghcr.io/Acme",
                "oci://ghcr.io/a",
                "ghcr.io/a:1",
                "h:0/a",
                "h/a/",
            ],
        );
        assert_eq!(fault::<OciRepository>("oci://ghcr.io/acme"), ("oci://", Some("ghcr.io/acme".into())));
        let repository = OciRepository::parse("127.0.0.1:5000/acme/kit").expect("a repository");
        assert_eq!(repository.split(), ("127.0.0.1:5000", "acme/kit"));
    }
}
