#![doc = include_str!("../../../../docs/diagnostics/unknown-input.md")]

use crate::plan::{Plan, inputs, reads};
use sovereign_language::scalar::InputName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Spanned;

/// Reports inputs that a manifest gives, or that a condition of the kit reads, and that the kit does not have.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for (name, _) in inputs::given(plan.written) {
        report(plan, name, diags);
    }
    let conditions = plan.kit.blueprints.iter().flat_map(reads::conditions);
    for (name, _) in conditions.flat_map(sovereign_language::kit::Condition::inputs) {
        report(plan, name, diags);
    }
}

fn report(plan: &Plan<'_>, name: &Spanned<InputName>, diags: &mut Diagnostics) {
    let extension = &plan.kit.extension;
    if extension.input(&name.value).is_some() || diags.overflows(Code::UnknownInput) {
        return;
    }
    let known = || extension.inputs.0.iter().map(|(known, _)| known.value.as_str());
    let message = format!("kit {} has no input `{}`", plan.kit.name, name.value);
    let found = Diagnostic::new(Code::UnknownInput, name.span, message);
    diags.push(match suggest::nearest(name.value.as_str(), known()) {
        Some(near) => found.fix("an input with a similar name exists", name.span, near.to_owned()),
        None if known().next().is_none() => found.help("it has none at all; leave it out"),
        None => found.help(format!("its inputs are {}", suggest::list(known(), 12))),
    });
}
