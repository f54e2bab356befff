//! Names in a zone.

use std::fmt;

use sovereign_language::scalar::{CertificateName, Fqdn};

/// A name in the DNS, complete and without the last dot. Other than an [`Fqdn`] it may be a wildcard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// Returns the name of a server outside of the zone.
    pub(super) fn of_server(server: &str) -> Self {
        Self(server.to_owned())
    }

    /// Returns the name without a wildcard's star.
    pub(super) fn bare(&self) -> Self {
        Self(self.0.strip_prefix("*.").unwrap_or(&self.0).to_owned())
    }

    /// Returns the name as it stands in zones: with the last dot.
    pub fn absolute(&self) -> String {
        format!("{}.", self.0)
    }

    /// Returns the name as people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name one label below.
    #[must_use]
    pub fn child(&self, label: &str) -> Self {
        Self(format!("{label}.{}", self.0))
    }

    /// Returns whether this is `other` or a name below it.
    pub fn is_or_is_under(&self, other: &Self) -> bool {
        match self.0.strip_suffix(&other.0) {
            Some(before) => before.is_empty() || before.ends_with('.'),
            None => false,
        }
    }

    /// Returns the names above, nearest first.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> {
        self.0
            .match_indices('.')
            .filter_map(|(dot, _)| self.0.get(dot + 1..))
            .map(|above| Self(above.to_owned()))
    }

    /// Returns what names are sorted by in a zone (RFC 4034, section 6.1): the labels, the last one first.
    pub fn canonical(&self) -> Vec<String> {
        self.0.rsplit('.').map(str::to_owned).collect()
    }
}

impl From<&CertificateName> for Name {
    fn from(name: &CertificateName) -> Self {
        Self(name.as_str().to_owned())
    }
}

impl From<&Fqdn> for Name {
    fn from(fqdn: &Fqdn) -> Self {
        Self(fqdn.as_str().to_owned())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
