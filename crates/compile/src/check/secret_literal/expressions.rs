//! What a text with expressions says by itself: `{{ 'gh' ~ 'p_…' }}` is the text of its literals.

/// A text with the literals of its expressions in place of these.
pub(super) struct Literal {
    pub(super) text: String,
    /// Whether no expression asks for a fact, so that this is what the text becomes.
    pub(super) is_whole: bool,
}

/// Returns the literal text; `None` if no expression of it has a literal.
pub(super) fn literal(text: &str) -> Option<Literal> {
    let mut literal = Literal { text: String::new(), is_whole: true };
    let (mut rest, mut any) = (text, false);
    while let Some((before, after)) = rest.split_once("{{") {
        literal.text.push_str(before);
        let (inner, next) = after.split_once("}}").unwrap_or((after, ""));
        any |= expression(inner, &mut literal);
        rest = next;
    }
    literal.text.push_str(rest);
    any.then_some(literal)
}

/// Adds the literals of one expression, and says whether there are some.
fn expression(inner: &str, literal: &mut Literal) -> bool {
    let (mut quote, mut any, mut piped) = (None, false, false);
    for c in inner.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => literal.text.push(c),
            None if matches!(c, '\'' | '"' | '`') => (quote, any) = (Some(c), true),
            None if c == '|' => piped = true,
            None if matches!(c, '(' | '~') => piped = false,
            // The name of a filter is no fact.
            None if c.is_alphabetic() && !piped => literal.is_whole = false,
            None => {}
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn literals_are_joined_and_names_make_them_a_part() {
        for (text, expected) in [
            ("{{ 'hunter2' }}", Some(("hunter2", true))),
            ("a-{{ 'gh' ~ \"p_x\" }}-b", Some(("a-ghp_x-b", true))),
            ("{{ 'a' | upper }}", Some(("a", true))),
            ("{{ fqdn ~ 'x' }}", Some(("x", false))),
            ("{{ fqdn }}", None),
            ("plain", None),
            ("{{ 'open", Some(("open", true))),
        ] {
            let found = literal(text);
            assert_eq!(found.as_ref().map(|found| (found.text.as_str(), found.is_whole)), expected, "{text}");
        }
    }
}
