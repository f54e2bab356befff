//! Free values: Helm values, and any text as a value tree with spans.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::{Decoder, Definitions, Parsed, Raw, Shape, shorten};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Map, Node, Value};
use sovereign_text::source::{Source, SourceId};

/// A free table: Helm values. Taken literally, never interpreted.
#[derive(Clone, Debug)]
pub struct Values(pub Node);

impl Shape for Values {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        decoder.table(raw, Self::example)?;
        node(raw, decoder).map(Self)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "object", "additionalProperties": true })
    }

    fn example() -> Cow<'static, str> {
        "{ }".into()
    }
}

/// Returns any TOML value as a value tree. Dates become the text they are written as: JSON has none.
fn node(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Node> {
    let span = decoder.span(raw);
    let value = match raw.get_ref() {
        DeValue::String(text) => Value::from(text.clone().into_owned()),
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(n) => Value::Integer(n),
            Err(_) => return malformed_number(raw, &digits.to_string(), decoder),
        },
        DeValue::Float(digits) => match digits.as_str().parse::<f64>() {
            Ok(n) if n.is_finite() => Value::Float(n),
            _ => return malformed_number(raw, digits.as_str(), decoder),
        },
        DeValue::Array(items) => Value::List(items.iter().filter_map(|item| node(item, decoder)).collect()),
        DeValue::Table(table) => {
            let entry = |(key, item): (&toml::Spanned<Cow<'_, str>>, _)| {
                Some((key.get_ref().clone().into_owned(), node(item, decoder)?))
            };
            Value::Map(Map::of_unique(table.iter().filter_map(entry)))
        }
    };
    Some(Node { cause: span, value })
}

fn malformed_number(raw: &Raw<'_>, digits: &str, decoder: &mut Decoder<'_>) -> Option<Node> {
    let message = format!("`{}` is not a number that JSON can hold", shorten(digits));
    let found = Diagnostic::new(Code::MalformedValue, decoder.span(raw), message);
    decoder.report(found.help("write it as a string"));
    None
}

impl Parsed<'_> {
    /// Returns what the text says as a value tree with spans, whatever it means; `None` where it is no TOML.
    pub fn tree(&self) -> Option<Node> {
        let raw = self.root.as_ref()?;
        node(raw, &mut Decoder::new::<Values>(self.source, &mut Diagnostics::new()))
    }
}

/// Returns a value of TOML as JSON; nothing, where it is none.
pub(super) fn of_toml(value: &str) -> Json {
    let source = Source::from_text(SourceId::MANIFEST, "example", format!("v = {value}"));
    let tree = Parsed::new(&source).tree();
    tree.and_then(|tree| tree.to_json().get_mut("v").map(Json::take)).unwrap_or_default()
}

/// Returns what a value tree says as one line of JSON with sorted keys.
pub fn canonical(mut tree: Node) -> String {
    tree.sort();
    // Numbers are finite and keys are text: nothing of it can be refused.
    serde_json::to_string(&Plain(&tree)).unwrap_or_default()
}

/// A value tree as JSON without causes, written from where it stands: ten thousand files need no copy of themselves.
struct Plain<'n>(&'n Node);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Value::Null => to.serialize_unit(),
            Value::Bool(b) => to.serialize_bool(*b),
            Value::Integer(n) => to.serialize_i64(*n),
            Value::Float(n) => to.serialize_f64(*n),
            Value::String(text) => to.serialize_str(text),
            Value::List(list) => to.collect_seq(list.iter().map(Plain)),
            Value::Map(map) => to.collect_map(map.iter().map(|(key, node)| (key, Plain(node)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_says_is_written_as_json_has_it() {
        let text =
            "b = [1, -2.5, 1e300, true, \"\\u0007 ä \\\\\"]\na = { z = 1979-05-27, y = {}, x = [[]] }\n";
        let source = Source::from_text(SourceId::MANIFEST, "t", text);
        let mut node = Parsed::new(&source).tree().expect("is TOML");
        let said = canonical(node.clone());
        node.sort();
        assert_eq!(said, node.to_json().to_string());
        assert!(said.starts_with(r#"{"a":{"x":[[]],"y":{},"z":"1979-05-27"},"b":[1,-2.5,"#));
    }
}
