//! What an `[[accept]]` says: which finding, at which value, and why.

use super::Malformed;
use super::text::{self, text};
use crate::schema::PathStep;

text! {
    /// The path of a value of a manifest, as findings write it: keys between dots, with `[n]` for an element of a list, and
    /// quotes around a key with other characters.
    ManifestPath, "the path of a value", "blueprint.grafana.values.\"grafana.ini\".auth",
    |text| {
        text::length(text, 1, 1024)?;
        steps(text).map(|_| ())
    },
    {
        let key = "([A-Za-z0-9_-]+|\"([^\"\\\\\\u0000-\\u001f\\u007f-\\u009f]|\\\\[\"\\\\])+\")";
        let step = format!("{key}(\\[(0|[1-9][0-9]{{0,5}})\\])*");
        text::schema(format!("^{step}(\\.{step})*$"), 1, 1024)
    }
}

text! {
    /// Why something is right as it is: one line.
    Reason, "a reason", "the page where people ask for a new password",
    super::identity::display_name,
    super::identity::DisplayName::schema()
}

impl ManifestPath {
    /// From the outside in.
    pub fn steps(&self) -> Vec<PathStep> {
        steps(&self.0).unwrap_or_default()
    }
}

fn steps(text: &str) -> Result<Vec<PathStep>, Malformed> {
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        let (key, length) = key(&text[at..]).map_err(|bad| wrong(text, at + bad))?;
        steps.push(PathStep::Key(key));
        at += length;
        while text[at..].starts_with('[') {
            let index = text[at + 1..].split(']').next().unwrap_or_default();
            let number =
                text::number(index, 999_999).filter(|_| text[at + 1 + index.len()..].starts_with(']'));
            let number = number.and_then(|number| usize::try_from(number).ok());
            steps.push(PathStep::Index(number.ok_or_else(|| wrong(text, at))?));
            at += index.len() + 2;
        }
        match text[at..].chars().next() {
            None => return Ok(steps),
            Some('.') => at += 1,
            Some(_) => return Err(wrong(text, at)),
        }
    }
}

/// Returns the key that a text begins with and its length as written, or the byte that is wrong.
fn key(text: &str) -> Result<(String, usize), usize> {
    let Some(inner) = text.strip_prefix('"') else {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let length = text.find(|c| !plain(c)).unwrap_or(text.len());
        return if length == 0 { Err(0) } else { Ok((text[..length].to_owned(), length)) };
    };
    let (mut key, mut escaped) = (String::new(), false);
    for (at, c) in inner.char_indices() {
        match c {
            '"' if !escaped && key.is_empty() => return Err(at + 1),
            '"' if !escaped => return Ok((key, at + 2)),
            '\\' if !escaped => escaped = true,
            c if c.is_control() || escaped && c != '"' && c != '\\' => return Err(at + 1),
            c => {
                escaped = false;
                key.push(c);
            }
        }
    }
    Err(text.len())
}

fn wrong(text: &str, at: usize) -> Malformed {
    match text[at..].chars().next() {
        Some(c) => Malformed::new("has no key or `[n]` here").at(at..at + c.len_utf8()),
        None => Malformed::new("ends where a key is due"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Scalar as _;
    use crate::scalar::samples::agree;

    #[test]
    fn paths_are_written_as_findings_write_them() {
        agree::<ManifestPath>(
            &["a", "a.b-c.d_e", "region[0].name", "a[0][12].b", "blueprint.x.\"a.b\".c", "\"a \\\"b\\\\\""],
            &[
                "", ".a", "a.", "a..b", "[0]", "a[]", "a[01]", "a[x]", "a[0", "\"\"", "\"a", "a\"b\"", "a b",
                "\"\\n\"",
            ],
        );
        agree::<Reason>(&["a", "it is no secret"], &["", " ", "a\nb"]);
        let path = ManifestPath::parse("a.\"b.\\\"c\"[3]").expect("a path");
        let key = |key: &str| PathStep::Key(key.to_owned());
        assert_eq!(path.steps(), [key("a"), key("b.\"c"), PathStep::Index(3)]);
    }
}
