//! Who says which region holds the lease, and whether enough of them are left.

use super::Lost;
use crate::plan::failover::{self, Application, Failover};
use sovereign_language::manifest::WitnessKind;

/// The witness of an application after a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its kind; `None` if there is no witness.
    pub kind: Option<WitnessKind>,
    /// Who has to agree. A key in Cloudflare's store stands outside all regions, and nobody has to.
    pub quorums: Vec<Quorum>,
}

/// Voters of which most must be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Who votes, as a word for people and programs.
    pub of: &'static str,
    /// How many there are.
    pub voters: usize,
    /// How many are left.
    pub left: usize,
}

impl Quorum {
    /// Returns how many must agree.
    pub fn needed(self) -> usize {
        self.voters / 2 + 1
    }

    /// Returns whether enough are left.
    pub fn holds(self) -> bool {
        self.left >= self.needed()
    }
}

impl Witness {
    /// Returns the witness of an application. Public resolvers stand outside; of the servers that vouch for a
    /// DNS quorum, those in lost regions are gone.
    pub(super) fn new(failover: &Failover<'_>, application: &Application<'_>, lost: &Lost) -> Self {
        match application.witness.as_ref().map(|witness| &witness.value) {
            None => Self { kind: None, quorums: Vec::new() },
            Some(failover::Witness::CloudflareKv { .. }) => {
                Self { kind: Some(WitnessKind::CloudflareKv), quorums: Vec::new() }
            }
            Some(failover::Witness::DnsQuorum { resolvers }) => {
                let resolvers = Quorum { of: "resolvers", voters: resolvers.len(), left: resolvers.len() };
                let servers = &failover.authorities;
                let left =
                    servers.iter().filter(|server| server.seat.is_none_or(|seat| !lost.has(seat.region)));
                let of_servers = Quorum { of: "name-servers", voters: servers.len(), left: left.count() };
                let declared = Some(of_servers).filter(|quorum| quorum.voters > 0);
                Self {
                    kind: Some(WitnessKind::DnsQuorum),
                    quorums: std::iter::once(resolvers).chain(declared).collect(),
                }
            }
        }
    }

    /// Returns whether it can still say who holds the lease.
    pub fn holds(&self) -> bool {
        self.kind.is_some() && self.quorums.iter().all(|quorum| quorum.holds())
    }
}
