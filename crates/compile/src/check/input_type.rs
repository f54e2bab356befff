#![doc = include_str!("../../../../docs/diagnostics/input-type.md")]

use crate::plan::{Plan, inputs, reads};
use sovereign_language::kit::{Condition, InputTable};
use sovereign_language::scalar::InputName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::Node;
use sovereign_text::source::Spanned;

/// Reports values that are none of their input: in the manifest, as a default, and in a condition of the kit.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let extension = &plan.kit.extension;
    for (name, value) in inputs::given(plan.written) {
        if let Some(table) = extension.input(&name.value) {
            report(name, table, &value.0, diags);
        }
    }
    for (name, table) in &extension.inputs.0 {
        if let Some(default) = &table.value.default {
            report(name, &table.value, &default.value.0, diags);
        }
    }
    let conditions = plan.kit.blueprints.iter().flat_map(reads::conditions);
    for (name, value) in conditions.flat_map(Condition::inputs) {
        if let Some(table) = extension.input(&name.value) {
            report(name, table, &value.0, diags);
        }
    }
}

fn report(name: &Spanned<InputName>, table: &InputTable, value: &Node, diags: &mut Diagnostics) {
    let Some(misfit) = table.misfit(value).filter(|_| !diags.overflows(Code::InputType)) else { return };
    let message = format!("`{}` is of another type: {}", name.value, misfit.message);
    let found = Diagnostic::new(Code::InputType, misfit.span, message);
    let found = match table.r#type.filter(|declared| declared.span != name.span) {
        Some(declared) => found.related(declared.span, format!("the kit asks for a `{}`", declared.value)),
        None => found,
    };
    diags.push(match misfit.near {
        Some(near) => found.fix("did you mean", misfit.span, near),
        None => found.help(misfit.help),
    });
}
