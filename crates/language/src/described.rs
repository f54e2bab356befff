//! The keys of the language, each with what is declared of it: for whoever explains them to a person.
//!
//! [`at`] is asked about one path, [`keys`] gives all of them. Both read the JSON Schema, which is made of the declarations.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value as Json, json};

use crate::manifest::schema;
use crate::schema::{FIRST, PathStep as Step, SINCE};

static MANIFEST: LazyLock<Json> = LazyLock::new(schema::generate);
/// A file of an `[[organization-source]]`: one table.
static ORGANIZATION: LazyLock<Json> = LazyLock::new(|| {
    let organization = json!({ "description": "The Organization.", "allOf": [{ "$ref": "#/definitions/OrganizationTable" }] });
    json!({ "properties": { "organization": organization }, "required": ["organization"] })
});

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// A manifest.
    Manifest,
    /// A file of one Organization.
    Organization,
    /// A file of a kit or a blueprint, whose keys no schema has.
    Kit,
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What is declared of it.
    pub schema: Schema,
    /// Whether the table must have it.
    pub is_required: bool,
}

/// What the schema says of a value.
#[derive(Clone, Copy, Debug)]
pub struct Schema(&'static Json);

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table.
    Table,
    /// Tables, each with two brackets around its header.
    ListOfTables,
    /// A list of something else.
    List,
    /// Text.
    Text,
    /// A number or a boolean.
    Bare,
}

/// Returns what the schema says of the value at a path.
pub fn at(root: Root, path: &[Step]) -> Option<Schema> {
    let start = match root {
        Root::Manifest => &*MANIFEST,
        Root::Organization => &*ORGANIZATION,
        Root::Kit => return None,
    };
    path.iter().try_fold(Schema(start), Schema::step)
}

impl Schema {
    fn step(self, step: &Step) -> Option<Self> {
        let inner = |schema: &'static Json| match step {
            Step::Index(_) => schema.get("items"),
            Step::Key(key) => schema
                .get("properties")
                .and_then(|keys| keys.get(key))
                .or_else(|| schema.get("additionalProperties").filter(|schema| schema.is_object())),
        };
        self.parts().into_iter().find_map(inner).map(Self)
    }

    /// Returns the schema itself and those that it refers to: what holds of the value, all together.
    fn parts(self) -> Vec<&'static Json> {
        // The language has tables four references deep, and none that is its own.
        const MOST: usize = 64;
        let mut parts = vec![self.0];
        let mut next = 0;
        while let Some(schema) = parts.get(next).copied().filter(|_| parts.len() < MOST) {
            next += 1;
            let named = schema.get("$ref").and_then(Json::as_str).and_then(|name| name.rsplit('/').next());
            parts.extend(named.and_then(|name| MANIFEST.get("definitions")?.get(name)));
            let all = ["allOf", "anyOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
            // Others are conditions on what is declared elsewhere.
            let declares =
                |part: &&Json| ["$ref", "type", "enum", "title"].iter().any(|key| part.get(key).is_some());
            parts.extend(all.flatten().filter(declares));
        }
        parts
    }

    /// Returns what it says for people.
    pub fn description(self) -> &'static str {
        self.parts().iter().find_map(|part| part.get("description")?.as_str()).unwrap_or_default()
    }

    /// Returns what the value is, if nobody writes it; `None` if that is no value, or depends.
    pub fn default(self) -> Option<&'static Json> {
        self.parts().into_iter().find_map(|part| part.get("default"))
    }

    /// Returns a value that a person could write.
    pub fn example(self) -> Option<&'static Json> {
        self.parts().into_iter().find_map(|part| part.get("examples")?.get(0))
    }

    /// Returns the version in which the key came, where the declaration says one.
    fn since(self) -> Option<&'static str> {
        self.0.get(SINCE)?.as_str()
    }

    /// Returns the words that it may be, if it is one of a few.
    pub fn words(self) -> Vec<&'static str> {
        // Names that are known stand beside a grammar, and have no type of their own.
        let closed = self.parts().into_iter().filter(|part| part.get("type").is_some());
        let words = closed.filter_map(|part| part.get("enum")?.as_array()).flatten();
        words.filter_map(Json::as_str).filter(|word| !word.is_empty()).collect()
    }

    /// Returns whether it is text of a kind.
    pub fn is(self, kind: &str) -> bool {
        self.parts().iter().any(|part| part.get("title").and_then(Json::as_str) == Some(kind))
    }

    /// Returns whether the keys of the table are text of a kind.
    pub fn has_keys_of(self, kind: &str) -> bool {
        let mut names = self.parts().into_iter().filter_map(|part| part.get("propertyNames")?.get("title"));
        names.any(|title| title.as_str() == Some(kind))
    }

    /// Returns how a value of it is written.
    pub fn form(self) -> Form {
        let parts = self.parts();
        let is = |kind: &str| parts.iter().any(|part| part.get("type").and_then(Json::as_str) == Some(kind));
        let items = parts.iter().find_map(|part| part.get("items"));
        match items.map(|items| Self(items).form()) {
            Some(Form::Table) => Form::ListOfTables,
            Some(_) => Form::List,
            // Of several forms the shortest is meant.
            None if is("string") => Form::Text,
            None if is("object") => Form::Table,
            None => Form::Bare,
        }
    }

    /// Returns what the value is, in a few words.
    pub fn kind(self) -> String {
        let parts = self.parts();
        let titles: BTreeSet<_> = parts.iter().filter_map(|part| part.get("title")?.as_str()).collect();
        let number = |key: &str| parts.iter().find_map(|part| part.get(key)?.as_i64());
        match self.form() {
            Form::Table => "a table".to_owned(),
            Form::ListOfTables => "tables".to_owned(),
            Form::List => {
                let items = parts.iter().find_map(|part| part.get("items"));
                items.map_or_else(
                    || "a list".to_owned(),
                    |items| format!("a list; each is {}", Self(items).kind()),
                )
            }
            Form::Text if titles.is_empty() => "text".to_owned(),
            Form::Text => titles.into_iter().collect::<Vec<_>>().join(" or "),
            Form::Bare => match (number("minimum"), number("maximum")) {
                (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
                _ => "`true` or `false`".to_owned(),
            },
        }
    }

    /// Returns the keys of the table.
    pub fn keys(self) -> Vec<Key> {
        let parts = self.parts();
        let required = parts.iter().filter_map(|part| part.get("required")?.as_array()).flatten();
        let required: BTreeSet<_> = required.filter_map(Json::as_str).collect();
        let keys = parts.into_iter().filter_map(|part| part.get("properties")?.as_object()).flatten();
        let key = |(name, schema): (&'static String, &'static Json)| Key {
            name,
            schema: Self(schema),
            is_required: required.contains(name.as_str()),
        };
        keys.map(key).collect()
    }
}

/// A key of the language with the way to it.
#[derive(Clone, Debug)]
pub struct Described {
    /// The keys that lead to it: `region.pod-cidr`. A name that a person chooses is written `<name>`.
    pub path: String,
    /// The key.
    pub key: Key,
    /// The version in which it came.
    pub since: &'static str,
}

/// Returns every key of a manifest, in the order of the declarations: a table before what it holds.
pub fn keys() -> Vec<Described> {
    let mut all = Vec::new();
    below(Schema(&MANIFEST), Above { path: "", since: FIRST }, &mut all);
    all
}

/// The table whose keys are listed.
#[derive(Clone, Copy)]
struct Above<'p> {
    path: &'p str,
    since: &'static str,
}

fn below(table: Schema, above: Above<'_>, all: &mut Vec<Described>) {
    let dot = if above.path.is_empty() { "" } else { "." };
    for key in table.keys() {
        let path = format!("{}{dot}{}", above.path, key.name);
        // No key came before the table that has it.
        let since = key.schema.since().unwrap_or(above.since);
        all.push(Described { path: path.clone(), key, since });
        let inner = match key.schema.form() {
            Form::ListOfTables => key.schema.step(&Step::Index(0)),
            Form::Table | Form::Text | Form::List | Form::Bare => Some(key.schema),
        };
        let Some(inner) = inner else { continue };
        below(inner, Above { path: &path, since }, all);
        // A table whose keys are names.
        let any = Step::Key("<name>".to_owned());
        if let Some(named) = inner.step(&any).filter(|_| inner.keys().is_empty()) {
            below(named, Above { path: &format!("{path}.<name>"), since }, all);
        }
    }
}

/// Returns a value of JSON as TOML has it.
pub fn toml(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Json::Object(map) if map.is_empty() => "{ }".to_owned(),
        Json::Object(map) => {
            let entry = |(key, value): (&String, &Json)| format!("{key} = {}", toml(value));
            format!("{{ {} }}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<Step> {
        let step = |part: &str| part.parse().map_or_else(|_| Step::Key(part.to_owned()), Step::Index);
        text.split('/').map(step).collect()
    }

    fn schema(text: &str) -> Schema {
        at(Root::Manifest, &path(text)).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn a_key_came_with_its_table_or_later() {
        let table = json!({ "type": "object", "properties": {
            "old": { "type": "boolean" },
            "new": { "x-since": "0.2.0", "type": "object", "properties": {
                "inner": { "type": "boolean" },
                "newer": { "x-since": "0.3.0", "type": "boolean" },
            } },
        } });
        let mut all = Vec::new();
        below(Schema(Box::leak(Box::new(table))), Above { path: "", since: FIRST }, &mut all);
        let since: Vec<_> = all.iter().map(|described| (described.path.as_str(), described.since)).collect();
        let expected = [("old", FIRST), ("new", "0.2.0"), ("new.inner", "0.2.0"), ("new.newer", "0.3.0")];
        assert_eq!(since, expected);
    }

    #[test]
    fn every_key_is_found_by_its_path() {
        assert_eq!(schema("region").form(), Form::ListOfTables);
        assert_eq!(schema("region/0/control-plane").form(), Form::Table);
        assert_eq!(schema("region/0/control-plane/size").form(), Form::Text);
        assert_eq!(schema("region/0/peers").kind(), "a list; each is the name of a region");
        assert_eq!(schema("region/0/index").kind(), "a whole number from 0 to 254");
        assert_eq!(schema("blueprint/x/enabled").kind(), "`true` or `false`");
        assert!(
            schema("region/0/peers/0").words().is_empty(),
            "others than those that are known may stand there"
        );
        assert!(schema("region/0/role").words().contains(&"primary"));
        assert!(schema("region/0").keys().iter().any(|key| key.name == "provider" && key.is_required));
        assert!(at(Root::Organization, &path("organization/slug")).is_some());
        assert!(at(Root::Manifest, &path("nothing")).is_none());
        let all: Vec<_> = keys().into_iter().map(|described| described.path).collect();
        for known in
            ["kit", "region.pod-cidr", "blueprint.<name>.values", "organization.environment.application.name"]
        {
            assert!(all.iter().any(|path| path == known), "{known}");
        }
        assert!(all.len() > 300, "{}", all.len());
    }
}
