#![doc = include_str!("../../../../docs/diagnostics/missing-vcluster.md")]

use crate::plan::Plan;
use sovereign_language::manifest::Isolation;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports applications that are to be alone in a vCluster, of Organizations whose plan has none.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for organization in plan.organizations.iter().filter(|o| !o.plan.value.has_vcluster()) {
        for (_, application) in organization.applications() {
            let level = application.written.isolation_level;
            let Some(level) = level.filter(|level| level.value == Isolation::Vcluster) else { continue };
            let message = format!("an Organization of plan `{}` has no vCluster", organization.plan.value);
            diags.push(
                Diagnostic::new(Code::MissingVcluster, level.span, message)
                    .related(organization.plan.span, "the plan")
                    .help("choose plan `m` or a larger one, or isolate the application by its namespace"),
            );
        }
    }
}
