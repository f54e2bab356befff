#![doc = include_str!("../../../../docs/diagnostics/empty-load-balancer.md")]

use crate::plan::Plan;
use crate::provision::machines;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Warns of regions that Crossplane makes of one machine. The load balancer leads to what has the label of a pool, and the first
/// machine of a control plane, which comes with the RegionClaim, is in none.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for (region, _) in plan.claimed() {
        let written = region.written;
        let Some(pool) = &written.control_plane else { continue };
        if machines(Some(pool)) > 1 || machines(written.workers.as_ref()) > 0 {
            continue;
        }
        let message = format!("the load balancer of `{}` leads to no machine", region.name.value);
        let found = Diagnostic::new(Code::EmptyLoadBalancer, pool.span, message);
        let found = match region.handed_over() {
            Some(span) => found.related(span, "Crossplane makes the region"),
            None => found,
        };
        diags.push(
            found
                .note("it leads to machines of pools, and the first of a control plane is in none")
                .help("give the region `workers`, or its control plane three machines"),
        );
    }
}
