//! What becomes of an application, how long that takes, and what is lost.

use super::outcome::{Situation, keeps_data_in_a_pair, mode};
use super::{Controller, FailoverOutcome, Lost, Witness};
use crate::plan::Plan;
use crate::plan::failover::Application;
use crate::plan::switchover::{AUDIT_TIMEOUT, Budget, FLIP_TIMEOUT, Step};
use sovereign_language::manifest::Replication;

/// What becomes of an application.
#[derive(Clone, Debug)]
pub struct AppImpact<'p> {
    /// The application.
    pub application: &'p Application<'p>,
    /// The regions of it that are lost.
    pub lost: Vec<usize>,
    /// What happens.
    pub course: FailoverOutcome,
    /// Who says which region holds its lease, if it has one.
    pub witness: Option<Witness>,
    /// What is lost of its data.
    pub loss: Loss,
}

/// A step of a switchover and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepTime {
    /// The step.
    pub step: Step,
    /// How long it may take, in seconds; `None` if that depends on the data.
    pub seconds: Option<u64>,
    /// Whether it is part of the bound: time in which not everybody is answered.
    pub counts: bool,
    /// How long its call may take, in seconds, before the switchover is rolled back.
    pub call: Option<u64>,
}

/// What is lost of the data of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing.
    Nothing,
    /// Nothing, as long as the replica was in sync.
    NothingInSync,
    /// What the replica had not got yet.
    Lag,
    /// What came after the last snapshot.
    Snapshot,
    /// Perhaps everything: its blueprint keeps data, and nothing that the manifest asks for takes them elsewhere.
    Unreplicated,
    /// Everything: all regions that held it are lost.
    Everything,
}

impl Loss {
    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::NothingInSync => "nothing-in-sync",
            Self::Lag => "lag",
            Self::Snapshot => "snapshot",
            Self::Unreplicated => "unreplicated",
            Self::Everything => "everything",
        }
    }
}

/// An application in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As before.
    Unaffected,
    /// It answers, with less to fall back on.
    Degraded,
    /// It answers again from a standby.
    Moves,
    /// A standby lives, and without a person nothing takes the application there.
    Stranded,
    /// Nothing is left that could answer.
    Down,
}

impl Status {
    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unaffected => "unaffected",
            Self::Degraded => "degraded",
            Self::Moves => "moves",
            Self::Stranded => "stranded",
            Self::Down => "down",
        }
    }
}

/// Whether an objective can be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is met.
    Met,
    /// It cannot be met.
    Missed,
    /// A plan does not show it.
    NotKnown,
}

impl Verdict {
    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::NotKnown => "not-known",
        }
    }
}

impl<'p> AppImpact<'p> {
    pub(super) fn new(
        plan: &'p Plan<'_>,
        application: &'p Application<'p>,
        lost: &Lost,
        controller: Controller,
    ) -> Self {
        let witness = plan.failover.as_ref().filter(|_| application.has_continuum());
        let witness = witness.map(|failover| Witness::new(failover, application, lost));
        let course = Situation { plan, application, lost, controller, witness: witness.as_ref() }.course();
        let seats = application.seats().map(|seat| seat.region);
        Self {
            application,
            lost: seats.filter(|region| lost.has(*region)).collect(),
            loss: loss(plan, application, &course),
            course,
            witness,
        }
    }

    /// Returns the application in one word.
    pub fn status(&self) -> Status {
        match &self.course {
            FailoverOutcome::Unaffected => Status::Unaffected,
            FailoverOutcome::Weakened(_) | FailoverOutcome::Shrinks { .. } => Status::Degraded,
            FailoverOutcome::Switchover { .. } => Status::Moves,
            FailoverOutcome::Unattended { .. } if self.bound().is_some() => Status::Moves,
            FailoverOutcome::Blocked { .. } | FailoverOutcome::Unattended { .. } => Status::Stranded,
            FailoverOutcome::Down(_) => Status::Down,
        }
    }

    /// Returns the standby that is to take over, if one lives.
    pub fn target(&self) -> Option<usize> {
        match self.course {
            FailoverOutcome::Switchover { target, .. }
            | FailoverOutcome::Blocked { target }
            | FailoverOutcome::Unattended { target, .. } => Some(target),
            FailoverOutcome::Unaffected
            | FailoverOutcome::Weakened(_)
            | FailoverOutcome::Shrinks { .. }
            | FailoverOutcome::Down(_) => None,
        }
    }

    /// Returns the seconds until it answers everybody again, if nothing else goes wrong; `None` if it does
    /// not without a person.
    pub fn bound(&self) -> Option<u64> {
        match &self.course {
            FailoverOutcome::Unaffected | FailoverOutcome::Weakened(_) => Some(0),
            FailoverOutcome::Shrinks { dropped } => dropped.seconds(),
            FailoverOutcome::Switchover { .. } => Some(Budget::new(self.application).total()),
            FailoverOutcome::Unattended { record, data, .. } => Some(record.seconds()?.max(data.seconds()?)),
            FailoverOutcome::Blocked { .. } | FailoverOutcome::Down(_) => None,
        }
    }

    /// Returns what the failover controller does, if it does anything.
    pub fn steps(&self) -> Option<[StepTime; 7]> {
        matches!(self.course, FailoverOutcome::Switchover { .. }).then(|| steps(self.application))
    }

    /// Returns whether a person has to ask for the switchover before its time begins.
    pub(crate) fn waits_for_request(&self) -> bool {
        matches!(self.course, FailoverOutcome::Switchover { .. }) && !self.application.auto_failover.value
    }

    /// Returns whether it answers within its objective, if it has one.
    pub fn rto(&self) -> Option<Verdict> {
        let most = self.application.rto.as_ref()?.value.seconds();
        Some(match self.bound() {
            Some(bound) if bound <= most => Verdict::Met,
            Some(_) | None => Verdict::Missed,
        })
    }

    /// Returns whether no more is lost than its objective allows, if it has one.
    pub fn rpo(&self) -> Option<Verdict> {
        let most = self.application.rpo.as_ref()?.value.seconds();
        Some(match self.loss {
            Loss::Nothing | Loss::NothingInSync => Verdict::Met,
            // What is not known is more than nothing.
            Loss::Lag | Loss::Snapshot | Loss::Unreplicated if most > 0 => Verdict::NotKnown,
            Loss::Lag | Loss::Snapshot | Loss::Unreplicated | Loss::Everything => Verdict::Missed,
        })
    }

    /// Returns whether no objective is missed.
    pub fn is_met(&self) -> bool {
        ![self.rto(), self.rpo()].contains(&Some(Verdict::Missed))
    }
}

/// Returns what the controller does for an application, and for how long.
fn steps(application: &Application<'_>) -> [StepTime; 7] {
    let budget = Budget::new(application);
    let promotes = keeps_data_in_a_pair(application);
    Step::ALL.map(|step| {
        let (seconds, call) = match step {
            Step::ValidateLease => (Some(budget.lease), None),
            Step::Cordon | Step::SwapLease => (Some(0), None),
            Step::Drain => (Some(budget.drain), None),
            Step::FlipDns => (Some(budget.dns), Some(FLIP_TIMEOUT)),
            Step::Promote => (Some(0).filter(|_| !promotes), None),
            Step::Audit => (Some(AUDIT_TIMEOUT), None),
        };
        StepTime { step, seconds, counts: step != Step::Audit && seconds.is_some(), call }
    })
}

/// Returns what is lost of the data of an application on a course.
fn loss(plan: &Plan<'_>, application: &Application<'_>, course: &FailoverOutcome) -> Loss {
    let name = application.blueprint.as_ref().map(|name| &name.value);
    let blueprint = plan.kit.blueprints.iter().find(|blueprint| Some(&blueprint.name.value) == name);
    let is_stateful = blueprint.is_some_and(|blueprint| blueprint.stateful);
    // Only a hot standby has a database or a Raft cluster that follows it.
    let pair = application.has_continuum();
    let raft = pair && application.raft.is_some();
    let database = application.database.filter(|_| pair).map(mode);
    let keeps_data = raft || database.is_some() || is_stateful;
    match course {
        FailoverOutcome::Down(_) if keeps_data => Loss::Everything,
        FailoverOutcome::Unaffected | FailoverOutcome::Weakened(_) | FailoverOutcome::Down(_) => {
            Loss::Nothing
        }
        FailoverOutcome::Shrinks { .. }
        | FailoverOutcome::Switchover { .. }
        | FailoverOutcome::Blocked { .. }
        | FailoverOutcome::Unattended { .. } => match (raft, database) {
            (true, _) => Loss::Snapshot,
            (false, Some(Replication::Sync)) => Loss::NothingInSync,
            (false, Some(Replication::Async)) => Loss::Lag,
            (false, None) if is_stateful => Loss::Unreplicated,
            (false, None) => Loss::Nothing,
        },
    }
}
