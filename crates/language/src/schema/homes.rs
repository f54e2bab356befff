//! In which tables of a language a key stands: for one that was written into another table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Definitions, Shape};

/// Tables within tables are followed so far; the language has five.
const DEEPEST: usize = 6;
/// More places than these help nobody.
const MOST: usize = 3;

/// The tables of a language, by the keys that they have.
#[derive(Debug)]
pub struct Homes(BTreeMap<String, BTreeSet<String>>);

impl Homes {
    /// Returns the tables of the language whose files are a `T`.
    pub(crate) fn of<T: Shape>() -> Self {
        let mut definitions = Definitions::new();
        let root = T::schema(&mut definitions);
        let mut homes = Self(BTreeMap::new());
        homes.add(&root, &definitions, &mut Vec::new(), false);
        homes
    }

    /// Returns where a key belongs, for a message: `` `[domain]` ``. `None` if it is no key, or one of many tables.
    pub fn find(&self, key: &str) -> Option<String> {
        let homes = self.0.get(key).filter(|homes| homes.len() <= MOST)?;
        Some(homes.iter().map(|home| format!("`{home}`")).collect::<Vec<_>>().join(" or "))
    }

    fn add(&mut self, schema: &Json, definitions: &Definitions, path: &mut Vec<String>, is_list: bool) {
        if path.len() > DEEPEST {
            return;
        }
        let inner = schema.get("allOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array);
        for schema in inner.into_iter().flatten() {
            self.add(schema, definitions, path, is_list);
        }
        let named = schema.get("$ref").and_then(Json::as_str).and_then(|name| name.rsplit('/').next());
        if let Some(table) = named.and_then(|name| definitions.get(name)) {
            self.add(table, definitions, path, is_list);
        }
        if let Some(items) = schema.get("items") {
            self.add(items, definitions, path, true);
        }
        if let Some(table) = schema.get("additionalProperties").filter(|table| table.is_object()) {
            path.push("…".to_owned());
            self.add(table, definitions, path, false);
            path.pop();
        }
        for (key, schema) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            let header = path.join(".");
            let home = match (header.is_empty(), is_list) {
                (true, _) => "the top of the file".to_owned(),
                (false, true) => format!("[[{header}]]"),
                (false, false) => format!("[{header}]"),
            };
            self.0.entry(key.clone()).or_default().insert(home);
            path.push(key.clone());
            self.add(schema, definitions, path, false);
            path.pop();
        }
    }
}
