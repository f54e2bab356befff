#![doc = include_str!("../../../../docs/diagnostics/network-overlap.md")]

use std::collections::BTreeMap;

use crate::plan::Plan;
use sovereign_language::scalar::Cidr;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// A range of the mesh.
struct Range {
    what: String,
    cidr: Cidr,
    span: Span,
    /// Whether a person wrote it; otherwise it was allocated.
    given: bool,
    /// The number of its region.
    index: usize,
}

/// Reports ranges of the mesh that share an address: one finding for each range that a person can change, with all
/// others that it meets.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let ranges = ranges(plan);
    let mut found: BTreeMap<usize, Vec<&Range>> = BTreeMap::new();
    for (index, range) in ranges.iter().enumerate() {
        for (other_index, other) in ranges.iter().enumerate().skip(index + 1) {
            // Allocated ranges meet where two regions have one number, which is another finding.
            let by_number = !range.given && !other.given && range.index == other.index;
            if range.cidr.overlaps(other.cidr) && !by_number {
                // The later one is wrong, unless only the earlier one was written.
                let earlier = range.given && !other.given;
                let (wrong, met) = if earlier { (index, other) } else { (other_index, range) };
                found.entry(wrong).or_default().push(met);
            }
        }
    }
    for (wrong, met) in found {
        if let (Some(wrong), Some(first)) = (ranges.get(wrong), met.first()) {
            diags.push(report(wrong, first, &met));
        }
    }
}

fn ranges(plan: &Plan<'_>) -> Vec<Range> {
    let of_region = |region: &crate::plan::Region<'_>| {
        let (name, written) = (&region.name.value, region.written);
        [
            (format!("Pods of `{name}`"), region.pods, written.pod_cidr.is_some()),
            (format!("Services of `{name}`"), region.services, written.service_cidr.is_some()),
            (format!("machines of `{name}`"), region.network, written.network_cidr.is_some()),
        ]
        .map(|(what, range, given)| Range {
            what,
            cidr: range.value,
            span: range.span,
            given,
            index: region.index,
        })
    };
    plan.regions.iter().flat_map(of_region).collect()
}

fn report(wrong: &Range, first: &Range, met: &[&Range]) -> Diagnostic {
    let more = match met.len() - 1 {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let message = format!("{} ({}) overlaps {} ({}){more}", wrong.cidr, wrong.what, first.cidr, first.what);
    let start =
        Diagnostic::new(Code::NetworkOverlap, wrong.span, message).label(format!("for the {}", wrong.what));
    let label = |range: &Range| {
        let how = if range.given { "for" } else { "allocated by number:" };
        format!("{how} the {}, {}", range.what, range.cidr)
    };
    met.iter()
        .fold(start, |found, range| found.related(range.span, label(range)))
        .note("all clusters of a Sovereign route to each other, so no address may exist twice")
        .help("write a range that nothing else uses, or leave the key out: then one is allocated")
}
