//! `values.schema.json`: which values a chart says that it has, and of which kinds.

use std::collections::BTreeMap;

use serde_json::Value;
use sovereign_language::lock::Kind;

/// What a schema says of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The kinds that it may have; none where the schema leaves that open.
    pub(crate) kinds: Vec<Kind>,
    /// Whether keys may stand below it that the schema does not name.
    pub(crate) open: bool,
}

/// How deep a schema is followed: those of charts may refer to themselves.
const DEEPEST: usize = 24;

/// Returns what a schema says of each path that it names.
pub(crate) fn paths(schema: &Value) -> BTreeMap<Vec<String>, Said> {
    let mut said = BTreeMap::new();
    collect(schema, schema, &mut Vec::new(), &mut said);
    said
}

fn collect(root: &Value, schema: &Value, path: &mut Vec<String>, said: &mut BTreeMap<Vec<String>, Said>) {
    if path.len() > DEEPEST {
        return;
    }
    let schema = resolved(root, schema);
    if !path.is_empty() {
        said.insert(path.clone(), Said { kinds: kinds(schema), open: is_open(schema) });
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        path.push(name.clone());
        collect(root, property, path, said);
        path.pop();
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        for (name, property) in
            resolved(root, part).get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            path.push(name.clone());
            collect(root, property, path, said);
            path.pop();
        }
    }
}

/// Follows a reference inside of the schema.
fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let pointer = schema.get("$ref").and_then(Value::as_str).and_then(|link| link.strip_prefix('#'));
    pointer.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// Returns whether keys that are not named may stand in a table. A schema that names none and does not forbid them says
/// nothing about them.
fn is_open(schema: &Value) -> bool {
    let names = |key| schema.get(key).and_then(Value::as_object).is_some_and(|names| !names.is_empty());
    match schema.get("additionalProperties") {
        Some(Value::Object(_)) => true,
        Some(Value::Bool(allowed)) => *allowed && !names("properties"),
        _ => names("patternProperties"),
    }
}

/// Returns the kinds that a schema names. Alternatives beside `type` are not followed: then nothing is known.
fn kinds(schema: &Value) -> Vec<Kind> {
    if ["anyOf", "oneOf", "allOf", "$ref"].iter().any(|key| schema.get(key).is_some()) {
        return Vec::new();
    }
    let of = |word: &str| match word {
        "null" => Some(Kind::Null),
        "boolean" => Some(Kind::Bool),
        "integer" => Some(Kind::Integer),
        "number" => Some(Kind::Number),
        "string" => Some(Kind::Text),
        "array" => Some(Kind::List),
        "object" => Some(Kind::Map),
        _ => None,
    };
    match schema.get("type") {
        Some(Value::String(word)) => of(word).into_iter().collect(),
        Some(Value::Array(words)) => words.iter().filter_map(|word| of(word.as_str()?)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn properties_are_paths() {
        let said = paths(&json!({
            "$defs": { "labels": { "type": "object", "additionalProperties": { "type": "string" } } },
            "properties": {
                "replicas": { "type": ["integer", "null"] },
                "web": { "type": "object", "additionalProperties": false, "properties": {
                    "labels": { "$ref": "#/$defs/labels" },
                    "port": { "anyOf": [{ "type": "string" }, { "type": "integer" }] },
                } },
            },
        }));
        let at = |path: &str| said[&path.split('.').map(str::to_owned).collect::<Vec<_>>()].clone();
        assert_eq!(at("replicas").kinds, [Kind::Integer, Kind::Null]);
        assert!(at("web.labels").open && !at("web").open);
        assert_eq!(at("web.port"), Said::default());
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let said = paths(&json!({ "properties": { "a": { "$ref": "#" } } }));
        assert_eq!(said.len(), DEEPEST);
    }
}
