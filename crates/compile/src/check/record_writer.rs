#![doc = include_str!("../../../../docs/diagnostics/record-writer.md")]

use std::collections::BTreeMap;

use crate::dns;
use crate::plan::Plan;
use crate::plan::failover::Application;
use sovereign_language::scalar::Fqdn;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// Reports records that nobody here may write, and those that two would write.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut claimed: BTreeMap<&str, (Span, &Application<'_>)> = BTreeMap::new();
    for application in plan.failover.iter().flat_map(|failover| &failover.applications) {
        for host in &application.hosts {
            if !host.value.is_or_is_under(&plan.fqdn.value) {
                outside(plan, host, diags);
            } else if is_name_server(plan, &host.value) {
                let message = format!("`{}` is a name server of the zone, not an application", host.value);
                diags.push(
                    Diagnostic::new(Code::RecordWriter, host.span, message)
                        .note("its address is part of the zone's delegation, and no switchover moves it")
                        .help(format!("give `{}` another host", application.name.value)),
                );
            } else if let Some((first, owner)) = claimed.get(host.value.as_str()) {
                twice(host, application, *first, owner, diags);
            } else {
                claimed.insert(host.value.as_str(), (host.span, application));
            }
        }
    }
    // An ACME server asks for a record below every name of the certificate; another CA does not.
    if plan.tls.is_acme() {
        for name in &plan.tls.names {
            let bare = name.value.as_str().trim_start_matches("*.");
            // Its labels may begin with digits, as those of no domain of a Sovereign do.
            let before = bare.strip_suffix(plan.fqdn.value.as_str());
            if !before.is_some_and(|before| before.is_empty() || before.ends_with('.')) {
                challenge(plan, name, bare, diags);
            }
        }
    }
}

fn is_name_server(plan: &Plan<'_>, host: &Fqdn) -> bool {
    let label = host.as_str().strip_suffix(plan.fqdn.value.as_str()).and_then(|rest| rest.strip_suffix('.'));
    let mut servers = plan.regions.iter().map(dns::own_server);
    plan.serves_own_zone() && label.is_some_and(|label| servers.any(|server| server == label))
}

fn outside(plan: &Plan<'_>, host: &Spanned<Fqdn>, diags: &mut Diagnostics) {
    let zone = &plan.fqdn;
    let message =
        format!("`{}` is outside of `{}`, so nobody here writes its record", host.value, zone.value);
    diags.push(
        Diagnostic::new(Code::RecordWriter, host.span, message)
            .related(zone.span, format!("the zone is `{}`", zone.value))
            .help(format!("write a name that ends in `.{}`", zone.value)),
    );
}

fn twice(
    host: &Spanned<Fqdn>,
    application: &Application<'_>,
    first: Span,
    owner: &Application<'_>,
    diags: &mut Diagnostics,
) {
    let itself = std::ptr::eq(application, owner);
    let message = if itself {
        format!("`{}` is claimed twice by `{}`", host.value, owner.name.value)
    } else {
        format!("`{}` is claimed by `{}` and `{}`", host.value, owner.name.value, application.name.value)
    };
    let found = Diagnostic::new(Code::RecordWriter, host.span, message)
        .related(first, format!("claimed by `{}` here", owner.name.value));
    diags.push(if itself {
        found.help("remove one of the two")
    } else {
        found
            .note("each would write the record over the other's, and a switchover of one would move both")
            .help("write `hosts` with other names for one of them, or `hosts = []`")
    });
}

fn challenge(
    plan: &Plan<'_>,
    name: &Spanned<sovereign_language::scalar::CertificateName>,
    bare: &str,
    diags: &mut Diagnostics,
) {
    let zone = &plan.fqdn.value;
    let message = format!("no certificate can be had for `{}`: it is outside of `{zone}`", name.value);
    diags.push(
        Diagnostic::new(Code::RecordWriter, name.span, message)
            .related(plan.fqdn.span, format!("the zone is `{zone}`"))
            .note(format!(
                "Let's Encrypt asks for a record at `_acme-challenge.{bare}`, which nobody here may write"
            ))
            .help(format!(
                "write names that end in `.{zone}`, or use a CA of your own: `issuer = \"corporate-ca\"`"
            )),
    );
}
