//! Brackets that are never closed, and such as close nothing. What follows one is read as a part of it, so the parser's own
//! words stand far behind the cause, and there are many of them.

use super::lexer::{Bracket, Kind, Token};
use super::{Cure, Defect};
use sovereign_text::diag::Applicability::{Certain, Likely};

/// A bracket that is open, by the place of its word.
#[derive(Clone, Copy)]
struct Open {
    bracket: Bracket,
    at: usize,
}

/// Returns the first bracket of a text that has no partner.
pub(super) fn first(text: &str, tokens: &[Token]) -> Option<Defect> {
    let (mut open, mut at, mut begins_line): (Vec<Open>, _, _) = (Vec::new(), 0, true);
    while let Some(token) = tokens.get(at) {
        let innermost = open.last().copied();
        match (token.kind, innermost) {
            (Kind::Open(Bracket::Square), None) if begins_line => {
                let rest = tokens.get(at..).unwrap_or_default();
                let length = rest.iter().position(|token| token.kind == Kind::Newline).unwrap_or(rest.len());
                if let Some(defect) = header(rest.get(..length).unwrap_or_default()) {
                    return Some(defect);
                }
                at += length;
                continue;
            }
            (_, Some(innermost)) if begins_line && begins_statement(text, tokens, at, innermost) => {
                return Some(unclosed(tokens, innermost, at));
            }
            (Kind::Open(bracket), _) => open.push(Open { bracket, at }),
            (Kind::Close(bracket), Some(innermost)) if innermost.bracket == bracket => {
                open.pop();
            }
            (Kind::Close(bracket), Some(innermost)) if open.iter().any(|open| open.bracket == bracket) => {
                return Some(unclosed(tokens, innermost, at));
            }
            (Kind::Close(bracket), _) => return Some(stray(token, bracket)),
            _ => {}
        }
        begins_line = token.kind == Kind::Newline;
        at += 1;
    }
    open.last().map(|innermost| unclosed(tokens, *innermost, tokens.len()))
}

/// Returns how many brackets are open before a word.
pub(super) fn depth(tokens: &[Token]) -> usize {
    tokens.iter().fold(0, |depth: usize, token| match token.kind {
        Kind::Open(_) => depth + 1,
        Kind::Close(_) => depth.saturating_sub(1),
        Kind::Comma | Kind::Equals | Kind::Newline | Kind::Text { .. } | Kind::Curly | Kind::Word => depth,
    })
}

/// Returns whether a line begins a header or a key of its own, which no list or inline table has there.
fn begins_statement(text: &str, tokens: &[Token], at: usize, innermost: Open) -> bool {
    let kind = |ahead: usize| tokens.get(at + ahead).map(|token| token.kind);
    let is_name = |ahead: usize| {
        tokens.get(at + ahead).is_some_and(|token| {
            let word = token.text(text);
            let is_value = matches!(word, "true" | "false" | "inf" | "nan");
            token.kind == Kind::Word && word.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_value
        })
    };
    let brackets = (0..2).take_while(|ahead| kind(*ahead) == Some(Kind::Open(Bracket::Square))).count();
    if brackets > 0 {
        let closes = kind(brackets + 1) == Some(Kind::Close(Bracket::Square));
        let end = kind(2 * brackets + 1);
        return is_name(brackets) && closes && matches!(end, None | Some(Kind::Newline));
    }
    if !is_name(0) || kind(1) != Some(Kind::Equals) {
        return false;
    }
    match innermost.bracket {
        Bracket::Square => true,
        // On a line of its own, after a comma, it may be the next key of the table.
        Bracket::Brace => {
            let before = tokens.get(innermost.at + 1..at).unwrap_or_default();
            let lines = before.iter().filter(|token| token.kind == Kind::Newline).count();
            lines == 1 && before.iter().rev().nth(1).is_some_and(Token::ends_value)
        }
    }
}

/// Says that a bracket is never closed, where the words from `next` on do not belong to it any more.
fn unclosed(tokens: &[Token], open: Open, next: usize) -> Defect {
    let (bracket, begin) = (open.bracket, tokens.get(open.at).map_or(0..0, |token| token.range.clone()));
    let within = tokens.get(open.at..next).unwrap_or_default();
    let last = within.iter().rposition(|token| token.kind != Kind::Newline).unwrap_or(0);
    let end = within.get(last).map_or(begin.end, |token| token.range.end);
    let is_one_line = !within.iter().take(last).any(|token| token.kind == Kind::Newline);
    let ends_line = tokens.get(next).is_none_or(|token| !matches!(token.kind, Kind::Close(_)));
    let close = match bracket {
        Bracket::Square => "]",
        Bracket::Brace => " }",
    };
    let sure = if is_one_line && ends_line { Certain } else { Likely };
    let message = format!("this `{}` is never closed", bracket.open());
    let cure = Cure::edit("close it", end..end, close, sure);
    Defect::new(begin, message, cure)
}

fn stray(token: &Token, bracket: Bracket) -> Defect {
    let message = format!("this `{}` closes nothing", bracket.close());
    Defect::new(token.range.clone(), message, Cure::edit("remove it", token.range.clone(), "", Likely))
}

/// Looks at the line of a header.
fn header(line: &[Token]) -> Option<Defect> {
    let is = |token: &Token, kind| token.kind == kind;
    let opens = line.iter().take(2).take_while(|token| is(token, Kind::Open(Bracket::Square))).count();
    let body = line.get(opens..)?;
    let name = body.iter().take_while(|token| matches!(token.kind, Kind::Word | Kind::Text { .. })).count();
    let closes: Vec<_> =
        body.iter().skip(name).take_while(|token| is(token, Kind::Close(Bracket::Square))).collect();
    // Anything else is for the parser to name.
    if name == 0 || body.len() != name + closes.len() || opens == closes.len() {
        return None;
    }
    let (first, last) = (line.first()?, line.last()?);
    let whole = first.range.start..last.range.end;
    let (open, close) = ("[".repeat(opens), "]".repeat(opens));
    if let Some(extra) = closes.get(opens) {
        let message = format!("a header that begins with `{open}` closes with `{close}`");
        let range = extra.range.start..last.range.end;
        return Some(Defect::new(whole, message, Cure::edit("remove what is too much", range, "", Likely)));
    }
    let (message, sure) = if closes.is_empty() {
        (format!("this `{open}` is never closed"), Certain)
    } else {
        (format!("a header that begins with `{open}` closes with `{close}`"), Likely)
    };
    let end = last.range.end;
    Some(Defect::new(
        whole,
        message,
        Cure::edit("close it", end..end, &"]".repeat(opens - closes.len()), sure),
    ))
}
