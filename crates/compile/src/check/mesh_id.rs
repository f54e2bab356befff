#![doc = include_str!("../../../../docs/diagnostics/mesh-id.md")]

use std::collections::BTreeMap;

use crate::plan::{Plan, Region};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Cilium's cluster ids; 0 means "not in a mesh".
const IDS: std::ops::RangeInclusive<i64> = 1..=255;

/// Reports ids outside the range, and ids given twice.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for region in &plan.regions {
        let id = region.mesh.id;
        if !IDS.contains(&id.value) {
            let message = format!("mesh id {} is not between {} and {}", id.value, IDS.start(), IDS.end());
            let why =
                if id.value == 0 { "0 means that the cluster is in no mesh" } else { "Cilium keeps 8 bits" };
            diags.push(Diagnostic::new(Code::MeshId, id.span, message).note(why));
        } else if let Some(first) = seen.insert(id.value, region) {
            let by_number = |region: &Region<'_>| region.written.mesh_id.is_none();
            if by_number(region) && by_number(first) && region.index == first.index {
                continue;
            }
            // An id that follows from the number of a region is not the one to change.
            let swap = region.written.mesh_id.is_none() && first.written.mesh_id.is_some();
            let (wrong, other) = if swap { (first, region) } else { (region, first) };
            let message = format!("mesh id {} is given twice", id.value);
            let of = |region: &Region<'_>| {
                let how = if region.written.mesh_id.is_some() { "of" } else { "by its number, of" };
                format!("{how} region `{}`", region.name.value)
            };
            diags.push(
                Diagnostic::new(Code::MeshId, wrong.mesh.id.span, message)
                    .label(of(wrong))
                    .related(other.mesh.id.span, of(other))
                    .help("give each region its own `mesh-id`, and never one that was used before"),
            );
        }
    }
}
