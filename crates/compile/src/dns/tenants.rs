//! `dns/tenants/`: what the hosts of Organizations' applications answer with.
//!
//! An Organization has files of its own, so that one that comes or goes changes no file of another one, and not the zone's
//! own. A host below its own domain is outside of the zone: it is an alias of the host that the application has here.

use std::collections::BTreeSet;

use serde_json::json;

use super::{DIRECTORY, Data, Name, Part, RecordSet, SIX_TTL, Target, Zone, api, pretty};
use crate::plan::Plan;
use crate::plan::tenant::{Application, Organization};
use sovereign_language::manifest::Placement;
use sovereign_language::scalar::{Fqdn, Scalar as _};

/// What the hosts of Organizations are read from.
pub struct Hosts<'p> {
    plan: &'p Plan<'p>,
    zone: &'p Zone,
    /// The names in the zone that have an answer, or wait for one.
    taken: BTreeSet<&'p Name>,
}

/// What the hosts of an Organization's applications answer with.
struct Records {
    /// The records in the zone.
    inside: Vec<RecordSet>,
    /// The hosts outside of it, each with the name in the zone that it is an alias of.
    aliases: Vec<(Name, Name)>,
}

impl<'p> Hosts<'p> {
    /// Takes a plan and its zone.
    pub fn new(plan: &'p Plan<'p>, zone: &'p Zone) -> Self {
        let missing = zone.missing().iter().map(|missing| &missing.name);
        Self { plan, zone, taken: zone.records().iter().map(|record| &record.name).chain(missing).collect() }
    }

    /// Returns the files of an Organization, by path below the root of the tree.
    pub fn files(&self, organization: &Organization<'_>) -> Vec<(String, String)> {
        let records = self.records(organization);
        let path = |end: &str| organization.file(DIRECTORY, end);
        let slug = &organization.slug.value;
        let head =
            format!("; [[organization]] {slug}. Written by sovereign: edit sovereign.toml, not this file.\n");
        let mut files = Vec::new();
        if !records.inside.is_empty() {
            files.push((path("zone"), head.clone() + &master_file(&records.inside)));
            files.push((path("json"), patch(&records.inside)));
        }
        if !records.aliases.is_empty() {
            files.push((path("aliases.zone"), head + &aliases(&records.aliases)));
        }
        files
    }

    fn records(&self, organization: &Organization<'_>) -> Records {
        let mut records = Records { inside: Vec::new(), aliases: Vec::new() };
        for (environment, application) in organization.applications() {
            // A name that is too long is reported by a rule.
            let host = Fqdn::parse(&application.host(organization, environment, &self.plan.fqdn.value));
            let Some(host) = host.ok().map(|host| Name::from(&host)) else { continue };
            let is_inside = host.is_or_is_under(&self.zone.name);
            let here =
                if is_inside { host.clone() } else { self.zone.name.child(&application.labels(environment)) };
            // What fails over answers by a record of its own.
            let answers = self.taken.contains(&here) || {
                let set = record(organization, application, here.clone(), targets(self.plan, application));
                records.inside.extend(set.clone());
                set.is_some()
            };
            if answers && !is_inside {
                records.aliases.push((host, here));
            }
        }
        records.inside.sort_by_cached_key(|record| record.name.canonical());
        records.aliases.sort_by_cached_key(|(host, _)| host.canonical());
        records
    }
}

fn record(
    organization: &Organization<'_>,
    application: &Application<'_>,
    name: Name,
    targets: Vec<Target>,
) -> Option<RecordSet> {
    (!targets.is_empty()).then(|| RecordSet {
        name,
        ttl: SIX_TTL,
        data: Data::A(targets),
        writer: Part::Addresses.writer(),
        cause: application.name.span,
        table: format!("[[organization]] {}", organization.slug.value),
    })
}

/// Returns the load balancers of the regions that answer. A standby does not: nobody checks whether it has to.
fn targets(plan: &Plan<'_>, application: &Application<'_>) -> Vec<Target> {
    let answering = match application.placement.value {
        Placement::SingleRegion | Placement::ActiveHotstandby => 1,
        Placement::ActiveActive => usize::MAX,
    };
    let seats = application.regions.iter().take(answering);
    let target = |region: usize| {
        let address = plan.regions.get(region)?.load_balancer_address()?.value;
        Some(Target { region, address })
    };
    seats.filter_map(|seat| target(seat.region)).collect()
}

/// Lines that a master file can `$INCLUDE`: every name is complete.
fn master_file(records: &[RecordSet]) -> String {
    records.iter().flat_map(RecordSet::lines).map(|line| line + "\n").collect()
}

/// Returns the body that `PATCH /api/v1/servers/localhost/zones/<zone>` of PowerDNS takes.
fn patch(records: &[RecordSet]) -> String {
    let sets = records.iter().map(|record| {
        let mut set = api::rrset(record);
        set["changetype"] = "REPLACE".into();
        set
    });
    pretty(&json!({ "rrsets": sets.collect::<Vec<_>>() }))
}

/// Returns what the Organization writes into the zone of its own domain.
fn aliases(aliases: &[(Name, Name)]) -> String {
    let head = "; For the zone of its own domain, which somebody else keeps.\n".to_owned();
    let line =
        |(host, here): &(Name, Name)| format!("{} {SIX_TTL} IN CNAME {}\n", host.absolute(), here.absolute());
    head + &aliases.iter().map(line).collect::<String>()
}
