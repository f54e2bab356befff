//! The JSON Schema of `sovereign.toml`, written from the tables.

use serde_json::{Map, Value as Json, json};

use super::Document;
use crate::schema::Shape;

/// The committed schema; a test holds it equal to [`generate`].
pub const SCHEMA: &str = include_str!("../../../../schema/sovereign.schema.json");

/// Returns the schema of the language, draft 7: the newest draft that every TOML language server reads.
pub fn generate() -> Json {
    let mut definitions = Map::new();
    Document::schema(&mut definitions);
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "sovereign.toml",
    });
    if let (Json::Object(schema), Some(Json::Object(document))) =
        (&mut schema, definitions.remove("Document"))
    {
        schema.extend(document);
        schema.insert("definitions".into(), Json::Object(definitions));
    }
    schema
}

/// Returns the schema as text, as it is committed.
pub fn text() -> String {
    // Serializing a `Value` with string keys cannot fail.
    let mut text = serde_json::to_string_pretty(&generate()).unwrap_or_default();
    text.push('\n');
    text
}
