//! `[input]`: what a kit of one's own asks for. The kit says which type a value has, so here it may have any of them.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::SecretRef;
use crate::schema::{Decoder, Definitions, Raw, Shape};
use sovereign_text::node::{Map, Node, text};
use sovereign_text::source::Spanned;

/// A whole number as far as expressions count.
type Number = crate::schema::Count<{ i64::MIN }, { i64::MAX }>;

/// The value of an input: a text, a boolean, a whole number, a list of texts, or a reference to a Secret. There is no place
/// for a Secret itself.
#[derive(Clone, Debug)]
pub struct InputValue(pub Node);

/// Any text, as an element of a list.
#[derive(Clone, Debug)]
struct Element(String);

impl Shape for Element {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        if let DeValue::String(text) = raw.get_ref() {
            return Some(Self(text.clone().into_owned()));
        }
        decoder.wrong_type(raw, "a string", &Self::example());
        None
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "string" })
    }

    fn example() -> Cow<'static, str> {
        "\"text\"".into()
    }
}

impl Shape for InputValue {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let span = decoder.span(raw);
        Some(Self(match raw.get_ref() {
            DeValue::String(text) => Node::new(text.clone().into_owned(), span),
            DeValue::Boolean(truth) => Node::new(*truth, span),
            DeValue::Integer(_) => Node::new(Number::decode(raw, decoder)?.0, span),
            DeValue::Array(_) => {
                let list = Vec::<Spanned<Element>>::decode(raw, decoder)?;
                let list: Vec<_> = list.into_iter().map(|item| Node::new(item.value.0, item.span)).collect();
                Node::new(list, span)
            }
            DeValue::Table(_) => {
                let reference = SecretRef::decode(raw, decoder)?;
                let secret = reference.secret.as_ref().map(|name| ("secret", Node::from(text(name))));
                let key = reference.key.as_ref().map(|key| ("key", Node::from(text(key))));
                Node::new(Map::of_unique(secret.into_iter().chain(key)), span)
            }
            DeValue::Float(_) | DeValue::Datetime(_) => {
                let expected = "text, a boolean, a whole number, a list of texts or a reference to a Secret";
                decoder.wrong_type(raw, expected, &Self::example());
                return None;
            }
        }))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "anyOf": [
            { "type": "string" },
            { "type": "boolean" },
            { "type": "integer" },
            Vec::<Spanned<Element>>::schema(definitions),
            SecretRef::schema(definitions),
        ] })
    }

    fn example() -> Cow<'static, str> {
        Element::example()
    }
}
