//! The zone of a Sovereign: which names answer with what, who writes each record, and what the parent zone must say.
//!
//! [`zone()`] takes a [`Plan`] and gives a [`Zone`]; it cannot fail. What has no address yet is left out and listed
//! ([`Zone::missing`]). [`master_file`], [`api`] and [`delegation`] render it.

mod api;
mod delegation;

mod lua;
mod master_file;
mod name;
mod record;
mod tenants;
mod zone;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::plan::failover::{Application, Health, Seat};
use crate::plan::switchover::FAILED_CHECKS;
use crate::plan::{Plan, Region};
use sovereign_language::manifest::{Placement, Selector};
use sovereign_language::scalar::Fqdn;
use sovereign_text::source::Spanned;

pub use delegation::{Delegation, Delegator};
pub use lua::{Answer, Pick, Probe};
pub use name::Name;
pub use record::{Data, Part, RecordSet, Soa, Writer};
pub use tenants::Hosts;
pub use zone::{Missing, Zone};

/// The directory of a tree that holds the files of its zone.
pub const DIRECTORY: &str = "dns";
/// The file of what must stand in the zone above.
const DELEGATION: &str = "delegation.json";
/// The table that causes what is not an application's.
const TABLE: &str = "[domain]";
/// The table that causes further names of the certificate.
const OF_NAMES: &str = "[tls]";
/// What every Sovereign answers to (domain section 7): the apex, the wildcard, and four components.
pub(crate) const SIX: [&str; 6] = ["@", "*", "console", "api", "gitea", "harbor"];
/// How long others may keep one of the six (domain section 7).
const SIX_TTL: u32 = 300;
/// How long others may keep who answers for the zone (domain section 7).
const SERVERS_TTL: u32 = 3600;
/// The longest that a record may be kept (RFC 2181, section 8).
const LONGEST_TTL: u32 = 0x7fff_ffff;

/// A region and the public address of its load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The place in [`Plan::regions`].
    pub region: usize,
    /// The address.
    pub address: Ipv4Addr,
}

/// Returns the label of the Sovereign's own name server in a region, by its number: the zone above knows it by this name.
pub(crate) fn own_server(region: &Region<'_>) -> String {
    format!("ns{}", region.index + 1)
}

/// Returns the names of the [`files`] of a zone.
pub(crate) fn file_names(zone: &Zone) -> impl Iterator<Item = String> {
    let of_zone =
        zone.servers().first().map(|_| [format!("{}.zone", zone.name), format!("{}.json", zone.name)]);
    of_zone.into_iter().flatten().chain([DELEGATION.to_owned()])
}

/// Takes a plan and its zone, gives the files of the zone, by name. Those of Organizations' hosts in it are theirs:
/// [`Hosts::files`].
pub fn files(plan: &Plan<'_>, zone: &Zone) -> Vec<(String, String)> {
    let delegation = Delegation::new(plan, zone).render();
    let of_zone = [
        (format!("{}.zone", zone.name), master_file::render(zone)),
        (format!("{}.json", zone.name), api::render(zone)),
    ];
    let of_zone = of_zone.into_iter().filter_map(|(name, text)| Some((name, text?)));
    of_zone.chain([(DELEGATION.to_owned(), delegation)]).collect()
}

/// Takes a plan, gives its zone.
pub fn zone(plan: &Plan<'_>) -> Zone {
    let name = Name::from(&plan.fqdn.value);
    let mut building = Building { plan, zone: Zone { name, records: vec![], missing: vec![] } };
    let mut taken = building.authority();
    let applications = plan.failover.iter().flat_map(|failover| &failover.applications);
    for application in applications {
        let hosts = application.hosts.iter().filter(|host| host.value.is_or_is_under(&plan.fqdn.value));
        for host in hosts {
            // A name has one answer, even one that waits for its address.
            if taken.insert(Name::from(&host.value)) {
                let (set, missing) = building.of_application(application, host);
                building.zone.records.extend(set);
                building.zone.missing.extend(missing);
            }
        }
    }
    building.six(&taken);
    building.certified(taken);
    let mut zone = building.zone;
    zone.records
        .sort_by_cached_key(|record| (record.table != TABLE, record.name.canonical(), record.data.rank()));
    zone.missing.sort();
    zone.missing.dedup();
    zone
}

struct Building<'p, 'a> {
    plan: &'p Plan<'a>,
    zone: Zone,
}

impl Building<'_, '_> {
    /// Returns the name in the zone of one of the six.
    fn name(&self, label: &str) -> Name {
        if label == "@" { self.zone.name.clone() } else { self.zone.name.child(label) }
    }

    fn target(&self, region: usize) -> Option<Target> {
        let address = self.plan.regions.get(region)?.load_balancer_address()?.value;
        Some(Target { region, address })
    }

    /// Returns a part of the frame; its line is that of the domain.
    fn frame(&self, name: Name, ttl: u32, data: Data) -> RecordSet {
        let cause = self.plan.domain.mode.span;
        RecordSet { name, ttl, data, writer: Part::Frame.writer(), cause, table: TABLE.to_owned() }
    }

    /// SOA, NS and the addresses of name servers in the zone; gives the names that are taken by them.
    fn authority(&mut self) -> BTreeSet<Name> {
        let mut addresses = Vec::new();
        let servers: Vec<Name> = if self.plan.serves_own_zone() {
            for (region, its) in self.plan.regions.iter().enumerate() {
                let name = self.zone.name.child(&own_server(its));
                match self.target(region) {
                    Some(target) => addresses.push((name, target)),
                    None => self.zone.missing.push(Missing { name, region, whole: true }),
                }
            }
            addresses.iter().map(|(name, _)| name.clone()).collect()
        } else {
            self.plan.domain.pool.servers.iter().map(|server| Name::of_server(server)).collect()
        };
        if let Some(first) = servers.first() {
            let (apex, mailbox) = (self.zone.name.clone(), self.zone.name.child("hostmaster"));
            let soa = Data::Soa(Soa { server: first.clone(), mailbox });
            let frame = [
                self.frame(apex.clone(), SERVERS_TTL, soa),
                self.frame(apex, SERVERS_TTL, Data::Ns(servers)),
            ];
            self.zone.records.extend(frame);
        }
        for (name, target) in &addresses {
            let set = self.frame(name.clone(), SERVERS_TTL, Data::A(vec![*target]));
            self.zone.records.push(set);
        }
        addresses.into_iter().map(|(name, _)| name).collect()
    }

    /// Those of the six that no application has taken: the load balancer of the primary region.
    fn six(&mut self, taken: &BTreeSet<Name>) {
        let Some(region) = self.plan.regions.iter().position(Region::is_primary) else { return };
        for name in SIX.map(|label| self.name(label)) {
            if taken.contains(&name) {
                continue;
            }
            match self.target(region) {
                Some(target) => {
                    let set = self.frame(name, SIX_TTL, Data::A(vec![target]));
                    self.zone.records.push(set);
                }
                None => self.zone.missing.push(Missing { name, region, whole: true }),
            }
        }
    }

    /// The names of `[tls]`, and what their wildcards are below: Let's Encrypt asks for a record under each, and with that
    /// record the name exists, so that the wildcard of the zone answers neither for it nor for what is below (RFC 4592).
    fn certified(&mut self, mut taken: BTreeSet<Name>) {
        let plan = self.plan;
        let Some(region) = plan.regions.iter().position(Region::is_primary).filter(|_| plan.tls.is_acme())
        else {
            return;
        };
        taken.extend(SIX.map(|label| self.name(label)));
        // Hosts of Organizations have records of their own (`tenants`).
        let hosts = plan.tenant_summaries.iter().flat_map(|summary| {
            let public = summary.public.iter().map(|host| host.value.to_string());
            summary.hosts.iter().map(|host| host.name.value.to_string()).chain(public)
        });
        let hosts: BTreeSet<String> = hosts.collect();
        for certified in &plan.tls.names {
            let name = Name::from(&certified.value);
            let bare = name.bare();
            if !bare.is_or_is_under(&self.zone.name) {
                continue;
            }
            for name in [bare, name] {
                if hosts.contains(name.as_str()) || !taken.insert(name.clone()) {
                    continue;
                }
                match self.target(region) {
                    Some(target) => {
                        let set = self.frame(name, SIX_TTL, Data::A(vec![target]));
                        self.zone.records.push(RecordSet {
                            writer: Part::Addresses.writer(),
                            cause: certified.span,
                            table: OF_NAMES.to_owned(),
                            ..set
                        });
                    }
                    None => self.zone.missing.push(Missing { name, region, whole: true }),
                }
            }
        }
    }

    /// Returns what an application wants a host of its own to answer with, and what that waits for.
    fn of_application(
        &self,
        application: &Application<'_>,
        host: &Spanned<Fqdn>,
    ) -> (Option<RecordSet>, Vec<Missing>) {
        let name = Name::from(&host.value);
        // Without a health check nobody knows when a standby is to answer, so only the primary does.
        let alone = match application.placement.value {
            Placement::SingleRegion => true,
            Placement::ActiveHotstandby => application.health.is_none(),
            Placement::ActiveActive => false,
        };
        let seats: Vec<Seat> = application.seats().take(if alone { 1 } else { usize::MAX }).collect();
        let targets: Vec<Target> = seats.iter().filter_map(|seat| self.target(seat.region)).collect();
        let primary = targets.iter().any(|target| target.region == application.primary.region);
        // A standby whose primary has no address yet would answer in its place.
        let whole = targets.is_empty() || !primary && application.has_continuum();
        let waits = seats.iter().filter(|seat| self.target(seat.region).is_none());
        let missing = waits.map(|seat| Missing { name: name.clone(), region: seat.region, whole }).collect();
        if whole {
            return (None, missing);
        }
        let data = answer(application, targets);
        let part = match (&data, SIX.iter().any(|label| self.name(label) == name)) {
            (Data::Lua(_), _) => Part::Computed,
            (_, true) => Part::Frame,
            (_, false) => Part::Addresses,
        };
        let ttl = u32::try_from(application.dns_ttl.value.seconds()).unwrap_or(LONGEST_TTL).min(LONGEST_TTL);
        let table = format!("[[failover.application]] {}", application.name.value);
        (Some(RecordSet { name, ttl, data, writer: part.writer(), cause: host.span, table }), missing)
    }
}

/// Returns what an application answers with. One address needs no health check: PowerDNS would give it either way.
fn answer(application: &Application<'_>, targets: Vec<Target>) -> Data {
    if targets.len() < 2 {
        return Data::A(targets);
    }
    let in_order = application.has_continuum() || application.selector.value == Selector::Pickfirst;
    let pick = match application.selector.value {
        Selector::Ifurlup | Selector::Pickfirst => Pick::All,
        Selector::Pickclosest => Pick::Closest,
        Selector::Pickwhashed => Pick::Hashed,
    };
    match &application.health {
        Some(health) if in_order => {
            let groups = targets.into_iter().map(|target| vec![target]).collect();
            Data::Lua(Answer::Probed(probe(health, groups, Pick::All)))
        }
        Some(health) => Data::Lua(Answer::Probed(probe(health, vec![targets], pick))),
        None if in_order => Data::A(targets.into_iter().take(1).collect()),
        None => match pick {
            Pick::All => Data::A(targets),
            Pick::Closest => Data::Lua(Answer::Closest(targets)),
            Pick::Hashed => Data::Lua(Answer::Hashed(targets)),
        },
    }
}

fn probe(health: &Health, groups: Vec<Vec<Target>>, pick: Pick) -> Probe {
    Probe {
        url: health.url.value.clone(),
        interval: health.interval.value.seconds(),
        timeout: health.timeout.value.seconds(),
        failures: FAILED_CHECKS,
        groups,
        pick,
    }
}

/// JSON as people read it, with a line end.
fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests;
