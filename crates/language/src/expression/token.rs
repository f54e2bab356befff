//! The words and signs of an expression, and where it ends.

use super::error::ExpressionError;

/// A word or sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A keyword, a filter, or a dotted name.
    Word(&'t str),
    /// Text in quotation marks. Nothing in it has another meaning.
    Text(&'t str),
    /// A number without sign.
    Number(i64),
    /// A sign of the grammar.
    Sign(&'static str),
}

/// The signs, longer ones before those that they begin with.
const SIGNS: [&str; 15] = ["==", "!=", "<=", ">=", "<", ">", "=", "~", "+", "-", "*", "|", "(", ")", ","];
/// What closes an expression.
const END: &str = "}}";

/// The tokens of an expression, and the text behind its end.
pub(super) struct Tokens<'t> {
    /// The tokens in their order.
    pub(super) list: Vec<Token<'t>>,
    /// What follows the closing braces.
    pub(super) rest: &'t str,
}

/// Returns the tokens of the expression whose opening braces stand before `text`.
pub(super) fn tokens(text: &str) -> Result<Tokens<'_>, ExpressionError> {
    let (mut list, mut rest) = (Vec::new(), text);
    loop {
        rest = rest.trim_ascii_start();
        if let Some(rest) = rest.strip_prefix(END) {
            return Ok(Tokens { list, rest });
        }
        let (token, after) = next(rest)?;
        list.push(token);
        rest = after;
    }
}

fn next(text: &str) -> Result<(Token<'_>, &str), ExpressionError> {
    let first = text.chars().next().ok_or(ExpressionError::Unclosed(END))?;
    for mark in ["\"", "'", "`"] {
        if let Some(open) = text.strip_prefix(mark) {
            let (inner, after) = open.split_once(mark).ok_or(ExpressionError::Unclosed(mark))?;
            return Ok((Token::Text(inner), after));
        }
    }
    if first.is_ascii_alphanumeric() || first == '_' {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
        let (word, after) = text.split_at(end.unwrap_or(text.len()));
        return Ok((word_or_number(word)?, after));
    }
    let sign = SIGNS.into_iter().find_map(|sign| Some((Token::Sign(sign), text.strip_prefix(sign)?)));
    sign.ok_or_else(|| ExpressionError::Unexpected(first.to_string()))
}

fn word_or_number(word: &str) -> Result<Token<'_>, ExpressionError> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().map(Token::Number).map_err(|_| ExpressionError::Overflow);
    }
    let is_part = |part: &str| part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if word.split('.').all(is_part) {
        Ok(Token::Word(word))
    } else {
        Err(ExpressionError::Unexpected(word.to_owned()))
    }
}
