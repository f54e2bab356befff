//! Workflow commands of GitHub Actions, which become annotations on the lines of a pull request.

use std::fmt::Write as _;

use std::collections::BTreeMap;

use super::json::Region;
use super::{Compilation, Diagnostic, Diagnostics, Severity, Sources};

/// GitHub shows ten annotations of a step: of more findings the last one counts those that are not shown.
const MOST: usize = 10;

/// Returns all findings, one command per line. The advice is part of the message, an annotation shows nothing else.
pub fn render(diags: &Diagnostics, sources: &dyn Sources) -> String {
    render_at(diags, sources, &str::to_owned)
}

/// Returns all findings, where `path` gives the path of a file from the root of the repository: annotations are found by it.
pub fn render_at(diags: &Diagnostics, sources: &dyn Sources, path: &dyn Fn(&str) -> String) -> String {
    render_all(&[Compilation { diags, sources }], path)
}

/// Returns the findings of several compilations, as those of one step.
pub fn render_all<'a>(compilations: &[Compilation<'a>], path: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let of_one =
        |of: Compilation<'a>| of.diags.sorted().into_iter().map(move |finding| Shown { finding, of });
    let mut sorted: Vec<Shown<'a>> = compilations.iter().copied().flat_map(of_one).collect();
    // What stops the tree is shown before what does not.
    sorted.sort_by_key(|shown| std::cmp::Reverse(shown.severity() == Severity::Error));
    let shown = if sorted.len() > MOST { MOST - 1 } else { sorted.len() };
    let rest = sorted.split_off(shown);
    for Shown { finding, of } in sorted {
        let source = of.sources.source(finding.primary.span.source);
        let Region { start, end } = Region::new(source, finding.primary.span);
        let (severity, file) = (of.diags.severity(finding.code).name(), property(&path(source.name())));
        // Writing into a `String` cannot fail.
        let _ = write!(out, "::{severity} file={file},line={},endLine={}", start.line, end.line);
        // GitHub takes columns only for a place within one line.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
        }
        let _ = write!(out, ",title={}::{}", finding.code, data(&finding.message));
        for help in &finding.help {
            let _ = write!(out, "%0Ahelp: {}", data(&help.sentence()));
        }
        out.push('\n');
    }
    if !rest.is_empty() {
        out.push_str(&sum(&rest, compilations.iter().map(|it| it.diags.dropped()).sum()));
    }
    out
}

/// A finding, and the compilation that it is of.
struct Shown<'a> {
    finding: &'a Diagnostic,
    of: Compilation<'a>,
}

impl Shown<'_> {
    fn severity(&self) -> Severity {
        self.of.diags.severity(self.finding.code)
    }
}

/// Returns one command that counts findings by their codes; `dropped` ones have none.
fn sum(rest: &[Shown<'_>], dropped: usize) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for Shown { finding, .. } in rest {
        *counts.entry(finding.code.name()).or_default() += 1;
    }
    let counts: Vec<_> = counts.iter().map(|(code, count)| format!("{count} {code}")).collect();
    let is_error = rest.iter().any(|shown| shown.severity() == Severity::Error);
    let severity = if is_error { Severity::Error } else { Severity::Warning }.name();
    let (count, counts) = (rest.len() + dropped, counts.join(", "));
    format!(
        "::{severity} title={count} more findings::{counts}%0Ahelp: `sovereign check` shows all of them\n"
    )
}

/// Escapes what ends a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what ends a property as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Diagnostic, samples};
    use super::*;

    #[test]
    fn each_finding_is_one_command() {
        let (texts, diags) = samples::mixed();
        let expected = "\
::error file=sovereign.toml,line=3,endLine=3,col=14,endColumn=23,title=unknown-blueprint::\
unknown blueprint `harbour`%0Ahelp: a blueprint with a similar name exists: `\"harbor\"`
::error file=sovereign.toml,line=4,endLine=4,col=8,endColumn=11,title=duplicate-name::\
name `ä` is declared twice%0Ahelp: rename one of them
::warning file=blue prints/empty.toml,line=1,endLine=1,col=1,endColumn=1,title=missing-observed-fact::\
nothing is known
";
        assert_eq!(render(&diags, &texts), expected);
    }

    #[test]
    fn of_many_findings_the_last_command_counts_the_rest() {
        let text = (0..12).map(|n| format!("a{n} = 1")).collect::<Vec<_>>().join("\n");
        let texts = samples::Texts::new(&[("t", text.leak())]);
        let mut diags = Diagnostics::new();
        for n in 0..12 {
            let code = if n < 2 { Code::MissingObservedFact } else { Code::WrongType };
            diags.push(Diagnostic::new(code, texts.first(0, &format!("a{n} ")), "m"));
        }
        let said = render_at(&diags, &texts, &|name| format!("deep/{name}"));
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), MOST);
        assert!(lines[0].starts_with("::error file=deep/t,line=3,"), "errors first: {}", lines[0]);
        let last = "::error title=3 more findings::2 missing-observed-fact, 1 wrong-type%0Ahelp: `sovereign check` shows \
            all of them";
        assert_eq!(lines[MOST - 1], last);
    }

    #[test]
    fn what_would_end_a_command_is_escaped_and_columns_stay_within_one_line() {
        let texts = samples::Texts::new(&[("a,b:c%.toml", "a = 1\nb = 2\n")]);
        let mut diags = Diagnostics::denying_warnings();
        let finding = Diagnostic::new(Code::SettingWithoutEffect, texts.first(0, "1\nb"), "100 %\r\n::stop")
            .help("a: b,\nc");
        diags.push(finding);
        let expected = "::error file=a%2Cb%3Ac%25.toml,line=1,endLine=2,title=setting-without-effect::\
            100 %25%0D%0A::stop%0Ahelp: a: b,%0Ac\n";
        assert_eq!(render(&diags, &texts), expected);
    }
}
