#![doc = include_str!("../../../../docs/diagnostics/primary-region.md")]

use crate::plan::Plan;
use sovereign_language::manifest::Role;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports more than one primary, and none.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut primaries = plan.regions.iter().filter(|region| region.is_primary());
    let Some(first) = primaries.next() else {
        // A region or a role that could not be read may have been the primary.
        let mut written = plan.written.region.iter().flat_map(|tables| &tables.value);
        let unread = plan.lacks_regions()
            || written.any(|table| table.value.role.is_none() && table.value.states("role"));
        if let Some(region) = plan.regions.first().filter(|_| !unread) {
            let message = "no region is the primary";
            diags.push(
                Diagnostic::new(Code::PrimaryRegion, region.role.span, message)
                    .help("remove `role` from the first region, or write `role = \"primary\"` in one"),
            );
        }
        return;
    };
    for other in primaries {
        let message = format!("region `{}` is a second primary", other.name.value);
        diags.push(
            Diagnostic::new(Code::PrimaryRegion, other.role.span, message)
                .related(first.role.span, format!("`{}` is the primary already", first.name.value))
                .fix("write", other.role.span, format!("\"{}\"", Role::Secondary)),
        );
    }
}
