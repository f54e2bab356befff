//! What every kind of object says about itself.

use super::{HealthCheck, Meta, Need};
use sovereign_text::node::Fields;
use sovereign_text::source::Spanned;

/// An object of one kind: what its file below [`object`](super) says, and all that other modules ask of it.
pub trait Resource: Sized {
    /// The kind.
    const KIND: &'static str;
    /// Group and version.
    const API_VERSION: ApiVersion<Self>;
    /// Where a cluster has the definition of the kind from.
    const DEFINITION: Definition;
    /// Where its objects name hosts that somebody reaches.
    const HOSTS: Hosts = Hosts::Anywhere;
    /// Whether each cluster that an Organization runs in has its own. All else that Organizations, failover and claims
    /// consist of stands in the primary, and goes over with it to another one.
    const IS_LOCAL: bool = false;
    /// What holds of claims, if the kind is one.
    const CLAIM: Option<ClaimKind> = None;

    /// Adds what stands behind `metadata`.
    fn body(&self, object: Fields) -> Fields;

    /// Returns what must be in the cluster first, besides its namespace and its definition.
    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }

    /// Returns what must be ready before others can use what it brings; `None` where it is enough that it is applied.
    fn ready_when(&self) -> Option<HealthCheck> {
        None
    }

    /// Returns the check that asks for this object itself.
    fn readiness(&self, meta: &Meta) -> HealthCheck {
        HealthCheck {
            api_version: self.api_version().to_owned(),
            kind: Self::KIND,
            namespace: meta.namespace.as_ref().map(|namespace| namespace.value.clone()),
            name: meta.name.value.clone(),
        }
    }

    /// Returns the Secrets that it reads and that no controller of the cluster makes for it.
    fn secrets(&self) -> Vec<SecretUse<'_>> {
        Vec::new()
    }

    /// Returns group and version of this object.
    fn api_version(&self) -> &str {
        match Self::API_VERSION {
            ApiVersion::Fixed(version) => version,
            ApiVersion::Given(version) => version(self),
        }
    }
}

/// Group and version of the objects of a kind.
#[derive(Debug)]
pub enum ApiVersion<R> {
    /// The same for all of them.
    Fixed(&'static str),
    /// A fact of the kit, which each of them holds.
    Given(fn(&R) -> &str),
}

/// Where a cluster has the definition of a kind from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// From Kubernetes, or from Flux, which is there before anything of the tree is read.
    BuiltIn,
    /// From a release of the tree.
    Release,
    /// From another object of the tree, which is among what its own objects need.
    Object,
}

/// Where the objects of a kind name hosts that somebody reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// In any of their values.
    Anywhere,
    /// Nowhere: the hosts that they name are those that the Sovereign answers to.
    Nowhere,
    /// Behind a path of keys.
    Below(&'static [&'static str]),
}

/// What holds of all claims of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimKind {
    /// Whether they stand for machines, their disks and their addresses.
    pub has_machines: bool,
    /// The parameters that a provider takes once, when it makes what is claimed. Networks are said of their regions.
    pub immutable: &'static [&'static str],
}

/// A Secret that an object reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretUse<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The keys that are read; empty where they are not known.
    pub keys: Vec<&'a str>,
    /// Whether Flux needs it before it can read or install anything.
    pub comes_first: bool,
}

impl<'a> SecretUse<'a> {
    /// Returns a Secret in the namespace of its reader.
    pub fn beside(reader: &'a Meta, name: &'a str, keys: Vec<&'a str>) -> Self {
        let namespace = reader.namespace.as_ref().map_or("", |namespace| &namespace.value);
        Self { namespace, name, keys, comes_first: false }
    }
}

/// One key of a Secret in some namespace.
#[derive(Clone, Debug)]
pub struct SecretKey {
    /// The namespace of the Secret.
    pub namespace: Spanned<String>,
    /// Its name.
    pub name: Spanned<String>,
    /// The key.
    pub key: Spanned<String>,
}

impl SecretKey {
    pub(super) fn secret(&self) -> SecretUse<'_> {
        SecretUse {
            namespace: &self.namespace.value,
            name: &self.name.value,
            keys: vec![&self.key.value],
            comes_first: false,
        }
    }
}
