//! What is wrong with a text that is no TOML: one finding for each mistake, at its cause.
//!
//! A parser goes on behind a mistake with a guess, and what it says from there on is about its guess. So the first mistake
//! is looked for and mended in a copy, which is parsed anew, until it is TOML, or until nobody would read further.

mod brackets;
mod confusions;
mod lexer;

use std::ops::Range;

use toml::de::DeTable;

use sovereign_text::diag::{Applicability, Code, Diagnostic};
use sovereign_text::source::{Source, Span};

/// The most syntax errors that are reported of one text.
const MOST: usize = 5;
/// Of a larger text only the first mistake is reported, in the parser's own words: its words in a list take sixty times its
/// size.
const LARGE: usize = 256 * 1024;

/// Something that is wrong.
struct Defect {
    range: Range<usize>,
    message: String,
    related: Option<(Range<usize>, &'static str)>,
    note: Option<&'static str>,
    cure: Cure,
}

/// What to do about it.
enum Cure {
    /// Words alone.
    Words(String),
    /// An edit, which also lets the search go on.
    Edit { words: &'static str, range: Range<usize>, replacement: String, applicability: Applicability },
}

impl Cure {
    fn edit(
        words: &'static str,
        range: Range<usize>,
        replacement: &str,
        applicability: Applicability,
    ) -> Self {
        Self::Edit { words, range, replacement: replacement.to_owned(), applicability }
    }
}

impl Defect {
    fn new(range: Range<usize>, message: impl Into<String>, cure: Cure) -> Self {
        Self { range, message: message.into(), related: None, note: None, cure }
    }
}

/// Returns what is wrong with the syntax of a source: nothing if it is TOML.
pub(super) fn findings(source: &Source) -> Vec<Diagnostic> {
    let mut copy = Copy::new(source.text());
    let mut found = Vec::new();
    let is_large = copy.text.len() > LARGE;
    while found.len() < MOST {
        let Some(error) = stumble(&copy.text) else { break };
        let range = error.span().unwrap_or(0..0);
        let words = error.message().trim().replace('\n', "; ");
        if is_large {
            let span = Span::new(source.id(), range);
            found.push(Diagnostic::new(Code::Syntax, span, words));
            break;
        }
        let tokens = lexer::words(&copy.text);
        let defect = first(&copy.text, &tokens, range, &words);
        found.push(copy.diagnostic(source, &defect));
        let mended = match defect.cure {
            Cure::Edit { range, replacement, .. } => copy.edit(range, &replacement),
            Cure::Words(_) => copy.leave_out_line(defect.range.start),
        };
        if !mended || confusions::is_merge(&defect.message) {
            break;
        }
    }
    found
}

/// Returns the first error of the parser, and of a large text the one that it keeps: all of them take a hundred times the
/// size of hostile text.
fn stumble(text: &str) -> Option<toml::de::Error> {
    if text.len() > LARGE {
        return DeTable::parse(text).err();
    }
    let (_, errors) = DeTable::parse_recoverable(text);
    errors.into_iter().min_by_key(|error| error.span().map_or(0, |span| span.start))
}

/// Returns the first mistake of a text, given what the parser says and where.
fn first(text: &str, tokens: &[lexer::Token], at: Range<usize>, words: &str) -> Defect {
    if let Some(merge) = confusions::merge(text) {
        return merge;
    }
    let line_end =
        text.get(at.start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at.start + end);
    // What stands on a line behind a missing quote is quoted the wrong way round, brackets among it.
    let quote = confusions::quote(text, tokens).filter(|quote| quote.range.start <= line_end);
    let upto = quote.as_ref().map_or(line_end, |quote| text[..quote.range.start].rfind('\n').unwrap_or(0));
    let bracket = brackets::first(text, tokens).filter(|bracket| bracket.range.start < upto.max(1));
    bracket
        .filter(|bracket| !confusions::is_on_line(text, tokens, bracket.range.start, at.start))
        .or(quote)
        .or_else(|| confusions::on_line(text, tokens, at.start))
        .unwrap_or_else(|| confusions::as_said(text, at, words))
}

/// A copy of a text that is mended on the way, which knows where each of its bytes comes from.
struct Copy {
    text: String,
    origin: Vec<u32>,
}

impl Copy {
    fn new(text: &str) -> Self {
        let origin = if text.len() > LARGE { Vec::new() } else { (0..).take(text.len() + 1).collect() };
        Self { text: text.to_owned(), origin }
    }

    /// Returns the place of a range in the source.
    fn span(&self, source: &Source, range: &Range<usize>) -> Span {
        let place = |at: usize| self.origin.get(at).map_or(source.text().len(), |at| *at as usize);
        let start = place(range.start);
        // Up to the last character, not to the first one behind: what was put in has no place. What stands for a longer
        // character, as a quote for a curly one, has that one's first byte.
        let behind = |last: usize| source.text().ceil_char_boundary(place(last) + 1);
        let end = range.end.checked_sub(1).filter(|_| !range.is_empty()).map_or(start, behind);
        Span::new(source.id(), start..end.max(start))
    }

    fn diagnostic(&self, source: &Source, defect: &Defect) -> Diagnostic {
        let span = |range| self.span(source, range);
        let mut finding = Diagnostic::new(Code::Syntax, span(&defect.range), &*defect.message);
        if let Some((range, words)) = &defect.related {
            finding = finding.related(span(range), *words);
        }
        if let Some(note) = defect.note {
            finding = finding.note(note);
        }
        match &defect.cure {
            Cure::Words(words) if words.is_empty() => finding,
            Cure::Words(words) => finding.help(&**words),
            Cure::Edit { words, range, replacement, applicability } => {
                finding.edit(*words, span(range), &**replacement, *applicability)
            }
        }
    }

    /// Makes an edit, gives whether the text is another one now.
    fn edit(&mut self, range: Range<usize>, replacement: &str) -> bool {
        let Some(before) = self.text.get(range.clone()).filter(|before| *before != replacement) else {
            return false;
        };
        let from = self.origin.get(range.start).copied().unwrap_or_default();
        debug_assert!(!before.is_empty() || !replacement.is_empty());
        self.origin.splice(range.clone(), std::iter::repeat_n(from, replacement.len()));
        self.text.replace_range(range, replacement);
        true
    }

    /// Takes a line out whose mistake has no edit: its value if it has a key, so that the key is not missing. Gives whether
    /// that can be done; it cannot where the line opens or closes what goes on elsewhere.
    fn leave_out_line(&mut self, at: usize) -> bool {
        let start = self.text.get(..at).and_then(|text| text.rfind('\n')).map_or(0, |end| end + 1);
        let end =
            self.text.get(at..).and_then(|text| text.find('\n')).map_or(self.text.len(), |end| at + end);
        let Some(line) = self.text.get(start..end) else { return false };
        let tokens = lexer::words(line);
        let opens = tokens.iter().filter(|token| matches!(token.kind, lexer::Kind::Open(_))).count();
        let closes = tokens.iter().filter(|token| matches!(token.kind, lexer::Kind::Close(_))).count();
        let is_header = tokens.first().is_some_and(|token| matches!(token.kind, lexer::Kind::Open(_)));
        if opens != closes || is_header || line.starts_with('#') {
            return false;
        }
        self.edit(start..start, "#")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_text::source::SourceId;

    /// What is said about a text: each place and message.
    fn said(text: &'static str) -> Vec<(&'static str, String)> {
        let source = Source::from_text(SourceId::MANIFEST, "t", text);
        let found = findings(&source);
        found.iter().map(|found| (&text[found.primary.span.range()], found.message.clone())).collect()
    }

    #[test]
    fn toml_has_no_mistakes() {
        assert_eq!(said("a = [1,\n2]\n[b]\nc = { d = 1,\ne = 2 }\n"), []);
    }

    #[test]
    fn two_mistakes_are_two_findings_where_they_stand() {
        let found = said("a = [1\nb = 2\nc = “d”\n[e\nf: 1\n");
        let places: Vec<_> = found.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, ["[", "“d”", "[e", ":"]);
    }

    #[test]
    fn what_follows_a_mended_curly_quote_is_shown_whole() {
        // Behind the second quote, mended too, a comma is missing.
        let found = said("a = [“b” 2]\n");
        assert!(found.len() > 1, "{found:?}");
    }

    #[test]
    fn at_most_a_handful_is_said() {
        assert_eq!(said("a = b\na = b\na = b\na = b\na = b\na = b\na = b\n").len(), MOST);
    }

    #[test]
    fn each_certain_edit_gives_what_its_finding_was_about() {
        for (text, mended) in [
            ("a = [1\nb = 2\n", "a = [1]\nb = 2\n"),
            ("a = { b = 1\n[c]\n", "a = { b = 1 }\n[c]\n"),
            ("[a\nb = 1\n", "[a]\nb = 1\n"),
            ("a = “b c”\n", "a = \"b c\"\n"),
            ("a = True\n", "a = true\n"),
            ("a: \"b\"\n", "a = \"b\"\n"),
            ("// a\n", "# a\n"),
            ("a = [1 2]\n", "a = [1, 2]\n"),
            ("a = { b = 1 c = 2 }\n", "a = { b = 1, c = 2 }\n"),
            ("a \"b\"\n", "a = \"b\"\n"),
        ] {
            let source = Source::from_text(SourceId::MANIFEST, "t", text);
            let found = findings(&source);
            let edit = found[0].help[0].edit.as_ref().expect("an edit");
            let mut fixed = text.to_owned();
            fixed.replace_range(edit.span.range(), &edit.replacement);
            assert_eq!((fixed.as_str(), found.len()), (mended, 1), "{text}");
            assert!(DeTable::parse(mended).is_ok(), "{mended}");
        }
    }
}
