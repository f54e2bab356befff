//! The policies of the Sovereign's registry: what its scanner reports, and what its API is told.

use sovereign_language::manifest::{Document, ProjectTable, RegistryTable, ScannerTable, Severity};
use sovereign_text::source::{Span, Spanned};

/// The policies of the registry.
#[derive(Debug)]
pub struct Registry<'a> {
    /// What was written.
    pub written: &'a RegistryTable,
    /// The scanner, if it shall run.
    pub scanner: Option<Scanner>,
}

/// What the scanner reports.
#[derive(Clone, Copy, Debug)]
pub struct Scanner {
    /// What made it run: its table, or the first project that asks for it.
    pub span: Span,
    /// The least severity that it reports; all of them if there is none.
    pub severity: Option<Severity>,
    /// Whether it is silent about what has no fix yet.
    pub ignore_unfixed: bool,
}

impl Scanner {
    /// Returns the severities that it reports, as Harbor's chart takes them.
    pub(crate) fn severities(self) -> &'static str {
        match self.severity {
            None => "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
            Some(Severity::Low) => "LOW,MEDIUM,HIGH,CRITICAL",
            Some(Severity::Medium) => "MEDIUM,HIGH,CRITICAL",
            Some(Severity::High) => "HIGH,CRITICAL",
            Some(Severity::Critical) => "CRITICAL",
        }
    }
}

impl Registry<'_> {
    /// Returns the projects that have policies.
    pub fn projects(&self) -> impl Iterator<Item = &ProjectTable> {
        projects(self.written)
    }

    /// Returns the first thing that only the registry's API can be told.
    pub fn told(&self) -> Option<Span> {
        let table = self.written;
        let keys = [
            table.creators.map(|key| key.span),
            table.quota.as_ref().map(|key| key.span),
            table.robot_lifetime.as_ref().map(|key| key.span),
            table.garbage_collection.as_ref().map(|key| key.span),
        ];
        let projects = self.projects().filter_map(|project| project.name.as_ref()).map(|name| name.span);
        keys.into_iter().flatten().chain(projects).min()
    }
}

/// Takes what is written, gives what it means.
pub(super) fn resolve(written: &Document) -> Option<Registry<'_>> {
    let written = &written.registry.as_ref()?.value;
    let asked = projects(written).find_map(asks_for_scanner);
    Some(Registry { written, scanner: scanner(written.scanner.as_ref(), asked) })
}

fn projects(table: &RegistryTable) -> impl Iterator<Item = &ProjectTable> {
    table.project.iter().flat_map(|list| &list.value).map(|project| &project.value)
}

fn scanner(table: Option<&Spanned<ScannerTable>>, asked: Option<Span>) -> Option<Scanner> {
    let span = table.map(|table| table.span).or(asked)?;
    Some(Scanner {
        span,
        severity: table.and_then(|table| table.value.severity).map(|severity| severity.value),
        ignore_unfixed: table.is_some_and(|table| table.value.ignore_unfixed.is_some_and(|on| on.value)),
    })
}

/// Returns where a project asks for the scanner: by scanning what is pushed, or by refusing what it found.
fn asks_for_scanner(project: &ProjectTable) -> Option<Span> {
    let on_push = project.scan_on_push.filter(|on| on.value).map(|on| on.span);
    on_push.or(project.prevent_vulnerable.map(|severity| severity.span))
}
