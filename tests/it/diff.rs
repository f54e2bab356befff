//! The diff of two trees says everything that changes, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::Value as Json;
use sovereign_change::diff::{Diff, Step, diff, human, json, markdown};
use sovereign_change::snapshot::{Entry, Snapshot};
use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_compile::{Compiled, compile_with_objects};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::look::Look;
use sovereign_text::source::Source;

static KITS: LazyLock<Kits> = LazyLock::new(Kits::embedded);

fn input(text: &str) -> Input {
    Input::new(Source::manifest("sovereign.toml", text.as_bytes().to_vec()).expect("a text"))
}

fn compiled(text: &str) -> Option<Compiled> {
    compile_with_objects(&input(text), &KITS, &mut Diagnostics::new()).ok()
}

const REGIONS: [&str; 3] = ["hel1", "nbg1", "sin"];

/// What a manifest of three regions may say.
#[derive(Clone, Debug)]
struct Manifest {
    kit: usize,
    regions: usize,
    workers: usize,
    replicas: Option<u8>,
    off: bool,
    version: bool,
    key: String,
}

fn manifests() -> impl Strategy<Value = Manifest> {
    let choices = (0..2_usize, 1..=3_usize, 1..4_usize, any::<Option<u8>>(), any::<bool>(), any::<bool>());
    (choices, "[a-z.@\" |`<-]{1,8}").prop_map(|((kit, regions, workers, replicas, off, version), key)| {
        Manifest { kit, regions, workers, replicas, off, version, key }
    })
}

impl Manifest {
    fn text(&self) -> String {
        let mut text = format!(
            "kit = {:?}\nsovereign = {{ name = \"first\", organization = {{ name = \"F\", email = \"a@b.example\" }} }}\n\
             domain = {{ mode = \"pool\", parent = \"omani.works\" }}\ngitops.url = \"https://github.com/a/b\"\n",
            ["2026.04", "2026.05"][self.kit]
        );
        for region in &REGIONS[..self.regions] {
            let _ = writeln!(
                text,
                "[[region]]\nname = \"{region}\"\nprovider = \"hetzner\"\ncontrol-plane = {{ size = \"cpx32\" }}\n\
                 workers = {{ size = \"cpx42\", count = {} }}",
                self.workers
            );
        }
        if let Some(replicas) = self.replicas {
            let _ = writeln!(
                text,
                "[blueprint.coraza.values]\nreplicaCount = {replicas}\n{key:?} = {{ {key:?} = [\"a\", \"b\"] }}",
                key = self.key
            );
        }
        if self.off {
            text += "[blueprint.reloader]\nenabled = false\n";
        }
        if self.version {
            text += "[blueprint.harbor]\nversion = \"9.9.9\"\n";
        }
        text
    }
}

/// The documents of a file, by kind and name.
fn documents(bytes: &[u8]) -> Vec<Json> {
    serde_saphyr::from_slice::<Json>(bytes).into_iter().collect()
}

/// Every leaf of a value by its path; entries of lists by their name if they have one.
fn leaves(value: &Json, path: &mut Vec<String>, out: &mut BTreeMap<Vec<String>, Json>) {
    let mut below = |step: String, child: &Json| {
        path.push(step);
        leaves(child, path, out);
        path.pop();
    };
    match value {
        Json::Object(map) if !map.is_empty() => map.iter().for_each(|(key, child)| below(key.clone(), child)),
        Json::Array(list) if !list.is_empty() && list.iter().all(|item| item.get("name").is_some()) => {
            for item in list {
                let key = item.get("valuesKey").and_then(Json::as_str).map(|key| format!("/{key}"));
                below(
                    format!("{}{}", item["name"].as_str().unwrap_or_default(), key.unwrap_or_default()),
                    item,
                );
            }
        }
        Json::Object(_) | Json::Array(_) | Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            out.insert(path.clone(), value.clone());
        }
    }
}

fn key(step: &Step) -> String {
    match step {
        Step::Key(text) | Step::Name(text) => text.clone(),
        Step::Index(index) => index.to_string(),
    }
}

fn check(old: &Compiled, new: &Compiled) -> Result<(), TestCaseError> {
    let found = diff(&Snapshot::from_tree(&old.tree), new, KITS.catalog());
    let (before, after) = (old.tree.files(), new.tree.files());
    let naive: BTreeSet<&TreePath> =
        before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).collect();
    prop_assert_eq!(found.files.keys().collect::<BTreeSet<_>>(), naive.clone());
    prop_assert!(found.unreadable.is_empty());
    let listing = |path: &TreePath| path.as_str().rsplit('/').next() == Some("kustomization.yaml");
    for path in naive.into_iter().filter(|p| p.as_str().rsplit('.').next() == Some("yaml") && !listing(p)) {
        let side = |files: &BTreeMap<TreePath, String>| {
            let mut all = BTreeMap::new();
            let object = files.get(path).map(|text| documents(text.as_bytes()).remove(0));
            if let Some(object) = &object {
                leaves(object, &mut Vec::new(), &mut all);
            }
            all
        };
        let (was, is) = (side(before), side(after));
        let change = found
            .objects
            .iter()
            .find(|change| [&change.old, &change.new].into_iter().flatten().any(|(at, _)| at == path));
        if was == is {
            continue;
        }
        let change = change.ok_or_else(|| TestCaseError::fail(format!("{path} changes, and no object")))?;
        if change.old.as_ref().is_none_or(|(at, _)| at != path) || change.new.is_none() {
            continue;
        }
        for leaf in was.keys().chain(is.keys()).filter(|leaf| was.get(*leaf) != is.get(*leaf)) {
            let told = change.fields.iter().any(|field| {
                let steps: Vec<_> = field.steps.iter().map(key).collect();
                leaf.starts_with(&steps) || steps.starts_with(leaf)
            });
            prop_assert!(told, "{path}: {leaf:?} is not told: {:?}", change.fields);
        }
        prop_assert!(change.fields.iter().all(|field| field.old != field.new));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_says_everything_that_changes(a in manifests(), b in manifests()) {
        let (Some(old), Some(new)) = (compiled(&a.text()), compiled(&b.text())) else { return Ok(()) };
        check(&old, &new)?;
        let none = diff(&Snapshot::from_tree(&new.tree), &new, KITS.catalog());
        prop_assert!(none.is_empty() && none.objects.is_empty() && none.clusters.is_empty());
    }
}

/// A tree, the same tree with one file of the old side replaced, and the diff of the two.
fn with(path: &str, edit: impl FnOnce(&str) -> Vec<u8>) -> (Input, Diff) {
    let text = Manifest {
        kit: 1,
        regions: 1,
        workers: 1,
        replicas: None,
        off: false,
        version: false,
        key: String::new(),
    };
    let new = compiled(&text.text()).expect("compiles");
    let mut old = Snapshot::from_tree(&new.tree);
    let before = old.text(&TreePath::new(path).expect("a path")).unwrap_or_default().to_owned();
    old.insert(path, Entry::File(edit(&before)));
    (input(&text.text()), diff(&old, &new, KITS.catalog()))
}

const HARBOR: &str = "hel1/releases/19-harbor.yaml";

#[test]
fn what_cannot_be_read_is_text() {
    for bytes in [&b"a: [\n"[..], b"\xff\xfe", b"&a [*a, *a]: {", b"- no object\n"] {
        let (_, diff) = with(HARBOR, |_| bytes.to_vec());
        assert_eq!(diff.files.len(), 1);
        // The release is new to the reader of objects, since nothing says what it was.
        assert!(diff.objects.iter().all(|change| change.old.is_none()), "{:?}", diff.objects);
    }
    let (_, diff) = with(HARBOR, |_| b"a: [\n".to_vec());
    assert_eq!(diff.unreadable, [TreePath::new(HARBOR).expect("a path")]);
}

#[test]
fn every_document_of_a_file_is_an_object() {
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: more, namespace: flux-system }\n";
    let (_, diff) = with(HARBOR, |text| format!("{text}---\n{more}").into_bytes());
    let names: Vec<_> =
        diff.objects.iter().map(|change| (change.id.kind.as_str(), change.id.name.as_str())).collect();
    assert_eq!(names, [("ConfigMap", "more")]);
    assert!(diff.objects[0].new.is_none());
}

#[test]
fn order_of_dependencies_is_no_change() {
    let (_, diff) = with(HARBOR, |text| {
        let mut lines: Vec<_> = text.lines().collect();
        let first = lines.iter().position(|line| line.trim() == "dependsOn:").expect("a list") + 1;
        lines.swap(first, first + 1);
        lines.join("\n").into_bytes()
    });
    assert_eq!(diff.files.len(), 1);
    assert!(diff.objects.is_empty() && diff.clusters.is_empty(), "{:?}", diff.objects);
}

#[test]
fn files_of_others_stay() {
    let (_, diff) = with("hel1/releases/foreign.yaml", |_| b"kind: Foreign\n".to_vec());
    assert!(diff.is_empty(), "{:?}", diff.files);
    // Without a lock nothing is ours.
    let new = compiled(
        &Manifest {
            kit: 1,
            regions: 1,
            workers: 1,
            replicas: None,
            off: false,
            version: false,
            key: String::new(),
        }
        .text(),
    );
    let mut old = Snapshot::default();
    old.insert("hel1/releases/foreign.yaml", Entry::File(b"kind: Foreign\n".to_vec()));
    let found = diff_of(&old, &new.expect("compiles"));
    assert!(found.files.keys().all(|path| !path.as_str().contains("foreign")));
    assert!(found.files.keys().any(|path| path.as_str() == LOCK));
}

fn diff_of(old: &Snapshot, new: &Compiled) -> Diff {
    diff(old, new, KITS.catalog())
}

#[test]
fn text_of_an_old_tree_steers_nothing() {
    let hostile = "</details>\\n```\\n\\e[2J@everyone |<script>\\u202e";
    let (input, diff) = with(HARBOR, |text| {
        text.replace("version: ", "version: \"0\"\n      \"x`` @all\\n#\": ")
            .replace("releaseName: harbor", &format!("releaseName: \"{hostile}\""))
            .into_bytes()
    });
    assert!(diff.unreadable.is_empty() && !diff.is_empty());
    let sources = SourceMap { input: &input, kits: &KITS };
    let markdown = markdown::render(&diff, &sources, None, &[]);
    let summary = human::summary(&diff, &sources, Look { color: true });
    let objects = human::objects(&diff, &sources, Look { color: false });
    assert!(!objects.contains('\u{1b}') && !objects.contains('\u{202e}') && !summary.contains('\u{202e}'));
    assert!(!summary.contains("\u{1b}[2J") && summary.contains("@everyone"), "{summary}");
    // Outside of code, nothing of it is left.
    for line in markdown.lines().take_while(|line| !line.starts_with("<details>")) {
        let outside: String = line.split('`').step_by(2).collect();
        let in_span = line.contains("``");
        assert!(in_span || (!outside.contains('@') && !outside.contains("<script")), "{line}");
    }
}

#[test]
fn one_change_touches_one_object_of_three_regions() {
    let one = Manifest {
        kit: 1,
        regions: 3,
        workers: 2,
        replicas: None,
        off: false,
        version: true,
        key: String::new(),
    };
    let (old, new) = (Manifest { version: false, ..one.clone() }, one);
    let (old, new) = (compiled(&old.text()).expect("compiles"), compiled(&new.text()).expect("compiles"));
    let found = diff_of(&Snapshot::from_tree(&old.tree), &new);
    // Only files that change are read: three releases, README and lock.
    assert_eq!((found.objects.len(), found.files.len()), (3, 5));
}

/// What a change loses stands first in whatever people read, and machines are in every depth.
#[test]
fn what_is_lost_stands_first_in_words() {
    let manifest = |count: i64| {
        let other = Manifest {
            kit: 1,
            regions: 1,
            workers: 3,
            replicas: None,
            off: false,
            version: false,
            key: String::new(),
        };
        other.text().replace("{ size = \"cpx32\" }", &format!("{{ size = \"cpx32\", count = {count} }}"))
    };
    let (before, after) = (manifest(3), manifest(1));
    let old = Snapshot::from_tree(&compiled(&before).expect("it compiles").tree);
    let new = compiled(&after).expect("it compiles");
    let (diff, input) = (diff(&old, &new, KITS.catalog()), input(&after));
    let sources = SourceMap { input: &input, kits: &KITS };
    let look = Look { color: false };
    let words = "control plane of hel1: 3 → 1 machines, the quorum of etcd is lost";

    let summary = human::summary(&diff, &sources, look);
    assert!(summary.starts_with(&format!("lost (1)\n  {words}  (sovereign.toml:")), "{summary}");
    assert!(summary.contains("ha_enabled true → false"), "{summary}");
    let objects = human::objects(&diff, &sources, look);
    assert!(
        objects.contains("hel1: OpenTofu infrastructure/hel1/tofu.auto.tfvars.json\n  ha_enabled"),
        "{objects}"
    );
    assert!(human::text(&diff, look).contains("-  \"ha_enabled\": true"));
    let markdown = markdown::render(&diff, &sources, None, &[]);
    let (lost, cluster) = (markdown.find(words), markdown.find("#### `hel1`"));
    assert!(lost.is_some() && lost < cluster, "{markdown}");
    let json: Json = serde_json::from_str(&json::render(&diff, &sources, &[], &[])).expect("JSON");
    assert_eq!(json["losses"][0]["change"], "3 → 1 machines");
    assert_eq!(json["losses"][0]["cause"]["file"], "sovereign.toml");
    assert_eq!(json["variables"][0]["kind"], "OpenTofu");
}
