//! What happens to an application when regions are lost, and who brings that about.

use super::controller::{self, Controller};
use super::{Lost, Witness};
use crate::plan::Plan;
use crate::plan::failover::Application;
use crate::plan::switchover::FAILED_CHECKS;
use sovereign_language::manifest::{FailoverDatabase, Placement, Replication, Selector};

/// What happens to an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailoverOutcome {
    /// Nothing.
    Unaffected,
    /// It goes on; what is weaker now, never empty.
    Weakened(Vec<Weakness>),
    /// Its other regions answer (`active-active`).
    Shrinks {
        /// Until the dead addresses are out of the answer, in seconds.
        dropped: Flip,
    },
    /// The failover controller takes it to a standby.
    Switchover {
        /// The standby.
        target: usize,
    },
    /// The failover controller lives, and the witness cannot say that the lease has run out.
    Blocked {
        /// The standby that waits.
        target: usize,
    },
    /// Nobody runs the steps of a switchover.
    Unattended {
        /// The standby.
        target: usize,
        /// What becomes of its record.
        record: Flip,
        /// What becomes of its data.
        data: Promotion,
    },
    /// Nothing is left that could answer.
    Down(Cause),
}

/// What is weaker than before, while an application goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// A standby is lost.
    StandbyLost(usize),
    /// No standby is left.
    NoStandby,
    /// The half of the database that follows is lost: commits that wait for it may stand still, and nobody could take over
    /// the data.
    ReplicaLost(Replication),
    /// The follower of its Raft cluster is lost: nobody could take over the data.
    FollowerLost,
    /// The failover controller is lost: nobody would switch over.
    NoController,
    /// The witness has lost its quorum: no switchover could begin.
    NoQuorum,
}

/// When a record stops answering with an address that is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flip {
    /// After so many seconds at most.
    Within(u64),
    /// It did not answer with it while another region lives.
    NotInAnswer,
    /// Never: nothing asks whether the address is well.
    NoHealthCheck,
    /// Never: it has no host, so there is no record.
    NoHost,
}

/// What promotes the data of an application when nobody runs the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promotion {
    /// It keeps none that follows it.
    Nothing,
    /// The promoter of its database pair, after so many seconds at most.
    Promoter(u64),
    /// Nothing: no promoter runs with the standby half of its database.
    NoPromoter,
    /// Nothing: a Raft cluster is promoted by the controller or by a person.
    Raft,
}

/// Why nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It runs in one region.
    SingleRegion,
    /// Every region of it is lost.
    EveryRegion,
    /// A standby lives, and never had the data: that was in the primary and the first standby.
    Data,
}

impl FailoverOutcome {
    /// Returns why it is no longer what it was, in words that are stable.
    pub fn reasons(&self) -> Vec<&'static str> {
        match self {
            FailoverOutcome::Unaffected | FailoverOutcome::Switchover { .. } => Vec::new(),
            FailoverOutcome::Weakened(weaknesses) => {
                weaknesses.iter().map(|weakness| weakness.name()).collect()
            }
            FailoverOutcome::Shrinks { dropped } => {
                [Some("region-lost"), dropped.hindrance()].into_iter().flatten().collect()
            }
            FailoverOutcome::Blocked { .. } => vec![Weakness::NoQuorum.name()],
            FailoverOutcome::Unattended { record, data, .. } => {
                let all = [Some(Weakness::NoController.name()), record.hindrance(), data.hindrance()];
                all.into_iter().flatten().collect()
            }
            FailoverOutcome::Down(cause) => vec![cause.name()],
        }
    }
}

impl Weakness {
    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Self::StandbyLost(_) => "standby-lost",
            Self::NoStandby => "no-standby",
            Self::ReplicaLost(_) => "replica-lost",
            Self::FollowerLost => "follower-lost",
            Self::NoController => "no-controller",
            Self::NoQuorum => "no-quorum",
        }
    }
}

impl Cause {
    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleRegion => "single-region",
            Self::EveryRegion => "every-region-lost",
            Self::Data => "data-lost",
        }
    }
}

impl Flip {
    /// Returns what the record of an application does: checks that fail, the last one until its timeout, then the TTL.
    fn new(application: &Application<'_>) -> Self {
        match &application.health {
            _ if application.hosts.is_empty() => Self::NoHost,
            None => Self::NoHealthCheck,
            Some(health) => {
                let checks = FAILED_CHECKS.saturating_mul(health.interval.value.seconds());
                let noticed = checks.saturating_add(health.timeout.value.seconds());
                Self::Within(noticed.saturating_add(application.dns_ttl.value.seconds()))
            }
        }
    }

    /// Returns the seconds; `None` if it never does.
    pub fn seconds(self) -> Option<u64> {
        match self {
            Self::Within(seconds) => Some(seconds),
            Self::NotInAnswer => Some(0),
            Self::NoHealthCheck | Self::NoHost => None,
        }
    }

    fn hindrance(self) -> Option<&'static str> {
        match self {
            Self::Within(_) | Self::NotInAnswer => None,
            Self::NoHealthCheck => Some("no-health-check"),
            Self::NoHost => Some("no-host"),
        }
    }
}

impl Promotion {
    /// Returns the seconds; `None` if nothing promotes the data.
    pub fn seconds(self) -> Option<u64> {
        match self {
            Self::Nothing => Some(0),
            Self::Promoter(seconds) => Some(seconds),
            Self::NoPromoter | Self::Raft => None,
        }
    }

    fn hindrance(self) -> Option<&'static str> {
        match self {
            Self::Nothing | Self::Promoter(_) => None,
            Self::NoPromoter => Some("no-promoter"),
            Self::Raft => Some("raft-waits"),
        }
    }
}

/// What decides about an application.
pub(super) struct Situation<'s, 'p> {
    pub(super) plan: &'p Plan<'p>,
    pub(super) application: &'p Application<'p>,
    pub(super) lost: &'s Lost,
    pub(super) controller: Controller,
    pub(super) witness: Option<&'s Witness>,
}

impl Situation<'_, '_> {
    /// Returns what happens.
    pub(super) fn course(&self) -> FailoverOutcome {
        let primary_is_lost = self.lost.has(self.application.primary.region);
        match self.application.placement.value {
            Placement::SingleRegion if primary_is_lost => FailoverOutcome::Down(Cause::SingleRegion),
            Placement::SingleRegion => FailoverOutcome::Unaffected,
            Placement::ActiveActive => self.of_many(),
            Placement::ActiveHotstandby if primary_is_lost => self.takeover(),
            Placement::ActiveHotstandby => self.standing(),
        }
    }

    /// Returns all of its regions answer: the lost ones drop out.
    fn of_many(&self) -> FailoverOutcome {
        let (seats, lost) = (self.application.seats().count(), self.lost_seats().count());
        if lost == 0 {
            FailoverOutcome::Unaffected
        } else if lost == seats {
            FailoverOutcome::Down(Cause::EveryRegion)
        } else {
            // In order of regions only the first that is well answers.
            let in_order = self.application.selector.value == Selector::Pickfirst;
            let answers = self.lost.has(self.application.primary.region) || !in_order;
            FailoverOutcome::Shrinks {
                dropped: if answers { Flip::new(self.application) } else { Flip::NotInAnswer },
            }
        }
    }

    fn lost_seats(&self) -> impl Iterator<Item = usize> {
        self.application.seats().map(|seat| seat.region).filter(|region| self.lost.has(*region))
    }

    /// Returns its primary lives: what is left for the next loss.
    fn standing(&self) -> FailoverOutcome {
        let standbys: Vec<_> = self.lost_seats().map(Weakness::StandbyLost).collect();
        let none_left = standbys.len() == self.application.others.len() && !standbys.is_empty();
        let follower = self.application.others.first().filter(|first| self.lost.has(first.region));
        let data = follower.and_then(|_| match (self.application.raft, self.application.database) {
            (Some(_), _) => Some(Weakness::FollowerLost),
            (None, Some(database)) => Some(Weakness::ReplicaLost(mode(database))),
            (None, None) => None,
        });
        let no_controller = matches!(self.controller, Controller::Lost(_)).then_some(Weakness::NoController);
        let no_quorum = self.witness.is_some_and(|witness| !witness.holds()).then_some(Weakness::NoQuorum);
        let rest = [none_left.then_some(Weakness::NoStandby), data, no_controller, no_quorum];
        let all: Vec<_> = standbys.into_iter().chain(rest.into_iter().flatten()).collect();
        if all.is_empty() { FailoverOutcome::Unaffected } else { FailoverOutcome::Weakened(all) }
    }

    /// Its primary is lost: the first standby that lives takes over, if anything takes it there.
    fn takeover(&self) -> FailoverOutcome {
        let application = self.application;
        let standbys = application.others.iter().map(|seat| seat.region);
        let Some(target) = standbys.into_iter().find(|region| !self.lost.has(*region)) else {
            return FailoverOutcome::Down(Cause::EveryRegion);
        };
        let is_first = application.others.first().is_some_and(|first| first.region == target);
        if keeps_data_in_a_pair(application) && !is_first {
            return FailoverOutcome::Down(Cause::Data);
        }
        match self.controller {
            Controller::Lives(_) if self.witness.is_some_and(Witness::holds) => {
                FailoverOutcome::Switchover { target }
            }
            Controller::Lives(_) => FailoverOutcome::Blocked { target },
            Controller::Lost(_) | Controller::Off => FailoverOutcome::Unattended {
                target,
                record: Flip::new(application),
                data: self.promotion(target),
            },
        }
    }

    fn promotion(&self, target: usize) -> Promotion {
        if self.application.raft.is_some() {
            return Promotion::Raft;
        }
        if self.application.database.is_none() {
            return Promotion::Nothing;
        }
        let promoter = self.plan.regions.get(target).and_then(controller::promoter);
        promoter.map_or(Promotion::NoPromoter, Promotion::Promoter)
    }
}

/// Returns whether its data is in two regions, the primary and the first standby.
pub(super) fn keeps_data_in_a_pair(application: &Application<'_>) -> bool {
    application.raft.is_some() || application.database.is_some()
}

/// Returns how a database follows its primary.
pub(super) fn mode(database: &FailoverDatabase) -> Replication {
    database.mode.map_or(Replication::Sync, |mode| mode.value)
}
