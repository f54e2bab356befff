//! What may stand where in a manifest, asked of the JSON Schema that follows from the language's declarations.

use serde_json::{Map, Value as Json};
use sovereign_language::manifest::schema;

/// The language.
pub(crate) struct Language {
    schema: Json,
    none: Map<String, Json>,
}

/// The place of a value: what may stand there.
#[derive(Clone, Debug)]
pub(crate) struct Place<'l> {
    definitions: &'l Map<String, Json>,
    /// The forms that its value may have; none where whatever a chart understands may stand.
    forms: Vec<&'l Json>,
}

impl Language {
    pub(crate) fn new() -> Self {
        Self { schema: schema::generate(), none: Map::new() }
    }

    /// Returns the place of a whole manifest.
    pub(crate) fn root(&self) -> Place<'_> {
        let definitions = self.schema.get("definitions").and_then(Json::as_object).unwrap_or(&self.none);
        Place { definitions, forms: vec![&self.schema] }
    }
}

impl<'l> Place<'l> {
    fn new(definitions: &'l Map<String, Json>, schema: &'l Json) -> Self {
        let mut place = Self { definitions, forms: Vec::new() };
        place.add(schema);
        place
    }

    fn add(&mut self, schema: &'l Json) {
        if schema.get("type").is_some() {
            self.forms.push(schema);
        }
        let name = schema.get("$ref").and_then(Json::as_str).and_then(|name| name.rsplit('/').next());
        if let Some(table) = name.and_then(|name| self.definitions.get(name)) {
            self.add(table);
        }
        let inner = ["allOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
        for schema in inner.flatten().filter(|schema| schema.get("if").is_none()) {
            self.add(schema);
        }
    }

    /// Returns whether whatever a chart understands may stand there.
    pub(crate) fn is_free(&self) -> bool {
        self.forms.is_empty()
    }

    /// Returns whether a value of a JSON type may stand there.
    pub(crate) fn takes(&self, kind: &str) -> bool {
        self.forms.iter().any(|form| form.get("type").and_then(Json::as_str) == Some(kind))
    }

    /// Returns whether it is a list of tables.
    pub(crate) fn is_list_of_tables(&self) -> bool {
        self.items().is_some_and(|items| items.takes("object"))
    }

    /// Returns whether people write it in braces: its keys are few and have no keys themselves.
    pub(crate) fn is_small(&self) -> bool {
        let mut keys =
            self.forms.iter().filter_map(|form| form.get("properties")?.as_object()).flatten().peekable();
        let is_plain = |(_, schema): (&String, &'l Json)| {
            let place = Self::new(self.definitions, schema);
            !place.takes("object") && !place.takes("array")
        };
        keys.peek().is_some() && keys.all(is_plain)
    }

    /// Returns the place below a key; `None` where no such key may stand.
    pub(crate) fn below(&self, key: &str) -> Option<Self> {
        if self.is_free() {
            return Some(self.clone());
        }
        let properties = self.forms.iter().find_map(|form| form.get("properties")?.get(key));
        let named = || {
            self.forms.iter().find_map(|form| form.get("additionalProperties").filter(|it| it.is_object()))
        };
        if let Some(schema) = properties.or_else(named) {
            return Some(Self::new(self.definitions, schema));
        }
        let is_open = |form: &&Json| {
            form.get("type").and_then(Json::as_str) == Some("object")
                && form.get("properties").is_none()
                && form.get("additionalProperties").is_none_or(|any| any.as_bool() == Some(true))
        };
        self.forms.iter().any(is_open).then(|| Self { definitions: self.definitions, forms: Vec::new() })
    }

    /// Returns the place of an entry of a list.
    pub(crate) fn items(&self) -> Option<Self> {
        if self.is_free() {
            return Some(self.clone());
        }
        let schema = self.forms.iter().find_map(|form| form.get("items"))?;
        Some(Self::new(self.definitions, schema))
    }

    /// Returns the keys that may stand there.
    pub(crate) fn keys(&self) -> Vec<&'l str> {
        let properties = self.forms.iter().filter_map(|form| form.get("properties")?.as_object());
        properties.flat_map(|properties| properties.keys().map(String::as_str)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_knows_what_stands_where() {
        let language = Language::new();
        let at = |path: &[&str]| {
            path.iter().try_fold(language.root(), |place, step| match place.items() {
                Some(items) if !place.is_free() => items.below(step),
                _ => place.below(step),
            })
        };
        let is = |path: &[&str], kind| at(path).is_some_and(|place| place.takes(kind));
        assert!(is(&["kit"], "string") && is(&["kit"], "object"));
        assert!(is(&["region", "pod-cidr"], "string"));
        assert!(is(&["region", "workers", "count"], "integer"));
        assert!(is(&["blueprint", "loki", "enabled"], "boolean"));
        assert!(at(&["blueprint", "loki", "values", "a", "b"]).is_some_and(|place| place.is_free()));
        assert!(at(&["region"]).is_some_and(|place| place.is_list_of_tables()));
        assert!(at(&["region", "vclusters"]).is_some_and(|place| !place.is_list_of_tables()));
        assert!(at(&["region", "workers"]).is_some_and(|place| place.is_small()));
        assert!(at(&["region", "observed"]).is_some_and(|place| place.is_small()));
        assert!(at(&["blueprint"]).is_some_and(|place| !place.is_small()));
        assert!(at(&["region", "pod-cdir"]).is_none());
    }
}
