//! What the compiler found, as the protocol has it, and the edits that mend it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ls_types::{
    CodeAction, CodeActionKind, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location,
    NumberOrString, Range, TextEdit, Uri,
};

use crate::position::{Encoding, Lines};
use sovereign_language::input::SourceMap;
use sovereign_text::diag::{self, Applicability, Diagnostics, Edit, Label, Severity, Sources as _, fixes};
use sovereign_text::source::{Source, SourceId, Span};

/// A finding, and what mends it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) diagnostic: Diagnostic,
    pub(crate) mends: Vec<Mend>,
}

/// An edit of one file.
#[derive(Clone, Debug)]
pub(crate) struct Mend {
    pub(crate) title: String,
    /// Whether it is what was meant, without a doubt.
    pub(crate) is_certain: bool,
    pub(crate) file: PathBuf,
    pub(crate) edits: Vec<TextEdit>,
}

/// Returns what was found in the texts of a person, by file. What stands in a kit of the program is said at the top of the
/// manifest.
pub(crate) fn found(
    diags: &Diagnostics,
    sources: SourceMap<'_>,
    encoding: Encoding,
) -> BTreeMap<PathBuf, Vec<Found>> {
    let mut by_source: BTreeMap<SourceId, Vec<&diag::Diagnostic>> = BTreeMap::new();
    for finding in diags.sorted() {
        by_source.entry(at_home(finding.primary.span).source).or_default().push(finding);
    }
    let places = Places { sources, encoding };
    let mut found: BTreeMap<PathBuf, Vec<Found>> = BTreeMap::new();
    for (source, findings) in by_source {
        let lines = Lines::new(sources.source(source).text(), encoding);
        let list = found.entry(path(sources.source(source))).or_default();
        list.extend(findings.into_iter().map(|finding| places.found(diags, finding, &lines)));
    }
    for (source, edits) in fixes::certain(diags).into_iter().filter(|(_, edits)| edits.len() > 1) {
        let file = path(sources.source(source));
        let lines = Lines::new(sources.source(source).text(), encoding);
        let edits = edits.iter().map(|edit| text_edit(edit, &lines)).collect();
        let all = Mend { title: ALL.to_owned(), is_certain: true, file: file.clone(), edits };
        if let Some(first) = found.get_mut(&file).and_then(|list| list.first_mut()) {
            first.mends.push(all);
        }
    }
    found
}

/// The mend of everything that can be mended without asking.
pub(crate) const ALL: &str = "Make all fixes that are certain in this file";

struct Places<'s> {
    sources: SourceMap<'s>,
    encoding: Encoding,
}

impl Places<'_> {
    fn found(&self, diags: &Diagnostics, finding: &diag::Diagnostic, lines: &Lines<'_>) -> Found {
        let severity = match diags.severity(finding.code) {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        };
        let related: Vec<_> = finding.related.iter().filter_map(|label| self.related(label)).collect();
        let diagnostic = Diagnostic {
            range: lines.range(at_home(finding.primary.span).range()),
            severity: Some(severity),
            code: Some(NumberOrString::String(finding.code.name().to_owned())),
            source: Some("sovereign".to_owned()),
            message: words(finding),
            related_information: Some(related).filter(|related| !related.is_empty()),
            ..Diagnostic::default()
        };
        let mends = finding.help.iter().filter_map(|help| self.mend(&help.text, help.edit.as_ref()?));
        Found { diagnostic, mends: mends.collect() }
    }

    fn related(&self, label: &Label) -> Option<DiagnosticRelatedInformation> {
        let source = self.sources.source(label.span.source);
        let location = label.span.source.is_input().then(|| self.location(source, label.span))??;
        Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
    }

    fn location(&self, source: &Source, span: Span) -> Option<Location> {
        let range = Lines::new(source.text(), self.encoding).range(span.range());
        Some(Location { uri: Uri::from_file_path(path(source))?, range })
    }

    fn mend(&self, words: &str, edit: &Edit) -> Option<Mend> {
        let source = edit.span.source.is_input().then(|| self.sources.source(edit.span.source))?;
        let written = edit.replacement.trim();
        let is_short = !written.is_empty() && !written.contains('\n') && written.len() <= 80;
        let title = if is_short { format!("{words}: {written}") } else { words.to_owned() };
        let lines = Lines::new(source.text(), self.encoding);
        Some(Mend {
            title: capital(&title),
            is_certain: edit.applicability == Applicability::Certain,
            file: path(source),
            edits: vec![text_edit(edit, &lines)],
        })
    }
}

/// Returns the message with everything that people read below it on a terminal.
fn words(finding: &diag::Diagnostic) -> String {
    let mut words = finding.message.clone();
    if !finding.primary.text.is_empty() {
        words = format!("{words}: {}", finding.primary.text);
    }
    for note in &finding.notes {
        words = format!("{words}\nnote: {note}");
    }
    for help in &finding.help {
        let written =
            help.edit.as_ref().map(|edit| edit.replacement.trim()).filter(|written| !written.is_empty());
        words = match written {
            Some(written) if !written.contains('\n') => format!("{words}\nhelp: {}: {written}", help.text),
            Some(_) | None => format!("{words}\nhelp: {}", help.text),
        };
    }
    words
}

fn text_edit(edit: &Edit, lines: &Lines<'_>) -> TextEdit {
    TextEdit { range: lines.range(edit.span.range()), new_text: edit.replacement.clone() }
}

/// Returns a place in a text of a person: the top of the manifest for one in a kit of the program.
fn at_home(span: Span) -> Span {
    if span.source.is_input() { span } else { Span::new(SourceId::MANIFEST, 0..0) }
}

fn path(source: &Source) -> PathBuf {
    Path::new(source.name()).to_owned()
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// Returns the edits that mend what was found in a range of a file.
pub(crate) fn actions(found: &[Found], range: Range, version: Option<i32>) -> Vec<CodeAction> {
    let meets = |found: &&Found| {
        let place = found.diagnostic.range;
        place.start <= range.end && range.start <= place.end
    };
    let mut actions = Vec::new();
    for found in found.iter().filter(meets) {
        let mends = found.mends.iter().filter(|mend| mend.title != ALL);
        actions.extend(mends.filter_map(|mend| {
            let kind = CodeActionKind::QUICKFIX;
            action(mend, kind, Some(found.diagnostic.clone()), version)
        }));
    }
    let all = found.iter().flat_map(|found| &found.mends).filter(|mend| mend.title == ALL);
    actions.extend(all.filter_map(|mend| action(mend, CodeActionKind::SOURCE_FIX_ALL, None, version)));
    actions
}

fn action(
    mend: &Mend,
    kind: CodeActionKind,
    of: Option<Diagnostic>,
    version: Option<i32>,
) -> Option<CodeAction> {
    let uri = Uri::from_file_path(&mend.file)?;
    Some(CodeAction {
        title: mend.title.clone(),
        kind: Some(kind),
        diagnostics: of.map(|of| vec![of]),
        is_preferred: Some(mend.is_certain),
        edit: Some(crate::edits::of_files([(uri, version, mend.edits.clone())])),
        ..CodeAction::default()
    })
}
