#![doc = include_str!("../../../../docs/diagnostics/host-without-listener.md")]

use std::collections::BTreeSet;

use crate::lower::{Cluster, Lowered};
use crate::object::Object;
use crate::plan::Plan;
use sovereign_language::scalar::{CertificateName, Fqdn, Scalar as _};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// What stands at the edge of a cluster: the hosts that listeners with a certificate take, and those it is for. Empty for a
/// cluster without a Gateway, which publishes its hosts in other ways.
pub(super) struct Edge<'l> {
    /// The region.
    region: &'l str,
    gateways: usize,
    /// The host names of secure listeners; `None` takes every host.
    listeners: Vec<Option<&'l str>>,
    certified: Vec<CertificateName>,
}

/// Reports hosts for which the Gateway of a region has no listener with a certificate.
pub(crate) fn check(plan: &Plan<'_>, lowered: &Lowered, diags: &mut Diagnostics) {
    let edges = edges(lowered);
    let mut unserved: Vec<(&Spanned<Fqdn>, &str)> = Vec::new();
    for application in plan.failover.iter().flat_map(|failover| &failover.applications) {
        // A host outside of the zone is another mistake.
        let hosts = application.hosts.iter().filter(|host| host.value.is_or_is_under(&plan.fqdn.value));
        for host in hosts {
            let mut seats = application.seats().filter_map(|seat| edges.get(seat.region));
            if let Some(edge) = seats.find(|edge| !edge.serves(&host.value)) {
                unserved.push((host, edge.region));
            }
        }
    }
    let wanted: BTreeSet<String> = unserved.iter().filter_map(|(host, _)| name_for(&host.value)).collect();
    for (host, region) in unserved {
        report(plan, host, region, &wanted, diags);
    }
}

/// Returns the edges of all clusters, in the order of the regions.
pub(super) fn edges(lowered: &Lowered) -> Vec<Edge<'_>> {
    lowered.clusters.iter().map(edge).collect()
}

fn edge(cluster: &Cluster) -> Edge<'_> {
    let mut edge =
        Edge { region: &cluster.directory, gateways: 0, listeners: Vec::new(), certified: Vec::new() };
    for placed in &cluster.objects {
        if let Object::Gateway(gateway) = &placed.object {
            edge.gateways += 1;
            let secure = gateway.listeners.iter().filter(|listener| listener.certificate.is_some());
            edge.listeners
                .extend(secure.map(|listener| listener.hostname.as_ref().map(|name| name.value.as_str())));
        } else if let Object::Certificate(certificate) = &placed.object {
            let names =
                certificate.dns_names.iter().filter_map(|name| CertificateName::parse(&name.value).ok());
            edge.certified.extend(names);
        }
    }
    edge
}

impl Edge<'_> {
    /// Returns whether a request for a host reaches a listener, and the certificate is for that host.
    pub(super) fn serves(&self, host: &Fqdn) -> bool {
        let listens = || self.listeners.iter().any(|name| name.is_none_or(|name| matches(name, host)));
        let certified = || self.certified.iter().any(|name| name.covers(host));
        self.gateways == 0 || listens() && certified()
    }
}

/// By the rule of the Gateway API: a wildcard stands for one or more labels.
fn matches(listener: &str, host: &Fqdn) -> bool {
    match listener.strip_prefix('*') {
        Some(zone) => host.as_str().ends_with(zone),
        None => host.as_str() == listener,
    }
}

/// Returns the name that a certificate needs for a host and its neighbours.
pub(super) fn name_for(host: &Fqdn) -> Option<String> {
    host.as_str().split_once('.').map(|(_, zone)| format!("*.{zone}"))
}

fn report(
    plan: &Plan<'_>,
    host: &Spanned<Fqdn>,
    region: &str,
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
