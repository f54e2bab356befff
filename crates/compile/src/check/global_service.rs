#![doc = include_str!("../../../../docs/diagnostics/global-service.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostics};

/// Reports global Services between the halves of a database that are not the same in both regions.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for halves in plan.halves() {
        let Some(path) = &halves.facts.global_service else { continue };
        for difference in halves.differences(&path.value) {
            let found = halves.finding(Code::GlobalService, &difference, "the global Services of two halves");
            let why = "Cilium joins Services of one name, namespace, ports and annotations";
            diags.extend(found.map(|found| found.note(why)));
        }
    }
}
