//! Workflow commands of GitHub Actions, which become annotations on the lines of a pull request.

use std::fmt::Write as _;

use super::json::Region;
use super::{Diagnostics, Sources};

/// Returns all findings, one command per line. The advice is part of the message, an annotation shows nothing else.
pub fn render(diags: &Diagnostics, sources: &dyn Sources) -> String {
    let mut out = String::new();
    for finding in diags.sorted() {
        let source = sources.source(finding.primary.span.source);
        let Region { start, end } = Region::new(source, finding.primary.span);
        let (severity, file) = (diags.severity(finding.code).name(), property(source.name()));
        // Writing into a `String` cannot fail.
        let _ = write!(out, "::{severity} file={file},line={},endLine={}", start.line, end.line);
        // GitHub takes columns only for a place within one line.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column);
        }
        let _ = write!(out, ",title={}::{}", finding.code, data(&finding.message));
        for help in &finding.help {
            let _ = write!(out, "%0Ahelp: {}", data(&help.text));
        }
        out.push('\n');
    }
    out
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
unknown blueprint `harbour`%0Ahelp: a blueprint with a similar name exists
::error file=sovereign.toml,line=4,endLine=4,col=8,endColumn=11,title=duplicate-name::\
name `ä` is declared twice%0Ahelp: rename one of them
::warning file=blue prints/empty.toml,line=1,endLine=1,col=1,endColumn=1,title=missing-observed-fact::\
nothing is known
";
        assert_eq!(render(&diags, &texts), expected);
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
