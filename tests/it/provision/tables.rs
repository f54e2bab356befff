//! The tables of variables that the modules document, as they stand in `tests/provision/`: none of it is made from the
//! program. What the program knows of the modules, and what it tells them, is held against them.
#![expect(clippy::disallowed_methods, reason = "the tables stand on disk")]

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value as Json, json};
use sovereign_language::kit::Module;

/// A variable as its table has it.
#[derive(Clone, Debug)]
pub(crate) struct Row(Map<String, Json>);

/// The table of each module.
pub(crate) fn tables() -> BTreeMap<Module, BTreeMap<String, Row>> {
    let (hetzner, huawei) = (file("hetzner"), file("huawei"));
    let first = rows(&hetzner["infra/hetzner"]);
    let mut later = first.clone();
    for (name, row) in rows(&hetzner["infra/providers/hetzner"]) {
        later.entry(name).or_insert_with(|| Row(Map::new())).0.extend(row.0);
    }
    let mut of_huawei = rows(&huawei["infra/providers/huawei"]);
    for name in huawei["shared"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
        assert!(
            of_huawei.insert(name.to_owned(), later[name].clone()).is_none(),
            "{name} stands there twice"
        );
    }
    BTreeMap::from([
        (module("infra/hetzner"), first),
        (module("infra/providers/hetzner"), later),
        (module("infra/providers/huawei"), of_huawei),
    ])
}

fn module(path: &str) -> Module {
    Module::of_path(path).unwrap_or_else(|| panic!("no cloud has the module {path}"))
}

fn file(name: &str) -> Json {
    serde_json::from_str(&fs::read_to_string(format!("tests/provision/{name}.json")).unwrap()).unwrap()
}

fn rows(section: &Json) -> BTreeMap<String, Row> {
    let rows = section.as_object().unwrap().iter();
    rows.map(|(name, row)| (name.clone(), Row(row.as_object().unwrap().clone()))).collect()
}

/// A region in every attribute that some module has.
fn region() -> Map<String, Json> {
    let region = json!({
        "code": "hel1", "role": "primary", "control_plane_size": "cpx32", "worker_size": "", "worker_count": 0,
        "provider": "hetzner", "cloudRegion": "hel1", "controlPlaneSize": "cpx32", "workerSize": "", "workerCount": 0,
    });
    region.as_object().unwrap().clone()
}

impl Row {
    pub(crate) fn kind(&self) -> &str {
        self.0["type"].as_str().unwrap()
    }

    /// The default; null where the table has one and does not write it out.
    pub(crate) fn default(&self) -> Option<&Json> {
        self.0.get("default")
    }

    pub(crate) fn is_sensitive(&self) -> bool {
        self.0.get("sensitive").is_some_and(|sensitive| sensitive == true)
    }

    /// The attributes of each record, of a list of records.
    pub(crate) fn attributes(&self) -> BTreeMap<String, Row> {
        self.0.get("attributes").map(rows).unwrap_or_default()
    }

    pub(crate) fn green(&self) -> Json {
        self.whole("green")
    }

    pub(crate) fn red(&self) -> Json {
        self.whole("red")
    }

    /// An example. Records get the attributes of the other module too, as ours have.
    fn whole(&self, which: &str) -> Json {
        let example = &self.0[which];
        match example.as_array().filter(|_| self.kind() == "list(object)") {
            None => example.clone(),
            Some(records) => records
                .iter()
                .map(|record| {
                    let mut whole = region();
                    whole.extend(record.as_object().unwrap().clone());
                    Json::Object(whole)
                })
                .collect(),
        }
    }

    /// Whether the table accepts a value. What a record has besides its attributes is dropped, as OpenTofu does.
    pub(crate) fn accepts(&self, value: &Json) -> bool {
        jsonschema::draft7::new(&self.schema()).unwrap().is_valid(value)
    }

    fn schema(&self) -> Json {
        let rule = |key: &str| self.0.get(key).cloned();
        let mut schema = Map::new();
        let mut put = |key: &str, rule: Option<Json>| schema.extend(rule.map(|rule| (key.to_owned(), rule)));
        match self.kind() {
            "string" => {
                put("type", Some(json!("string")));
                put("pattern", rule("pattern"));
                put("enum", rule("one_of"));
                put("not", rule("not").map(|word| json!({ "const": word })));
                put("minLength", rule("length").map(|bounds| bounds[0].clone()));
                put("maxLength", rule("length").map(|bounds| bounds[1].clone()));
            }
            "number" => {
                put("type", Some(json!("number")));
                put("minimum", rule("least"));
                put("maximum", rule("most"));
            }
            "bool" => put("type", Some(json!("boolean"))),
            "list(string)" => {
                put("type", Some(json!("array")));
                put("items", rule("each").map(|pattern| json!({ "type": "string", "pattern": pattern })));
            }
            "list(object)" => {
                let attributes = self.attributes();
                let properties: Map<_, _> =
                    attributes.iter().map(|(name, row)| (name.clone(), row.schema())).collect();
                let names: Vec<_> = attributes.keys().collect();
                let record = json!({ "type": "object", "properties": properties, "required": names });
                put("type", Some(json!("array")));
                put("items", Some(record));
                put("minItems", rule("least"));
            }
            other => panic!("{other} is no type"),
        }
        Json::Object(schema)
    }
}
