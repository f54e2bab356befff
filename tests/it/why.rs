//! `sovereign why`: every leaf of every file of every example has a cause, and its line leads back to it.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value as Json;
use sovereign_compile::provenance::{Answer, Change, Field, File, Kind, Provenance, human, json};
use sovereign_compile::{Diagnostics, Tree, compile, with_plan};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_text::look::Look;

/// Every example, whose tree is golden.
fn examples() -> Vec<PathBuf> {
    let files = fs::read_dir("examples").expect("examples").map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect()
}

/// Compiles an example and hands over what knows its causes, and its tree.
fn asked<T>(example: &Path, ask: impl FnOnce(&Provenance<'_>, &Tree, &Input) -> T) -> T {
    let kits = Kits::embedded();
    let mut diags = Diagnostics::new();
    let input = load::load(example, &KitCache::default(), &mut diags).expect("a manifest");
    let tree = compile(&input, &kits, &mut diags).expect("a tree");
    let sources = SourceMap { input: &input, kits: &kits };
    with_plan(&input, &kits, &mut Diagnostics::new(), |plan, lowered| {
        ask(&Provenance::new(plan, &lowered, sources), &tree, &input)
    })
    .expect("a plan")
}

/// Every scalar and every empty collection of a document, by its path.
fn leaves(value: &Json, path: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Json::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let is_bare = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
                let key = if is_bare { key.clone() } else { format!("{key:?}") };
                let dot = if path.is_empty() { "" } else { "." };
                leaves(value, &format!("{path}{dot}{key}"), found);
            }
        }
        Json::Array(list) if !list.is_empty() => {
            for (place, value) in list.iter().enumerate() {
                leaves(value, &format!("{path}[{place}]"), found);
            }
        }
        Json::String(text) => drop(found.insert(path.to_owned(), text.clone())),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            drop(found.insert(path.to_owned(), value.to_string()));
        }
    }
}

/// The leaves of a file as a reader that is not ours finds them; `None` for what is neither YAML nor JSON.
fn read(path: &str, text: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("json") => leaves(&serde_json::from_str(text).expect("JSON"), "", &mut found),
        Some("yml") => {
            for (place, document) in text.split("---\n").skip(1).enumerate() {
                leaves(&serde_saphyr::from_str(document).expect("YAML"), &format!("[{place}]"), &mut found);
            }
        }
        Some("yaml") => leaves(&serde_saphyr::from_str(text).expect("YAML"), "", &mut found),
        Some(_) | None => return None,
    }
    Some(found)
}

#[test]
fn every_leaf_of_every_file_has_a_cause_and_its_line_leads_back() {
    let mut wrong = String::new();
    let mut count = 0;
    for example in examples() {
        asked(&example, |provenance, tree, _| {
            let known: BTreeSet<_> = provenance.files().into_keys().collect();
            let files: BTreeSet<_> = tree.files().keys().map(ToString::to_string).collect();
            assert_eq!(known, files, "{}", example.display());
            let contents: Vec<_> = provenance
                .files()
                .into_iter()
                .map(|(path, file)| {
                    let fields = provenance.fields(&file);
                    (path, file, fields)
                })
                .collect();
            for (path, _, fields) in &contents {
                let text = &tree.files()[path.as_str()];
                let Some(read) = read(path, text) else { continue };
                let said: BTreeMap<_, _> =
                    fields.iter().map(|field| (field.path.clone(), field.value.clone())).collect();
                if said != read {
                    let _ = writeln!(wrong, "{}: {path}: the leaves are others", example.display());
                }
                count += read.len();
                each_is_on_its_line(path, text, fields, &mut wrong);
            }
            each_leads_back(provenance, &contents, &mut wrong);
        });
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 30_000, "{count} leaves were looked at");
}

/// The line of a leaf ends in it, or in what begins a text of several lines.
fn each_is_on_its_line(path: &str, text: &str, fields: &[Field], wrong: &mut String) {
    let lines: Vec<_> = text.lines().collect();
    for field in fields {
        let line = lines.get(field.line - 1).copied().unwrap_or_default();
        let last = field.path.rsplit(['.', '[']).next().unwrap_or_default().trim_matches(['"', ']']);
        let is_item = last.parse::<usize>().is_ok();
        let first = field.value.lines().next().unwrap_or_default();
        let is_there = (is_item || line.contains(last))
            && (line.contains('|') || line.contains(first) || line.contains('\\'));
        if !is_there {
            let _ = writeln!(wrong, "{path}:{}: {} is not here: {line}", field.line, field.path);
        }
    }
}

/// Every cause is a line of a text that there is, and what follows from that line has the leaf among it.
fn each_leads_back(
    provenance: &Provenance<'_>,
    contents: &[(String, File<'_>, Vec<Field>)],
    wrong: &mut String,
) {
    let mut by_line: BTreeMap<(String, usize), BTreeSet<(&str, &str)>> = BTreeMap::new();
    for (path, _, fields) in contents {
        for field in fields {
            for span in field.places() {
                let source = provenance.causes.source(span.source);
                let place = (source.name().to_owned(), source.line_number(span.start));
                if source.text().get(span.range()).is_none() {
                    let _ = writeln!(wrong, "{path}:{}: its cause is no place", field.path);
                }
                by_line.entry(place).or_default().insert((path, &field.path));
            }
        }
    }
    for ((name, line), expected) in by_line {
        let source = provenance.causes.named(&name).expect("a source of this name");
        let follows = contents.iter().filter_map(|(path, file, fields)| {
            Some((path, provenance.follows_in(file, fields, source, line)?))
        });
        let follows: Vec<_> = follows.collect();
        let found: BTreeSet<(&str, &str)> = follows
            .iter()
            .flat_map(|(path, follows)| {
                follows.fields.iter().map(move |it| (path.as_str(), it.path.as_str()))
            })
            .collect();
        if let Some((path, field)) = expected.difference(&found).next() {
            let _ = writeln!(wrong, "{name}:{line} does not lead back to {path}:{field}");
        }
    }
}

#[test]
fn what_nobody_wrote_has_a_cause_and_says_why() {
    asked(Path::new("examples/three-regions.toml"), |provenance, _, _| {
        let of = |key: &str| {
            let found = provenance.defaults.iter().find(|default| default.key == key).expect("a default");
            let cause = provenance.causes.cause(found.cause, &found.value);
            (found.value.clone(), cause.text, cause.kind)
        };
        let region = || "[[region]]".to_owned();
        assert_eq!(of("region[sin].pod-cidr"), ("10.44.0.0/16".to_owned(), region(), Kind::Default));
        assert_eq!(of("region[sin].mesh-id"), ("3".to_owned(), region(), Kind::Default));
        assert_eq!(of("region[sin].code").1, "name = \"sin\"");
        assert_eq!(of("region[sin].vclusters").0, "dmz");
        // The field that an expression made of it says so, and leads to the same place.
        let Ok(Answer::Fields(_, fields)) =
            provenance.answer("sin/foundation/01-cilium.yaml:spec.values", None)
        else {
            panic!("no fields");
        };
        let reads: Vec<_> =
            fields.iter().flat_map(|field| &field.reads).map(|read| read.name.as_str()).collect();
        assert!(reads.contains(&"region.mesh_id"), "{reads:?}");
    });
}

#[test]
fn a_blueprint_says_why_it_runs_and_why_not() {
    asked(Path::new("examples/three-regions.toml"), |provenance, _, _| {
        let of = |name: &str, region: &str| {
            let Ok(Answer::Placement(placement)) = provenance.answer(name, Some(region)) else {
                panic!("no placement of {name}");
            };
            let [it] = &placement.regions[..] else { panic!("one region") };
            (it.runs, it.reason.clone())
        };
        assert_eq!(of("bp-coraza", "sin"), (true, "it runs in every region".to_owned()));
        assert_eq!(of("catalyst-platform", "sin"), (false, "it runs in the primary only".to_owned()));
        assert!(provenance.answer("bp-coraza", Some("nowhere")).is_err());
    });
}

/// What is asked wrongly gets words that lead on.
#[test]
fn what_is_not_there_is_answered_by_what_is() {
    asked(Path::new("examples/three-regions.toml"), |provenance, _, _| {
        let help = |question: &str| provenance.answer(question, None).err().and_then(|error| error.help);
        let near = |words: &str| Some(format!("did you mean `{words}`?"));
        assert_eq!(help("bp-corazza"), near("bp-coraza"));
        assert_eq!(
            help("sin/releases/35-coraza.yaml:spec.values.coraza.replica"),
            near("sin/releases/35-coraza.yaml:spec.values.coraza.replicas")
        );
        assert!(provenance.answer("examples/three-regions.toml:4000", None).is_err());
        assert!(provenance.answer("sin/releases/35-coraza.yaml:4000000000000000000000", None).is_err());
    });
}

#[test]
fn answers_in_json_follow_the_published_schema() {
    let schema: Json = serde_json::from_str(include_str!("../../schema/why.schema.json")).expect("JSON");
    let schema: Validator = jsonschema::draft7::new(&schema).expect("a schema");
    let history = |_: &str, line: usize| {
        let [commit, day, author, title] = ["0123456", "2026-05-31", "A", "T"].map(str::to_owned);
        line.is_multiple_of(2).then_some(Change { commit, day, author, title })
    };
    asked(Path::new("examples/failover.toml"), |provenance, tree, input| {
        let lines = input.manifest().text().lines().count();
        let lines = (1..=lines).map(|line| format!("{}:{line}", input.manifest().name()));
        let defaults = provenance.defaults.iter().map(|default| default.key.clone());
        let files = tree.files().keys().map(ToString::to_string);
        let other = ["bp-harbor", "bp-catalyst-platform"].map(str::to_owned);
        let mut kinds = BTreeSet::new();
        for question in other.into_iter().chain(lines).chain(defaults).chain(files) {
            let answer = provenance.answer(&question, None).expect("an answer");
            let document: Json =
                serde_json::from_str(&json::render(provenance, &question, &answer, &history)).expect("JSON");
            let errors: Vec<_> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{question}: {errors:?}");
            kinds.insert(document["kind"].as_str().map(str::to_owned));
            assert!(!human::render(provenance, &answer, None, &history, Look { color: true }).is_empty());
        }
        assert_eq!(kinds.len(), 4, "{kinds:?}");
    });
}
