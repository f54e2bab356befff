#![doc = include_str!("../../../../docs/diagnostics/closed-port.md")]

use crate::plan::ports::MATRIX;
use crate::plan::{Plan, Region};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports firewalls that keep out what the plan needs: one finding for each region.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        report(plan, region, diags);
    }
}

fn report(plan: &Plan<'_>, region: &Region<'_>, diags: &mut Diagnostics) {
    // What is not written is the provider's default, which lets all of this in.
    let Some(written) = &region.written.firewall else { return };
    let rules = || written.value.iter().map(|rule| &rule.value);
    let missing: Vec<_> =
        MATRIX.iter().filter(|need| need.is_of(plan, region) && !need.rule.is_covered_by(rules())).collect();
    if missing.is_empty() {
        return;
    }
    let closed: Vec<_> = missing.iter().map(|need| format!("`{}`", need.rule)).collect();
    let message = format!("the firewall of `{}` does not let in {}", region.name.value, closed.join(", "));
    let found = Diagnostic::new(Code::ClosedPort, written.span, message);
    let noted =
        missing.iter().fold(found, |found, need| found.note(format!("`{}`: {}", need.rule, need.why)));
    let open = rules().chain(missing.iter().map(|need| &need.rule)).map(|rule| format!("\"{rule}\""));
    let list = format!("[{}]", open.collect::<Vec<_>>().join(", "));
    diags.push(noted.fix("let it in", written.span, list));
}
