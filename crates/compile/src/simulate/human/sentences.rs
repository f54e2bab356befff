//! What becomes of an application, in sentences.

use crate::plan::Plan;
use crate::plan::switchover::{FAILED_CHECKS, Step};
use crate::simulate::application::StepTime;
use crate::simulate::outcome::{Cause, Flip, Promotion};
use crate::simulate::{
    AppImpact, Controller, FailoverOutcome, Loss, Outcome, Status, Verdict, Weakness, Witness, name,
};
use sovereign_language::manifest::Replication;

/// Speaks of the regions of a plan by their names.
#[derive(Clone, Copy)]
pub(super) struct Speaker<'p>(pub(super) &'p Plan<'p>);

impl<'p> Speaker<'p> {
    /// Returns the name of a region.
    pub(super) fn region(self, place: usize) -> &'p str {
        name(self.0, place)
    }

    /// Returns the names of regions.
    pub(super) fn regions(self, places: &[usize]) -> String {
        places.iter().map(|place| self.region(*place)).collect::<Vec<_>>().join(", ")
    }

    /// `moves to hel1 within 70 s; rto 60s missed; rpo 5s met`.
    pub(super) fn headline(self, fate: &AppImpact<'_>) -> String {
        let what = match (fate.status(), fate.target(), fate.bound()) {
            (Status::Moves, Some(target), Some(bound)) => {
                format!("moves to {} within {bound} s", self.region(target))
            }
            (status, _, _) => status.name().to_owned(),
        };
        let application = fate.application;
        let objective = |name, written: Option<String>, verdict: Option<Verdict>| {
            let word = match verdict? {
                Verdict::Met => "met",
                Verdict::Missed => "missed",
                Verdict::NotKnown => "not known",
            };
            Some(format!("; {name} {} {word}", written?))
        };
        let rto = objective("rto", application.rto.as_ref().map(|rto| rto.value.to_string()), fate.rto());
        let rpo = objective("rpo", application.rpo.as_ref().map(|rpo| rpo.value.to_string()), fate.rpo());
        [Some(what), rto, rpo].into_iter().flatten().collect()
    }

    /// Returns what happens, step by step, and what is lost.
    pub(super) fn sentences(self, outcome: &Outcome<'_>, fate: &AppImpact<'_>) -> Vec<String> {
        let mut list = match &fate.course {
            FailoverOutcome::Unaffected => Vec::new(),
            FailoverOutcome::Weakened(weaknesses) => weaknesses.iter().map(|weakness| self.weakness(*weakness)).collect(),
            FailoverOutcome::Shrinks { dropped } => {
                vec![format!("It answers without {}.", self.regions(&fate.lost)), record(*dropped)]
            }
            FailoverOutcome::Switchover { .. } => {
                let asked = fate.waits_for_request();
                let asked = asked.then(|| "A person has to ask for it, and its time begins then.".to_owned());
                let steps: Vec<_> = fate.steps().iter().flatten().map(step).collect();
                let steps = format!("The failover controller: {}.", steps.join(", "));
                asked.into_iter().chain([steps]).collect()
            }
            FailoverOutcome::Blocked { .. } => vec![
                "The failover controller stops at validate-lease: the witness cannot say that the lease has run out."
                    .to_owned(),
            ],
            FailoverOutcome::Unattended { target, record: flip, data } => {
                vec![self.unattended(outcome), record(*flip), self.promotion(*target, *data)]
            }
            FailoverOutcome::Down(cause) => vec![self.cause(fate, *cause)],
        };
        if let (Status::Stranded, Some(target)) = (fate.status(), fate.target()) {
            let region = self.region(target);
            list.insert(0, format!("{region} lives, and without a person nothing takes it there."));
        }
        let is_asked = !matches!(fate.status(), Status::Unaffected | Status::Down);
        list.extend(fate.witness.iter().filter(|_| is_asked).map(quorum));
        list.extend(loss(fate.loss).map(str::to_owned));
        list
    }

    fn weakness(self, weakness: Weakness) -> String {
        match weakness {
            Weakness::StandbyLost(region) => format!("Its standby {} is lost.", self.region(region)),
            Weakness::NoStandby => "No standby remains: the next loss takes it down.".to_owned(),
            Weakness::ReplicaLost(mode) => {
                let waits = match mode {
                    Replication::Sync => " Commits wait for it, so writes may stand still until it is back.",
                    Replication::Async => "",
                };
                format!(
                    "The half of its database that follows is lost: nobody could take over the data.{waits}"
                )
            }
            Weakness::FollowerLost => {
                "What follows its Raft cluster is lost: nobody could take over the data.".to_owned()
            }
            Weakness::NoController => "The failover controller is lost: nobody would switch over.".to_owned(),
            Weakness::NoQuorum => "Its witness has no quorum: no switchover could begin.".to_owned(),
        }
    }

    fn unattended(self, outcome: &Outcome<'_>) -> String {
        match outcome.controller {
            Controller::Lost(region) | Controller::Lives(region) => format!(
                "Nobody runs the seven steps: the failover controller runs in {} only, and is lost with it.",
                self.region(region)
            ),
            Controller::Off => "Nobody runs the seven steps: the failover controller is off.".to_owned(),
        }
    }

    fn promotion(self, target: usize, data: Promotion) -> String {
        let region = self.region(target);
        match data {
            Promotion::Nothing => "It has no data that would have to be promoted.".to_owned(),
            Promotion::Promoter(seconds) => {
                format!("The database's own promoter in {region} promotes it within {seconds} s.")
            }
            Promotion::NoPromoter => {
                format!("No promoter runs with the database in {region}: a person has to promote it.")
            }
            Promotion::Raft => {
                format!("Its Raft cluster in {region} is promoted by a person, or not at all.")
            }
        }
    }

    fn cause(self, fate: &AppImpact<'_>, cause: Cause) -> String {
        match cause {
            Cause::SingleRegion => {
                format!(
                    "It runs in {} only; nothing takes over.",
                    self.region(fate.application.primary.region)
                )
            }
            Cause::EveryRegion => format!("Every region of it is lost: {}.", self.regions(&fate.lost)),
            Cause::Data => {
                let first = fate.application.others.first().map(|seat| self.region(seat.region));
                format!(
                    "A standby lives and never had the data: that was in {} and {} only.",
                    self.region(fate.application.primary.region),
                    first.unwrap_or_default()
                )
            }
        }
    }
}

fn record(flip: Flip) -> String {
    match flip {
        Flip::Within(seconds) => format!(
            "Its record drops dead addresses within {seconds} s: {FAILED_CHECKS} failed checks, a timeout, the TTL."
        ),
        Flip::NotInAnswer => "Its record answers with another region.".to_owned(),
        Flip::NoHealthCheck => "It has no health check, so its record keeps dead addresses.".to_owned(),
        Flip::NoHost => "It has no host in the zone, so no record takes anybody elsewhere.".to_owned(),
    }
}

fn step(time: &StepTime) -> String {
    let name = time.step.name();
    match (time.step, time.seconds) {
        (_, None) => format!("{name} (as long as the data takes)"),
        (Step::FlipDns, Some(seconds)) => format!("{name} ≤ {seconds} s until old answers are gone"),
        (Step::Audit, Some(seconds)) => format!("{name} ≤ {seconds} s when it answers already"),
        (_, Some(0)) => name.to_owned(),
        (_, Some(seconds)) => format!("{name} ≤ {seconds} s"),
    }
}

fn quorum(witness: &Witness) -> String {
    let Some(kind) = witness.kind else { return "It has no witness.".to_owned() };
    let quorums = witness.quorums.iter().map(|quorum| {
        let of = quorum.of.replace('-', " ");
        format!("{} of {} {of} remain, {} are needed", quorum.left, quorum.voters, quorum.needed())
    });
    let quorums: Vec<_> = quorums.collect();
    if quorums.is_empty() {
        return format!("Its witness {kind} stands outside all regions.");
    }
    format!("Its witness {kind}: {}.", quorums.join("; "))
}

fn loss(loss: Loss) -> Option<&'static str> {
    match loss {
        Loss::Nothing => None,
        Loss::NothingInSync => Some("Nothing is lost as long as the replica was in sync."),
        Loss::Lag => Some("Lost is what the replica had not got yet."),
        Loss::Snapshot => Some("Lost is what came after the last snapshot."),
        Loss::Unreplicated => {
            Some("It keeps data, and nothing in the manifest takes them to another region.")
        }
        Loss::Everything => Some("Its data is lost with its regions, unless they come back."),
    }
}
