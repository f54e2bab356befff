//! A manifest of this repository, compiled as the program does it, with every finding.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use libtest_mimic::Failed;
use sovereign_compile::tree::Tree;
use sovereign_compile::{compile, outline};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_text::diag::human::{self, Style};
use sovereign_text::diag::{Code, Diagnostics, Severity, json};
use sovereign_text::source::Source;

use super::case;

/// The kits of the program.
pub(crate) static KITS: LazyLock<Kits> = LazyLock::new(Kits::embedded);
const WIDTH: usize = 100;

/// What came of a manifest.
pub(crate) struct Compiled {
    input: Input,
    diags: Diagnostics,
    pub(crate) tree: Option<Tree>,
}

impl Compiled {
    /// Compiles the manifest at a path, which is relative to the repository and shown in findings. What `check` says of it
    /// without a text of the tree has to be the same.
    pub(crate) fn new(path: &str) -> Result<Self, Failed> {
        let mut diags = Diagnostics::new();
        let input = case::load(Path::new(path), &mut diags)?;
        let mut checked = diags.clone();
        let outline = checked.verdict().and_then(|()| outline(&input, &KITS, &mut checked)).ok();
        let tree = diags.verdict().and_then(|()| compile(&input, &KITS, &mut diags)).ok();
        let built = tree.as_ref().map(|tree| tree.files().keys().collect::<Vec<_>>());
        if outline.as_ref().map(|outline| outline.paths.iter().collect()) != built {
            return Err(format!("{path}: `check` and `build` know different files").into());
        }
        if checked.sorted() != diags.sorted() {
            return Err(format!("{path}: `check` and `build` have different findings").into());
        }
        Ok(Self { input, diags, tree })
    }

    /// The findings as a person reads them, without colour.
    pub(crate) fn picture(&self) -> String {
        let sources = SourceMap { input: &self.input, kits: &KITS };
        human::render(&self.diags, &sources, Style { color: false, width: WIDTH })
    }

    /// The findings as programs read them.
    pub(crate) fn json(&self) -> String {
        json::render(&self.diags, &SourceMap { input: &self.input, kits: &KITS })
    }

    /// Whether there is no error.
    pub(crate) fn is_right(&self) -> bool {
        self.diags.count(Severity::Error) == 0
    }

    /// Whether a rule spoke.
    pub(crate) fn has(&self, code: Code) -> bool {
        self.diags.sorted().iter().any(|finding| finding.code == code)
    }

    /// The lines of a source with findings, and their codes.
    pub(crate) fn lines<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = (usize, Code)> + 'a {
        let of_source =
            |finding: &&sovereign_text::diag::Diagnostic| finding.primary.span.source == source.id();
        let line = |start| source.position(start).0;
        let findings = self.diags.sorted().into_iter().filter(of_source);
        findings.map(move |finding| (line(finding.primary.span.start), finding.code))
    }

    /// Returns every line of a source that a finding points into, also for what explains it or would mend it.
    pub(crate) fn shown(&self, source: &Source) -> BTreeSet<usize> {
        let findings = self.diags.sorted();
        let labels =
            findings.iter().flat_map(|finding| std::iter::once(&finding.primary).chain(&finding.related));
        let edits = findings.iter().flat_map(|finding| &finding.help).filter_map(|help| help.edit.as_ref());
        let spans = labels.map(|label| label.span).chain(edits.map(|edit| edit.span));
        let spans = spans.filter(|span| span.source == source.id());
        spans.map(|span| source.line_number(span.start)).collect()
    }

    /// Every finding.
    pub(crate) fn findings(&self) -> Vec<&sovereign_text::diag::Diagnostic> {
        self.diags.sorted()
    }

    /// The manifest and the blueprint files.
    pub(crate) fn input(&self) -> &Input {
        &self.input
    }
}
