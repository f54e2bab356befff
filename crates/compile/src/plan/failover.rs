//! What happens when a region is lost: which applications survive it, where, and who decides.
//!
//! References to regions that the Sovereign does not have are dropped here and reported by a rule.

use std::collections::BTreeMap;

use super::{Plan, Region, given, secret};
use sovereign_language::kit::Kit;
use sovereign_language::manifest::{
    Document, FailoverApplicationTable, FailoverDatabase, FailoverTable, HealthTable, LeaseTable, PdmRole,
    PdmTable, Placement, RaftTable, SecretRef, Selector, WitnessKind, WitnessTable,
};
use sovereign_language::scalar::{
    BpName, CloudflareId, Duration, Fqdn, Ipv4, Label, LeaseRenewal, LeaseTtl, Objective, ProbeInterval,
    ProbeTimeout, RegionName, Scalar, SecretName, WebUrl,
};
use sovereign_text::source::{Span, Spanned};

/// The namespace of the failover controller, and of what has no other.
pub(crate) const NAMESPACE: &str = "catalyst-system";

/// `[failover]` with its defaults.
#[derive(Debug)]
pub struct Failover<'a> {
    /// The table.
    pub span: Span,
    /// The placement of applications that do not say their own. With `active-hotstandby` the controller runs.
    pub mode: Spanned<Placement>,
    /// How long the lease of an application holds that does not say its own.
    pub lease: Lease,
    /// The servers that answer for the zone.
    pub authorities: Vec<Authority>,
    /// The applications in the order of the file.
    pub applications: Vec<Application<'a>>,
}

/// A server that answers for the zone and vouches for a DNS quorum.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The name of its PDM.
    pub name: Spanned<Label>,
    /// Where its API answers.
    pub endpoint: Spanned<WebUrl>,
    /// Its region; `None` if it is outside of the Sovereign.
    pub seat: Option<Seat>,
    /// What it is to the others.
    pub role: Spanned<PdmRole>,
    /// The name in its certificate.
    pub tls_server_name: Option<Spanned<Fqdn>>,
    /// The Secret with its API key, and the key in it.
    pub api: Option<(Spanned<SecretName>, Spanned<String>)>,
}

/// A region where something runs: its place in [`Plan::regions`], and the line that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The place in [`Plan::regions`].
    pub region: usize,
    /// The line.
    pub span: Span,
}

/// An application that must survive the loss of a region.
#[derive(Debug)]
pub struct Application<'a> {
    /// What was written.
    pub written: &'a FailoverApplicationTable,
    /// The name of the Application.
    pub name: Spanned<Label>,
    /// The namespace of its Continuum.
    pub namespace: Spanned<Label>,
    /// The name of its Continuum.
    pub continuum: Spanned<String>,
    /// The blueprint that serves it, if it is one of the kit.
    pub blueprint: Option<Spanned<BpName>>,
    /// Where it runs.
    pub placement: Spanned<Placement>,
    /// The region where it runs, or the first of those.
    pub primary: Seat,
    /// The regions that take over, in their order (`active-hotstandby`), or that answer too (`active-active`).
    pub others: Vec<Seat>,
    /// Its database, a pair over the primary and the first standby.
    pub database: Option<&'a FailoverDatabase>,
    /// How its Raft cluster is promoted.
    pub raft: Option<&'a RaftTable>,
    /// The time until it answers again.
    pub rto: Option<Spanned<Objective>>,
    /// The work that may be lost.
    pub rpo: Option<Spanned<Objective>>,
    /// How to ask whether it is well.
    pub health: Option<Health>,
    /// Its names in the zone.
    pub hosts: Vec<Spanned<Fqdn>>,
    /// How long others may keep the answer for its hosts.
    pub dns_ttl: Spanned<Duration>,
    /// The function of its LUA record.
    pub selector: Spanned<Selector>,
    /// Whether the controller switches over without being asked.
    pub auto_failover: Spanned<bool>,
    /// Who says which region holds its lease.
    pub witness: Option<Spanned<Witness>>,
    /// How long its lease holds.
    pub lease: Lease,
}

/// How to ask whether an application is well.
#[derive(Clone, Debug)]
pub struct Health {
    /// The URL.
    pub url: Spanned<WebUrl>,
    /// How often.
    pub interval: Spanned<ProbeInterval>,
    /// How long an answer may take.
    pub timeout: Spanned<ProbeTimeout>,
}

/// Who says which region holds a lease.
#[derive(Clone, Debug)]
pub enum Witness {
    /// A key in Cloudflare's KV store.
    CloudflareKv {
        /// The account.
        account: Spanned<CloudflareId>,
        /// The namespace of the store.
        namespace: Spanned<CloudflareId>,
        /// The Secret with the token, and the key in it.
        token: (Spanned<SecretName>, Spanned<String>),
    },
    /// A record that most of several resolvers agree on.
    DnsQuorum {
        /// The resolvers.
        resolvers: Vec<Spanned<Ipv4>>,
    },
}

/// How long a lease holds.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Unless it is renewed.
    pub ttl: Spanned<LeaseTtl>,
    /// How often it is renewed.
    pub renew: Spanned<LeaseRenewal>,
}

/// Two regions that hold one thing between them, and the line that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Where it is written to, as a place in [`Plan::regions`].
    pub primary: usize,
    /// What follows.
    pub replica: usize,
    /// The line.
    pub span: Span,
}

impl Lease {
    /// Returns whether it can be renewed twice before it runs out, so that one renewal may fail.
    pub(crate) fn bears_a_failure(&self) -> bool {
        self.renew.value.seconds() * 2 < self.ttl.value.seconds()
    }
}

impl Pair {
    /// Returns the word for what a region holds.
    pub fn side(self, region: usize) -> &'static str {
        if region == self.primary { "primary" } else { "replica" }
    }

    /// Returns whether a region is one of the two.
    pub fn has(self, region: usize) -> bool {
        region == self.primary || region == self.replica
    }

    /// Returns the other one of the two.
    pub fn peer(self, region: usize) -> Option<usize> {
        match region {
            region if region == self.primary => Some(self.replica),
            region if region == self.replica => Some(self.primary),
            _ => None,
        }
    }
}

impl Application<'_> {
    /// Returns whether the failover controller moves it, so that it has a Continuum.
    pub(crate) fn has_continuum(&self) -> bool {
        self.placement.value == Placement::ActiveHotstandby
    }

    /// Returns whether a value was written, here or in `[failover]`; a default stands at the table of the application.
    pub fn is_written(&self, span: Span) -> bool {
        span != self.written.span
    }

    /// Returns every region where it runs or could run, the primary first.
    pub fn seats(&self) -> impl Iterator<Item = Seat> {
        std::iter::once(self.primary).chain(self.others.iter().copied())
    }

    /// Returns the line of the data that its two regions share, if it has any.
    pub fn data(&self) -> Option<Span> {
        let written = self.written;
        let database = written.database.as_ref().map(|database| database.span);
        database.or(written.raft.as_ref().map(|raft| raft.span))
    }

    /// Returns the primary and the first standby, if there is one.
    pub fn pair(&self, span: Span) -> Option<Pair> {
        let replica = self.others.first().filter(|_| self.has_continuum())?;
        Some(Pair { primary: self.primary.region, replica: replica.region, span })
    }
}

impl Failover<'_> {
    /// Tables that speak of one application, by its name or by that of its Continuum: each with the first of them.
    pub(crate) fn twins(&self) -> Vec<(&Application<'_>, &Application<'_>)> {
        let (mut names, mut continuums) = (BTreeMap::new(), BTreeMap::new());
        let mut twins = Vec::new();
        for application in &self.applications {
            let namespace = &application.namespace.value;
            let mut first = *names.entry((namespace, &application.name.value)).or_insert(application);
            if std::ptr::eq(first, application) && application.has_continuum() {
                let continuum = &application.continuum.value;
                first = *continuums.entry((namespace, continuum)).or_insert(application);
            }
            if !std::ptr::eq(first, application) {
                twins.push((first, application));
            }
        }
        twins
    }

    /// Returns the two regions of the database that fails over; the kit has one such pair (blueprint with `runs = "pair"`).
    pub fn database(&self) -> Option<(&Application<'_>, Pair)> {
        self.applications.iter().find_map(|application| {
            let pair = application.pair(application.database?.span)?;
            Some((application, pair))
        })
    }

    /// Returns the application of a blueprint that is promoted by a Raft transition, and its two regions.
    pub fn raft(&self, blueprint: &str) -> Option<(&Application<'_>, Pair)> {
        let of_blueprint = |application: &&Application<'_>| {
            application.blueprint.as_ref().is_some_and(|name| name.value.as_str() == blueprint)
        };
        self.applications.iter().filter(of_blueprint).find_map(|application| {
            let pair = application.pair(application.raft?.span)?;
            Some((application, pair))
        })
    }
}

/// Returns the mode where none is written: what several regions are for is to stand in for each other.
pub(super) fn mode_by_number(regions: usize) -> Placement {
    if regions > 1 { Placement::ActiveHotstandby } else { Placement::SingleRegion }
}

/// Takes what is written, the kit and the regions, gives what is meant; `None` without the table.
pub(super) fn resolve<'a>(
    written: &'a Document,
    kit: &Kit,
    regions: &[Region<'a>],
    fqdn: &Fqdn,
) -> Option<Failover<'a>> {
    let table: &'a Spanned<FailoverTable> = written.failover.as_ref()?;
    let primary = regions.iter().position(Region::is_primary).unwrap_or(0);
    let mode = table.value.mode.unwrap_or(Spanned::new(mode_by_number(regions.len()), table.span));
    let context = Context { table: &table.value, mode, kit, regions, primary, fqdn };
    let tables = table.value.application.iter().flat_map(|list| &list.value);
    Some(Failover {
        span: table.span,
        mode,
        lease: lease([None, table.value.lease.as_ref()], table.span)?,
        authorities: table
            .value
            .pdm
            .iter()
            .flat_map(|list| &list.value)
            .filter_map(|t| context.authority(t))
            .collect(),
        applications: tables.filter_map(|table| context.application(&table.value)).collect(),
    })
}

struct Context<'c, 'a> {
    table: &'a FailoverTable,
    mode: Spanned<Placement>,
    kit: &'c Kit,
    regions: &'c [Region<'a>],
    /// The place of the primary region.
    primary: usize,
    fqdn: &'c Fqdn,
}

impl<'a> Context<'_, 'a> {
    fn seat(&self, name: &Spanned<RegionName>) -> Option<Seat> {
        let region = self.regions.iter().position(|region| region.name.value == name.value)?;
        Some(Seat { region, span: name.span })
    }

    fn authority(&self, table: &Spanned<PdmTable>) -> Option<Authority> {
        let table = &table.value;
        Some(Authority {
            name: table.name.clone()?,
            endpoint: table.endpoint.clone()?,
            seat: table.region.as_ref().and_then(|name| self.seat(name)),
            role: table.role.unwrap_or(Spanned::new(PdmRole::Witness, table.span)),
            tls_server_name: table.tls_server_name.clone(),
            api: table.api.as_ref().and_then(|api| secret_and_key(api, "api-key")),
        })
    }

    fn application(&self, table: &'a FailoverApplicationTable) -> Option<Application<'a>> {
        let name = table.name.clone()?;
        let placement = table.placement.unwrap_or(Spanned::new(self.mode.value, table.span));
        let primary = table.primary.as_ref().and_then(|name| self.seat(name));
        let primary = primary.unwrap_or(Seat { region: self.primary, span: table.span });
        let health = table.health.as_ref().and_then(|table| health(&table.value));
        let hosts = match &table.hosts {
            Some(hosts) => hosts.value.clone(),
            None => health.iter().filter_map(|health| self.host_of(&health.url)).collect(),
        };
        let witness = table.witness.as_ref().or(self.table.witness.as_ref());
        let objectives = table.objectives.as_ref().map(|objectives| &objectives.value);
        Some(Application {
            written: table,
            namespace: default(table.namespace.as_ref(), NAMESPACE, table.span)?,
            continuum: match &table.continuum {
                Some(name) => name.as_ref().map(ToString::to_string),
                None => name.as_ref().map(|name| format!("{name}-dr")),
            },
            blueprint: self.blueprint(table, &name, &hosts),
            primary,
            others: self.others(table, placement.value, primary),
            database: table.database.as_ref().map(|database| &database.value),
            raft: table.raft.as_ref().map(|raft| &raft.value),
            rto: objectives.and_then(|objectives| objectives.rto.clone()),
            rpo: objectives.and_then(|objectives| objectives.rpo.clone()),
            dns_ttl: default(table.dns_ttl.as_ref(), "30s", table.span)?,
            selector: table.selector.unwrap_or(Spanned::new(Selector::Ifurlup, table.span)),
            auto_failover: table.auto_failover.unwrap_or(Spanned::new(false, table.span)),
            witness: witness
                .and_then(|table| witness_of(&table.value).map(|witness| Spanned::new(witness, table.span))),
            lease: lease([table.lease.as_ref(), self.table.lease.as_ref()], table.span)?,
            name,
            placement,
            health,
            hosts,
        })
    }

    /// Returns the host of a URL, if it is a name in the Sovereign's zone.
    fn host_of(&self, url: &Spanned<WebUrl>) -> Option<Spanned<Fqdn>> {
        let host = Fqdn::parse(url.value.host()).ok().filter(|host| host.is_or_is_under(self.fqdn))?;
        Some(Spanned::new(host, url.span))
    }

    /// Returns the blueprint that an application is: the one it names, the one of its name, the one that
    /// publishes a host of it.
    fn blueprint(
        &self,
        table: &FailoverApplicationTable,
        name: &Spanned<Label>,
        hosts: &[Spanned<Fqdn>],
    ) -> Option<Spanned<BpName>> {
        if let Some(name) = &table.blueprint {
            return Some(name.as_ref().map(sovereign_language::scalar::BlueprintName::with_prefix));
        }
        let of_name =
            self.kit.blueprints.iter().find(|b| b.name.value.bare().as_str() == name.value.as_str());
        let of_host = || {
            hosts.iter().find_map(|host| {
                let publishes = |b: &&sovereign_language::kit::Blueprint| {
                    b.publishes_host(&host.value, self.fqdn).is_some()
                };
                self.kit.blueprints.iter().find(publishes).map(|b| (b, host.span))
            })
        };
        let (blueprint, span) = of_name.map(|b| (b, name.span)).or_else(of_host)?;
        Some(Spanned::new(blueprint.name.value.clone(), span))
    }

    fn others(&self, table: &FailoverApplicationTable, placement: Placement, primary: Seat) -> Vec<Seat> {
        let all = (0..self.regions.len()).filter(|region| *region != primary.region);
        let all = all.map(|region| Seat { region, span: table.span });
        match (placement, &table.standbys, &table.regions) {
            (Placement::SingleRegion, _, _) => Vec::new(),
            (Placement::ActiveHotstandby, Some(list), _) | (Placement::ActiveActive, _, Some(list)) => {
                let mut seats: Vec<Seat> = Vec::new();
                for seat in list.value.iter().filter_map(|name| self.seat(name)) {
                    let known =
                        seat.region == primary.region || seats.iter().any(|s| s.region == seat.region);
                    if !known {
                        seats.push(seat);
                    }
                }
                seats
            }
            // The first secondary, or the primary region where the application itself runs in a secondary.
            (Placement::ActiveHotstandby, None, _) => all.take(1).collect(),
            (Placement::ActiveActive, _, None) => all.collect(),
        }
    }
}

fn health(table: &HealthTable) -> Option<Health> {
    Some(Health {
        url: given(table.url.as_ref(), table.span)?,
        interval: default(table.interval.as_ref(), "5s", table.span)?,
        timeout: default(table.timeout.as_ref(), "2s", table.span)?,
    })
}

/// Returns each part of a lease as the first table says it that does, or else its default, which stands at `span`.
fn lease(tables: [Option<&Spanned<LeaseTable>>; 2], span: Span) -> Option<Lease> {
    let tables = || tables.into_iter().flatten().map(|table| &table.value);
    Some(Lease {
        ttl: default(tables().find_map(|table| table.ttl.as_ref()), "30s", span)?,
        renew: default(tables().find_map(|table| table.renew.as_ref()), "10s", span)?,
    })
}

fn witness_of(table: &WitnessTable) -> Option<Witness> {
    match table.kind?.value {
        WitnessKind::CloudflareKv => Some(Witness::CloudflareKv {
            account: table.account.clone()?,
            namespace: table.namespace.clone()?,
            token: secret_and_key(table.token.as_ref()?, "token")?,
        }),
        WitnessKind::DnsQuorum => {
            Some(Witness::DnsQuorum { resolvers: table.resolvers.as_ref()?.value.clone() })
        }
    }
}

fn secret_and_key(
    reference: &Spanned<SecretRef>,
    key: &str,
) -> Option<(Spanned<SecretName>, Spanned<String>)> {
    let name = secret(Some(reference))?;
    let key = match &reference.value.key {
        Some(key) => key.as_ref().map(ToString::to_string),
        None => Spanned::new(key.to_owned(), reference.span),
    };
    Some((name, key))
}

fn default<T: Scalar + Clone>(value: Option<&Spanned<T>>, text: &str, span: Span) -> Option<Spanned<T>> {
    super::settings::default(value, text, span)
}

impl<'a> Plan<'a> {
    /// Returns the region of a seat.
    pub fn at(&self, seat: Seat) -> Option<&Region<'a>> {
        self.regions.get(seat.region)
    }

    /// Returns the two regions of a failover database; without one, those that it would have: the primary region and the
    /// first secondary.
    pub fn pair(&self) -> Option<Pair> {
        let of_database =
            self.failover.as_ref().and_then(|failover| failover.database()).map(|(_, pair)| pair);
        of_database.or_else(|| {
            let primary = self.regions.iter().position(Region::is_primary)?;
            let replica = self.regions.iter().position(|region| !region.is_primary())?;
            Some(Pair { primary, replica, span: self.regions.get(replica)?.role.span })
        })
    }
}
