//! The seven steps of a switchover and the time that each may take (domain section 5.3).

use super::failover::Application;
use sovereign_language::scalar::Objective;

/// How long the route of the old primary is given to run dry, in seconds.
pub(crate) const DRAIN: u64 = 10;
/// How long the call that changes the records may take, in seconds; after that the switchover is rolled back.
pub(crate) const FLIP_TIMEOUT: u64 = 5;
/// How long the message to the audit log may take, in seconds. The application answers by then.
pub(crate) const AUDIT_TIMEOUT: u64 = 3;
/// How many checks in a row must fail before a record answers otherwise.
pub(crate) const FAILED_CHECKS: u64 = 3;

/// A step of a switchover, in order. A failure rolls back in the reverse order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Waits until the lease of the lost region has run out, and has the witness say so.
    ValidateLease,
    /// Marks the old primary, so that nothing new starts there.
    Cordon,
    /// Takes the weight off its route and waits.
    Drain,
    /// Has the zone answer with the new primary; others may keep the old answer for the TTL of the record.
    FlipDns,
    /// Takes the lease for the new primary.
    SwapLease,
    /// Promotes the data there.
    Promote,
    /// Says what happened.
    Audit,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 7] = [
        Self::ValidateLease,
        Self::Cordon,
        Self::Drain,
        Self::FlipDns,
        Self::SwapLease,
        Self::Promote,
        Self::Audit,
    ];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ValidateLease => "validate-lease",
            Self::Cordon => "cordon",
            Self::Drain => "drain",
            Self::FlipDns => "flip-dns",
            Self::SwapLease => "swap-lease",
            Self::Promote => "promote",
            Self::Audit => "audit",
        }
    }
}

/// The time that a switchover has to be given before the application answers everybody again, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Until the lease of the lost region has run out.
    pub lease: u64,
    /// Until its route has run dry.
    pub drain: u64,
    /// Until nobody keeps the old answer.
    pub dns: u64,
}

impl Budget {
    /// Returns the budget of an application.
    pub(crate) fn new(application: &Application<'_>) -> Self {
        Self {
            lease: application.lease.ttl.value.seconds(),
            drain: DRAIN,
            dns: application.dns_ttl.value.seconds(),
        }
    }

    /// Returns all of it. How long the data takes to be promoted is not known before it happens, and not counted.
    pub(crate) fn total(self) -> u64 {
        self.lease.saturating_add(self.drain).saturating_add(self.dns)
    }

    /// Returns how much longer it is than an objective, if it is.
    pub(crate) fn excess(self, rto: &Objective) -> Option<u64> {
        self.total().checked_sub(rto.seconds()).filter(|excess| *excess > 0)
    }
}
