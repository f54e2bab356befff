//! Values of a tree as TOML.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// Returns a text as a basic string.
pub(super) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            char if char.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

/// Returns a key, with quotes where it needs some.
pub(super) fn key(text: &str) -> String {
    let is_bare =
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if is_bare { text.to_owned() } else { string(text) }
}

/// Returns a value in one line; `None` where TOML cannot write it: it has no null.
pub(super) fn value(json: &Json) -> Option<String> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(bool) => bool.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => string(text),
        Json::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(value).collect();
            format!("[{}]", items?.join(", "))
        }
        Json::Object(map) => {
            let entry = |(name, json): (&String, &Json)| Some(format!("{} = {}", key(name), value(json)?));
            let entries: Option<Vec<_>> = map.iter().map(entry).collect();
            let entries = entries?;
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
    })
}
