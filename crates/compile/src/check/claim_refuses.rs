#![doc = include_str!("../../../../docs/diagnostics/claim-refuses.md")]

use crate::plan::{Plan, Region};
use sovereign_language::kit::ClaimFacts;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// Reports regions and machine sizes that no claim accepts, where Crossplane shall make them.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for (region, facts) in plan.claimed() {
        location(plan, region, facts, diags);
        sizes(plan, region, facts, diags);
    }
}

fn location(plan: &Plan<'_>, region: &Region<'_>, facts: &ClaimFacts, diags: &mut Diagnostics) {
    let name = &region.name;
    if facts.has_location(&name.value) || diags.reported(Code::UnknownRegion, name.span) {
        return;
    }
    let known = facts.locations.iter().flat_map(|list| &list.value).map(|location| location.value.as_str());
    let message = format!("a RegionClaim refuses `{}`, which is none of its regions", name.value);
    let found = Diagnostic::new(Code::ClaimRefuses, name.span, message);
    diags.push(report(plan, region, found).help(format!(
        "write one of {}, or leave the region to OpenTofu: remove `managed-by`",
        suggest::list(known, 8)
    )));
}

fn sizes(plan: &Plan<'_>, region: &Region<'_>, facts: &ClaimFacts, diags: &mut Diagnostics) {
    let pools = [&region.written.control_plane, &region.written.workers].into_iter().flatten();
    for size in pools.filter_map(|pool| pool.value.size.as_ref()) {
        if facts.has_size(&size.value) || diags.reported(Code::UnknownSize, size.span) {
            continue;
        }
        let families = facts.families.iter().flat_map(|list| &list.value);
        let families: Vec<_> = families.map(|family| format!("`{}`", family.value.as_str())).collect();
        let message = format!(
            "a claim refuses machines of size `{}`, which is not {} and two digits",
            size.value,
            families.join(", ")
        );
        let found = Diagnostic::new(Code::ClaimRefuses, size.span, message);
        let known = region.provider.value.cloud().sizes.known;
        let accepted = known.iter().copied().filter(|known| {
            sovereign_language::scalar::Scalar::parse(known).is_ok_and(|known| facts.has_size(&known))
        });
        diags.push(report(plan, region, found).help(format!("sizes are {}", suggest::list(accepted, 6))));
    }
}

fn report(plan: &Plan<'_>, region: &Region<'_>, found: Diagnostic) -> Diagnostic {
    let found = match region.handed_over() {
        Some(span) => found.related(span, "Crossplane makes the region"),
        None => found,
    };
    found
        .related(plan.kit_span, "the claims of this kit")
        .note("the cluster would refuse the claim, and with it all claims beside it")
}
