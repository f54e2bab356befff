#![doc = include_str!("../../../../docs/diagnostics/own-registry.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports an air gap whose registry is a host of the Sovereign that comes from it.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(airgap) = &plan.airgap else { return };
    let (registry, fqdn) = (airgap.registry.value.name(), plan.fqdn.value.as_str());
    let is_own = registry.strip_suffix(fqdn).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if is_own {
        let message = format!("`{registry}` is a host of the Sovereign that shall be installed from it");
        diags.push(
            Diagnostic::new(Code::OwnRegistry, airgap.registry.span, message)
                .related(plan.fqdn.span, "the name of the Sovereign")
                .note("its name servers and its registry are images that come from that registry")
                .help("write a registry that is there before the Sovereign is, under another domain"),
        );
    }
}
