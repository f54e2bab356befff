//! What the names of the zone answer before, during and after a loss.

use std::net::Ipv4Addr;

use super::{AppImpact, FailoverOutcome, Lost};
use crate::dns::{self, Data, RecordSet, Target, Zone};
use crate::plan::Plan;

/// A name of the zone with an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name, complete.
    pub name: String,
    /// The application that it belongs to, as a place in the outcome; none for what the Sovereign itself answers to.
    pub application: Option<usize>,
    /// How long others may keep an answer, in seconds.
    pub ttl: u32,
    /// What it may answer with before the loss.
    pub before: Vec<Answer>,
    /// The same addresses until a check or the controller acts.
    pub during: Vec<Answer>,
    /// What it may answer with afterwards; nothing if nobody answers for the zone.
    pub after: Vec<Answer>,
}

/// An address that a name may answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The region, as a place in [`Plan::regions`].
    pub region: usize,
    /// The address of its load balancer.
    pub address: Ipv4Addr,
    /// Whether the region lives.
    pub lives: bool,
}

impl Host {
    /// Returns whether the loss touches it.
    pub(crate) fn is_touched(&self) -> bool {
        self.before != self.during || self.before != self.after
    }
}

/// Who answers for the zone after a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameServers {
    /// OpenOva's, outside all regions.
    Outside,
    /// The Sovereign's own, one in each region that has an address by now.
    Inside {
        /// Those that still answer.
        left: Vec<usize>,
        /// Those that do not.
        lost: Vec<usize>,
    },
}

impl NameServers {
    /// Returns the name servers of a zone. One without an address is in no delegation, and nobody asks it.
    pub(super) fn new(plan: &Plan<'_>, zone: &Zone, lost: &Lost) -> Self {
        if !plan.serves_own_zone() {
            return Self::Outside;
        }
        let records = zone.records().iter().filter(|record| zone.servers().contains(&record.name));
        let targets =
            records.filter_map(|record| if let Data::A(list) = &record.data { Some(list) } else { None });
        let (lost, left) =
            targets.flatten().map(|target| target.region).partition(|region| lost.has(*region));
        Self::Inside { left, lost }
    }

    /// Returns whether anybody is left.
    pub fn answer(&self) -> bool {
        match self {
            Self::Outside => true,
            Self::Inside { left, .. } => !left.is_empty(),
        }
    }
}

/// Returns the names of the zone in its order, without those of name servers.
pub(super) fn outcomes(
    plan: &Plan<'_>,
    zone: &Zone,
    lost: &Lost,
    fates: &[AppImpact<'_>],
    servers: &NameServers,
) -> Vec<Host> {
    let records = zone.records().iter().filter(|record| !zone.servers().contains(&record.name));
    let host = |record: &RecordSet| {
        let before = healthy(&record.data)?;
        let application = fates.iter().position(|fate| has_host(fate, &record.name));
        let moved = application.and_then(|place| fates.get(place)).and_then(|fate| moved(plan, fate));
        let after = match moved {
            _ if !servers.answer() => Vec::new(),
            Some(target) => vec![target],
            None => checked(&record.data, lost),
        };
        let with_lives = |targets: Vec<Target>, lives: &dyn Fn(usize) -> bool| {
            let address = |t: Target| Answer { region: t.region, address: t.address, lives: lives(t.region) };
            targets.into_iter().map(address).collect()
        };
        Some(Host {
            name: record.name.to_string(),
            application,
            ttl: record.ttl,
            before: with_lives(before.clone(), &|_| true),
            during: with_lives(before, &|region| !lost.has(region)),
            after: with_lives(after, &|region| !lost.has(region)),
        })
    };
    records.filter_map(host).collect()
}

/// Returns the first application that has a host is the one that it answers for, as in the zone.
fn has_host(fate: &AppImpact<'_>, name: &dns::Name) -> bool {
    fate.application.hosts.iter().any(|host| host.value.as_str() == name.as_str())
}

/// Returns where the controller takes the record of an application. Its Continuum names addresses once all of
/// them are known.
fn moved(plan: &Plan<'_>, fate: &AppImpact<'_>) -> Option<Target> {
    let FailoverOutcome::Switchover { target: region } = fate.course else { return None };
    let address = |region: usize| plan.regions.get(region)?.load_balancer_address();
    let knows_all = fate.application.seats().all(|seat| address(seat.region).is_some());
    Some(Target { region, address: address(region).filter(|_| knows_all)?.value })
}

/// Returns what a record may answer with while every region lives; `None` if it holds no addresses.
fn healthy(data: &Data) -> Option<Vec<Target>> {
    match data {
        Data::Soa(_) | Data::Ns(_) => None,
        Data::A(_) | Data::Lua(_) => Some(checked(data, &Lost::new([]))),
    }
}

/// Returns what a record may answer with once its checks have failed for lost regions: the first group with
/// an address that is well, and everything where none is. What is not checked stays as it is.
fn checked(data: &Data, lost: &Lost) -> Vec<Target> {
    match data {
        Data::Soa(_) | Data::Ns(_) => Vec::new(),
        Data::A(targets) | Data::Lua(dns::Answer::Closest(targets) | dns::Answer::Hashed(targets)) => {
            targets.clone()
        }
        Data::Lua(dns::Answer::Probed(probe)) => {
            let lives = |group: &Vec<Target>| {
                let left: Vec<_> = group.iter().filter(|target| !lost.has(target.region)).copied().collect();
                Some(left).filter(|left| !left.is_empty())
            };
            probe.groups.iter().find_map(lives).unwrap_or_else(|| probe.groups.concat())
        }
    }
}
