//! Names and values in text: lines of YAML, of properties and of an environment, parameters of a URL or of a connection
//! string, JSON, flags of a command, comments.

use super::judge::Trust;
use super::names::{Promise, promise};

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A value of one line.
    Line,
    /// A file in a value: its lines are settings.
    Config,
    /// A comment, or a text that cannot be read otherwise: prose, mostly.
    Prose,
}

/// A name and its value in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Assignment<'t> {
    pub(super) key: &'t str,
    pub(super) value: &'t str,
    pub(super) trust: Trust,
    /// Where the value ends in the text.
    end: usize,
}

/// How much of a value is looked at: the private key of a kubeconfig has 3 KiB.
const LONGEST: usize = 16 * 1024;
/// In a longer value, and in the rest of a longer line, nothing is looked for again: hostile text must cost little.
const LONGEST_OUTER: usize = 1024;
/// How long a name is.
const LONGEST_NAME: usize = 100;

/// Returns all names with values of a text, in order.
pub(super) fn of(text: &str, style: Style) -> impl Iterator<Item = Assignment<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + text.get(from..)?.find(['=', ':', ' ', '>'])?;
            from = at + 1;
            let Some(found) = assignment(text, at, style) else { continue };
            // What a value holds may be names with values again: parameters of an address.
            if found.value.len() > LONGEST_OUTER {
                from = found.end;
            }
            return Some(found);
        }
    })
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

/// Returns the assignment whose sign stands at a place: `=`, `:`, the space after a flag, or the end of a tag of XML.
fn assignment(text: &str, at: usize, style: Style) -> Option<Assignment<'_>> {
    let sign = text.as_bytes().get(at).copied()?;
    let before = text.get(text.floor_char_boundary(at.saturating_sub(LONGEST_NAME))..at)?;
    let unspaced = before.trim_end_matches([' ', '\t']);
    let bare = unspaced.trim_end_matches('\\').trim_end_matches([':', '"', '\'', '\\']);
    let key = &bare[bare
        .rfind(|c| !is_name(c))
        .map_or(0, |end| end + bare[end..].chars().next().map_or(1, char::len_utf8))..];
    let is_flag = key.starts_with("--");
    let rest = text.get(at + 1..)?;
    let is_parted = || before.len() == unspaced.len() && (is_flag || space_parts(before, key, rest, style));
    if key.is_empty() || (sign == b' ' && !is_parted()) {
        return None;
    }
    if sign == b'>' {
        return element(text, key, rest);
    }
    // `http://`, `a == b`, `a => b`, `a::b`.
    if rest.starts_with("//") || rest.starts_with(['=', ':']) {
        return None;
    }
    let rest = rest.strip_prefix('>').unwrap_or(rest);
    let mut inner = rest.trim_start_matches([' ', '\t']);
    let is_spaced = inner.len() != rest.len() || before.len() != unspaced.len();
    if sign == b':' && (inner.starts_with('|') || inner.starts_with('>')) {
        // A block of YAML: its text is on the next line.
        inner = inner.split_once('\n')?.1.trim_start_matches([' ', '\t']);
    }
    let opened = inner.trim_start_matches('\\');
    let quote = opened.chars().next().filter(|c| is_quote(*c));
    let whole = whole_line(before, key, inner);
    let value = match quote {
        Some(quote) => {
            let inner = &opened[quote.len_utf8()..];
            // Of a text that ends before its quote, or its line does, the first word.
            quoted(inner, quote).unwrap_or_else(|| inner.split_whitespace().next().unwrap_or_default())
        }
        None if sign == b':' && whole && style != Style::Prose => {
            let line = inner[..inner.floor_char_boundary(LONGEST)].lines().next().unwrap_or_default();
            line.split(" #").next().unwrap_or_default().trim_end()
        }
        None => {
            let ends = |c: char| {
                c.is_whitespace()
                    || matches!(c, ';' | ',' | '"' | '\'' | '`' | '|' | ')' | '}' | ']')
                    || (c == '&' && sign == b'=')
            };
            let inner = &inner[..inner.floor_char_boundary(LONGEST)];
            &inner[..inner.find(ends).unwrap_or(inner.len())]
        }
    };
    let value = value.get(..value.floor_char_boundary(LONGEST)).unwrap_or(value);
    // An empty text may lie anywhere.
    if value.is_empty() {
        return None;
    }
    let end = value.as_ptr() as usize - text.as_ptr() as usize + value.len();
    let firm =
        quote.is_some() || is_flag || (sign == b'=' && !is_spaced) || (whole && style == Style::Config);
    let firm = firm
        || (whole && style == Style::Prose && looks_typed(value))
        || (style != Style::Prose && sign == b':' && in_flow_mapping(before, key, value));
    let firm = if sign == b' ' && !is_flag { key != "password" || looks_typed(value) } else { firm };
    let trust = if firm && !is_code(value) { Trust::Value } else { Trust::Guess };
    Some(Assignment { key: key.trim_matches('-'), value, trust, end })
}

/// `<key>value</key>`.
fn element<'t>(text: &'t str, key: &'t str, rest: &'t str) -> Option<Assignment<'t>> {
    let from = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let is_tag = text[..from(key)].ends_with('<');
    let value = &rest[..rest[..rest.floor_char_boundary(LONGEST_OUTER)].find("</").filter(|_| is_tag)?];
    let is_given = !value.is_empty();
    is_given.then(|| Assignment { key, value, trust: Trust::Value, end: from(value) + value.len() })
}

/// Returns whether a name and one word are all of a line, but for the sign of a comment or of a list.
fn whole_line(before: &str, key: &str, inner: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let head = line.trim_start().trim_start_matches(['#', '-', '/', ';', ' ', '\t', '"', '\'']);
    let head = head.strip_prefix("export ").unwrap_or(head);
    let rest = inner[..inner.floor_char_boundary(LONGEST_OUTER)].lines().next().unwrap_or_default();
    let rest = rest.split(" #").next().unwrap_or_default().trim_end().trim_end_matches([',', ';']);
    head.starts_with(key) && !rest.contains(char::is_whitespace)
}

/// Returns whether a space parts a name from its value: on a line of its own, as in `requirepass hunter2`, and in the words of a
/// `.netrc`.
fn space_parts(before: &str, key: &str, rest: &str, style: Style) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let head = line.strip_suffix(key).unwrap_or(line);
    let value = rest[..rest.floor_char_boundary(LONGEST_OUTER)].lines().next().unwrap_or_default().trim();
    let in_netrc = || key == "password" && before.contains("machine ") && before.contains("login ");
    let is_setting = || {
        style == Style::Config
            && head.trim().is_empty()
            && !value.contains(char::is_whitespace)
            && !value.starts_with(['=', ':'])
            && promise(key) == Promise::Password
    };
    in_netrc() || is_setting()
}

/// Returns whether a name and its value stand in `{user: a, password: b}`.
fn in_flow_mapping(before: &str, key: &str, value: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let head = line.strip_suffix(key).unwrap_or_default().trim_end();
    head.ends_with(['{', ',']) && head.contains('{') && (looks_typed(value) || head.contains("user"))
}

/// Returns the text up to a quote.
fn quoted(text: &str, quote: char) -> Option<&str> {
    let mut escaped = false;
    for (at, c) in text.char_indices().take(LONGEST) {
        match c {
            '\\' if !escaped && text[at + 1..].starts_with(quote) && quote == '"' => {
                // The end of a text within a text, or a quote within this one: either way enough was seen.
                return Some(&text[..at]);
            }
            '\\' => escaped = !escaped,
            c if c == quote => return Some(&text[..at]),
            '\n' => return None,
            _ => escaped = false,
        }
    }
    None
}

/// Returns whether a word is no word for people: it has digits and letters.
fn looks_typed(value: &str) -> bool {
    value.len() >= 6
        && value.contains(|c: char| c.is_ascii_digit())
        && value.contains(|c: char| c.is_alphabetic())
}

/// Returns whether a value is an expression of a program.
fn is_code(value: &str) -> bool {
    value.contains(['(', '[', '{', '<', '`']) || value.starts_with(['$', '&', '*', '%', '@', '.', '!'])
}
