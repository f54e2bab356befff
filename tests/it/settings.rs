//! Every key of the language has a reader: in some manifest of this repository the tree would be another one without the key,
//! or with another value, or `setting-without-effect` says that nothing reads it. A key that is added to a table and read
//! by nobody fails here by its name.
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value as Json;
use sovereign_compile::compile;
use sovereign_language::input::{Holds, Input};
use sovereign_language::kit::Kits;
use sovereign_language::manifest::schema;
use sovereign_text::diag::{Code, Diagnostics};
use sovereign_text::source::Source;

use crate::case;
use crate::schema::{files, toml, value};

/// Keys that no tree shows, with who reads them. Whatever is below them is read by the same.
const ELSEWHERE: [(&str, &str); 17] = [
    ("accept.file", "rules: in which file a finding is accepted"),
    ("airgap.hosts", "rules: what can be reached behind an air gap"),
    ("blueprint-source", "whoever reads the input: files beside the manifest"),
    ("failover.application.blueprint", "rules and the simulation: what is lost with it"),
    ("gitops.credentials.key", "nobody: Flux looks for keys of its own in the Secret"),
    ("identity.federation.client-secret.key", "nobody: no chart reads a federation yet"),
    ("kit.path", "whoever fetches the kit: where it is in a repository"),
    ("move", "the comparison of two trees: consent"),
    ("organization.environment.placement", "rules: as many regions as it has"),
    ("organization-source", "whoever reads the input: files beside the manifest"),
    ("region.firewall", "rules: ports that must be open"),
    ("region.node-labels", "rules: labels that workloads ask for"),
    ("retire.application", "the comparison of two trees: consent"),
    ("retire.namespace", "the comparison of two trees: consent"),
    ("retire.region", "the comparison of two trees: consent"),
    ("retire.release", "the comparison of two trees: consent"),
    ("retire.sovereign", "rules: no other Sovereign than this one can go"),
];

/// In how many manifests a key is tried, and with how many other values in each place.
const MOST: usize = 8;
/// The step of a way into a table whose keys are names that a user chose.
const ANY: &str = "*";
/// The file that holds a digest of the input.
const LOCK: &str = "sovereign.lock";

/// A manifest of this repository.
struct Case {
    input: Input,
    document: Json,
    outcome: OnceLock<Option<Outcome>>,
}

/// What came of a manifest: the files of the tree, and what was found.
struct Outcome {
    files: BTreeMap<String, String>,
    findings: BTreeSet<String>,
}

/// What a change of one key changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    /// No manifest that compiles has the key.
    Unwritten,
    /// Nothing.
    Nothing,
    /// What is found.
    Findings,
    /// What `setting-without-effect` says of the key.
    Reported,
    /// The tree.
    Tree,
}

#[test]
fn every_key_is_read() {
    let (kits, cases) = (Kits::embedded(), cases());
    let keys: Vec<_> = optional(&schema::generate()).into_iter().collect();
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let of_some = |keys: &[String]| -> Vec<_> {
        keys.iter().filter_map(|key| complaint(key, effect(key, &cases, &kits))).collect()
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts = keys.chunks(keys.len().div_ceil(threads));
        let handles: Vec<_> = parts.map(|part| scope.spawn(|| of_some(part))).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("no panic")).collect()
    });
    assert!(keys.len() > 200, "{keys:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a key that has this effect.
fn complaint(key: &str, effect: Effect) -> Option<String> {
    let is_below =
        |known: &str| key.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let elsewhere = ELSEWHERE.iter().find(|(known, _)| is_below(known));
    match (elsewhere, effect) {
        (None, Effect::Unwritten) => {
            Some(format!("`{key}`: write it in `tests/it/settings/`, an example or a case"))
        }
        (None, Effect::Nothing | Effect::Findings) => Some(format!(
            "`{key}` changes no tree wherever it is written, and no finding says so ({effect:?})"
        )),
        (Some((_, reader)), Effect::Tree) => {
            Some(format!("`{key}` changes a tree, so it is not read by {reader}"))
        }
        (None, Effect::Tree | Effect::Reported) | (Some(_), _) => None,
    }
}

/// The strongest effect that a key has in some manifest.
fn effect(key: &str, cases: &[Case], kits: &Kits) -> Effect {
    let way: Vec<_> = key.split('.').collect();
    let written = |case: &Case| places(&case.document, &way);
    let values = cases.iter().flat_map(|case| {
        written(case).into_iter().map(|place| at(&case.document, &place).clone()).collect::<Vec<_>>()
    });
    let values: BTreeMap<String, Json> = values.map(|value| (value.to_string(), value)).collect();
    let with_key = cases.iter().filter(|case| !written(case).is_empty());
    let right = with_key.filter_map(|case| Some((case, case.outcome(kits)?)));
    let mut strongest = Effect::Unwritten;
    for (case, before) in right.take(MOST) {
        strongest = strongest.max(Effect::Nothing);
        for place in written(case) {
            let old = at(&case.document, &place);
            let others = values.values().filter(|value| *value != old).take(MOST);
            for new in std::iter::once(None).chain(others.map(Some)) {
                let mut document = case.document.clone();
                put(&mut document, &place, new.cloned());
                strongest = strongest.max(before.effect(key, case.compile(&document, kits).as_ref()));
                if strongest >= Effect::Reported {
                    return strongest;
                }
            }
        }
    }
    strongest
}

impl Outcome {
    /// What a change of a key has done, by what came after it; nothing comes of a mistake.
    fn effect(&self, key: &str, after: Option<&Self>) -> Effect {
        let Some(after) = after else { return Effect::Findings };
        if self.files != after.files {
            return Effect::Tree;
        }
        let reports = |finding: &&String| {
            let said = finding.strip_prefix(Code::SettingWithoutEffect.name()).unwrap_or_default();
            said.split('`').nth(1).is_some_and(|path| key.ends_with(path))
        };
        match self.findings.symmetric_difference(&after.findings).collect::<Vec<_>>() {
            found if found.is_empty() => Effect::Nothing,
            found if found.iter().any(reports) => Effect::Reported,
            _ => Effect::Findings,
        }
    }
}

impl Case {
    fn new(path: &Path) -> Option<Self> {
        let input = case::load(path, &mut Diagnostics::new()).ok()?;
        let mut document = value(input.manifest().text())?;
        let organizations: Vec<_> =
            input.holding(Holds::Organizations).filter_map(|file| value(file.text())).collect();
        let outcome = OnceLock::new();
        if organizations.is_empty() {
            return Some(Self { input, document, outcome });
        }
        // Organizations that have files of their own can be changed where they are tables of the manifest.
        let tables: Json = organizations.into_iter().map(|mut file| file["organization"].take()).collect();
        let root = document.as_object_mut()?;
        root.shift_remove("organization-source");
        root.insert("organization".into(), tables);
        let alone = Source::manifest("sovereign.toml", toml(&document).into_bytes()).ok()?;
        Some(Self { input: Input::new(alone), document, outcome })
    }

    fn outcome(&self, kits: &Kits) -> Option<&Outcome> {
        self.outcome.get_or_init(|| self.compile(&self.document, kits)).as_ref()
    }

    /// What comes of another document in place of the manifest, if it is right.
    fn compile(&self, document: &Json, kits: &Kits) -> Option<Outcome> {
        let manifest = Source::manifest("sovereign.toml", toml(document).into_bytes()).ok()?;
        let mut diags = Diagnostics::new();
        let tree = compile(&self.input.with_manifest(manifest), kits, &mut diags).ok()?;
        let files = tree.files().iter().filter(|(path, _)| path.as_str() != LOCK);
        let findings = diags.sorted().into_iter();
        Some(Outcome {
            files: files.map(|(path, text)| (path.to_string(), text.clone())).collect(),
            findings: findings.map(|finding| format!("{}: {}", finding.code, finding.message)).collect(),
        })
    }
}

/// The manifests of this test, the examples, and the cases of `tests/ui`: the smallest first, since they compile fastest.
fn cases() -> Vec<Case> {
    let paths: Vec<PathBuf> =
        [files("tests/it/settings", 1), files("examples", 1), files("tests/ui", 2)].concat();
    let mut cases: Vec<_> = paths.iter().filter_map(|path| Case::new(path)).collect();
    cases.sort_by_cached_key(|case| case.document.to_string().len());
    cases
}

/// The optional keys of the language, each with the keys that lead to it.
fn optional(schema: &Json) -> BTreeSet<String> {
    fn look(schema: &Json, node: &Json, way: &str, keys: &mut BTreeSet<String>) {
        for part in ["allOf", "anyOf"].iter().filter_map(|part| node[part].as_array()).flatten() {
            look(schema, part, way, keys);
        }
        if let Some(name) = node["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            look(schema, &schema["definitions"][name], way, keys);
        }
        let dot = if way.is_empty() { "" } else { "." };
        let required = node["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        // Only a table lists its keys; the properties of a condition are none.
        if node["additionalProperties"] == Json::Bool(false) {
            for (key, value) in node["properties"].as_object().into_iter().flatten() {
                let way = format!("{way}{dot}{key}");
                look(schema, value, &way, keys);
                if !required.iter().any(|required| required == key) {
                    keys.insert(way);
                }
            }
        } else if node["additionalProperties"].is_object() {
            look(schema, &node["additionalProperties"], &format!("{way}{dot}{ANY}"), keys);
        }
        if node["items"].is_object() {
            look(schema, &node["items"], way, keys);
        }
    }
    let mut keys = BTreeSet::new();
    look(schema, schema, "", &mut keys);
    keys
}

/// Every place that a way leads to in a document, through all tables of a list.
fn places(document: &Json, way: &[&str]) -> Vec<Vec<String>> {
    let below = |step: &str, value: &Json, way: &[&str]| -> Vec<Vec<String>> {
        let places = places(value, way).into_iter();
        places.map(|place| std::iter::once(step.to_owned()).chain(place).collect()).collect()
    };
    match (document, way) {
        (_, []) => vec![Vec::new()],
        (Json::Array(items), way) => {
            let items = items.iter().enumerate();
            items.flat_map(|(index, item)| below(&index.to_string(), item, way)).collect()
        }
        (Json::Object(map), [key, rest @ ..]) => {
            let entries = map.iter().filter(|(name, _)| *key == ANY || name == key);
            entries.flat_map(|(name, value)| below(name, value, rest)).collect()
        }
        _ => Vec::new(),
    }
}

fn at<'v>(value: &'v Json, place: &[String]) -> &'v Json {
    place.iter().fold(value, |value, step| match value {
        Json::Array(items) => &items[step.parse::<usize>().expect("an index")],
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => {
            &other[step]
        }
    })
}

/// Puts another value at a place, or removes what is there.
fn put(document: &mut Json, place: &[String], new: Option<Json>) {
    let (key, above) = place.split_last().expect("a key");
    let table = above.iter().fold(document, |value, step| match value {
        Json::Array(items) => &mut items[step.parse::<usize>().expect("an index")],
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => {
            &mut other[step]
        }
    });
    let table = table.as_object_mut().expect("a table");
    match new {
        Some(new) => table[key] = new,
        None => drop(table.shift_remove(key)),
    }
}
