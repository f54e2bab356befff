#![doc = include_str!("../../../../docs/diagnostics/value-type.md")]

use crate::chart_values::{Fault, Found};
use sovereign_language::lock::{Kind, Mismatch};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports Helm values of a kind that their chart cannot use.
pub(crate) fn check(faults: &[Found<'_>], diags: &mut Diagnostics) {
    for found in faults {
        if diags.count_within(found.span) == 0 {
            diags.extend(report(found));
        }
    }
}

fn report(found: &Found<'_>) -> Option<Diagnostic> {
    let Fault::Kind(mismatch) = &found.fault else { return None };
    let (chart, version, path) = (&found.blueprint.chart.value, found.version, &found.path);
    let error = |message: String| Diagnostic::new(Code::ValueType, found.span, message);
    Some(match mismatch {
        Mismatch::Default(Kind::Bool) => {
            error(format!("{chart} {version} takes `true` or `false` as `{path}`"))
                .note("a template takes every text that is not empty for true, \"false\" too")
                .help("write `true` or `false` without quotes")
        }
        Mismatch::Default(kind) => {
            error(format!("{chart} {version} takes {kind} as `{path}`")).help(format!("write {kind}"))
        }
        Mismatch::Schema(kinds) => {
            let kinds: Vec<_> = kinds.iter().map(ToString::to_string).collect();
            let wanted = kinds.join(" or ");
            error(format!("the schema of {chart} {version} wants {wanted} as `{path}`"))
                .note("Helm refuses to install or upgrade a release whose values do not fit the schema")
                .help(format!("write {wanted}"))
        }
        Mismatch::Printed(printed) => error(format!("Helm makes `{printed}` of this number"))
            .note(format!("`{path}` is text: a number reaches a template as a float"))
            .help("write it in quotes"),
        Mismatch::Inexact(read) => error(format!("this number becomes {read} on the way to Helm"))
            .note("beyond 9007199254740992 not every whole number is one of JSON")
            .help("write it in quotes"),
    })
}
