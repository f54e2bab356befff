#![doc = include_str!("../../../../docs/diagnostics/two-primaries.md")]

use crate::plan::Plan;
use crate::plan::failover::{Application, Failover, Pair};
use sovereign_language::manifest::PdmRole;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports what would be written to in two places.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    if let Some(failover) = &plan.failover {
        // Two tables that agree on the primary are two of one name, which is another rule's.
        let twins = failover.twins().into_iter();
        let apart = twins.filter(|(first, again)| first.primary.region != again.primary.region);
        diags.extend(apart.map(|(first, again)| application(plan, first, again)));
        authorities(failover, diags);
    }
    if let Some(pair) = plan.pair() {
        halves(plan, pair, diags);
    }
}

fn application(plan: &Plan<'_>, first: &Application<'_>, again: &Application<'_>) -> Diagnostic {
    let name = |application: &Application<'_>| {
        plan.at(application.primary).map_or_else(String::new, |region| region.name.value.to_string())
    };
    let what = if first.name.value == again.name.value {
        format!("application `{}`", again.name.value)
    } else {
        format!("Continuum `{}/{}`", again.namespace.value, again.continuum.value)
    };
    let message = format!("{what} has two primaries: `{}` and `{}`", name(first), name(again));
    let span = |application: &Application<'_>| {
        let primary = application.primary.span;
        if application.is_written(primary) { primary } else { application.name.span }
    };
    Diagnostic::new(Code::TwoPrimaries, span(again), message)
        .related(span(first), format!("`{}` here", name(first)))
        .help("keep one of the two tables, or give one another `name` or `continuum`")
}

/// Reports a second server that takes the changes of the zone.
fn authorities(failover: &Failover<'_>, diags: &mut Diagnostics) {
    let mut takes_changes =
        failover.authorities.iter().filter(|authority| authority.role.value == PdmRole::PrimaryAuthority);
    let Some(first) = takes_changes.next() else { return };
    for again in takes_changes.filter(|again| again.name.value != first.name.value) {
        let message = format!(
            "`{}` and `{}` would both take the changes of the zone",
            first.name.value, again.name.value
        );
        diags.push(
            Diagnostic::new(Code::TwoPrimaries, again.role.span, message)
                .related(first.role.span, format!("`{}` takes them already", first.name.value))
                .fix("write", again.role.span, format!("\"{}\"", PdmRole::SecondaryAuthority)),
        );
    }
}

/// Reports halves of a database pair that are told to be the other one.
fn halves(plan: &Plan<'_>, pair: Pair, diags: &mut Diagnostics) {
    let name = |place: usize| plan.regions.get(place).map_or("", |region| region.name.value.as_str());
    for (place, region) in plan.regions.iter().enumerate().filter(|(place, _)| pair.has(*place)) {
        for release in &region.releases {
            let facts = release.blueprint.pair.as_ref();
            let Some(path) = facts.and_then(|facts| facts.value.side.as_ref()) else { continue };
            let Some(side) = release.values.at(&path.value.keys()) else { continue };
            let due = pair.side(place);
            // The chart takes both words for the half that follows.
            let given = side.as_str().map(|side| if side == "secondary" { "replica" } else { side });
            if given == Some(due) {
                continue;
            }
            let (here, release) = (region.name.value.as_str(), release.blueprint.name.value.as_str());
            let message =
                format!("the half of `{release}` in region `{here}` is the {due}, and is told otherwise");
            let both =
                format!("`{}` is the primary, `{}` the replica", name(pair.primary), name(pair.replica));
            diags.push(
                Diagnostic::new(Code::TwoPrimaries, side.cause, message)
                    .related(pair.span, both)
                    .help(format!("remove `{}`: each half is told what it is", path.value)),
            );
        }
    }
}
