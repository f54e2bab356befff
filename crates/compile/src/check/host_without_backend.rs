#![doc = include_str!("../../../../docs/diagnostics/host-without-backend.md")]

use std::collections::BTreeSet;

use crate::plan::failover::{Application, Seat};
use crate::plan::{Absence, Plan, Region};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// Reports applications that would be answered from a region where their blueprint does nothing.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for application in plan.failover.iter().flat_map(|failover| &failover.applications) {
        for backend in backends(plan, application) {
            let idle: Vec<_> = application.seats().filter_map(|seat| idle(plan, seat, backend)).collect();
            let mut causes: Vec<&Absence> = Vec::new();
            for (_, _, absence) in &idle {
                if !causes.contains(&absence) {
                    causes.push(absence);
                }
            }
            for cause in causes {
                let of_cause: Vec<_> = idle.iter().filter(|(_, _, absence)| absence == cause).collect();
                report(plan, application, backend, &of_cause, diags);
            }
        }
    }
}

/// A seat in whose region a blueprint does nothing, and why.
type Idle<'p, 'a> = (Seat, &'p Region<'a>, Absence);

fn idle<'p, 'a>(plan: &'p Plan<'a>, seat: Seat, backend: &str) -> Option<Idle<'p, 'a>> {
    let region = plan.at(seat)?;
    Some((seat, region, region.idle(backend)?))
}

/// Returns the blueprints that serve an application: the one it is, and those that publish its hosts. What
/// fails over by Raft is for another rule.
fn backends<'a>(plan: &Plan<'a>, application: &Application<'_>) -> BTreeSet<&'a str> {
    let publishes = |host| {
        plan.kit
            .blueprints
            .iter()
            .find(|blueprint| blueprint.publishes_host(host, &plan.fqdn.value).is_some())
    };
    let of_hosts = application.hosts.iter().filter_map(|host| publishes(&host.value));
    let itself = application.blueprint.as_ref().filter(|_| application.raft.is_none());
    let itself = itself.and_then(|name| plan.kit.blueprint(name.value.as_str()));
    itself.into_iter().chain(of_hosts).map(|blueprint| blueprint.name.value.as_str()).collect()
}

fn report(
    plan: &Plan<'_>,
    application: &Application<'_>,
    backend: &str,
    idle: &[&Idle<'_, '_>],
    diags: &mut Diagnostics,
) {
    let Some((seat, region, absence)) = idle.first() else { return };
    let regions = suggest::list(idle.iter().map(|(_, region, _)| region.name.value.as_str()), 3);
    let of_backend = application.hosts.iter().find(|host| {
        let blueprint = plan.kit.blueprint(backend);
        blueprint.is_some_and(|b| b.publishes_host(&host.value, &plan.fqdn.value).is_some())
    });
    let host = of_backend.or(application.hosts.first());
    let what = host.map_or_else(|| application.name.value.to_string(), |host| host.value.to_string());
    let off = matches!(absence, Absence::Off(_));
    let does = if off { "is switched off" } else { "does not run" };
    let message = format!("`{what}` would be answered from {regions}, where `{backend}` {does}");
    let found = Diagnostic::new(Code::HostWithoutBackend, seat.span, message);
    let found = match host {
        Some(host) if host.span != seat.span => found.related(host.span, "this host"),
        _ => found,
    };
    let found = match absence {
        Absence::Off(span) => found.related(*span, "switched off here"),
        Absence::Elsewhere(why, span) => found.related(*span, *why),
    };
    let found = match (absence, plan.switches(region, backend)) {
        (Absence::Off(span), _) if span.source.is_input() => found.fix("switch it on", *span, "true"),
        (_, Some(switches)) => {
            found.help(format!("write `{switches}` in the `[[region]]` table of {regions}"))
        }
        (_, None) => found,
    };
    diags.push(found.help(format!("or let `{}` run elsewhere", application.name.value)));
}
