//! Values as people type them on a command line: the language says of which type they are.

use toml_edit::{Array, Value};

use crate::language::Place;

/// Returns the value that a text stands for at a place.
///
/// A word where the language has text needs no quotes, and a number there is text. Where whatever a chart understands may
/// stand, the text is TOML if it can be, and text otherwise. A value of the wrong type stays what it is: compiling says what
/// is wrong with it.
pub(crate) fn typed(text: &str, place: &Place<'_>) -> Value {
    let parsed = text.trim().parse::<Value>().ok().map(bare);
    if place.is_free() {
        return parsed.filter(is_json).unwrap_or_else(|| text.into());
    }
    let kind = parsed.as_ref().and_then(kind);
    match parsed {
        Some(value) if kind == Some("string") || kind.is_some_and(|kind| place.takes(kind)) => value,
        _ if place.takes("string") => text.into(),
        parsed => match place.items() {
            Some(items) if !items.takes("object") => {
                let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
                Value::Array(words.map(|word| typed(word, &items)).collect::<Array>())
            }
            _ => parsed.unwrap_or_else(|| text.into()),
        },
    }
}

/// Returns a value without the white space and the comments around it.
fn bare(mut value: Value) -> Value {
    value.decor_mut().clear();
    value
}

/// Returns the name that JSON Schema has for the type of a value.
fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(_) => Some("string"),
        Value::Integer(_) => Some("integer"),
        Value::Boolean(_) => Some("boolean"),
        Value::Array(_) => Some("array"),
        Value::InlineTable(_) => Some("object"),
        Value::Float(_) | Value::Datetime(_) => None,
    }
}

/// Returns whether JSON, which charts read, has such values.
fn is_json(value: &Value) -> bool {
    match value {
        Value::Datetime(_) => false,
        Value::Float(number) => number.value().is_finite(),
        Value::String(_)
        | Value::Integer(_)
        | Value::Boolean(_)
        | Value::Array(_)
        | Value::InlineTable(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn the_language_says_of_which_type_a_value_is() {
        let language = Language::new();
        let region = language.root().below("region").unwrap().items().unwrap();
        let blueprint = language.root().below("blueprint").unwrap().below("loki").unwrap();
        let typed = |place: Place<'_>, text: &str| super::typed(text, &place).to_string();
        let at = |key: &str, text: &str| typed(region.below(key).unwrap(), text);
        assert_eq!(at("pod-cidr", "10.50.0.0/16"), "\"10.50.0.0/16\"");
        assert_eq!(at("pod-cidr", "\"10.50.0.0/16\""), "\"10.50.0.0/16\"");
        assert_eq!(at("code", "3"), "\"3\"");
        assert_eq!(at("index", "3"), "3");
        assert_eq!(at("vclusters", "mgmt, dmz"), "[\"mgmt\", \"dmz\"]");
        assert_eq!(at("vclusters", "[\"mgmt\"]"), "[\"mgmt\"]");
        assert_eq!(at("workers", "{ size = \"cx\" }"), "{ size = \"cx\" }");
        assert_eq!(typed(blueprint.below("enabled").unwrap(), "true"), "true");
        assert_eq!(typed(blueprint.below("version").unwrap(), "1.2.3"), "\"1.2.3\"");
        let values = blueprint.below("values").unwrap().below("x").unwrap();
        let free = |text: &str| typed(values.clone(), text);
        assert_eq!(["3", "true", "[1, 2]"].map(free), ["3", "true", "[1, 2]"]);
        assert_eq!(
            ["a word", "2026-05-01", "inf", "\"3\""].map(free),
            ["\"a word\"", "\"2026-05-01\"", "\"inf\"", "\"3\""]
        );
    }
}
