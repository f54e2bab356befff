//! Names of the DNS: labels, domain names, hosts and the URLs that hold them.

mod url;

use serde_json::Value as Json;

use super::Malformed;
use super::text::{self, Checked, part, parts, text};
pub(crate) use url::Url;
pub use url::{GitUrl, HttpsUrl, WebUrl};

/// One label as RFC 1123 has it, as a pattern.
pub(super) const LABEL: &str = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
/// 1 to 65535 without leading zeros, as a pattern.
pub(super) const PORT: &str =
    "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

text! {
    /// A DNS label (RFC 1123): what Kubernetes asks of the name of a namespace or Service.
    Label, "a DNS label", "catalyst-system",
    |text| text::label(text, 63),
    text::schema("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", 1, 63)
}

text! {
    /// A domain name of two or more labels that each begin with a letter: the rule of the provisioner and of the
    /// wizard for the name of a Sovereign, which is tighter than RFC 1123.
    Fqdn, "a domain name", "omantel.omani.works",
    fqdn,
    text::schema("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z]([a-z0-9-]{0,61}[a-z0-9])?)+$", 3, 253)
}

impl Fqdn {
    /// With dashes for dots, as in names of cloud resources and Secrets: `omantel-omani-works`.
    pub fn dashed(&self) -> String {
        self.0.replace('.', "-")
    }

    /// Returns whether this is `other` or a name in its zone.
    pub fn is_or_is_under(&self, other: &Self) -> bool {
        match self.0.strip_suffix(&other.0) {
            Some(before) => before.is_empty() || before.ends_with('.'),
            None => false,
        }
    }
}

text! {
    /// A name that a certificate may hold: a domain name, or all names one label below it. Its labels may begin with a digit
    /// (RFC 1123), but for the last one, which would be a number then.
    CertificateName, "a name of a certificate", "*.acme-prod.omantel.omani.works",
    |text| match text.strip_prefix("*.") {
        Some(_) => part(text, 2..text.len(), host_name),
        None => host_name(text),
    },
    text::schema_of_both(
        "^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
        "^(\\*\\.)?[^*]{3,253}$",
        3,
        255,
    )
}

impl CertificateName {
    /// Returns whether a certificate with this name is valid for a host: a wildcard stands for one label (RFC 6125).
    pub fn covers(&self, host: &Fqdn) -> bool {
        match self.0.strip_prefix("*.") {
            Some(zone) => host.0.split_once('.').is_some_and(|(_, rest)| rest == zone),
            None => self.0 == host.0,
        }
    }
}

text! {
    /// A host with an optional port, as in the name of an OCI image. A name with neither dot nor port would be
    /// read as a part of the image's path, so only `localhost` may do without.
    Host, "a registry host", "harbor.omantel.omani.works",
    host,
    host_schema()
}

impl Host {
    /// Without the port.
    pub fn name(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

fn fqdn(text: &str) -> Checked {
    labels(text, |label, _| text::word(label, 1, 63))
}

/// Returns a domain name as RFC 1123 has it, which is no number at its end.
fn host_name(text: &str) -> Checked {
    labels(text, |label, is_last| if is_last { text::word(label, 1, 63) } else { text::label(label, 63) })
}

/// Returns two labels or more, each of which passes a check that knows whether it is the last.
fn labels(text: &str, check: fn(&str, bool) -> Checked) -> Checked {
    text::length(text, 1, usize::MAX)?;
    if let Some(bare) = text.strip_suffix('.') {
        let bad = Malformed::new("ends with a dot").at(bare.len()..text.len());
        return Err(if labels(bare, check).is_ok() { bad.meant(bare) } else { bad });
    }
    for range in parts(text, '.') {
        if range.is_empty() {
            return Err(empty_label(text, range.start));
        }
        let is_last = range.end == text.len();
        part(text, range, |label| check(label, is_last))?;
    }
    if !text.contains('.') {
        return Err(Malformed::new("has no dot, so it is not complete"));
    }
    text::length(text, 3, 253)
}

fn host(text: &str) -> Checked {
    authority(text)?;
    if text.contains(['.', ':']) || text == "localhost" {
        return Ok(());
    }
    Err(Malformed::new("has neither a dot nor a port, so it would be read as a path"))
}

/// Returns a host name of one or more labels with an optional port.
pub(super) fn authority(text: &str) -> Checked {
    text::length(text, 1, usize::MAX)?;
    if let Some(scheme) = text.find("://") {
        return Err(Malformed::new("begins with a scheme, but only a host is wanted").at(0..scheme + 3));
    }
    if let Some(slash) = text.find('/') {
        return Err(Malformed::new("has a path, but only a host is wanted").at(slash..text.len()));
    }
    let name = text.find(':').unwrap_or(text.len());
    for range in parts(&text[..name], '.') {
        if range.is_empty() {
            return Err(empty_label(text, range.start));
        }
        part(text, range, |label| text::label(label, 63))?;
    }
    part(text, 0..name, |name| text::length(name, 1, 253))?;
    match text.get(name + 1..) {
        Some(port) if text::number(port, 65_535).is_none_or(|n| n == 0) => {
            Err(Malformed::new("has a port that is not between 1 and 65535").at(name..text.len()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns two dots in a row, or a dot at an end: points at a dot.
fn empty_label(text: &str, at: usize) -> Malformed {
    let dot = at.min(text.len().saturating_sub(1));
    Malformed::new("has an empty label").at(dot..dot + usize::from(text.is_char_boundary(dot + 1)))
}

fn host_schema() -> Json {
    let pattern = format!("^({LABEL}(\\.{LABEL})+(:{PORT})?|{LABEL}:{PORT}|localhost)$");
    text::schema_of_both(&pattern, "^[^:]{1,253}(:[0-9]+)?$", 3, 259)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Scalar;
    use crate::scalar::samples::{agree, fault};

    fn long(labels: usize, last: usize) -> String {
        format!("{}{}", format!("{}.", "a".repeat(49)).repeat(labels), "b".repeat(last))
    }

    #[test]
    fn labels_are_those_of_rfc_1123() {
        let (most, over) = ("a".repeat(63), "a".repeat(64));
        agree::<Label>(
            &["a", "0", "a-b", "catalyst-system", "0a", "a--b", &most],
            &["", "-a", "a-", "-", "A", "a_b", "a.b", "ä", "a b", &over],
        );
        assert_eq!(fault::<Label>(&over), ("a", None));
        assert_eq!(fault::<Label>("Web"), ("W", Some("web".into())));
        assert_eq!(fault::<Label>("web "), (" ", Some("web".into())));
        assert_eq!(fault::<Label>("We_b"), ("W", None));
        assert_eq!(fault::<Label>("a-"), ("-", None));
        assert_eq!(fault::<Label>("aäb"), ("ä", None));
    }

    #[test]
    fn domain_names_have_two_labels_that_begin_with_letters() {
        let (most, over) = (long(5, 3), long(5, 4));
        let label = format!("{}.com", "a".repeat(64));
        agree::<Fqdn>(
            &["a.b", "acme.bank.com", "x-1.io", &most],
            &[
                "", "acme", "1.com", "a.1", "a..b", ".a.b", "a.b.", ".", "a-.b", "a.-b", "A.b", "a b.c",
                &over, &label,
            ],
        );
        assert_eq!(most.len(), 253);
        assert_eq!(fault::<Fqdn>("acme.Bank.com"), ("B", Some("acme.bank.com".into())));
        assert_eq!(fault::<Fqdn>("acme.com."), (".", Some("acme.com".into())));
        assert_eq!(fault::<Fqdn>("acme.1st.com"), ("1", None));
        assert_eq!(fault::<Fqdn>("acme..com"), (".", None));
        assert_eq!(fault::<Fqdn>(&label), ("a", None));
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let most = format!("*.{}", long(5, 3));
        agree::<CertificateName>(
            &["a.b", "*.a.b", "3d-prod.c.example", "*.1.a", &most],
            &["*", "*.b", "a.*.b", "**.a.b", ".a.b", "*.a.b.", "1.2", "a.1", "-a.b"],
        );
        let name = |text| CertificateName::parse(text).expect("a name");
        let host = |text| Fqdn::parse(text).expect("a domain name");
        assert!(name("*.a.b").covers(&host("x.a.b")) && name("a.b").covers(&host("a.b")));
        assert!(!name("*.a.b").covers(&host("a.b")) && !name("*.a.b").covers(&host("x.y.a.b")));
    }

    #[test]
    fn a_domain_name_knows_its_zone() {
        let name = |text| Fqdn::parse(text).expect("a domain name");
        assert!(name("a.omani.works").is_or_is_under(&name("omani.works")));
        assert!(name("omani.works").is_or_is_under(&name("omani.works")));
        assert!(!name("xomani.works").is_or_is_under(&name("omani.works")));
        assert!(!name("omani.works").is_or_is_under(&name("a.omani.works")));
        assert_eq!(name("a.omani.works").dashed(), "a-omani-works");
    }

    #[test]
    fn hosts_may_have_a_port_but_nothing_more() {
        let (most, over) = (format!("{}:65535", long(5, 3)), format!("{}:1", long(5, 4)));
        agree::<Host>(
            &[
                "ghcr.io",
                "localhost",
                "localhost:5000",
                "reg:5000",
                "10.0.0.5:5000",
                "a.b:1",
                "a.b:65535",
                &most,
            ],
            &[
                "",
                "harbor",
                "a.b:0",
                "a.b:65536",
                "a.b:080",
                "a.b:",
                ":80",
                "a.b/c",
                "https://a.b",
                "A.b",
                "a..b",
                &over,
            ],
        );
        let host = Host::parse("localhost:5000").expect("a host");
        assert_eq!((host.name(), host.to_string().as_str()), ("localhost", "localhost:5000"));
        assert_eq!(fault::<Host>("https://ghcr.io"), ("https://", None));
        assert_eq!(fault::<Host>("ghcr.io/openova-io"), ("/openova-io", None));
        assert_eq!(fault::<Host>("GHCR.io:443"), ("G", Some("ghcr.io:443".into())));
        assert_eq!(fault::<Host>("ghcr.io:99999"), (":99999", None));
    }
}
