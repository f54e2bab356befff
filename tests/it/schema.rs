//! The decoder and the JSON Schema agree: what one refuses, the other refuses.
//!
//! The examples, the texts of `sovereign init` and the cases of `tests/ui` are held against both; then every key of
//! them is removed, renamed and given other values, thousands of times. JSON has less to say than TOML: a date
//! becomes a string, and what has no JSON (`nan`, text that is not TOML) is left out.
#![expect(clippy::disallowed_methods, reason = "these tests look at files of the repository")]

mod mutants;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value as Json, json};
use sovereign_compile::compile;
use sovereign_language::kit::Kits;
use sovereign_language::manifest::{decode, schema};
use sovereign_text::diag::{Code, Diagnostics};
use sovereign_text::source::{Source, SourceId};
use toml::de::{DeTable, DeValue};

use crate::case;

const COMMITTED: &str = "schema/sovereign.schema.json";
/// The codes that the schema stands for.
const SHAPE: [Code; 7] = [
    Code::ClusterLease,
    Code::MalformedValue,
    Code::MissingKey,
    Code::UnknownChoice,
    Code::UnknownKey,
    Code::UnsupportedKey,
    Code::WrongType,
];

/// What draft 7 cannot say: that a range of cron runs upwards, and that a date comes.
const BEYOND: [&str; 4] = [
    "backup/schedule = \"5-1 ",
    "keep/schedule = \"5-1 ",
    "registry/garbage-collection = \"5-1 ",
    "backup/schedule = \"0 0 30 2 *",
];

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft7::new(&schema::generate()).expect("a schema"));

#[test]
fn the_committed_schema_is_the_generated_one() {
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        assert!(std::env::var_os("CI").is_none(), "BLESS is refused where CI is set");
        fs::write(COMMITTED, schema::text()).expect("writes");
    }
    let committed = fs::read_to_string(COMMITTED).expect("reads");
    assert!(committed == schema::text(), "run `BLESS=1 cargo test schema` and look at the difference");
}

#[test]
fn every_property_has_a_description() {
    fn look(at: &str, schema: &Json, properties: &mut usize) {
        match schema {
            Json::Object(map) => {
                // Only a table lists its keys; the properties of a condition are none.
                let table = map.get("additionalProperties") == Some(&json!(false));
                for (key, property) in map.get("properties").and_then(Json::as_object).into_iter().flatten() {
                    *properties += usize::from(table);
                    let said = property["description"].as_str().unwrap_or_default();
                    assert!(!table || said.ends_with('.'), "{at}/{key} is not described: {said:?}");
                }
                map.iter().for_each(|(key, value)| look(&format!("{at}/{key}"), value, properties));
            }
            Json::Array(items) => items.iter().for_each(|item| look(at, item, properties)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    let mut properties = 0;
    look("", &schema::generate(), &mut properties);
    assert!(properties > 60, "{properties}");
}

#[test]
fn what_we_publish_is_valid() {
    for (path, text) in published() {
        let errors: Vec<_> =
            VALIDATOR.iter_errors(&value(&text).expect("TOML")).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    }
}

#[test]
fn cases_are_refused_by_the_schema_if_and_only_if_their_shape_is_wrong() {
    let kits = Kits::embedded();
    let cases = files("tests/ui", 2);
    let mut wrong = Vec::new();
    for path in &cases {
        let name = path.to_string_lossy();
        let (mut diags, mut diags_of_shape) = (Diagnostics::new(), Diagnostics::new());
        let input = case::load(path, &mut diags).expect("reads");
        // What is no text or no TOML has no JSON.
        let Some(json) = diags.verdict().ok().and_then(|()| value(input.manifest().text())) else { continue };
        compile(&input, &kits, &mut diags).ok();
        // Of a placeholder that follows no grammar, a compilation says only the first.
        decode(input.manifest(), &mut diags_of_shape);
        let all = diags.sorted().into_iter().chain(diags_of_shape.sorted());
        let in_manifest = all.filter(|f| f.primary.span.source == SourceId::MANIFEST);
        let codes: BTreeSet<_> = in_manifest.map(|finding| finding.code).collect();
        let shape = SHAPE.iter().any(|code| codes.contains(code));
        if shape == VALIDATOR.is_valid(&json) && !codes.contains(&Code::UnpinnedVersion) {
            wrong.push(format!("{name}: {codes:?}, the schema says the opposite"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn decoder_and_schema_agree_on_every_mutant() {
    let mut bases: Vec<_> = published().iter().map(|(_, text)| value(text).expect("TOML")).collect();
    bases.push(everything());
    let mutants = mutants::all(&bases);
    assert!(mutants.len() > 15_000, "only {} mutants", mutants.len());
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let wrong: Vec<_> = std::thread::scope(|scope| {
        let parts = mutants.chunks(mutants.len().div_ceil(threads));
        let handles: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().filter_map(disagreement).collect::<Vec<_>>()))
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("no panic")).collect()
    });
    let first: Vec<_> = wrong.iter().take(50).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), first.join("\n"));
}

/// What decoder and schema say about a mutant, where they do not say the same.
fn disagreement((what, mutant): &mutants::Mutant) -> Option<String> {
    let text = toml(mutant);
    let source = Source::manifest("mutant", text.into_bytes()).map_err(|(why, _)| why).expect("text");
    let mut diags = Diagnostics::new();
    decode(&source, &mut diags);
    let is_toml = diags.sorted().iter().all(|finding| finding.code != Code::Syntax);
    assert!(is_toml, "the test's own writer is wrong: {}", source.text());
    if diags.sorted().is_empty() == VALIDATOR.is_valid(mutant)
        || BEYOND.iter().any(|text| what.contains(text))
    {
        return None;
    }
    let findings: Vec<_> = diags.sorted().iter().map(|f| format!("{}: {}", f.code, f.message)).collect();
    let errors: Vec<_> = VALIDATOR.iter_errors(mutant).map(|error| error.to_string()).collect();
    Some(format!("{what}\n    decoder {findings:?}\n    schema {errors:?}"))
}

/// The examples and what `sovereign init` writes.
fn published() -> Vec<(PathBuf, String)> {
    let mut paths = files("examples", 1);
    assert!(paths.len() >= 8, "{paths:?}");
    paths.extend(files("src/cli/init", 1));
    let read = |path: PathBuf| (path.clone(), fs::read_to_string(path).expect("reads"));
    paths.into_iter().map(read).collect()
}

/// The `*.toml` files exactly `depth` levels below a directory.
pub(crate) fn files(directory: impl AsRef<Path>, depth: u32) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    if depth > 1 {
        return paths
            .into_iter()
            .filter(|path| path.is_dir())
            .flat_map(|path| files(path, depth - 1))
            .collect();
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths
}

/// A TOML text as JSON, if it has one.
pub(crate) fn value(text: &str) -> Option<Json> {
    fn table(table: &DeTable<'_>) -> Option<Json> {
        let entry = |(key, item): (&toml::Spanned<_>, &toml::Spanned<_>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            Some((key.clone().into_owned(), json(item.get_ref())?))
        };
        table.iter().map(entry).collect::<Option<Map<_, _>>>().map(Json::Object)
    }
    fn json(value: &DeValue<'_>) -> Option<Json> {
        Some(match value {
            DeValue::String(text) => Json::String(text.clone().into_owned()),
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok()?.into(),
            DeValue::Float(digits) => {
                serde_json::Number::from_f64(digits.as_str().parse().ok()?).map(Json::Number)?
            }
            DeValue::Boolean(b) => Json::Bool(*b),
            DeValue::Datetime(date) => Json::String(date.to_string()),
            DeValue::Array(items) => {
                Json::Array(items.iter().map(|item| json(item.get_ref())).collect::<Option<_>>()?)
            }
            DeValue::Table(items) => table(items)?,
        })
    }
    table(DeTable::parse(text).ok()?.get_ref())
}

/// JSON as TOML: one line a key of the outermost table.
pub(crate) fn toml(value: &Json) -> String {
    // The escapes of JSON are among those of TOML, which wants one more.
    fn string(text: &str) -> String {
        json!(text).to_string().replace('\u{7f}', "\\u007f")
    }
    fn write(value: &Json, out: &mut String) {
        match value {
            Json::Null => unreachable!("TOML has no null"),
            Json::Bool(_) | Json::Number(_) => write!(out, "{value}").expect("writes"),
            Json::String(text) => out.push_str(&string(text)),
            Json::Array(items) => {
                out.push('[');
                for item in items {
                    write(item, out);
                    out.push(',');
                }
                out.push(']');
            }
            Json::Object(map) => {
                out.push('{');
                for (index, (key, item)) in map.iter().enumerate() {
                    write!(out, "{}{} = ", if index == 0 { "" } else { ", " }, string(key)).expect("writes");
                    write(item, out);
                }
                out.push('}');
            }
        }
    }
    let mut out = String::new();
    for (key, item) in value.as_object().into_iter().flatten() {
        write!(out, "{} = ", string(key)).expect("writes");
        write(item, &mut out);
        out.push('\n');
    }
    out
}

/// A document with the keys that no published text has.
fn everything() -> Json {
    let text = r#"
        kit = "2026.05"
        sovereign = { name = "all", env = "dev", organization = { name = "All", email = "a@b.example" } }
        gitops = { url = "https://a.example/b", credentials = { secret = "git", key = "token" } }
        topology.contract = "none"
        accept = [{ finding = "secret-literal", at = "blueprint.x.values.\"a.b\"[0]", file = "a/b.toml", reason = "no" }]
        domain = { mode = "byo-manual", fqdn = "all.example" }
        tls = { issuer = "lets-encrypt" }
        identity = { keycloak = "per-organization" }
        blueprint-source = [{ path = "blueprints" }, { path = "more/blueprints" }]
        airgap = { registry = "localhost:5000", hosts = ["a.example"] }

        [provisioning]
        k3s-version = "v1.31.4+k3s1"
        ssh-allowed-cidrs = ["203.0.113.0/24", "198.51.100.7/32"]
        unattended-upgrades = false
        fail2ban = true
        api = "https://console.a.example/sovereign"
        hetzner-project = "1234567"

        [[region]]
        name = "hel1"
        provider = "hetzner"
        role = "secondary"
        code = "hel"
        letter = "q"
        control-plane = { size = "cpx32", count = 3 }
        vclusters = []
        node-labels = { "a.example/b" = "" }

        [region.huawei]
        project = "0f2ac74b498b48028cb68387c421e279"
        region = "me-east-215"
        zone = "me-east-215a"
        image = "9f2c1d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
        insecure = true
        debug-ssh = "203.0.113.7/32"

        [region.blueprint.harbor]
        enabled = false
        version = "1.2.3"
        pod-security = "baseline"
        depends-on = ["loki"]
        values.list = [1, 2.5, "a", true, { b = [] }]
    "#;
    let mut document = value(text).expect("TOML");
    // The files beside an example, as the tables that they are.
    let organization = |path: &PathBuf| {
        value(&fs::read_to_string(path).expect("reads")).expect("TOML")["organization"].take()
    };
    document["organization"] = files("examples/organizations", 1).iter().map(organization).collect();
    document
}
