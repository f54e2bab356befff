//! One line per finding, `path:line:col: error[code]: message; advice`: for editors, `grep` and problem matchers.

use std::fmt::Write as _;

use super::{Diagnostics, Sources};

/// Returns all findings, one per line.
pub fn render(diags: &Diagnostics, sources: &dyn Sources) -> String {
    let mut out = String::new();
    for finding in diags.sorted() {
        let source = sources.source(finding.primary.span.source);
        let (line, column) = source.position(finding.primary.span.start);
        let (path, message) = (one_line(source.name()), one_line(&finding.message));
        let severity = diags.severity(finding.code).name();
        // Writing into a `String` cannot fail.
        let _ = write!(out, "{path}:{line}:{column}: {severity}[{}]: {message}", finding.code);
        if let Some(help) = finding.help.first() {
            let _ = write!(out, "; {}", one_line(&help.sentence()));
        }
        out.push('\n');
    }
    out
}

/// Returns the text with its control characters escaped, so that what a file says cannot break the line or speak to the
/// terminal.
fn one_line(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, char| {
        if char.is_control() {
            out.extend(char.escape_default());
        } else {
            out.push(char);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Diagnostic, samples};
    use super::*;

    #[test]
    fn each_finding_is_one_line() {
        let (texts, diags) = samples::mixed();
        let expected = "\
sovereign.toml:3:14: error[unknown-blueprint]: unknown blueprint `harbour`; a blueprint with a similar name exists: `\"harbor\"`
sovereign.toml:4:8: error[duplicate-name]: name `ä` is declared twice; rename one of them
blue prints/empty.toml:1:1: warning[missing-observed-fact]: nothing is known
";
        assert_eq!(render(&diags, &texts), expected);
    }

    #[test]
    fn the_end_of_the_file_is_a_place_and_control_characters_are_escaped() {
        let texts = samples::Texts::new(&[("t", "a = 1\n")]);
        let mut diags = Diagnostics::denying_warnings();
        let end = crate::source::Span::new(crate::source::SourceId::MANIFEST, 6..6);
        diags.push(Diagnostic::new(Code::SettingWithoutEffect, end, "odd `\n\u{1b}[31m`"));
        let expected = "t:2:1: error[setting-without-effect]: odd `\\n\\u{1b}[31m`\n";
        assert_eq!(render(&diags, &texts), expected);
    }

    #[test]
    fn no_findings_give_no_text() {
        assert_eq!(render(&Diagnostics::new(), &samples::Texts::new(&[("t", "")])), "");
    }
}
