//! Strings whose expressions are names alone, `{{ region.label }}`: nearly all of them, and looked up without an engine.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::DUMP;

/// Words that are no names in the language of expressions.
const KEYWORDS: [&str; 19] = [
    "True", "False", "None", "and", "break", "continue", "else", "false", "for", "if", "in", "is", "loop",
    "none", "not", "or", "self", "super", "true",
];

/// Returns whether every expression in a string is a name and nothing else.
pub(super) fn only(text: &str) -> bool {
    parts(text).all(|part| !matches!(part, Part::Other))
}

/// Returns a string with the facts in place of their names; `None` if there is more than names in it, a name is unknown, or
/// a fact is neither text nor a number nor a truth value.
pub(super) fn filled(text: &str, facts: &Json) -> Option<String> {
    let mut filled = String::with_capacity(text.len() * 2);
    for part in parts(text) {
        filled.push_str(&match part {
            Part::Text(text) => Cow::from(text),
            Part::Name(name) => match find(name, facts)? {
                Json::String(fact) => fact.into(),
                Json::Bool(fact) => fact.to_string().into(),
                Json::Number(fact) if !fact.is_f64() => fact.to_string().into(),
                Json::Null | Json::Number(_) | Json::Array(_) | Json::Object(_) => return None,
            },
            Part::Other => return None,
        });
    }
    Some(filled)
}

/// A piece of a string with expressions.
enum Part<'t> {
    /// What is no expression.
    Text(&'t str),
    /// A dotted name.
    Name(&'t str),
    /// Any other expression, and what follows.
    Other,
}

fn parts(mut rest: &str) -> impl Iterator<Item = Part<'_>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (text, marked) = rest.split_at(rest.find("{{").unwrap_or(rest.len()));
        if !text.is_empty() {
            rest = marked;
            return Some(if is_plain(text) { Part::Text(text) } else { Part::Other });
        }
        let name = marked.get(2..).and_then(|open| open.split_once("}}"));
        let (part, after) = match name.map(|(name, after)| (name.trim_ascii(), after)) {
            Some((name, after)) if is_name(name) => (Part::Name(name), after),
            Some(_) | None => (Part::Other, ""),
        };
        rest = after;
        Some(part)
    })
}

/// Returns whether a text between expressions is nothing that a rule of the language could mean.
fn is_plain(text: &str) -> bool {
    !text.contains(['{', '|', '(']) && !text.contains(DUMP)
}

/// Returns whether a text is a dotted name.
fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_alphabetic())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !KEYWORDS.contains(&word)
    };
    text.split('.').all(is_word)
}

/// Returns the fact of a dotted name.
pub(super) fn find<'f>(name: &str, facts: &'f Json) -> Option<&'f Json> {
    name.split('.').try_fold(facts, |facts, word| facts.as_object()?.get(word))
}
