//! Line ends. TOML leaves it to its parser what a line end in a multi-line string becomes. Here it is `\n`, so that a value does
//! not depend on the machine on which its file was checked out.

use std::borrow::Cow;

use toml::de::DeValue;

use super::Raw;

/// Makes `\n` of the line ends in the strings of a value that was parsed from this text.
pub(super) fn unify(text: &str, raw: &mut Raw<'_>) {
    let span = raw.span();
    match raw.get_mut() {
        DeValue::String(value) => {
            if let Some(unified) = text.get(span).and_then(unified) {
                *value = Cow::Owned(unified);
            }
        }
        DeValue::Array(array) => array.iter_mut().for_each(|element| unify(text, element)),
        DeValue::Table(table) => table.iter_mut().for_each(|(_, value)| unify(text, value)),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// Returns the value of a string, as it is written, with other line ends; `None` if it has none of these.
fn unified(written: &str) -> Option<String> {
    if !written.contains("\r\n") {
        return None;
    }
    let written = written.replace("\r\n", "\n");
    let value = DeValue::parse(&written).ok()?.into_inner();
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::schema::{Parsed, canonical};
    use sovereign_text::source::{Source, SourceId};

    fn said(text: &str) -> String {
        let source = Source::from_text(SourceId::MANIFEST, "t", text.to_owned());
        canonical(Parsed::new(&source).tree().expect("is TOML"))
    }

    #[test]
    fn a_value_is_the_same_whatever_ends_the_lines() {
        let text = "# a comment\na = \"\"\"\none\ntwo \\\n   joined\n\"\"\"\nb = [\n  '''x\ny''',\n]\n[t]\nc = { d = \"\"\"\n\n\"\"\" }\n";
        assert_eq!(said(&text.replace('\n', "\r\n")), said(text));
        assert!(said(text).contains(r#""a":"one\ntwo joined\n""#), "{}", said(text));
    }

    #[test]
    fn what_was_written_as_an_escape_stays() {
        let text = "a = \"\"\"\r\none\\r\ntwo\"\"\"\r\nb = \"x\\r\\ny\"\r\n";
        assert_eq!(said(text), r#"{"a":"one\r\ntwo","b":"x\r\ny"}"#);
    }
}
