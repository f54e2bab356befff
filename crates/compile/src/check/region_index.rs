#![doc = include_str!("../../../../docs/diagnostics/region-index.md")]

use std::collections::BTreeMap;

use crate::plan::{Plan, Region};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports numbers that two regions of a manifest have.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let free = plan.regions.iter().map(|region| region.index + 1).max().unwrap_or_default();
    let mut seen: BTreeMap<usize, &Region<'_>> = BTreeMap::new();
    for region in &plan.regions {
        let Some(first) = seen.insert(region.index, region) else { continue };
        // A number that follows from the order is not the one to change.
        let swap = region.written.index.is_none() && first.written.index.is_some();
        let (wrong, other) = if swap { (first, region) } else { (region, first) };
        let of = |region: &Region<'_>| {
            let how = if region.written.index.is_some() { "of" } else { "by its place in the list, of" };
            format!("{how} region `{}`", region.name.value)
        };
        let span = |region: &Region<'_>| region.written.index.map_or(region.written.span, |index| index.span);
        diags.push(
            Diagnostic::new(Code::RegionIndex, span(wrong), format!("number {} is given twice", wrong.index))
                .label(of(wrong))
                .related(span(other), of(other))
                .note("key, networks and mesh id of a region follow from its number")
                .help(format!("give each region its own `index`; {free} is free")),
        );
    }
}
