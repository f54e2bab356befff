#![doc = include_str!("../../../../docs/diagnostics/missing-input.md")]

use crate::plan::{Plan, inputs};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports inputs that a manifest must give and does not, at the line that chose the kit.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for (name, table) in &plan.kit.extension.inputs.0 {
        let table = &table.value;
        let is_given = inputs::given(plan.written).any(|(given, _)| given.value == name.value);
        let is_required = table.required.is_some_and(|required| required.value) && table.default.is_none();
        // One that is given and wrong is reported as that.
        let is_meant = plan.written.input.is_none() && plan.written.states("input");
        if is_given || !is_required || is_meant {
            continue;
        }
        let message = format!("kit {} must be told `{}`, and is not", plan.kit.name, name.value);
        let found =
            Diagnostic::new(Code::MissingInput, plan.kit_span, message).related(name.span, "asked for here");
        let found = match &table.doc {
            Some(doc) => found.note(format!("{}: {}", name.value, doc.value)),
            None => found,
        };
        diags.push(found.help(format!("add `{} = {}` to `[input]`", name.value, table.example())));
    }
}
