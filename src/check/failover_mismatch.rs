#![doc = include_str!("../../docs/diagnostics/failover-mismatch.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::manifest::Placement;
use crate::plan::failover::Seat;
use crate::plan::tenant::regions_span;
use crate::plan::{Plan, failover};
use crate::source::Span;

/// Reports applications that are described twice, for their Organization and for their failover, in two ways.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(failover) = &plan.failover else { return };
    for protected in &failover.applications {
        let Some(organization) = plan.organization(protected.namespace.value.as_str()) else { continue };
        let found =
            organization.applications().find(|(_, a)| a.object.value == protected.name.value.as_str());
        let Some((_, application)) = found else {
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
            report(message, (protected.name.span, here.span), diags);
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
            report(message, (protected.name.span, regions_span(application)), diags);
        }
    }
}

/// Whether both mean the same regions: with a standby the order counts.
fn same(protected: &failover::Application<'_>, regions: &[Seat]) -> bool {
    let mut here: Vec<_> = protected.seats().map(|seat| seat.region).collect();
    let mut there: Vec<_> = regions.iter().map(|seat| seat.region).collect();
    if protected.placement.value == Placement::ActiveActive {
        here.sort_unstable();
        there.sort_unstable();
    }
    here == there
}

fn report(message: String, (here, there): (Span, Span), diags: &mut Diagnostics) {
    diags.push(
        Diagnostic::new(Code::FailoverMismatch, here, message)
            .related(there, "there")
            .help("write the same placement and regions in both places"),
    );
}
