#![doc = include_str!("../../../../docs/diagnostics/module-refuses.md")]

use crate::plan::Plan;
use crate::provision::{self, Variable};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Findings about the same value, which the module refuses for the same reason.
const SAME: [Code; 4] = [Code::MeshId, Code::StorageMismatch, Code::UnknownRegion, Code::UnknownSize];

/// What helps where a location is refused.
const OTHERS: &str =
    "let another region come first: of all that the module makes, it holds only the first against this";

/// Reports values that the module of a region does not accept, each where the manifest gives it.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let Some(told) = provision::tofu_vars(plan, region) else { continue };
        for variable in provision::variables(told.module) {
            let Some(value) = told.values.get(variable.name) else { continue };
            let known = |span: Span| SAME.iter().any(|code| diags.reported(*code, span));
            if let Some(reason) = variable.refuses(&value.to_json()).filter(|_| !known(value.cause)) {
                let shown = value.as_str().map(sovereign_language::schema::shorten).unwrap_or_default();
                let message = format!("`{}` refuses `{shown}`, which {reason}", told.module);
                let found = report(plan, variable, value.cause, message);
                let is_first = value.cause == region.name.span && !told.module.makes_one();
                diags.push(if is_first { found.help(OTHERS) } else { found });
            }
        }
    }
}

fn report(plan: &Plan<'_>, variable: &Variable, span: Span, message: String) -> Diagnostic {
    Diagnostic::new(Code::ModuleRefuses, span, message)
        .label(format!("its variable `{}`", variable.name))
        .related(plan.kit_span, "the module of this kit")
        .note("OpenTofu would stop there, before it makes anything")
}
