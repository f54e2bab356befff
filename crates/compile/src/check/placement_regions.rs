#![doc = include_str!("../../../../docs/diagnostics/placement-regions.md")]

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::plan::Plan;
use crate::plan::tenant::{Application, Environment, regions_span};
use sovereign_language::manifest::{EnvironmentPlacement, MOST_REGIONS, Placement};
use sovereign_language::scalar::RegionName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// Reports environments and applications in more or fewer regions than their placement has, in a region twice, and
/// applications outside of their environment.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let environments = plan.organizations.iter().flat_map(|organization| &organization.environments);
    for environment in environments {
        of_environment(environment, diags);
        for application in &environment.applications {
            of_application(plan, environment, application, diags);
        }
    }
}

fn of_environment(environment: &Environment<'_>, diags: &mut Diagnostics) {
    let Some(regions) = &environment.written.regions else { return };
    let allowed = match environment.placement.value {
        EnvironmentPlacement::SingleRegion => 1..=1,
        EnvironmentPlacement::MultiRegion => 2..=MOST_REGIONS,
    };
    let placement = environment.placement;
    number(&placement.as_ref().map(ToString::to_string), regions, &allowed, diags);
    twice(regions, diags);
}

fn of_application(
    plan: &Plan<'_>,
    environment: &Environment<'_>,
    application: &Application<'_>,
    diags: &mut Diagnostics,
) {
    let allowed = match application.placement.value {
        Placement::SingleRegion => 1..=1,
        Placement::ActiveActive | Placement::ActiveHotstandby => 2..=MOST_REGIONS,
    };
    let placement = application.placement.as_ref().map(ToString::to_string);
    let Some(regions) = &application.written.regions else {
        let count = application.regions.len();
        if count < *allowed.start() && !application.regions.is_empty() {
            let span = regions_span(application);
            report(&placement.value, span, count, &allowed, environment.written.span, diags);
        }
        return;
    };
    number(&placement, regions, &allowed, diags);
    twice(regions, diags);
    for seat in &application.regions {
        if environment.regions.iter().any(|other| other.region == seat.region) {
            continue;
        }
        let name = plan.at(*seat).map(|region| region.name.value.to_string()).unwrap_or_default();
        let message = format!("environment `{}` is not in `{name}`", environment.name.value);
        let span = environment.written.regions.as_ref().map_or(environment.written.span, |r| r.span);
        diags.push(
            Diagnostic::new(Code::PlacementRegions, seat.span, message)
                .related(span, "its regions")
                .help("choose of the environment's regions, or add this one to them"),
        );
    }
}

fn number(
    placement: &Spanned<String>,
    regions: &Spanned<Vec<Spanned<RegionName>>>,
    allowed: &RangeInclusive<usize>,
    diags: &mut Diagnostics,
) {
    let count = regions.value.len();
    // An empty list is a mistake of its own, and so is one that no placement can have.
    if (1..=MOST_REGIONS).contains(&count) && !allowed.contains(&count) {
        report(&placement.value, regions.span, count, allowed, placement.span, diags);
    }
}

fn report(
    placement: &str,
    span: Span,
    count: usize,
    allowed: &RangeInclusive<usize>,
    because: Span,
    diags: &mut Diagnostics,
) {
    let (least, most) = (allowed.start(), allowed.end());
    let wanted =
        if *most == 1 { "exactly one region".to_owned() } else { format!("{least} to {most} regions") };
    let message = format!("`{placement}` has {wanted}, here are {count}");
    let found = Diagnostic::new(Code::PlacementRegions, span, message);
    let found = if because == span { found } else { found.related(because, "the placement") };
    diags.push(found.help("list other regions, or choose another `placement`"));
}

fn twice(regions: &Spanned<Vec<Spanned<RegionName>>>, diags: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for region in &regions.value {
        if !seen.insert(&region.value) {
            let message = format!("region `{}` is there twice", region.value);
            diags.push(Diagnostic::new(Code::PlacementRegions, region.span, message).help("remove one"));
        }
    }
}
