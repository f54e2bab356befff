//! The policies of the Sovereign's registry: what its scanner reports, and what its API is told.

use sovereign_language::manifest::{Document, ProjectTable, RegistryTable, ScannerTable, Severity};
use sovereign_language::schema::Shape as _;
use sovereign_text::source::{Span, Spanned};

/// The key of `[registry]` that becomes values of a chart. All others are told to the registry's API.
pub(crate) const SCANNER: &str = "scanner";

/// The policies of the registry.
#[derive(Debug)]
pub struct Registry<'a> {
    /// What was written.
    pub written: &'a RegistryTable,
    /// The scanner, if it shall run.
    pub scanner: Option<Scanner>,
    /// The first thing that only the registry's API can be told.
    pub told: Option<Span>,
}

/// What the scanner reports.
#[derive(Clone, Copy, Debug)]
pub struct Scanner {
    /// What made it run: its table, or the first project that asks for it.
    pub span: Span,
    /// The least severity that it reports; all of them if there is none.
    pub severity: Option<Spanned<Severity>>,
    /// Whether it is silent about what has no fix yet.
    pub ignore_unfixed: Spanned<bool>,
}

impl Scanner {
    /// Returns the severities that it reports, as Harbor's chart takes them.
    pub(crate) fn severities(self) -> Spanned<&'static str> {
        let words = match self.severity.map(|severity| severity.value) {
            None => "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
            Some(Severity::Low) => "LOW,MEDIUM,HIGH,CRITICAL",
            Some(Severity::Medium) => "MEDIUM,HIGH,CRITICAL",
            Some(Severity::High) => "HIGH,CRITICAL",
            Some(Severity::Critical) => "CRITICAL",
        };
        Spanned::new(words, self.severity.map_or(self.span, |severity| severity.span))
    }
}

impl Registry<'_> {
    /// Returns the projects that have policies.
    pub fn projects(&self) -> impl Iterator<Item = &ProjectTable> {
        projects(self.written)
    }
}

/// Takes what is written, gives what it means.
pub(super) fn resolve(written: &Document) -> Option<Registry<'_>> {
    let written = &written.registry.as_ref()?.value;
    let asked = projects(written).find_map(asks_for_scanner);
    let told = written.entries().into_iter().flatten().filter(|entry| entry.key != SCANNER);
    Some(Registry {
        written,
        scanner: scanner(written.scanner.as_ref(), asked),
        told: told.filter_map(|entry| entry.first()).min(),
    })
}

fn projects(table: &RegistryTable) -> impl Iterator<Item = &ProjectTable> {
    table.project.iter().flat_map(|list| &list.value).map(|project| &project.value)
}

fn scanner(table: Option<&Spanned<ScannerTable>>, asked: Option<Span>) -> Option<Scanner> {
    let span = table.map(|table| table.span).or(asked)?;
    Some(Scanner {
        span,
        severity: table.and_then(|table| table.value.severity),
        ignore_unfixed: table
            .and_then(|table| table.value.ignore_unfixed)
            .unwrap_or(Spanned::new(false, span)),
    })
}

/// Returns where a project asks for the scanner: by scanning what is pushed, or by refusing what it found.
fn asks_for_scanner(project: &ProjectTable) -> Option<Span> {
    let on_push = project.scan_on_push.filter(|on| on.value).map(|on| on.span);
    on_push.or(project.prevent_vulnerable.map(|severity| severity.span))
}
