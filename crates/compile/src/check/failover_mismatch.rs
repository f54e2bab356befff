#![doc = include_str!("../../../../docs/diagnostics/failover-mismatch.md")]

use crate::plan::failover::Seat;
use crate::plan::tenant::{Application, Environment, regions_span};
use crate::plan::{Plan, failover};
use sovereign_language::manifest::Placement;
use sovereign_language::scalar::{Objective, Scalar as _};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Reports applications that are described twice, for their Organization and for their failover, in two ways.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(failover) = &plan.failover else { return };
    for protected in &failover.applications {
        let Some(organization) = plan.organization(protected.namespace.value.as_str()) else { continue };
        let found =
            organization.applications().find(|(_, a)| a.object.value == protected.name.value.as_str());
        let Some((environment, application)) = found else {
            let message = format!(
                "Organization `{}` has no application `{}` that could be taken over",
                organization.slug.value, protected.name.value
            );
            diags.push(
                Diagnostic::new(Code::FailoverMismatch, protected.name.span, message)
                    .related(organization.slug.span, "the Organization of this namespace")
                    .help("add it as an `application` of an environment, or name another `namespace`"),
            );
            continue;
        };
        let (here, there) = (application.placement, protected.placement);
        if here.value != there.value {
            let message =
                format!("`{}` is {} here and {} there", protected.name.value, there.value, here.value);
            report(message, protected.name.span, here.span, diags);
        } else if here.value != Placement::SingleRegion && !same(protected, &application.regions) {
            let regions = |seats: &[Seat]| {
                let names = seats.iter().filter_map(|seat| Some(plan.at(*seat)?.name.value.to_string()));
                names.collect::<Vec<_>>().join(", ")
            };
            let message = format!(
                "`{}` is in {} here and in {} there",
                protected.name.value,
                regions(&protected.seats().collect::<Vec<_>>()),
                regions(&application.regions)
            );
            report(message, protected.name.span, regions_span(application), diags);
        } else if here.value == Placement::ActiveHotstandby {
            promises(protected, application, diags);
            host(plan, protected, environment, application, diags);
        }
    }
}

/// Reports what both promise, and promise otherwise. What one of them leaves open it does not contradict; but who switches
/// over unless asked is never open for a Continuum.
fn promises(protected: &failover::Application<'_>, application: &Application<'_>, diags: &mut Diagnostics) {
    let Some(wishes) = application.written.topology.as_ref().map(|wishes| &wishes.value) else { return };
    let name = &protected.name.value;
    for (key, here, there) in [("rto", &protected.rto, &wishes.rto), ("rpo", &protected.rpo, &wishes.rpo)] {
        let (Some(here), Some(there)) = (here, there) else { continue };
        let seconds = Objective::parse(there.value.as_str()).map(|objective| objective.seconds());
        if seconds.is_ok_and(|seconds| seconds != here.value.seconds()) {
            let message = format!("`{name}` has the {key} {} here and {} there", here.value, there.value);
            report_key(message, here.span, there.span, key, diags);
        }
    }
    let here = protected.auto_failover;
    if let Some(there) = wishes.auto_failover.filter(|there| there.value != here.value) {
        let says = |automatic| if automatic { "without being asked" } else { "only when asked" };
        let message =
            format!("`{name}` is switched over {} here and {} there", says(here.value), says(there.value));
        report_key(message, here.span, there.span, "auto-failover", diags);
    }
}

/// Reports a host of the application that none of the hosts is that fail over: its record would stay with the primary.
fn host(
    plan: &Plan<'_>,
    protected: &failover::Application<'_>,
    environment: &Environment<'_>,
    application: &Application<'_>,
    diags: &mut Diagnostics,
) {
    let Some(first) = protected.hosts.first() else { return };
    // Its name in the Sovereign's zone; one below its Organization's domain is an alias of it.
    let host = format!("{}.{}", application.labels(environment), plan.fqdn.value);
    if protected.hosts.iter().all(|known| known.value.as_str() != host) {
        let message = format!("`{host}` would not follow `{}` to another region", protected.name.value);
        let found = Diagnostic::new(Code::FailoverMismatch, first.span, message);
        let hosts = protected.hosts.iter().map(|known| known.value.to_string()).chain([host]);
        let hosts: Vec<_> = hosts.map(|host| format!("\"{host}\"")).collect();
        diags.push(
            found
                .label("only what is named here does")
                .related(application.name.span, "this application has that host")
                .help(format!("write `hosts = [{}]`", hosts.join(", "))),
        );
    }
}

/// Returns whether both mean the same regions: with a standby the order counts.
fn same(protected: &failover::Application<'_>, regions: &[Seat]) -> bool {
    let mut here: Vec<_> = protected.seats().map(|seat| seat.region).collect();
    let mut there: Vec<_> = regions.iter().map(|seat| seat.region).collect();
    if protected.placement.value == Placement::ActiveActive {
        here.sort_unstable();
        there.sort_unstable();
    }
    here == there
}

fn report_key(message: String, here: Span, there: Span, key: &str, diags: &mut Diagnostics) {
    let found = Diagnostic::new(Code::FailoverMismatch, here, message).related(there, "there");
    diags.push(found.help(format!("write the same `{key}` in both places")));
}

fn report(message: String, here: Span, there: Span, diags: &mut Diagnostics) {
    diags.push(
        Diagnostic::new(Code::FailoverMismatch, here, message)
            .related(there, "there")
            .help("write the same placement and regions in both places"),
    );
}
