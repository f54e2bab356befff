#![doc = include_str!("../../../../docs/diagnostics/missing-platform.md")]

use crate::lower::tenants::{CHARTS, GROUPS};
use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports what Organizations need and their regions lack: the definitions of their resources, and the source of their
/// vClusters.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let (Some(first), Some(primary)) = (plan.tenant_summaries.first(), plan.primary()) else { return };
    for group in GROUPS.iter().filter(|group| primary.provider_of(group).is_none()) {
        let message = format!("no release of region `{}` brings `{group}`", primary.name.value);
        diags.push(
            Diagnostic::new(Code::MissingPlatform, first.slug.span, message)
                .related(plan.kit_span, "the kit")
                .note("without its definition the cluster refuses every resource of an Organization")
                .help("choose a kit whose bp-catalyst-platform brings it, and leave that switched on"),
        );
    }
    for (place, region) in plan.regions.iter().enumerate().filter(|(_, r)| r.release(CHARTS).is_none()) {
        let mut tenants = plan.tenant_summaries.iter().filter(|r| r.has_vcluster && r.runs_in(place));
        if let Some(summary) = tenants.next() {
            let message = format!("region `{}` lacks `{CHARTS}`, the source of vClusters", region.name.value);
            diags.push(
                Diagnostic::new(Code::MissingPlatform, summary.slug.span, message)
                    .related(region.name.span, "the region")
                    .help("choose a kit that has it, or plan `s` for Organizations there"),
            );
        }
    }
}
