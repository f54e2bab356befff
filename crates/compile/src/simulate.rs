//! What the loss of regions comes to, answered from the plan alone.
//!
//! A [`Simulation`] of a [`Plan`] takes a set of lost regions and gives an [`Outcome`]: data, printed by [`human`] and
//! [`json`]. Nothing is asked of a cluster, a name server or the clock; [`CANNOT_KNOW`] lists what would take that.
//!
//! # What goes down
//!
//! A lost region is a lost cluster: its releases, its vClusters, its control plane. A blueprint that runs in lost regions
//! only is gone ([`Gone`]); the kit says which of them keep data.
//!
//! # What becomes of an application
//!
//! By its placement ([`FailoverOutcome`]):
//!
//! - `single-region`: with its region it is down.
//! - `active-active`: lost regions drop out, the others answer. Without a health check nothing takes the dead addresses
//!   out of the answer.
//! - `active-hotstandby`, primary alive: it goes on; what it lost is the chance to survive the next loss ([`Weakness`]).
//! - `active-hotstandby`, primary lost: the first standby that lives is to take over, in one of two ways.
//!
//! The failover controller runs in the primary region beside its Continuums, and a controller elsewhere would find none
//! in its cluster. So if that region lives, the controller runs the seven steps of a switchover, as long as the witness
//! keeps its quorum; the bound is [`Budget`](crate::plan::switchover::Budget), and counts from the request where
//! `auto-failover` is off. If it is lost, **nobody runs the seven steps**: the record moves by its health check alone, a
//! database pair is promoted by its own promoter in the standby region, and a Raft cluster by nobody.
//!
//! The data of an application is in its primary region and in the first standby. Where both are lost, no further standby
//! can take over what it never had.
//!
//! # Time, and data
//!
//! A bound is the longest that something takes if nothing else goes wrong. `rto` is held against it. `rpo` is held against
//! what may be lost: nothing with a synchronous database that was in sync, the lag with an asynchronous one, what came
//! after the last snapshot with Raft. A lag is not known here, so it fails an objective of zero only.

mod application;
mod controller;
mod gone;
mod hosts;
pub mod human;
pub mod json;
mod outcome;
mod witness;

pub use application::{AppImpact, Loss, Status, Verdict};
pub use controller::Controller;
pub use gone::Gone;
pub use hosts::{Host, NameServers};
pub use outcome::{FailoverOutcome, Weakness};
pub use witness::Witness;

use std::collections::BTreeSet;

use crate::dns::{self, Zone};
use crate::plan::{Plan, Region};

/// What a plan does not show, whatever is lost.
pub(crate) const CANNOT_KNOW: [&str; 6] = [
    "how far an asynchronous replica is behind, and whether a synchronous one was in sync",
    "how old the last snapshot of a Raft cluster is",
    "how long the promotion of data by the controller takes; no bound counts it",
    "whether what asks from outside sees what the name servers see",
    "caches that keep an answer longer than its TTL",
    "whether the regions that remain have room for what comes to them",
];

/// The regions that are lost, as places in [`Plan::regions`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost(BTreeSet<usize>);

impl Lost {
    /// Returns the loss of these regions at once.
    pub fn new(regions: impl IntoIterator<Item = usize>) -> Self {
        Self(regions.into_iter().collect())
    }

    /// Returns every loss of one region, then every loss of two, in the order of the file.
    pub fn every(plan: &Plan<'_>) -> Vec<Self> {
        let count = plan.regions.len();
        let singles = (0..count).map(|one| Self::new([one]));
        let doubles = (0..count).flat_map(|one| (one + 1..count).map(move |other| Self::new([one, other])));
        singles.chain(doubles).collect()
    }

    /// Returns whether another loss takes these regions and more.
    pub(crate) fn is_part_of(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0) && self != other
    }

    /// Returns whether a region is lost.
    pub fn has(&self, region: usize) -> bool {
        self.0.contains(&region)
    }

    /// Returns the lost regions, in the order of the file.
    pub fn regions<'p, 'a>(&self, plan: &'p Plan<'a>) -> impl Iterator<Item = &'p Region<'a>> {
        self.0.iter().filter_map(|region| plan.regions.get(*region))
    }
}

/// What a loss comes to.
#[derive(Debug)]
pub struct Outcome<'p> {
    /// What is lost.
    pub lost: Lost,
    /// The blueprints that run nowhere any more, by slot.
    pub gone: Vec<Gone<'p>>,
    /// Whether somebody is left who switches over.
    pub controller: Controller,
    /// The applications, in the order of the file.
    pub applications: Vec<AppImpact<'p>>,
    /// The names of the zone.
    pub hosts: Vec<Host>,
    /// Who answers for the zone.
    pub name_servers: NameServers,
}

impl Outcome<'_> {
    /// Returns whether every objective can be met, as far as a plan shows.
    pub fn is_met(&self) -> bool {
        self.applications.iter().all(AppImpact::is_met)
    }
}

/// A plan with its zone, which every loss is held against.
#[derive(Debug)]
pub struct Simulation<'p> {
    /// The plan.
    pub plan: &'p Plan<'p>,
    zone: Zone,
}

impl<'p> Simulation<'p> {
    /// Of a plan.
    pub fn new(plan: &'p Plan<'p>) -> Self {
        Self { plan, zone: dns::zone(plan) }
    }

    /// Returns what a loss comes to.
    pub fn lose(&self, lost: Lost) -> Outcome<'p> {
        let plan = self.plan;
        let controller = Controller::new(plan, &lost);
        let applications = plan.failover.iter().flat_map(|failover| &failover.applications);
        let applications: Vec<_> =
            applications.map(|application| AppImpact::new(plan, application, &lost, controller)).collect();
        let name_servers = NameServers::new(plan, &self.zone, &lost);
        Outcome {
            gone: gone::list(plan, &lost),
            hosts: hosts::outcomes(plan, &self.zone, &lost, &applications, &name_servers),
            controller,
            applications,
            name_servers,
            lost,
        }
    }

    /// Returns the regions whose address is not known yet, in the order of the file: no record leads there.
    pub(crate) fn without_address(&self) -> impl Iterator<Item = &'p str> {
        let regions = self.plan.regions.iter();
        regions
            .filter(|region| region.load_balancer_address().is_none())
            .map(|region| region.name.value.as_str())
    }
}

/// Returns the name of a region by its place.
fn name<'p>(plan: &'p Plan<'_>, region: usize) -> &'p str {
    plan.regions.get(region).map_or("", |region| region.name.value.as_str())
}
