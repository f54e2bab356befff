#![doc = include_str!("../../../../docs/diagnostics/host-without-certificate.md")]

use std::collections::BTreeMap;

use super::host_without_listener::{edges, name_for};
use super::issuer_limit;
use crate::lower::Lowered;
use crate::plan::Plan;
use sovereign_language::manifest::Issuer;
use sovereign_language::scalar::Fqdn;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Span;

/// As many names are written out.
const SHOWN: usize = 12;
/// As many environments are pointed at.
const RELATED: usize = 4;

/// Warns, once, of hosts of Organizations' applications that the certificate is not for.
pub(crate) fn check(plan: &Plan<'_>, lowered: &Lowered, diags: &mut Diagnostics) {
    let edges = edges(lowered);
    // By the name that the certificate lacks, with the first application that needs it.
    let mut lacking: BTreeMap<String, (&Fqdn, Span)> = BTreeMap::new();
    for host in plan.tenant_summaries.iter().flat_map(|summary| &summary.hosts) {
        let (name, span) = (&host.name.value, host.name.span);
        // Let's Encrypt asks for a record that nobody here may write: see `record-writer`.
        if plan.tls.is_acme() && !name.is_or_is_under(&plan.fqdn.value) {
            continue;
        }
        let mut edges = host.regions.iter().filter_map(|region| edges.get(*region));
        if let Some(lacks) = name_for(name).filter(|_| edges.any(|edge| !edge.serves(name))) {
            lacking.entry(lacks).or_insert((name, span));
        }
    }
    let mut places: Vec<_> = lacking.values().collect();
    places.sort_by_key(|(_, span)| *span);
    let Some((host, span)) = places.first() else { return };
    let message = match places.len() {
        1 => format!("no certificate is for `{host}`"),
        count => format!("no certificate is for the hosts of {count} environments, such as `{host}`"),
    };
    let mut found = Diagnostic::new(Code::HostWithoutCertificate, *span, message)
        .note("a browser refuses a host that the certificate is not for");
    for (host, span) in places.iter().skip(1).take(RELATED) {
        found = found.related(*span, format!("`{host}`"));
    }
    let weeks = issuer_limit::weeks(lacking.len()).filter(|_| plan.tls.issuer.value == Issuer::LetsEncrypt);
    if let Some((alone, together)) = weeks {
        found = found.note(format!(
            "with a certificate for each, Let's Encrypt takes {alone} weeks; with a hundred names in each, {together}"
        ));
    }
    let names = plan.tls.names.iter().map(|name| name.value.to_string()).chain(lacking.into_keys());
    let names: Vec<_> = names.map(|name| format!("\"{name}\"")).collect();
    diags.push(if names.len() <= SHOWN {
        found.help(format!("write `names = [{}]` in `[tls]`", names.join(", ")))
    } else {
        let list = suggest::list(names.iter().map(String::as_str), SHOWN);
        found.help(format!(
            "a certificate for so many is better made beside the application; `tls.names` lacks {list}"
        ))
    });
}
