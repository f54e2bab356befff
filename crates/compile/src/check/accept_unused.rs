#![doc = include_str!("../../../../docs/diagnostics/accept-unused.md")]

use sovereign_language::input::Input;
use sovereign_language::manifest::{AcceptTable, Document};
use sovereign_language::schema::Parsed;
use sovereign_text::diag::{Acceptance, Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// Accepts what a manifest accepts, from here on and before.
pub(crate) fn accept(document: &Document, manifest: &Parsed<'_>, input: &Input, diags: &mut Diagnostics) {
    for table in tables(document) {
        let Some((written, code)) = subject(table) else { continue };
        let within = places(table, manifest, input).unwrap_or_default();
        diags.accept(Acceptance { written, code, within });
    }
}

/// Warns of acceptances that no finding has needed, once all rules have spoken. Of those that only a comparison with an earlier
/// tree needs, that one speaks.
pub(crate) fn check(document: &Document, diags: &mut Diagnostics) {
    let unneeded: Vec<Acceptance> = diags.unneeded().cloned().collect();
    for table in tables(document) {
        let Some((written, code)) = subject(table).filter(|(_, code)| !code.is_of_transition()) else {
            continue;
        };
        let Some(acceptance) = unneeded.iter().find(|acceptance| acceptance.written == written) else {
            continue;
        };
        let at = table.at.as_ref().map(|at| at.value.as_str()).unwrap_or_default();
        let message = if acceptance.within.is_empty() {
            format!("there is nothing at `{at}`, so no `{code}` to accept")
        } else {
            format!("there is no `{code}` at `{at}`")
        };
        diags.push(
            Diagnostic::new(Code::AcceptUnused, written, message)
                .help("remove the table, or correct its path"),
        );
    }
}

fn tables(document: &Document) -> impl Iterator<Item = &AcceptTable> {
    document.accept.iter().flat_map(|list| &list.value).map(|table: &Spanned<AcceptTable>| &table.value)
}

/// Returns where a table says what it accepts, and which finding that is.
fn subject(table: &AcceptTable) -> Option<(Span, Code)> {
    Some((table.at.as_ref()?.span, table.finding.as_ref()?.value.0))
}

/// Returns the places that a table is about; `None` if there is no such value, or no such file.
fn places(table: &AcceptTable, manifest: &Parsed<'_>, input: &Input) -> Option<Vec<Span>> {
    let path = table.at.as_ref()?.value.steps();
    let Some(file) = &table.file else { return manifest.at(&path) };
    let source = input.further().find(|further| further.path == file.value.as_str())?.source;
    Parsed::new(source).at(&path)
}
