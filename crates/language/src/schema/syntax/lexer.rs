//! The words of a text that may be no TOML: signs, quoted texts, and whatever stands between them. Nothing is refused.

use std::ops::Range;

/// A kind of bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    /// `[`
    Square,
    /// `{`
    Brace,
}

impl Bracket {
    pub(super) fn open(self) -> &'static str {
        match self {
            Self::Square => "[",
            Self::Brace => "{",
        }
    }

    pub(super) fn close(self) -> &'static str {
        match self {
            Self::Square => "]",
            Self::Brace => "}",
        }
    }
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The begin of a list, a table or a header.
    Open(Bracket),
    /// The end of one.
    Close(Bracket),
    /// `,`
    Comma,
    /// `=`
    Equals,
    /// The end of a line.
    Newline,
    /// A text in quotes.
    Text {
        /// Whether the quote at its end is there.
        is_closed: bool,
    },
    /// A text between the quotes of a word processor.
    Curly,
    /// Anything else, up to white space or a sign.
    Word,
}

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

impl Token {
    pub(super) fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.range.clone()).unwrap_or_default()
    }

    /// Returns whether it is a value, or the end of one.
    pub(super) fn ends_value(&self) -> bool {
        matches!(self.kind, Kind::Text { .. } | Kind::Curly | Kind::Word | Kind::Close(_))
    }

    /// Returns whether it is a value, or the begin of one.
    pub(super) fn begins_value(&self) -> bool {
        matches!(self.kind, Kind::Text { .. } | Kind::Curly | Kind::Word | Kind::Open(_))
    }
}

/// The quotes that word processors write.
const CURLY: [char; 6] = ['“', '”', '„', '‟', '‘', '’'];

/// Returns the words of a text, without its comments.
pub(super) fn words(text: &str) -> Vec<Token> {
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = match rest.as_bytes() {
            [b' ' | b'\t' | b'\r', ..] => (None, 1),
            [b'#', ..] => (None, line(rest)),
            [b'\n', ..] => (Some(Kind::Newline), 1),
            [b'[', ..] => (Some(Kind::Open(Bracket::Square)), 1),
            [b']', ..] => (Some(Kind::Close(Bracket::Square)), 1),
            [b'{', ..] => (Some(Kind::Open(Bracket::Brace)), 1),
            [b'}', ..] => (Some(Kind::Close(Bracket::Brace)), 1),
            [b',', ..] => (Some(Kind::Comma), 1),
            [b'=', ..] => (Some(Kind::Equals), 1),
            [b'"' | b'\'', ..] => {
                let (length, is_closed) = quoted(rest);
                (Some(Kind::Text { is_closed }), length)
            }
            _ if rest.starts_with(CURLY) => (Some(Kind::Curly), curly(rest)),
            _ => (Some(Kind::Word), word(rest)),
        };
        tokens.extend(kind.map(|kind| Token { kind, range: at..at + length }));
        at += length;
    }
    tokens
}

/// Returns how long the rest of a line is.
fn line(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

/// Returns how long a quoted text is, with its quotes, and whether it ends.
fn quoted(rest: &str) -> (usize, bool) {
    let quote = rest.get(..1).unwrap_or_default();
    let long = quote.repeat(3);
    let (mark, limit) =
        if rest.starts_with(&long) { (long.as_str(), rest.len()) } else { (quote, line(rest)) };
    let mut at = mark.len();
    while at < limit {
        match rest.get(at..limit) {
            Some(inner) if inner.starts_with('\\') && quote == "\"" => {
                at += 1 + inner.get(1..).and_then(|next| next.chars().next()).map_or(0, char::len_utf8);
            }
            Some(inner) if inner.starts_with(mark) => {
                // Up to two quotes may stand before the three that end a text.
                let more = inner.bytes().take_while(|byte| quote.as_bytes().first() == Some(byte)).count();
                let length = if mark.len() == 1 { 1 } else { more.min(5) };
                return (at + length, true);
            }
            Some(inner) => at += inner.chars().next().map_or(1, char::len_utf8),
            None => at += 1,
        }
    }
    (limit.max(mark.len()), false)
}

/// Returns how long a text between curly quotes is.
fn curly(rest: &str) -> usize {
    let rest = rest.get(..line(rest)).unwrap_or_default();
    let mut quotes = rest.match_indices(CURLY);
    let first = quotes.next().map_or(1, |(_, quote)| quote.len());
    quotes.next().map_or(first, |(at, quote)| at + quote.len())
}

/// Returns how long a word is; a variable's braces are a part of it.
fn word(rest: &str) -> usize {
    let mut at = 0;
    while let Some(c) = rest.get(at..).and_then(|rest| rest.chars().next()) {
        let inner = rest.get(at..).unwrap_or_default();
        if let Some(end) =
            inner.get(..line(inner)).filter(|_| inner.starts_with("${")).and_then(|inner| inner.find('}'))
        {
            at += end + 1;
        } else if c.is_whitespace() || "[]{},=#\"'".contains(c) || CURLY.contains(&c) {
            break;
        } else {
            at += c.len_utf8();
        }
    }
    // White space that TOML does not know is a word of its own.
    at.max(rest.chars().next().map_or(1, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<&str> {
        words(text)
            .iter()
            .map(|token| token.text(text))
            .map(|word| if word == "\n" { "/" } else { word })
            .collect()
    }

    #[test]
    fn every_byte_is_white_space_a_comment_or_a_part_of_a_word() {
        assert_eq!(said("a.b = [1, \"x # y\"] # z\n"), ["a.b", "=", "[", "1", ",", "\"x # y\"", "]", "/"]);
        assert_eq!(said("a = \"\"\"x\ny\"\"\"\"\nb"), ["a", "=", "\"\"\"x\ny\"\"\"\"", "/", "b"]);
        assert_eq!(said("a = ${B C}x"), ["a", "=", "${B C}x"]);
        assert_eq!(said("a = “b c”,"), ["a", "=", "“b c”", ","]);
        assert_eq!(said("'a\\' \"b\\\"\" \"c\n\u{a0}"), ["'a\\'", "\"b\\\"\"", "\"c", "/", "\u{a0}"]);
    }

    #[test]
    fn a_quote_that_is_missing_ends_its_text_with_the_line() {
        let kinds: Vec<_> = words("a = \"b\nc").iter().map(|token| token.kind).collect();
        let text = Kind::Text { is_closed: false };
        assert_eq!(kinds, [Kind::Word, Kind::Equals, text, Kind::Newline, Kind::Word]);
    }
}
