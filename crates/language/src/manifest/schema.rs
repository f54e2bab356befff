//! The JSON Schema of `sovereign.toml`, written from the tables.

use serde_json::{Map, Value as Json, json};

use super::Document;
use crate::cloud::Provider;
use crate::scalar::{BlueprintName, KitName, MachineSize, RegionName, Scalar};
use crate::schema::Shape;

// What the program carries, as the build script finds it: `KITS` and `BLUEPRINTS`.
include!(concat!(env!("OUT_DIR"), "/names.rs"));

/// The committed schema; a test holds it equal to [`generate`].
pub const SCHEMA: &str = include_str!("../../../../schema/sovereign.schema.json");

/// Returns the schema of the language, draft 7: the newest draft that every TOML language server reads.
pub fn generate() -> Json {
    let mut definitions = Map::new();
    Document::schema(&mut definitions);
    definitions.values_mut().for_each(name_known);
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

/// Names, beside the grammar of a name, those that are known, so that an editor offers them. Others stay allowed: a blueprint of
/// one's own, a region that a provider opens tomorrow.
fn name_known(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            let title = map.get("title").and_then(Json::as_str).unwrap_or_default();
            let known = known(title);
            if !known.is_empty() {
                let mut grammar = Map::new();
                for key in ["type", "pattern", "minLength", "maxLength"] {
                    grammar.extend(map.remove(key).map(|value| (key.to_owned(), value)));
                }
                map.insert("anyOf".to_owned(), json!([{ "enum": known }, grammar]));
            }
            map.values_mut().for_each(name_known);
        }
        Json::Array(items) => items.iter_mut().for_each(name_known),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Returns the names that are known of a kind.
fn known(kind: &str) -> Vec<&'static str> {
    if kind == KitName::NAME {
        KITS.to_vec()
    } else if kind == BlueprintName::NAME {
        BLUEPRINTS.to_vec()
    } else if kind == MachineSize::NAME {
        Provider::all().flat_map(|provider| provider.cloud().sizes.known).copied().collect()
    } else if kind == RegionName::NAME {
        Provider::all().flat_map(|provider| provider.cloud().region_names()).collect()
    } else {
        Vec::new()
    }
}

/// Returns the schema as text, as it is committed.
pub fn text() -> String {
    // Serializing a `Value` with string keys cannot fail.
    let mut text = serde_json::to_string_pretty(&generate()).unwrap_or_default();
    text.push('\n');
    text
}
