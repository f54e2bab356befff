//! What the grammars share: a newtype over checked text, checks that know the wrong bytes, schema fragments.

use serde_json::{Value as Json, json};

use super::Malformed;

/// What a check of a text gives.
pub(crate) type Checked = Result<(), Malformed>;

/// Declares a type that holds text its check has accepted.
macro_rules! text {
    (
        $(#[doc = $doc:literal])*
        $name:ident, $article:literal, $example:literal, $check:expr, $schema:expr
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::scalar::Scalar for $name {
            const NAME: &'static str = $article;
            const EXAMPLE: &'static str = $example;

            fn schema() -> serde_json::Value {
                $schema
            }

            fn parse(text: &str) -> Result<Self, $crate::scalar::Malformed> {
                $crate::scalar::text::check(text, $check)?;
                Ok(Self(text.to_owned()))
            }
        }
    };
}
pub(crate) use text;

/// Runs a check and adds the correction where only one comes into question: the text without surrounding
/// white space, or in lower case if a capital is what is wrong.
pub(crate) fn check(text: &str, check: impl Fn(&str) -> Checked) -> Checked {
    let Err(bad) = check(text) else { return Ok(()) };
    if bad.meant.is_some() {
        return Err(bad);
    }
    let trimmed = text.trim();
    if trimmed.len() < text.len() && check(trimmed).is_ok() {
        return Err(bad.meant(trimmed));
    }
    let wrong = bad.at.clone().and_then(|at| text.get(at)).unwrap_or_default();
    let lower = text.to_lowercase();
    if wrong.chars().any(char::is_uppercase) && check(&lower).is_ok() {
        return Err(bad.meant(lower));
    }
    Err(bad)
}

/// Returns a string that matches an anchored pattern and has this many characters.
pub(crate) fn schema(pattern: impl AsRef<str>, least: usize, most: usize) -> Json {
    json!({ "type": "string", "pattern": pattern.as_ref(), "minLength": least, "maxLength": most })
}

/// Returns the same, and a second pattern for a part whose length is limited on its own.
pub(crate) fn schema_of_both(pattern: &str, also: &str, least: usize, most: usize) -> Json {
    let mut schema = schema(pattern, least, most);
    schema["allOf"] = json!([{ "pattern": also }]);
    schema
}

/// Returns a check of a part of a text, with the wrong bytes counted in the whole text.
pub(crate) fn part(text: &str, range: std::ops::Range<usize>, check: impl Fn(&str) -> Checked) -> Checked {
    check(text.get(range.clone()).unwrap_or_default()).map_err(|mut bad| {
        bad.at = Some(match bad.at {
            Some(at) => at.start + range.start..at.end + range.start,
            None if range.is_empty() => 0..text.len(),
            None => range.clone(),
        });
        bad.meant = None;
        bad
    })
}

/// Returns every part between separators, with the range where it stands.
pub(crate) fn parts(text: &str, separator: char) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    text.split(separator).map(move |part| {
        let range = start..start + part.len();
        start = range.end + separator.len_utf8();
        range
    })
}

/// Not empty, not longer than `most` characters. What is too long is wrong from there on.
pub(crate) fn length(text: &str, least: usize, most: usize) -> Checked {
    let count = text.chars().count();
    if count == 0 && least > 0 {
        return Err(Malformed::new("is empty"));
    }
    if count < least {
        return Err(Malformed::new(format!("has {count} characters, at least {least} are needed")));
    }
    if let Some((cut, _)) = text.char_indices().nth(most) {
        let reason = format!("has {count} characters, at most {most} are allowed");
        return Err(Malformed::new(reason).at(cut..text.len()));
    }
    Ok(())
}

/// Holds only characters of one kind.
pub(crate) fn only(text: &str, kind: &str, ok: impl Fn(char) -> bool) -> Checked {
    match text.char_indices().find(|&(_, c)| !ok(c)) {
        Some((at, c)) => {
            let reason = format!("holds {}, but only {kind} are allowed", shown(c));
            Err(Malformed::new(reason).at(at..at + c.len_utf8()))
        }
        None => Ok(()),
    }
}

/// Begins and ends with characters of one kind.
pub(crate) fn edges(text: &str, first: impl Fn(char) -> bool, last: impl Fn(char) -> bool) -> Checked {
    if let Some(c) = text.chars().next().filter(|&c| !first(c)) {
        return Err(Malformed::new(format!("begins with {}", shown(c))).at(0..c.len_utf8()));
    }
    if let Some(c) = text.chars().next_back().filter(|&c| !last(c)) {
        let at = text.len() - c.len_utf8()..text.len();
        return Err(Malformed::new(format!("ends with {}", shown(c))).at(at));
    }
    Ok(())
}

/// Lower-case letters, digits and dashes; begins with a letter or digit, ends with a letter or digit.
pub(crate) fn label(text: &str, most: usize) -> Checked {
    length(text, 1, usize::MAX)?;
    only(text, "lower-case letters, digits and dashes", |c| is_lower_alnum(c) || c == '-')?;
    edges(text, is_lower_alnum, is_lower_alnum)?;
    length(text, 1, most)
}

/// Returns a [`label`] that begins with a letter.
pub(crate) fn word(text: &str, least: usize, most: usize) -> Checked {
    label(text, usize::MAX)?;
    edges(text, |c| c.is_ascii_lowercase(), |_| true)?;
    length(text, least, most)
}

/// Returns the schema of a [`word`] of at least two characters, or of one.
pub(crate) fn word_schema(least: usize, most: usize) -> Json {
    schema("^[a-z]([a-z0-9-]*[a-z0-9])?$", least, most)
}

/// Returns whether a character may stand anywhere in a DNS label.
pub(crate) fn is_lower_alnum(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Returns a number as people write it: digits without a leading zero.
pub(crate) fn number(text: &str, most: u32) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|&n| plain && n <= most)
}

/// Returns a character for a message.
fn shown(c: char) -> String {
    match c {
        ' ' => "a space".into(),
        '`' => "a backtick".into(),
        '-' => "a dash".into(),
        c if c.is_ascii_digit() => format!("the digit `{c}`"),
        c if c.is_uppercase() => format!("the capital `{c}`"),
        c if c.is_alphanumeric() || c.is_ascii_punctuation() => format!("`{c}`"),
        c => format!("the character U+{:04X}", u32::from(c)),
    }
}
