#![doc = include_str!("../../docs/diagnostics/mesh-id.md")]

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::Plan;

/// Cilium's cluster ids; 0 means "not in a mesh".
const IDS: std::ops::RangeInclusive<i64> = 1..=255;

/// Reports ids outside the range, and ids given twice.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for region in &plan.regions {
        let id = region.mesh.id;
        if !IDS.contains(&id.value) {
            let message = format!("mesh id {} is not between {} and {}", id.value, IDS.start(), IDS.end());
            let why =
                if id.value == 0 { "0 means that the cluster is in no mesh" } else { "Cilium keeps 8 bits" };
            diags.push(Diagnostic::new(Code::MeshId, id.span, message).note(why));
        } else if let Some((name, span)) = seen.insert(id.value, (&region.name.value, id.span)) {
            let message = format!("mesh id {} is given twice", id.value);
            diags.push(
                Diagnostic::new(Code::MeshId, id.span, message)
                    .label(format!("of region `{}`", region.name.value))
                    .related(span, format!("of region `{name}`"))
                    .help("give each region its own `mesh-id`, and never one that was used before"),
            );
        }
    }
}
