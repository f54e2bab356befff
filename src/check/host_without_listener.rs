#![doc = include_str!("../../docs/diagnostics/host-without-listener.md")]

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::grammar::Grammar as _;
use crate::grammar::dns::{CertificateName, Fqdn};
use crate::lower::{Cluster, Lowered};
use crate::object::Object;
use crate::plan::Plan;
use crate::plan::failover::Application;
use crate::source::Spanned;

/// Reports hosts for which the Gateway of a region has no listener with a certificate.
pub fn check(plan: &Plan<'_>, lowered: &Lowered, diags: &mut Diagnostics) {
    let mut unserved: Vec<(&Spanned<Fqdn>, &str)> = Vec::new();
    for application in plan.failover.iter().flat_map(|failover| &failover.applications) {
        // A host outside of the zone is another mistake.
        let hosts = application.hosts.iter().filter(|host| host.value.is_or_is_under(&plan.fqdn.value));
        for host in hosts {
            if let Some(cluster) =
                clusters(application, lowered).find(|cluster| !serves(cluster, &host.value))
            {
                unserved.push((host, &cluster.directory));
            }
        }
    }
    let wanted: BTreeSet<String> = unserved.iter().filter_map(|(host, _)| name_for(&host.value)).collect();
    for (host, region) in unserved {
        report(plan, (host, region), &wanted, diags);
    }
}

/// The clusters where an application runs or could run.
fn clusters<'l>(application: &Application<'_>, lowered: &'l Lowered) -> impl Iterator<Item = &'l Cluster> {
    application.seats().filter_map(|seat| lowered.clusters.get(seat.region))
}

/// Whether a request for a host reaches a listener, and the certificate is for that host. A cluster without a Gateway
/// publishes its hosts in other ways.
fn serves(cluster: &Cluster, host: &Fqdn) -> bool {
    let (mut listens, mut certified, mut gateways) = (false, false, 0);
    for placed in &cluster.objects {
        if let Object::Gateway(gateway) = &placed.object {
            gateways += 1;
            let mut secure = gateway.listeners.iter().filter(|listener| listener.certificate.is_some());
            listens |=
                secure.any(|listener| listener.hostname.as_ref().is_none_or(|n| matches(&n.value, host)));
        } else if let Object::Certificate(certificate) = &placed.object {
            certified |= certificate.dns_names.iter().any(|name| is_for(&name.value, host));
        }
    }
    gateways == 0 || listens && certified
}

/// By the rule of the Gateway API: a wildcard stands for one or more labels.
fn matches(listener: &str, host: &Fqdn) -> bool {
    match listener.strip_prefix('*') {
        Some(zone) => host.as_str().ends_with(zone),
        None => host.as_str() == listener,
    }
}

/// By the rule of certificates: a wildcard stands for one label.
fn is_for(name: &str, host: &Fqdn) -> bool {
    CertificateName::parse(name).is_ok_and(|name| name.covers(host))
}

/// The name that a certificate needs for a host and its neighbours.
fn name_for(host: &Fqdn) -> Option<String> {
    host.as_str().split_once('.').map(|(_, zone)| format!("*.{zone}"))
}

fn report(
    plan: &Plan<'_>,
    (host, region): (&Spanned<Fqdn>, &str),
    wanted: &BTreeSet<String>,
    diags: &mut Diagnostics,
) {
    let message = format!("no listener of the Gateway in `{region}` has a certificate for `{}`", host.value);
    let found = Diagnostic::new(Code::HostWithoutListener, host.span, message).note(format!(
        "the certificate is for `*.{}`, and a wildcard in a certificate stands for one label",
        plan.fqdn.value
    ));
    let present = plan.tls.names.iter().map(|name| name.value.to_string());
    let names = present.chain(wanted.iter().cloned()).map(|name| format!("\"{name}\""));
    let list = format!("[{}]", names.collect::<Vec<_>>().join(", "));
    let written = plan.written.tls.as_ref().and_then(|tls| tls.value.names.as_ref());
    diags.push(match written {
        Some(names) => found.fix("add the name to those of the certificate", names.span, list),
        None => found.help(format!("write `names = {list}` in `[tls]`")),
    });
}
