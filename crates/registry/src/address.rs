//! Where an artifact is: `oci://host/repository:tag`, or with `@sha256:…` in place of the tag.

use std::fmt;
use std::net::IpAddr;

use sovereign_text::digest::Digest;

/// A repository of a registry, and an artifact in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The host, with its port.
    pub host: String,
    /// The repository there.
    pub repository: String,
    /// Which artifact.
    pub reference: Reference,
}

/// Which artifact of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// What a tag names.
    Tag(String),
    /// That whose manifest has this digest.
    Digest(Digest),
}

impl Reference {
    /// Returns the tag of a version. A tag cannot have `+`, for which Helm and Flux write `_`.
    pub fn of_version(version: &str) -> Self {
        Self::Tag(version.replace('+', "_"))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => write!(f, "sha256:{digest}"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if let Reference::Tag(_) = self.reference { ':' } else { '@' };
        write!(f, "oci://{}/{}{separator}{}", self.host, self.repository, self.reference)
    }
}

impl Address {
    /// Returns the address behind a text; `None` if it is none, or names no artifact.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, rest) = text.strip_prefix("oci://")?.split_once('/')?;
        let (repository, reference) = if let Some((repository, digest)) = rest.split_once('@') {
            (repository, Reference::Digest(Digest::parse(digest.strip_prefix("sha256:")?)?))
        } else {
            let (repository, tag) = rest.rsplit_once(':')?;
            (repository, Reference::Tag(tag.to_owned()))
        };
        let address = Self { host: host.to_owned(), repository: repository.to_owned(), reference };
        (is_host(host) && is_repository(repository) && is_reference(&address.reference)).then_some(address)
    }
}

/// Returns whether a text is the name of a host, perhaps with a port: it becomes a part of every URL.
pub(crate) fn is_host(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    !name.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b))
}

fn is_repository(text: &str) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    let is_part =
        |part: &str| part.bytes().all(ok) && part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    text.split('/').all(is_part)
}

fn is_reference(reference: &Reference) -> bool {
    match reference {
        Reference::Tag(tag) => {
            let ok = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            !tag.is_empty() && tag.len() <= 128 && tag.bytes().all(ok)
        }
        Reference::Digest(_) => true,
    }
}

/// Returns whether a host is this machine: there, and nowhere else, nobody listens in on plain HTTP.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_one_artifact() {
        let tag = Address::parse("oci://127.0.0.1:5000/acme/kit:1.2.0").expect("an address");
        assert_eq!((tag.host.as_str(), tag.repository.as_str()), ("127.0.0.1:5000", "acme/kit"));
        assert_eq!(tag.to_string(), "oci://127.0.0.1:5000/acme/kit:1.2.0");
        let digest = format!("oci://ghcr.io/acme/kit@sha256:{}", "0".repeat(64));
        assert_eq!(Address::parse(&digest).expect("an address").to_string(), digest);
        for bad in [
            "ghcr.io/acme/kit:1",
            "oci://ghcr.io/kit",
            "oci://ghcr.io/../kit:1",
            "oci://ghcr.io/kit@sha256:12",
            "oci://u:p@ghcr.io/kit:1",
            "oci://ghcr.io/kit:a/b",
            "oci:///kit:1",
        ] {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
        assert_eq!(Reference::of_version("1.2.0+build.5"), Reference::Tag("1.2.0_build.5".to_owned()));
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.9.9.9"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["ghcr.io", "127.0.0.1.example.com:5000", "10.0.0.1", "localhost.example.com"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
