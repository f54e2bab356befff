//! Failover: a Continuum for each application with hot standbys, the CNPGPair of their database, and the PDMs of a DNS
//! quorum. All of them stand in the primary region, where the controller runs.

use super::{Layer, Placed, origin, path};
use crate::object::{CnpgPair, Continuum, Meta, Object, Pdm, SecretKey, Switchover, WitnessConfig, Zone};
use crate::plan::failover::{Application, Authority, Failover, NAMESPACE, Seat, Witness};
use crate::plan::{Plan, Region};
use sovereign_language::manifest::RaftTable;
use sovereign_text::node::text;
use sovereign_text::source::{Span, Spanned};

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let Some(failover) = plan.failover.as_ref().filter(|_| region.is_primary()) else { return Vec::new() };
    let place = |file: &str, table: &str, object: Object| Placed {
        path: path(region, Layer::Failover, file),
        layer: Layer::Failover,
        origin: origin(table),
        object,
    };
    let pdms = failover.authorities.iter().map(|authority| {
        let file = format!("pdm-{}", authority.name.value);
        place(&file, &format!("[[failover.pdm]] {}", authority.name.value), pdm(plan, authority).into())
    });
    let pair = pair(plan, failover).map(|(application, pair)| {
        let table = format!("[[failover.application]] {}", application.name.value);
        place(&format!("pair-{}", pair.meta.name.value), &table, pair.into())
    });
    let moved = failover.applications.iter().filter(|application| application.has_continuum());
    let continuums = moved.map(|application| {
        let namespace = application.namespace.value.as_str();
        let file = format!("continuum-{namespace}-{}", application.continuum.value);
        let table = format!("[[failover.application]] {}", application.name.value);
        place(&file, &table, continuum(plan, application).into())
    });
    pdms.chain(pair).chain(continuums).collect()
}

fn label(plan: &Plan<'_>, seat: Seat) -> Spanned<String> {
    let label = plan.at(seat).map(|region| region.label.value.clone());
    Spanned::new(label.unwrap_or_default(), seat.span)
}

fn seconds(count: u64, span: Span) -> Spanned<i64> {
    Spanned::new(i64::try_from(count).unwrap_or(i64::MAX), span)
}

fn continuum(plan: &Plan<'_>, application: &Application<'_>) -> Continuum {
    let (witness, witness_config) = match &application.witness {
        Some(witness) => match &witness.value {
            Witness::CloudflareKv { account, namespace, token: (name, key) } => (
                Spanned::new("cloudflare-kv".to_owned(), witness.span),
                WitnessConfig::CloudflareKv {
                    account: text(account),
                    namespace: text(namespace),
                    token: (text(name), key.clone()),
                },
            ),
            Witness::DnsQuorum { resolvers } => (
                Spanned::new("dns-quorum".to_owned(), witness.span),
                WitnessConfig::DnsQuorum(resolvers.iter().map(text).collect()),
            ),
        },
        None => (Spanned::new("dns-quorum".to_owned(), application.name.span), WitnessConfig::Missing),
    };
    let (ttl, renew) = (&application.lease.ttl, &application.lease.renew);
    let health = application.health.as_ref().map(|health| {
        let (interval, timeout) = (&health.interval, &health.timeout);
        (
            text(&health.url),
            seconds(interval.value.seconds(), interval.span),
            seconds(timeout.value.seconds(), timeout.span),
        )
    });
    Continuum {
        meta: Meta::namespaced(application.continuum.clone(), application.namespace.value.as_str()),
        application: text(&application.name),
        primary: label(plan, application.primary),
        standbys: application.others.iter().map(|seat| label(plan, *seat)).collect(),
        witness,
        witness_config,
        ttl: seconds(ttl.value.seconds(), ttl.span),
        renew: seconds(renew.value.seconds(), renew.span),
        selector: text(&application.selector),
        health,
        rto: application.rto.as_ref().map(text),
        rpo: application.rpo.as_ref().map(text),
        auto_failover: application.auto_failover,
        switchover: switchover(plan, application),
        zone: zone(plan, application),
    }
}

fn switchover(plan: &Plan<'_>, application: &Application<'_>) -> Option<Switchover> {
    if let Some(raft) = application.raft {
        return Some(Switchover::Raft { cause: raft.span, fields: raft_fields(raft) });
    }
    let cause = application.database?.span;
    let blueprint = plan.kit.pair()?;
    Some(Switchover::Pair {
        cause,
        name: Spanned::new(blueprint.release.value.to_string(), cause),
        namespace: text(&blueprint.namespace),
    })
}

fn raft_fields(raft: &RaftTable) -> Vec<(&'static str, Spanned<String>)> {
    let given = [
        ("namespace", raft.namespace.as_ref().map(text)),
        ("pod", raft.pod.as_ref().map(text)),
        ("podSelector", raft.pod_selector.as_ref().map(text)),
        ("container", raft.container.as_ref().map(text)),
        ("raftDataPath", raft.data_path.as_ref().map(text)),
        ("snapshotPath", raft.snapshot_path.as_ref().map(text)),
        ("baoBinary", raft.binary.as_ref().map(text)),
    ];
    given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// Returns the zone and the addresses of the regions, if all of them are known and the application has a host in the zone.
fn zone(plan: &Plan<'_>, application: &Application<'_>) -> Option<Zone> {
    application.hosts.first()?;
    let address = |seat: Seat| {
        let region = plan.at(seat)?;
        let address = region.load_balancer_address()?;
        Some((label(plan, seat), address.map(|address| address.to_string())))
    };
    let regions = application.seats().map(address).collect::<Option<Vec<_>>>()?;
    Some(Zone { name: text(&plan.fqdn), regions })
}

fn pair<'p>(plan: &Plan<'_>, failover: &'p Failover<'_>) -> Option<(&'p Application<'p>, CnpgPair)> {
    let (application, pair) = failover.database()?;
    let blueprint = plan.kit.pair()?;
    let facts = &blueprint.pair.as_ref()?.value;
    let label = |place: usize| plan.regions.get(place).map(|region| region.label.value.clone());
    let of_pair = |text: String| Spanned::new(text, pair.span);
    // The schema begins at one second: nothing lost is what the replication promises, and no number.
    let at_least_one = |objective: &Spanned<sovereign_language::scalar::Objective>| {
        seconds(objective.value.seconds().max(1), objective.span)
    };
    let pair = CnpgPair {
        meta: Meta::namespaced(
            of_pair(blueprint.release.value.to_string()),
            blueprint.namespace.value.as_str(),
        ),
        primary_cluster: text(facts.primary_cluster.as_ref()?),
        replica_cluster: text(facts.replica_cluster.as_ref()?),
        primary_region: of_pair(label(pair.primary)?),
        replica_region: of_pair(label(pair.replica)?),
        rpo: application.rpo.as_ref().map(at_least_one),
        rto: application.rto.as_ref().map(at_least_one),
    };
    Some((application, pair))
}

fn pdm(plan: &Plan<'_>, authority: &Authority) -> Pdm {
    Pdm {
        meta: Meta::cluster(text(&authority.name)),
        endpoint: text(&authority.endpoint),
        region: authority.seat.map(|seat| label(plan, seat)),
        zone: text(&plan.fqdn),
        role: text(&authority.role),
        tls_server_name: authority.tls_server_name.as_ref().map(text),
        api: authority.api.as_ref().map(|(name, key)| SecretKey {
            namespace: Spanned::new(NAMESPACE.to_owned(), name.span),
            name: text(name),
            key: key.clone(),
        }),
    }
}
