#![doc = include_str!("../../docs/diagnostics/network-overlap.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::grammar::cidr::Cidr;
use crate::plan::Plan;
use crate::source::Spanned;

/// Reports every pair of ranges of the mesh that share an address.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let ranges: Vec<(String, Spanned<Cidr>)> = plan
        .regions
        .iter()
        .flat_map(|region| {
            let name = &region.name.value;
            [
                (format!("Pods of `{name}`"), region.pods),
                (format!("Services of `{name}`"), region.services),
                (format!("machines of `{name}`"), region.network),
            ]
        })
        .collect();
    for (index, (what, range)) in ranges.iter().enumerate() {
        for (other, other_range) in &ranges[index + 1..] {
            if range.value.overlaps(other_range.value) {
                let message = format!("{} ({other}) overlaps {} ({what})", other_range.value, range.value);
                diags.push(
                    Diagnostic::new(Code::NetworkOverlap, other_range.span, message)
                        .label(format!("the range of the {other}"))
                        .related(range.span, format!("the range of the {what}"))
                        .note(
                            "all clusters of a Sovereign route to each other, so no address may exist twice",
                        ),
                );
            }
        }
    }
}
