//! The shapes of values: grammars, choices, numbers, lists, tables with names that the user chose.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::scalar::Scalar;
use super::{Decoder, Definitions, Entry, Meant, Raw, Shape, shorten};
use sovereign_text::diag::{Applicability, Code, Diagnostic};
use sovereign_text::source::Spanned;

impl<T: Scalar> Shape for T {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::String(text) = raw.get_ref() else {
            let expected = format!("{}, as a string", T::NAME);
            decoder.wrong_type_meant(raw, &expected, &format!("{:?}", T::EXAMPLE), meant::<T>(raw, decoder));
            return None;
        };
        T::parse(text).map_err(|bad| decoder.malformed(raw, text, T::NAME, T::EXAMPLE, &bad)).ok()
    }

    fn schema(_: &mut Definitions) -> Json {
        titled::<T>()
    }

    fn example() -> Cow<'static, str> {
        format!("{:?}", T::EXAMPLE).into()
    }
}

/// Returns the schema of a kind of text, with its name: what an editor shows, and what tells a region from an Organization.
fn titled<T: Scalar>() -> Json {
    let mut schema = json!({ "title": T::NAME });
    if let (Json::Object(schema), Json::Object(own)) = (&mut schema, T::schema()) {
        schema.extend(own);
    }
    schema
}

/// Returns the text that was meant by a number, or by a list of one text.
fn meant<T: Scalar>(raw: &Raw<'_>, decoder: &Decoder<'_>) -> Option<Meant> {
    match raw.get_ref() {
        DeValue::Integer(_) | DeValue::Float(_) => {
            let written = decoder.source.slice(decoder.span(raw));
            let is_time =
                T::EXAMPLE.trim_end_matches(['s', 'm', 'h', 'd']).bytes().all(|b| b.is_ascii_digit());
            let is_version = T::EXAMPLE.split('.').count() == 3;
            let seconds = is_time.then(|| format!("{written}s"));
            let patch = is_version.then(|| format!("{written}.0"));
            let as_is = Meant {
                words: "write it in quotes",
                written: format!("{written:?}"),
                applicability: Applicability::Certain,
            };
            if T::parse(written).is_ok() {
                return Some(as_is);
            }
            let whole = [seconds, patch].into_iter().flatten().find(|text| T::parse(text).is_ok())?;
            Some(Meant {
                words: "write",
                written: format!("{whole:?}"),
                applicability: Applicability::Likely,
            })
        }
        DeValue::Array(items) => {
            let [only] = &items[..] else { return None };
            let DeValue::String(text) = only.get_ref() else { return None };
            let written = decoder.source.slice(decoder.span(only)).to_owned();
            let applicability = Applicability::Certain;
            T::parse(text).ok().map(|_| Meant { words: "write it without brackets", written, applicability })
        }
        DeValue::String(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

/// Returns what was meant by something in quotes that is no text.
fn unquoted(written: String) -> Meant {
    Meant { words: "write it without quotes", written, applicability: Applicability::Certain }
}

impl Shape for bool {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        if let DeValue::Boolean(b) = raw.get_ref() {
            return Some(*b);
        }
        let word =
            if let DeValue::String(text) = raw.get_ref() { text.to_lowercase() } else { String::new() };
        let meant = match word.as_str() {
            "true" | "false" => Some(unquoted(word.clone())),
            "yes" | "on" => Some(Meant { words: "write", ..unquoted("true".to_owned()) }),
            "no" | "off" => Some(Meant { words: "write", ..unquoted("false".to_owned()) }),
            _ => None,
        };
        decoder.wrong_type_meant(raw, "`true` or `false`", "true", meant);
        None
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "boolean" })
    }

    fn example() -> Cow<'static, str> {
        "true".into()
    }
}

/// A whole number between two bounds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count<const LEAST: i64, const MOST: i64>(pub i64);

impl<const LEAST: i64, const MOST: i64> Shape for Count<LEAST, MOST> {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Integer(digits) = raw.get_ref() else {
            let number = if let DeValue::String(text) = raw.get_ref() { text.parse().ok() } else { None };
            let number = number.filter(|number| (LEAST..=MOST).contains(number));
            let meant = number.map(|number: i64| unquoted(number.to_string()));
            decoder.wrong_type_meant(raw, "a whole number", &Self::example(), meant);
            return None;
        };
        match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(n) if (LEAST..=MOST).contains(&n) => Some(Self(n)),
            _ => {
                let digits = digits.to_string();
                let message = format!("`{}` is not between {LEAST} and {MOST}", shorten(&digits));
                let found = Diagnostic::new(Code::MalformedValue, decoder.span(raw), message);
                decoder.report(found.help(format!("write a whole number from {LEAST} to {MOST}")));
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }

    fn example() -> Cow<'static, str> {
        LEAST.max(1).to_string().into()
    }
}

impl<T: Shape> Shape for Vec<Spanned<T>> {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Array(items) = raw.get_ref() else {
            decoder.wrong_type(raw, "an array", &Self::example());
            return None;
        };
        decoder.not_too_many(raw, items.len())?;
        let decode = |item| Some(Spanned::new(T::decode(item, decoder)?, decoder.span(item)));
        Some(items.iter().filter_map(decode).collect())
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "type": "array", "items": T::schema(definitions) })
    }

    fn example() -> Cow<'static, str> {
        format!("[{}]", T::example()).into()
    }

    fn sample() -> Json {
        json!([T::sample()])
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        of_all(self.iter().map(|item| &item.value))
    }
}

/// Text of one kind, or a value that is no text.
#[derive(Clone, Debug)]
pub enum TextOr<T, U> {
    /// Text.
    Text(T),
    /// The other value.
    Other(U),
}

impl<T: Scalar, U: Shape> Shape for TextOr<T, U> {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        if matches!(raw.get_ref(), DeValue::String(_)) {
            <T as Shape>::decode(raw, decoder).map(Self::Text)
        } else {
            U::decode(raw, decoder).map(Self::Other)
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "anyOf": [<T as Shape>::schema(definitions), U::schema(definitions)] })
    }

    fn example() -> Cow<'static, str> {
        <T as Shape>::example()
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        match self {
            Self::Text(_) => None,
            Self::Other(value) => value.entries(),
        }
    }
}

/// A table whose keys are names that the user chose: `[blueprint.*]`. Keeps the order of the file.
#[derive(Clone, Debug)]
pub struct Named<K, T>(pub Vec<(Spanned<K>, Spanned<T>)>);

impl<K, T> Default for Named<K, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Scalar, T: Shape> Shape for Named<K, T> {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let table = decoder.table(raw, Self::example)?;
        decoder.not_too_many(raw, table.entries.len())?;
        let mut entries = Vec::new();
        for (key, value) in table.entries {
            let text = key.get_ref();
            let span = decoder.span(key);
            match K::parse(text) {
                Ok(name) => {
                    let item = T::decode(value, decoder);
                    let at = decoder.span(value);
                    entries.extend(item.map(|value| (Spanned::new(name, span), Spanned::new(value, at))));
                }
                Err(bad) => {
                    let message = format!("`{}` is not {}: it {}", shorten(text), K::NAME, bad.reason);
                    let found = Diagnostic::new(Code::MalformedValue, span, message);
                    decoder.report(match bad.meant {
                        Some(meant) => found.fix("write", span, meant),
                        None => found.help(format!("write {}, such as `{}`", K::NAME, K::EXAMPLE)),
                    });
                }
            }
        }
        Some(Self(entries))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let mut names = titled::<K>();
        if let Json::Object(names) = &mut names {
            names.remove("type");
        }
        json!({ "type": "object", "propertyNames": names, "additionalProperties": T::schema(definitions) })
    }

    fn example() -> Cow<'static, str> {
        format!("{{ {} = {} }}", K::EXAMPLE, T::example()).into()
    }

    fn sample() -> Json {
        json!({ K::EXAMPLE: T::sample() })
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        of_all(self.0.iter().map(|(_, item)| &item.value))
    }
}

/// Returns the keys of several values, one after the other. Of nothing it is not known whether it has keys,
/// so it has none that are written.
fn of_all<'v, T: Shape + 'v>(values: impl Iterator<Item = &'v T>) -> Option<Vec<Entry>> {
    let mut entries = values.map(Shape::entries).peekable();
    if entries.peek().is_none() {
        return Some(Vec::new());
    }
    entries.collect::<Option<Vec<_>>>().map(|entries| entries.concat())
}
