//! What tells objects apart, and what one of them needs of others.

use std::borrow::Cow;

/// What tells an object from every other one in its cluster. What differs most stands first, so that comparing two is
/// quick.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The namespace, if the kind has one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: Cow<'static, str>,
    /// The API group; empty for the core group.
    pub group: String,
}

/// Something that must be in the cluster before an object can be applied or do its work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A namespace.
    Namespace(String),
    /// The definitions of an API group.
    Definitions(String),
    /// Another object.
    Object(Identity),
}

/// An object whose readiness says that others can use what it brings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HealthCheck {
    /// Group and version.
    pub api_version: String,
    /// The kind.
    pub kind: &'static str,
    /// The namespace, if the kind has one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

/// Returns the API group of a group and version; empty for the core group.
pub(super) fn group(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}
