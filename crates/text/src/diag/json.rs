//! JSON lines, one object per finding: for programs. The keys are stable and always there.
//!
//! Lines and columns count from 1 (columns in characters), `offset` counts bytes from 0, and `end` is one past
//! the last character. `label` is empty where the message says it all, `edit` is null where no edit is certain.

use serde::Serialize;

use super::{Diagnostic, Diagnostics, Edit, Help, Label, Sources};
use crate::source::{Source, Span};

/// The version of the form of a finding. 2: `version`, and `applicability` in an edit.
const VERSION: u32 = 2;

/// One finding.
#[derive(Debug, Serialize)]
pub struct Finding<'a> {
    /// The version of this form: what has another one has other keys.
    pub version: u32,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// The name that `sovereign explain` takes.
    pub code: &'static str,
    /// What is wrong.
    pub message: &'a str,
    /// The name of the file.
    pub file: &'a str,
    /// Where in the file.
    pub span: Region,
    /// What stands there.
    pub label: &'a str,
    /// Other places that matter.
    pub related: Vec<Related<'a>>,
    /// Facts that explain the rule.
    pub notes: &'a [String],
    /// What to write instead.
    pub help: Vec<Advice<'a>>,
}

/// A range of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Region {
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// A place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// From 0, in bytes.
    pub offset: u32,
}

/// Another place that matters.
#[derive(Debug, Serialize)]
pub struct Related<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// Where in the file.
    pub span: Region,
    /// What is there.
    pub label: &'a str,
}

/// What to do.
#[derive(Debug, Serialize)]
pub struct Advice<'a> {
    /// An imperative phrase.
    pub text: &'a str,
    /// The edit that does it, if it is certain.
    pub edit: Option<Change<'a>>,
}

/// An edit of one range of text.
#[derive(Debug, Serialize)]
pub struct Change<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// What is replaced; empty for an insertion.
    pub span: Region,
    /// The new text.
    pub replacement: &'a str,
    /// `certain`: it may be made unasked; `likely`: a person decides.
    pub applicability: &'static str,
}

impl Region {
    /// Returns the lines and columns of a span.
    pub fn new(source: &Source, span: Span) -> Self {
        let position = |offset| {
            let (line, column) = source.position(offset);
            Position { line, column, offset }
        };
        Self { start: position(span.start), end: position(span.end) }
    }
}

impl<'a> Finding<'a> {
    /// Returns the finding with its places resolved.
    pub fn new(finding: &'a Diagnostic, diags: &Diagnostics, sources: &'a dyn Sources) -> Self {
        let source = sources.source(finding.primary.span.source);
        Self {
            version: VERSION,
            severity: diags.severity(finding.code).name(),
            code: finding.code.name(),
            message: &finding.message,
            file: source.name(),
            span: Region::new(source, finding.primary.span),
            label: &finding.primary.text,
            related: finding.related.iter().map(|label| Related::new(label, sources)).collect(),
            notes: &finding.notes,
            help: finding.help.iter().map(|help| Advice::new(help, sources)).collect(),
        }
    }
}

impl<'a> Related<'a> {
    fn new(label: &'a Label, sources: &'a dyn Sources) -> Self {
        let source = sources.source(label.span.source);
        Self { file: source.name(), span: Region::new(source, label.span), label: &label.text }
    }
}

impl<'a> Advice<'a> {
    fn new(help: &'a Help, sources: &'a dyn Sources) -> Self {
        Self { text: &help.text, edit: help.edit.as_ref().map(|edit| Change::new(edit, sources)) }
    }
}

impl<'a> Change<'a> {
    fn new(edit: &'a Edit, sources: &'a dyn Sources) -> Self {
        let source = sources.source(edit.span.source);
        Self {
            file: source.name(),
            span: Region::new(source, edit.span),
            replacement: &edit.replacement,
            applicability: edit.applicability.name(),
        }
    }
}

/// Returns all findings, one object per line.
pub fn render(diags: &Diagnostics, sources: &dyn Sources) -> String {
    let mut out = String::new();
    for finding in diags.sorted() {
        // Strings, numbers and lists: there is nothing in a `Finding` that JSON cannot hold.
        out.push_str(&serde_json::to_string(&Finding::new(finding, diags, sources)).unwrap_or_default());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn each_finding_is_one_object_with_all_keys() {
        let (texts, diags) = samples::mixed();
        let expected = concat!(
            r#"{"version":2,"severity":"error","code":"unknown-blueprint","message":"unknown blueprint `harbour`","#,
            r#""file":"sovereign.toml","span":{"start":{"line":3,"column":14,"offset":38},"#,
            r#""end":{"line":3,"column":23,"offset":47}},"label":"not in the kit","related":[],"notes":[],"#,
            r#""help":[{"text":"a blueprint with a similar name exists","edit":{"file":"sovereign.toml","#,
            r#""span":{"start":{"line":3,"column":14,"offset":38},"end":{"line":3,"column":23,"offset":47}},"#,
            r#""replacement":"\"harbor\"","applicability":"likely"}}]}"#,
            "\n",
            r#"{"version":2,"severity":"error","code":"duplicate-name","message":"name `ä` is declared twice","#,
            r#""file":"sovereign.toml","span":{"start":{"line":4,"column":8,"offset":57},"#,
            r#""end":{"line":4,"column":11,"offset":61}},"label":"declared again here","#,
            r#""related":[{"file":"sovereign.toml","span":{"start":{"line":2,"column":8,"offset":18},"#,
            r#""end":{"line":2,"column":11,"offset":22}},"label":"first declared here"},"#,
            r#"{"file":"blue prints/empty.toml","span":{"start":{"line":1,"column":1,"offset":0},"#,
            r#""end":{"line":1,"column":1,"offset":0}},"label":"and never here"}],"#,
            r#""notes":["a name becomes a directory, so: 100 % unique"],"#,
            r#""help":[{"text":"rename one of them","edit":null}]}"#,
            "\n",
            r#"{"version":2,"severity":"warning","code":"missing-observed-fact","message":"nothing is known","#,
            r#""file":"blue prints/empty.toml","span":{"start":{"line":1,"column":1,"offset":0},"#,
            r#""end":{"line":1,"column":1,"offset":0}},"label":"","related":[],"notes":[],"help":[]}"#,
            "\n",
        );
        assert_eq!(render(&diags, &texts), expected);
    }
}
