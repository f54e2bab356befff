#![doc = include_str!("../../../../docs/diagnostics/foreign-sovereign.md")]

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports a consent to the end of another Sovereign than the one that the manifest describes.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let fqdn = &plan.fqdn;
    for other in plan.retirements().filter(|sovereign| sovereign.value != fqdn.value) {
        let message = format!("`{}` is not the Sovereign of this file", other.value);
        diags.push(
            Diagnostic::new(Code::ForeignSovereign, other.span, message)
                .related(fqdn.span, format!("this one is {}", fqdn.value))
                .help(format!(
                    "to end this Sovereign, write sovereign = \"{}\"; else remove the table",
                    fqdn.value
                )),
        );
    }
}
