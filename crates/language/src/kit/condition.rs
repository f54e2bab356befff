//! `when = { … }`: the closed set of facts that a part of a blueprint may depend on.

use crate::cloud::Provider;
use crate::manifest::{DomainMode, Issuer, KeycloakTopology, Placement};
use crate::schema::table;

table! {
    /// Facts that must all hold. An empty table always holds.
    Condition {
        /// The Keycloak topology.
        identity: KeycloakTopology = optional,
        /// The issuer.
        tls: Issuer = optional,
        /// The domain mode.
        domain: DomainMode = optional,
        /// The cloud of the region.
        provider: Provider = optional,
        /// Whether the Sovereign is air-gapped.
        airgap: bool = optional,
        /// Whether `[storage] object` is given.
        object_storage: bool = optional,
        /// Whether `[storage] backup` is given.
        backup: bool = optional,
        /// Whether `[identity] federation` is given.
        federation: bool = optional,
        /// Whether the registry has a scanner.
        scanner: bool = optional,
        /// Whether `[storage] class` is given.
        storage_class: bool = optional,
        /// The mode of `[failover]`; holds for none without the table.
        failover: Placement = optional,
        /// Whether the region is one of the two of a failover database.
        database: bool = optional,
        /// Whether the region is one of the two between which the blueprint fails over by Raft.
        raft: bool = optional,
        /// Whether `[flux] shards` is given.
        shards: bool = optional,
    }
}

/// What a [`Condition`] is held against: the choices of one Sovereign, seen from one region.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, one for each key of a condition")]
pub struct Choices {
    /// The Keycloak topology.
    pub identity: KeycloakTopology,
    /// The issuer.
    pub tls: Issuer,
    /// The domain mode.
    pub domain: DomainMode,
    /// The cloud of the region.
    pub provider: Provider,
    /// Whether the Sovereign is air-gapped.
    pub airgap: bool,
    /// Whether object storage is given.
    pub object_storage: bool,
    /// Whether backups are wanted.
    pub backup: bool,
    /// Whether Keycloak federates.
    pub federation: bool,
    /// Whether the registry has a scanner.
    pub scanner: bool,
    /// Whether a storage class is given.
    pub storage_class: bool,
    /// The mode of `[failover]`, if there is the table.
    pub failover: Option<Placement>,
    /// Whether the region is one of the two of a failover database.
    pub database: bool,
    /// Whether the region is one of the two between which the blueprint fails over by Raft.
    pub raft: bool,
    /// Whether several sets of controllers share the work on tenants.
    pub shards: bool,
}

impl Condition {
    /// Returns whether every fact holds.
    pub fn holds(&self, choices: &Choices) -> bool {
        fn is<T: PartialEq>(wanted: Option<&sovereign_text::source::Spanned<T>>, given: &T) -> bool {
            wanted.is_none_or(|wanted| wanted.value == *given)
        }
        is(self.identity.as_ref(), &choices.identity)
            && is(self.tls.as_ref(), &choices.tls)
            && is(self.domain.as_ref(), &choices.domain)
            && is(self.provider.as_ref(), &choices.provider)
            && is(self.airgap.as_ref(), &choices.airgap)
            && is(self.object_storage.as_ref(), &choices.object_storage)
            && is(self.backup.as_ref(), &choices.backup)
            && is(self.federation.as_ref(), &choices.federation)
            && is(self.scanner.as_ref(), &choices.scanner)
            && is(self.storage_class.as_ref(), &choices.storage_class)
            && self.failover.as_ref().is_none_or(|mode| choices.failover == Some(mode.value))
            && is(self.database.as_ref(), &choices.database)
            && is(self.raft.as_ref(), &choices.raft)
            && is(self.shards.as_ref(), &choices.shards)
    }
}
