#![doc = include_str!("../../../../docs/diagnostics/unknown-value.md")]

use crate::chart_values::{Fault, Found};
use sovereign_language::manifest;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Warns of Helm values that no template of their chart reads.
pub(crate) fn check(faults: &[Found<'_>], diags: &mut Diagnostics) {
    for found in faults {
        if diags.count_within(found.span) == 0 {
            diags.extend(report(found));
        }
    }
}

fn report(found: &Found<'_>) -> Option<Diagnostic> {
    let (chart, version, path) = (&found.blueprint.chart.value, found.version, &found.path);
    match &found.fault {
        Fault::Unread(instead) => {
            let message = format!("{chart} {version} does not read `{path}`");
            let warning = Diagnostic::new(Code::UnknownValue, found.span, message);
            let key = path.rsplit('.').next().unwrap_or(path);
            let is_ours = key.contains('-') && instead.as_ref().is_none_or(|instead| !instead.ends_with(key));
            if let Some(home) = manifest::home(key).filter(|_| is_ours) {
                let help = format!("`{key}` belongs in {home}, whose keys stand before the tables within it");
                return Some(warning.help(help));
            }
            Some(match instead {
                Some(instead) => warning.help(format!("it reads `{instead}`")),
                None => warning.help("remove it, or look for it among the values of the chart"),
            })
        }
        Fault::Near(near, Some(other)) => {
            let message = format!("{chart} {other} does not read `{path}`");
            let warning = Diagnostic::new(Code::UnknownValue, found.span, message);
            let note = format!("{version} was not opened; the kit has the values of {other}");
            Some(warning.note(note).help(format!("it reads `{near}`")))
        }
        Fault::Near(near, None) => {
            let message = format!("`{path}` is nearly `{near}`, which {chart} {version} has");
            let warning = Diagnostic::new(Code::UnknownValue, found.span, message);
            Some(
                warning
                    .note("not all of this chart is known, so this may be right")
                    .help(format!("write `{near}`")),
            )
        }
        Fault::Kind(_) => None,
    }
}
