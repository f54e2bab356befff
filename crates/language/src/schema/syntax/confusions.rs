//! What people write who know another language, or whose editor knows better: each with its name.

use std::ops::Range;

use super::lexer::{Bracket, Kind, Token};
use super::{Cure, Defect, brackets};
use sovereign_text::diag::Applicability::{Certain, Likely};

const MERGE: &str = "a merge was left unfinished here";

/// Returns whether a message is that of [`merge`]: what both sides of it say together is nobody's text.
pub(super) fn is_merge(message: &str) -> bool {
    message == MERGE
}

/// Returns the marks that Git leaves where two sides changed one line.
pub(super) fn merge(text: &str) -> Option<Defect> {
    let mut marks = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let is_mark = bare.starts_with("<<<<<<<") || bare.starts_with(">>>>>>>");
        marks.extend(is_mark.then(|| (start..start + bare.len(), bare.starts_with('<'))));
        start += line.len();
    }
    let (first, begins) = marks.first().cloned()?;
    let end = marks.iter().find(|(_, begins)| !begins);
    // One alone may be a drawing in a text; but then the parser would not have stumbled.
    let mut defect =
        Defect::new(first, MERGE, Cure::Words("keep one side of each, and remove the marks".into()));
    defect.related = end.filter(|_| begins).map(|(range, _)| (range.clone(), "up to here"));
    defect.note = Some("Git wrote this where both sides of a merge changed a line");
    Some(defect)
}

/// Returns the first quote that is missing.
pub(super) fn quote(text: &str, tokens: &[Token]) -> Option<Defect> {
    let (place, open) =
        tokens.iter().enumerate().find(|(_, token)| token.kind == (Kind::Text { is_closed: false }))?;
    let written = open.text(text);
    let inner = written.trim_start_matches(['"', '\'']);
    if written.len() - inner.len() >= 3 {
        let range = open.range.start..open.range.start + 3;
        let help = format!("write `{}` where the text ends", &written[..3]);
        return Some(Defect::new(range, "this quote is never closed", Cure::Words(help)));
    }
    let mark = written.get(..1).unwrap_or_default();
    let before = place.checked_sub(1).and_then(|place| tokens.get(place));
    let (before_it, value) = (place.checked_sub(2).and_then(|place| tokens.get(place)), before);
    if let (Some(value), true) = (value, inner.trim().is_empty())
        && value.kind == Kind::Word
        && value.range.end == open.range.start
        && before_it.is_some_and(|token| matches!(token.kind, Kind::Equals | Kind::Comma | Kind::Open(_)))
    {
        let (start, range) = (value.range.start, value.range.start..open.range.end);
        let message = "a quote is missing before this text";
        return Some(Defect::new(
            range,
            message,
            Cure::edit("write it in quotes", start..start, mark, Certain),
        ));
    }
    let line = line_of(text, open.range.start);
    let is_only = text.get(line).is_some_and(|line| line.matches(mark).count() == 1);
    let trimmed = written.trim_end();
    let range = open.range.start..open.range.start + trimmed.len();
    let is_value = before.is_some_and(|token| token.kind == Kind::Equals);
    let message = "a quote is missing on this line";
    // A comment, a bracket or a comma may belong to the text, or may follow it.
    if is_only && is_value && !trimmed.contains(['#', ',', '[', ']', '{', '}', '\\']) {
        let end = range.end;
        return Some(Defect::new(range, message, Cure::edit("close it", end..end, mark, Certain)));
    }
    Some(Defect::new(range, message, Cure::Words("a text has a quote at both of its ends".into())))
}

/// Returns whether a line of its own explains a bracket better: it stands there, and the parser stumbles over its words.
pub(super) fn is_on_line(text: &str, tokens: &[Token], bracket: usize, at: usize) -> bool {
    let line = line_of(text, at);
    line.contains(&bracket)
        && tokens.iter().any(|token| line.contains(&token.range.start) && token.kind == Kind::Curly)
}

/// Returns what is wrong on the line at which the parser stumbled, if it is one of what people confuse.
pub(super) fn on_line(text: &str, tokens: &[Token], at: usize) -> Option<Defect> {
    let line = line_of(text, at);
    let begin = tokens.partition_point(|token| token.range.start < line.start);
    let words = tokens.get(begin..)?;
    let words =
        words.get(..words.iter().position(|token| token.kind == Kind::Newline).unwrap_or(words.len()))?;
    let within = brackets::depth(tokens.get(..begin)?);
    let here = Line { text, words, within, at };
    let is_header = within == 0 && words.first().is_some_and(|token| matches!(token.kind, Kind::Open(_)));
    if is_header {
        return here.curly().or_else(|| here.variable());
    }
    let readers = [
        Line::slashes,
        Line::curly,
        Line::variable,
        Line::colon,
        Line::no_equals,
        Line::no_value,
        Line::backslash,
        Line::bare,
        Line::comma,
    ];
    readers.iter().find_map(|reader| reader(&here)).or_else(|| comma_before(tokens, at))
}

/// Returns what the parser says, with the first place of what is there twice.
pub(super) fn as_said(text: &str, at: Range<usize>, words: &str) -> Defect {
    if words != "duplicate key" {
        return Defect::new(at, words, Cure::Words(String::new()));
    }
    let name = text.get(at.clone()).unwrap_or_default();
    let message = format!("the key `{}` is there twice", super::super::shorten(name));
    let mut defect =
        Defect::new(at.clone(), message, Cure::Words("remove one of them, or make them one".into()));
    let line = text.get(line_of(text, at.start)).unwrap_or_default();
    let mut start = 0;
    for other in text.get(..at.start).unwrap_or_default().split_inclusive('\n') {
        let is_same = if line.starts_with('[') {
            other.trim_end() == line.trim_end()
        } else {
            other.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        if is_same {
            defect.related = Some((start..start + other.trim_end().len(), "first here"));
        }
        start += other.len();
    }
    defect
}

/// A line, and where the parser stumbled.
struct Line<'t> {
    text: &'t str,
    words: &'t [Token],
    /// How many brackets were open before it.
    within: usize,
    at: usize,
}

impl<'t> Line<'t> {
    fn word(&self, place: usize) -> Option<(&Token, &'t str)> {
        self.words.get(place).map(|token| (token, token.text(self.text)))
    }

    fn kind(&self, place: usize) -> Option<Kind> {
        self.words.get(place).map(|token| token.kind)
    }

    /// Returns whether a word stands where a value does.
    fn is_value(&self, place: usize) -> bool {
        match place.checked_sub(1).and_then(|before| self.kind(before)) {
            Some(Kind::Equals | Kind::Open(Bracket::Square)) => true,
            Some(Kind::Comma) | None => {
                let key_follows = self.kind(place + 1) == Some(Kind::Equals);
                !key_follows && self.within + brackets::depth(self.words.get(..place).unwrap_or_default()) > 0
            }
            Some(_) => false,
        }
    }

    fn slashes(&self) -> Option<Defect> {
        let (first, word) = self.word(0).filter(|(_, word)| word.starts_with("//"))?;
        let (start, end) = (first.range.start, first.range.start + word.len());
        let cure = Cure::edit("write `#`", start..start + 2, "#", Certain);
        Some(Defect::new(start..end, "a comment begins with `#`", cure))
    }

    fn curly(&self) -> Option<Defect> {
        let token = self.words.iter().find(|token| token.kind == Kind::Curly)?;
        let inner = token.text(self.text).trim_matches(|c: char| !c.is_ascii());
        let cure = if inner.contains(['"', '\\']) {
            Cure::Words("write plain quotes, `\"`".into())
        } else {
            Cure::edit("write plain quotes", token.range.clone(), &format!("\"{inner}\""), Certain)
        };
        Some(Defect::new(token.range.clone(), "curly quotes are no quotes in TOML", cure))
    }

    fn variable(&self) -> Option<Defect> {
        let token = self.words.iter().find(|token| token.text(self.text).starts_with('$'))?;
        let message = format!("`{}` is no value", super::super::shorten(token.text(self.text)));
        let cure = Cure::Words("write the final value, in quotes".into());
        let mut defect = Defect::new(token.range.clone(), message, cure);
        defect.note = Some("nothing substitutes variables: what is written is what is applied");
        Some(defect)
    }

    /// `key: value`, also several times within an inline table.
    fn colon(&self) -> Option<Defect> {
        let is_key = |place: usize| {
            let before = place.checked_sub(1).and_then(|before| self.kind(before));
            matches!(before, None | Some(Kind::Open(Bracket::Brace) | Kind::Comma))
        };
        // The place of a word that ends with a colon, or of a colon by itself.
        let colon = |place: usize| -> Option<usize> {
            let (token, word) = self.word(place)?;
            let ends = token.kind == Kind::Word && word.ends_with(':') && !word.ends_with("::");
            let key = if word == ":" { place.checked_sub(1)? } else { place };
            let value = self.kind(place + 1).is_none_or(|kind| kind != Kind::Equals);
            (ends && is_key(key) && value).then_some(token.range.end - 1)
        };
        let colons: Vec<_> = (0..self.words.len()).filter_map(colon).collect();
        let (first, last) = (*colons.first()?, *colons.last()?);
        let mut written = String::new();
        let mut from = first;
        for colon in &colons {
            written.push_str(self.text.get(from..*colon)?);
            written.push_str(" =");
            from = colon + 1;
        }
        // What YAML takes as a text has no quotes.
        let mut end = last + 1;
        let value: Vec<_> = self.words.iter().filter(|token| token.range.start > last).collect();
        if let ([only], 1) = (value.as_slice(), colons.len())
            && only.kind == Kind::Word
            && !is_plain(only.text(self.text))
        {
            let word = only.text(self.text);
            let value = boolean(word).map_or_else(|| format!("\"{word}\""), str::to_owned);
            written.push(' ');
            written.push_str(&value);
            end = only.range.end;
        }
        let cure = Cure::edit("write", first..end, &written, Certain);
        Some(Defect::new(first..first + 1, "between a key and its value stands `=`, not `:`", cure))
    }

    fn no_equals(&self) -> Option<Defect> {
        let (key, name) = self.word(0).filter(|_| self.within == 0)?;
        let is_key = matches!(key.kind, Kind::Word | Kind::Text { .. });
        let value = self.words.get(1);
        if !is_key || value.is_some_and(|value| !value.begins_value()) {
            return None;
        }
        let Some(_) = value else {
            let message =
                format!("`{}` stands alone: a key has `=` and a value", super::super::shorten(name));
            return Some(Defect::new(key.range.clone(), message, Cure::Words(String::new())));
        };
        let end = key.range.end;
        let message = format!("there is no `=` between `{}` and its value", super::super::shorten(name));
        Some(Defect::new(key.range.clone(), message, Cure::edit("write `=`", end..end, " =", Certain)))
    }

    fn no_value(&self) -> Option<Defect> {
        let place = (0..self.words.len()).find(|place| {
            let ends = matches!(self.kind(place + 1), None | Some(Kind::Comma | Kind::Close(_)));
            self.kind(*place) == Some(Kind::Equals) && ends
        })?;
        let (key, name) = self.word(place.checked_sub(1)?)?;
        let range = key.range.start..self.words.get(place)?.range.end;
        let message = format!("`{}` has no value", super::super::shorten(name));
        Some(Defect::new(range, message, Cure::Words("write a value, or leave the key out".into())))
    }

    fn backslash(&self) -> Option<Defect> {
        let within = |token: &&Token| token.range.start < self.at && self.at <= token.range.end;
        let token = self.words.iter().find(within)?;
        let written = token.text(self.text);
        let inner = written.strip_prefix('"')?.strip_suffix('"').filter(|inner| inner.contains('\\'))?;
        let message = "a backslash in a text begins an escape, such as `\\n`";
        let cure = if inner.contains(['\'', '"']) {
            Cure::Words("write two of them for one".into())
        } else {
            let literal = format!("'{inner}'");
            Cure::edit("in single quotes it is what it is", token.range.clone(), &literal, Likely)
        };
        Some(Defect::new(token.range.clone(), message, cure))
    }

    /// A word that is no value of TOML.
    fn bare(&self) -> Option<Defect> {
        let place = (0..self.words.len()).find(|place| {
            let is_word = self.kind(*place) == Some(Kind::Word);
            is_word && self.is_value(*place) && self.word(*place).is_some_and(|(_, word)| !is_plain(word))
        })?;
        let (token, word) = self.word(place)?;
        if let Some(boolean) = boolean(word) {
            let message = format!("`{word}` is written `{boolean}` in TOML");
            let cure = Cure::edit("write", token.range.clone(), boolean, Certain);
            return Some(Defect::new(token.range.clone(), message, cure));
        }
        if matches!(word.to_ascii_lowercase().as_str(), "null" | "none" | "nil" | "~") {
            let message = format!("TOML has no `{word}`");
            let cure = Cure::Words("leave the key out: then it has its default".into());
            return Some(Defect::new(token.range.clone(), message, cure));
        }
        let rest = self.words.iter().skip(place).take_while(|token| token.kind == Kind::Word);
        let range = token.range.start..rest.last()?.range.end;
        let written = self.text.get(range.clone())?;
        // A number with a letter or a sign too many is for the parser to name.
        if !written.starts_with(|c: char| c.is_alphabetic() || "/*.@".contains(c)) || written.contains('\\') {
            return None;
        }
        let cure = Cure::edit("write it in quotes", range.clone(), &format!("\"{written}\""), Likely);
        Some(Defect::new(range, "a text stands in quotes", cure))
    }

    /// Two values side by side.
    fn comma(&self) -> Option<Defect> {
        let place = (1..self.words.len()).find(|place| {
            let before = self.words.get(..*place).unwrap_or_default();
            let depth = self.within + brackets::depth(before);
            depth > 0
                && before.last().is_some_and(Token::ends_value)
                && self.words.get(*place).is_some_and(Token::begins_value)
        })?;
        self.words.get(place - 1).map(missing_comma)
    }
}

/// Returns a comma that is missing at the end of the line before.
fn comma_before(tokens: &[Token], at: usize) -> Option<Defect> {
    let next = tokens.iter().position(|token| token.range.end > at && token.kind != Kind::Newline)?;
    let before = tokens.get(..next)?;
    let last = before.iter().rfind(|token| token.kind != Kind::Newline).filter(|token| token.ends_value())?;
    let begins = tokens.get(next).is_some_and(Token::begins_value);
    (brackets::depth(before) > 0 && begins).then(|| missing_comma(last))
}

fn missing_comma(before: &Token) -> Defect {
    let end = before.range.end;
    let cure = Cure::edit("write a comma", end..end, ",", Certain);
    Defect::new(before.range.clone(), "a comma is missing after this", cure)
}

fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text.get(..at).and_then(|text| text.rfind('\n')).map_or(0, |end| end + 1);
    let end = text.get(at..).and_then(|text| text.find('\n')).map_or(text.len(), |end| at + end);
    start..end
}

/// Returns whether a word is a value as it stands: a boolean, a number, a date.
fn is_plain(word: &str) -> bool {
    matches!(word, "true" | "false" | "inf" | "nan" | "+inf" | "-inf" | "+nan" | "-nan")
        || word.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit())
}

/// Returns the boolean that a word of another language means.
fn boolean(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some("true"),
        "false" | "no" | "off" => Some("false"),
        _ => None,
    }
}
