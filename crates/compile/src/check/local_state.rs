#![doc = include_str!("../../../../docs/diagnostics/local-state.md")]

use crate::plan::Plan;
use crate::provision;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports an air gap whose machines OpenTofu makes without a table that says where its state is.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(airgap) = &plan.airgap else { return };
    let made = plan.regions.iter().find_map(|region| Some((region, provision::module(plan, region)?)));
    let Some((region, module)) = made else { return };
    if plan.written.provisioning.as_ref().is_some_and(|table| table.value.states("state")) {
        return;
    }
    let message = format!("the state of `{module}` would be on one disk, and not encrypted");
    diags.push(
        Diagnostic::new(Code::LocalState, airgap.registry.span, message)
            .label("behind this air gap")
            .related(region.name.span, "it makes the machines here")
            .note("a state holds the keys of the machines and the token that joins them")
            .help(
                "write `[provisioning.state]` with `endpoint`, `bucket`, `region`, `credentials` and `passphrase`, \
                 and the endpoint's host in `[airgap] hosts`",
            ),
    );
}
