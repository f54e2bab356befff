//! Diagnostics as plain data: what is wrong, where, what stands there, what to write instead.
//!
//! Nothing here prints. Stages and rules push [`Diagnostic`]s into [`Diagnostics`]; the renderers below
//! ([`human`], [`short`], [`json`], [`sarif`], [`github`]) turn them into text, and `cli` prints it.

mod code;
pub mod fixes;
pub mod github;
pub mod human;
pub mod json;
mod mask;
#[cfg(test)]
mod samples;
pub mod sarif;
pub mod short;
pub mod suggest;

pub use code::{Code, Severity};

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use self::mask::Mask;
use crate::source::{Source, SourceId, Span};

/// The longest text of a finding in bytes.
const LONGEST: usize = 2000;

/// A place and what is to be said about it. `text` may be empty for a primary label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there (`first declared here`).
    pub text: String,
}

/// What to do, and the edit that does it when it is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// An imperative phrase (`a blueprint with a similar name exists`).
    pub text: String,
    /// The replacement, if there is exactly one right one.
    pub edit: Option<Edit>,
}

impl Help {
    /// Returns the advice as one line that says also what to write, where there is room for no picture.
    pub(crate) fn sentence(&self) -> String {
        const LONGEST: usize = 80;
        let written = self.edit.as_ref().map(|edit| edit.replacement.trim()).filter(|written| {
            !written.is_empty() && written.len() <= LONGEST && !written.contains(['\n', '`'])
        });
        match written {
            Some(written) => format!("{}: `{written}`", self.text),
            None => self.text.clone(),
        }
    }
}

/// Replaces the text of `span` by `replacement`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text, as TOML.
    pub replacement: String,
    /// How sure it is.
    pub applicability: Applicability,
}

/// How sure an edit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// It is what was meant, and may be made unasked: `check --fix` makes it.
    Certain,
    /// It mends the text, and another value may have been meant: a person decides.
    Likely,
}

impl Applicability {
    /// Returns the word in every output format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
        }
    }
}

/// One finding. The message is a lower-case phrase without a final period that can stand alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule speaks; gives the severity and the page of `sovereign explain`.
    pub code: Code,
    /// What is wrong (`region `hel1` is declared twice`).
    pub message: String,
    /// Where.
    pub primary: Label,
    /// Other places that matter.
    pub related: Vec<Label>,
    /// Facts that explain the rule here.
    pub notes: Vec<String>,
    /// What to write instead.
    pub help: Vec<Help>,
    /// Whether nobody can accept it: something is missing that the tree needs.
    pub insists: bool,
    /// The tables of `sovereign.toml` that consent to it, as TOML; `None` if there is nothing to consent to.
    pub consent: Option<String>,
}

impl Diagnostic {
    /// Returns a finding of `code` at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            primary: Label { span, text: String::new() },
            related: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            insists: false,
            consent: None,
        }
    }

    /// Says what stands at the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Says that nobody can accept it.
    #[must_use]
    pub fn insisting(mut self) -> Self {
        self.insists = true;
        self
    }

    /// Says which tables of `sovereign.toml` consent to it.
    #[must_use]
    pub fn consented_by(mut self, tables: String) -> Self {
        self.consent = Some(tables);
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(Help { text: text.into(), edit: None });
        self
    }

    /// Adds advice with the edit that follows it, which is likely what was meant.
    #[must_use]
    pub fn fix(self, text: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        self.edit(text, span, replacement, Applicability::Likely)
    }

    /// Adds advice with the one edit that can have been meant.
    #[must_use]
    pub fn certain_fix(self, text: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        self.edit(text, span, replacement, Applicability::Certain)
    }

    /// Adds advice with an edit that is so sure.
    #[must_use]
    pub fn edit(
        mut self,
        text: impl Into<String>,
        span: Span,
        replacement: impl Into<String>,
        applicability: Applicability,
    ) -> Self {
        let edit = Some(Edit { span, replacement: replacement.into(), applicability });
        self.help.push(Help { text: text.into(), edit });
        self
    }
}

impl Diagnostic {
    /// Cuts texts that quote a whole hostile value: a person reads the beginning. Edits stay whole.
    fn clip(&mut self) {
        let labels = std::iter::once(&mut self.primary).chain(&mut self.related).map(|label| &mut label.text);
        let help = self.help.iter_mut().map(|help| &mut help.text);
        for text in labels.chain(&mut self.notes).chain(help).chain([&mut self.message]) {
            if text.len() > LONGEST {
                text.truncate(text.floor_char_boundary(LONGEST));
                text.push('…');
            }
        }
    }
}

/// Proof that an error was reported: only [`Diagnostics::error`] and [`Diagnostics::verdict`] give one, so a
/// function that returns `Err(Reported)` cannot have failed in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported(());

/// That findings of one code at some places are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Where it is written.
    pub written: Span,
    /// The code.
    pub code: Code,
    /// The places.
    pub within: Vec<Span>,
}

impl Acceptance {
    fn covers(&self, finding: &Diagnostic) -> bool {
        let holds = |place: &Span| place.contains(finding.primary.span);
        self.code == finding.code && !finding.insists && self.within.iter().any(holds)
    }
}

/// The sink of one compilation.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    deny_warnings: bool,
    dropped: usize,
    /// Whether an error was among those that were not kept.
    dropped_error: bool,
    mask: Mask,
    acceptances: Vec<Acceptance>,
    /// Findings that were accepted.
    accepted: Vec<Diagnostic>,
}

impl Diagnostics {
    /// How many findings are kept. Hostile input could cause millions; nobody reads more than these.
    pub const MOST: usize = 1000;

    /// Returns an empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns an empty sink in which a warning is as fatal as an error (`--deny warnings`).
    pub fn denying_warnings() -> Self {
        Self { deny_warnings: true, ..Self::default() }
    }

    /// Returns an empty sink that is as strict as this one, for a part of the work that is done elsewhere.
    #[must_use]
    pub fn apart(&self) -> Self {
        let acceptances = self.acceptances.clone();
        Self { deny_warnings: self.deny_warnings, acceptances, ..Self::default() }
    }

    /// Takes what a part of the work has found.
    pub fn take_in(&mut self, part: Self) {
        let Self { list, deny_warnings: _, dropped, dropped_error, mask, acceptances: _, accepted } = part;
        self.accepted.extend(accepted);
        self.mask.take_in(mask);
        self.extend(list);
        self.dropped += dropped;
        self.dropped_error |= dropped_error;
    }

    /// Takes an error and gives the proof.
    pub fn error(&mut self, diagnostic: Diagnostic) -> Reported {
        self.push(diagnostic);
        Reported(())
    }

    /// Takes a finding of any severity. The same finding is kept once.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        if self.overflows(diagnostic.code) {
            return;
        }
        self.mask.apply(&mut diagnostic);
        diagnostic.clip();
        let is_accepted = self.acceptances.iter().any(|acceptance| acceptance.covers(&diagnostic));
        let list = if is_accepted { &mut self.accepted } else { &mut self.list };
        if !list.contains(&diagnostic) {
            list.push(diagnostic);
        }
    }

    /// Takes secrets, each with a place where it stands, out of all that is ever shown: of excerpts, and of what findings
    /// say, also of those that were reported before. Whoever finds many hands them over together.
    pub fn hide(&mut self, secrets: impl IntoIterator<Item = (Span, String)>) {
        let mut mask = Mask::default();
        secrets.into_iter().for_each(|(place, text)| mask.add(place, &text));
        self.list.iter_mut().for_each(|finding| mask.apply(finding));
        self.mask.take_in(mask);
    }

    /// Returns the ranges that no excerpt shows, by source.
    fn hidden(&self) -> BTreeMap<SourceId, Vec<Range<usize>>> {
        self.mask.ranges()
    }

    /// Accepts findings, also those that were reported before.
    pub fn accept(&mut self, acceptance: Acceptance) {
        let (accepted, list) =
            std::mem::take(&mut self.list).into_iter().partition(|found| acceptance.covers(found));
        self.list = list;
        self.accepted.extend::<Vec<_>>(accepted);
        self.acceptances.push(acceptance);
    }

    /// Returns the acceptances that no finding has needed.
    pub fn unneeded(&self) -> impl Iterator<Item = &Acceptance> {
        self.acceptances
            .iter()
            .filter(|acceptance| !self.accepted.iter().any(|found| acceptance.covers(found)))
    }

    /// Says of a finding of `code` in a value that nobody can accept it: the value could not be taken.
    pub fn insist(&mut self, code: Code, value: Span) {
        let is_meant = |found: &Diagnostic| found.code == code && found.primary.span.meets(value);
        self.list.iter_mut().filter(|found| is_meant(found)).for_each(|found| found.insists = true);
        let (meant, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.accepted).into_iter().partition(is_meant);
        self.accepted = others;
        self.list.extend(meant.into_iter().map(Diagnostic::insisting));
    }

    /// Counts a finding that there is no room for, and says so. Whoever may find millions asks before spending
    /// time on words that nobody will read.
    pub fn overflows(&mut self, code: Code) -> bool {
        let full = self.list.len() >= Self::MOST;
        if full {
            self.dropped += 1;
            self.dropped_error |= self.severity(code) == Severity::Error;
        }
        full
    }

    /// Takes many findings.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in findings {
            self.push(diagnostic);
        }
    }

    /// Keeps the findings for which `keep` says so. Whoever drops an error keeps the one that it follows from: what was
    /// reported as wrong stays so.
    pub fn retain(&mut self, keep: impl Fn(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// Returns the findings, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Returns whether a finding of `code` stands at `span` or in a part of it already: then another rule need not say
    /// the same in other words.
    pub fn reported(&self, code: Code, span: Span) -> bool {
        let mut found = self.list.iter().chain(&self.accepted);
        found.any(|found| found.code == code && found.primary.span.meets(span))
    }

    /// Returns how many findings stand inside of `span`: at most so many items of a list were refused.
    pub fn count_within(&self, span: Span) -> usize {
        self.list.iter().filter(|found| span.contains(found.primary.span)).count()
    }

    /// Returns the sources that findings point into, accepted ones too.
    pub fn sources(&self) -> BTreeSet<SourceId> {
        let all = self.list.iter().chain(&self.accepted);
        let labels = all.flat_map(|found| [&found.primary].into_iter().chain(&found.related));
        labels.map(|label| label.span.source).collect()
    }

    /// Returns the severity that a code has in this compilation.
    pub fn severity(&self, code: Code) -> Severity {
        if self.deny_warnings { Severity::Error } else { code.severity() }
    }

    /// `Err` as soon as one finding is an error.
    ///
    /// # Errors
    /// At least one error was reported.
    pub fn verdict(&self) -> Result<(), Reported> {
        if self.dropped_error || self.count(Severity::Error) > 0 { Err(Reported(())) } else { Ok(()) }
    }

    /// Returns whether something is wrong, however strict this sink is.
    pub fn has_mistakes(&self) -> bool {
        self.dropped_error || self.list.iter().any(|found| found.code.severity() == Severity::Error)
    }

    /// Returns how many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|d| self.severity(d.code) == severity).count()
    }

    /// Returns how many findings were not kept because there were more than [`Diagnostics::MOST`].
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Returns all findings in source order: the manifest first, then blueprint sources, then kits.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut list: Vec<_> = self.list.iter().collect();
        list.sort_by(|a, b| {
            (a.primary.span, a.code.name(), &a.message).cmp(&(b.primary.span, b.code.name(), &b.message))
        });
        list
    }
}

/// Finds the text behind a span. Implemented by the set of sources of a compilation.
pub trait Sources {
    /// Returns the source with this id.
    fn source(&self, id: SourceId) -> &Source;
}

/// What was found in one compilation, for a rendering of several as one document.
#[derive(Clone, Copy)]
pub struct Compilation<'a> {
    /// The findings.
    pub diags: &'a Diagnostics,
    /// The texts that they point into.
    pub sources: &'a dyn Sources,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(code: Code, start: usize) -> Diagnostic {
        Diagnostic::new(code, Span::new(SourceId::MANIFEST, start..start + 1), "m")
    }

    #[test]
    fn findings_are_read_in_source_order_and_kept_once() {
        let mut diags = Diagnostics::new();
        diags.push(at(Code::UnknownKey, 9));
        diags.push(at(Code::MissingKey, 2));
        diags.push(at(Code::UnknownKey, 9));
        let starts: Vec<_> = diags.sorted().iter().map(|d| d.primary.span.start).collect();
        assert_eq!(starts, [2, 9]);
    }

    #[test]
    fn an_error_counts_even_where_there_is_no_room_for_it() {
        let mut diags = Diagnostics::new();
        for start in 0..Diagnostics::MOST {
            diags.push(at(Code::MissingObservedFact, start));
        }
        assert!(diags.verdict().is_ok());
        diags.push(at(Code::UnknownKey, 0));
        assert_eq!(diags.dropped(), 1);
        assert!(diags.verdict().is_err());
    }

    #[test]
    fn what_a_part_has_found_counts_as_if_it_had_been_found_here() {
        let mut whole = Diagnostics::denying_warnings();
        let (mut one, mut other) = (whole.apart(), whole.apart());
        for start in 0..=Diagnostics::MOST {
            one.push(at(Code::MissingObservedFact, start));
        }
        other.push(at(Code::MissingObservedFact, 0));
        whole.take_in(other);
        assert!(whole.verdict().is_err());
        whole.take_in(one);
        assert_eq!((whole.count(Severity::Error), whole.dropped()), (Diagnostics::MOST, 1));
    }

    #[test]
    fn a_warning_is_fatal_only_where_warnings_are_denied() {
        let warning = at(Code::MissingObservedFact, 0);
        let mut lenient = Diagnostics::new();
        lenient.push(warning.clone());
        assert!(lenient.verdict().is_ok());
        let mut strict = Diagnostics::denying_warnings();
        strict.push(warning);
        assert!(strict.verdict().is_err());
    }
}
