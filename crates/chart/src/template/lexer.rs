//! The tokens of a template, as `text/template` of Go has them.

/// A token. `spaced` says whether white space stands before it: `.a.b` is one operand, `.a .b` are two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) spaced: bool,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    /// The beginning of an action.
    Open,
    /// Its end.
    Close,
    /// A word: a keyword, a function, `true`, `false`, `nil`.
    Word(&'t str),
    /// `.` alone.
    Dot,
    /// `.name`, without the dot.
    Field(&'t str),
    /// `$name`, without the dollar.
    Variable(&'t str),
    /// A text, with its escapes resolved.
    Text(String),
    /// A number or a character.
    Number(&'t str),
    /// `(`, `)`, `|`, `,`, `=` or `:=`.
    Mark(&'static str),
}

/// The marks, the longer ones first.
const MARKS: [&str; 6] = [":=", "(", ")", "|", ",", "="];

/// Returns the tokens of all actions of a template; `None` where Go would refuse it.
pub(super) fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some((_, action)) = rest.split_once("{{") {
        let trimmed = action.strip_prefix('-').filter(|rest| rest.starts_with(char::is_whitespace));
        let action = trimmed.map_or(action, str::trim_start);
        rest = if action.starts_with("/*") {
            let (_, after) = action.split_once("*/")?;
            let after = after.trim_start();
            after.strip_prefix("}}").or_else(|| after.strip_prefix("-}}"))?
        } else {
            tokens.push(Token { kind: Kind::Open, spaced: true });
            inside(action, &mut tokens)?
        };
    }
    Some(tokens)
}

/// Reads the tokens of one action, and returns what stands behind it.
fn inside<'t>(mut rest: &'t str, tokens: &mut Vec<Token<'t>>) -> Option<&'t str> {
    loop {
        let bare = rest.trim_start();
        let spaced = bare.len() < rest.len();
        rest = bare;
        let after = rest.strip_prefix("}}").or_else(|| rest.strip_prefix("-}}").filter(|_| spaced));
        if let Some(after) = after {
            tokens.push(Token { kind: Kind::Close, spaced });
            return Some(after);
        }
        let (kind, after) = token(rest)?;
        tokens.push(Token { kind, spaced });
        rest = after;
    }
}

fn token(text: &str) -> Option<(Kind<'_>, &str)> {
    if let Some(mark) = MARKS.into_iter().find(|mark| text.starts_with(mark)) {
        return Some((Kind::Mark(mark), text.get(mark.len()..)?));
    }
    let first = text.chars().next()?;
    let tail = text.get(first.len_utf8()..)?;
    match first {
        '"' => quoted(tail),
        '`' => tail.split_once('`').map(|(raw, after)| (Kind::Text(raw.to_owned()), after)),
        '\'' => character(text),
        '$' => Some(word(tail)).map(|(name, after)| (Kind::Variable(name), after)),
        '.' if tail.starts_with(|c: char| c.is_ascii_digit()) => Some(number(text)),
        '.' => Some(match word(tail) {
            ("", after) => (Kind::Dot, after),
            (name, after) => (Kind::Field(name), after),
        }),
        '+' | '-' | '0'..='9' => Some(number(text)),
        _ => match word(text) {
            ("", _) => None,
            (name, after) => Some((Kind::Word(name), after)),
        },
    }
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at(end)
}

fn number(text: &str) -> (Kind<'_>, &str) {
    let sign = usize::from(text.starts_with(['+', '-']));
    let body = text.get(sign..).unwrap_or_default();
    let end = body.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(body.len());
    let (number, after) = text.split_at(sign + end);
    (Kind::Number(number), after)
}

fn character(text: &str) -> Option<(Kind<'_>, &str)> {
    let escaped = text.get(1..)?.starts_with('\\');
    let from = if escaped { 3 } else { 2 };
    let end = text.get(from..)?.find('\'')? + from + 1;
    Some((Kind::Number(text.get(..end)?), text.get(end..)?))
}

/// Reads a text in double quotes, without the first one. Only the escapes that a key can hold are resolved.
fn quoted(text: &str) -> Option<(Kind<'_>, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Kind::Text(value), text.get(at + 1..)?)),
            '\n' => return None,
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        tokens(text).expect("tokens").into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn an_action_is_its_words() {
        assert_eq!(
            kinds(r#"a: {{- $x.b | default "}}" -}} z"#),
            [
                Kind::Open,
                Kind::Variable("x"),
                Kind::Field("b"),
                Kind::Mark("|"),
                Kind::Word("default"),
                Kind::Text("}}".to_owned()),
                Kind::Close
            ]
        );
    }

    #[test]
    fn comments_say_nothing_and_a_dot_may_stand_alone() {
        assert_eq!(kinds("{{/* {{ .a }} */}}{{- /* b */ -}}{{ . }}"), [Kind::Open, Kind::Dot, Kind::Close]);
    }

    #[test]
    fn what_go_refuses_has_no_tokens() {
        for text in ["{{ .a", "{{ \"a }}", "{{ .a % }}", "{{/* a"] {
            assert_eq!(tokens(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_may_be_signed() {
        assert_eq!(
            kinds("{{ sub -1 .5 'x' }}"),
            [
                Kind::Open,
                Kind::Word("sub"),
                Kind::Number("-1"),
                Kind::Number(".5"),
                Kind::Number("'x'"),
                Kind::Close
            ]
        );
    }
}
