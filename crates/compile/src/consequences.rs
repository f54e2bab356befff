//! Causes speak, consequences are silent: what is only wrong because something else was not understood goes with that.
//!
//! No rule of its own: it takes findings back. A finding goes only where the error stays that it follows from, so that a
//! manifest that was wrong stays so.

use std::ops::Range;

use sovereign_language::input::{Holds, Input};
use sovereign_language::manifest::Document;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, Severity};
use sovereign_text::source::{Source, Span};

/// What speaks of hosts, which follow from the domain.
const OF_DOMAIN: &[Code] = &[
    Code::RecordWriter,
    Code::HostWithoutBackend,
    Code::HostWithoutCertificate,
    Code::HostWithoutListener,
    Code::UncertifiableName,
    Code::ForeignSovereign,
    Code::FailoverMismatch,
];
/// What speaks of the regions that there are.
const OF_REGIONS: &[Code] = &[
    Code::ForeignRegion,
    Code::FailoverMismatch,
    Code::PlacementRegions,
    Code::OwnStandby,
    Code::WitnessInPair,
    Code::LateFailover,
];
/// What speaks of the blueprints that there are.
const OF_BLUEPRINTS: &[Code] = &[Code::UnknownBlueprint, Code::DanglingDependency];
/// Values that were not taken.
const NOT_TAKEN: &[Code] = &[
    Code::LeftoverPlaceholder,
    Code::MalformedValue,
    Code::MissingKey,
    Code::Syntax,
    Code::UnknownChoice,
    Code::UnknownKey,
    Code::UnpinnedVersion,
    Code::WrongType,
];

/// Takes back what follows from values that were not taken.
pub(crate) fn silence(written: &Document, input: &Input, diags: &mut Diagnostics) {
    if diags.count(Severity::Error) < 2 && diags.iter().count() < 2 {
        return;
    }
    let causes = Causes::new(written, input, diags);
    diags.retain(|finding| !causes.explain(finding));
}

/// What is not known, because it was not understood.
struct Causes<'i> {
    input: &'i Input,
    /// Values that were not taken.
    not_taken: Vec<Span>,
    /// Keys in tables that do not have them.
    misplaced: Vec<&'i str>,
    /// References to what there is not.
    foreign: Vec<Span>,
    domain: bool,
    regions: bool,
    blueprints: bool,
}

impl<'i> Causes<'i> {
    fn new(written: &Document, input: &'i Input, diags: &Diagnostics) -> Self {
        let places = |codes: &[Code]| -> Vec<Span> {
            let found = diags.iter().filter(|found| codes.contains(&found.code));
            found.map(|found| found.primary.span).filter(|span| span.source.is_input()).collect()
        };
        let not_taken = places(NOT_TAKEN);
        let misplaced: Vec<_> = places(&[Code::UnknownKey])
            .into_iter()
            .filter_map(|span| Some(source(input, span)?.slice(span)))
            .collect();
        let is_of = |span: &Span, table: &str, keys: &[&str]| {
            let Some(source) = source(input, *span) else { return false };
            let (header, key) = (header(source, *span), key(source, *span));
            let is_meant = |key: &str| keys.is_empty() || keys.contains(&key) || key.starts_with('[');
            (header == table && is_meant(key)) || (header.is_empty() && key == table)
        };
        let names = ["name", "provider"];
        let mut of_regions =
            not_taken.iter().copied().chain(places(&[Code::UnknownRegion, Code::DuplicateName]));
        let is_blueprint = |span: &Span| {
            let mut files = input.holding(Holds::Blueprints);
            files.any(|file| file.id() == span.source)
        };
        let lost = ["domain", "fqdn", "parent"].into_iter().any(|key| misplaced.contains(&key));
        Self {
            input,
            domain: written.domain.is_none()
                || lost
                || not_taken.iter().any(|span| is_of(span, "domain", &[])),
            regions: written.region.is_none() || of_regions.any(|span| is_of(&span, "region", &names)),
            blueprints: not_taken
                .iter()
                .any(|span| is_blueprint(span) || is_of(span, "blueprint-source", &[])),
            foreign: places(&[Code::ForeignRegion, Code::DanglingReference]),
            not_taken,
            misplaced,
        }
    }

    /// Returns whether a finding only follows from one of them.
    fn explain(&self, finding: &Diagnostic) -> bool {
        let code = finding.code;
        // What an embedded kit says is right, unless it was given nothing.
        let of_kit = !finding.primary.span.source.is_input() && code == Code::BadExpression;
        let of_regions = || {
            OF_REGIONS.contains(&code)
                || (code == Code::DanglingReference && finding.message.starts_with("there is no region"))
        };
        (of_kit && !self.not_taken.is_empty())
            || (self.domain && OF_DOMAIN.contains(&code))
            || (self.regions && of_regions())
            || (self.blueprints && OF_BLUEPRINTS.contains(&code))
            || (code == Code::FailoverMismatch && self.differs_by_mistake(finding))
            || (code == Code::MissingKey
                && self.misplaced.iter().any(|key| finding.message == format!("`{key}` is missing")))
    }

    /// Returns whether one of two tables that differ has a mistake by itself.
    fn differs_by_mistake(&self, finding: &Diagnostic) -> bool {
        let sides = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span);
        sides.filter_map(|side| Some((side, source(self.input, side)?))).any(|(side, source)| {
            let table = table(source, side);
            let mut wrong = self.not_taken.iter().chain(&self.foreign);
            wrong.any(|wrong| wrong.source == side.source && table.contains(&wrong.range().start))
        })
    }
}

fn source(input: &Input, span: Span) -> Option<&Source> {
    let mut all = std::iter::once(input.manifest()).chain(input.further().map(|file| file.source));
    all.find(|source| source.id() == span.source)
}

/// Returns the range of the table, from its header to the next one, that a place is in.
fn table(source: &Source, span: Span) -> Range<usize> {
    let text = source.text();
    let line = source.line(source.line_number(span.start));
    let own = text.get(line.clone()).is_some_and(|line| line.starts_with('['));
    let start = if own {
        line.start
    } else {
        text.get(..line.start).and_then(|text| text.rfind("\n[")).map_or(0, |at| at + 1)
    };
    let end = text.get(line.end..).and_then(|rest| rest.find("\n[")).map_or(text.len(), |at| line.end + at);
    start..end
}

/// Returns the name in the header of the table that a place is in; empty at the top of a file.
fn header(source: &Source, span: Span) -> &str {
    let text = source.text().get(table(source, span)).unwrap_or_default();
    let line = text.lines().next().filter(|line| line.starts_with('[')).unwrap_or_default();
    line.split(']').next().unwrap_or_default().trim_start_matches('[').trim()
}

/// Returns the first key of the line that a place is in.
fn key(source: &Source, span: Span) -> &str {
    let line = source.text().get(source.line(source.line_number(span.start))).unwrap_or_default();
    line.split(['=', '.']).next().unwrap_or_default().trim()
}
