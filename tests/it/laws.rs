//! Laws that hold for every manifest: generated ones, their rearrangements, and what is left of mangled ones.
//!
//! The cases are the same in every run; `PROPTEST_CASES` raises their number.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::Value as Json;
use sovereign_compile::compile;
use sovereign_compile::dns;
use sovereign_compile::plan;
use sovereign_compile::tree::Tree;
use sovereign_language::input::Input;
use sovereign_language::input::SourceMap;
use sovereign_language::kit::Kits;
use sovereign_language::manifest;
use sovereign_text::diag::{Diagnostics, Sources as _};
use sovereign_text::source::{Source, Span};

use crate::generate::{Change, Dice, Item, LEAVES, Table, model, print, values};

/// How many cases each law is tried on.
const CASES: u32 = 200;
/// What is written for the Sovereign as a whole, and therefore changes with it.
const WHOLE: [&str; 2] = ["README.md", "sovereign.lock"];

/// Tries a law on generated cases, the same ones in every run.
pub(crate) fn law<S: Strategy>(strategy: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    law_on(CASES, strategy, holds);
}

/// The same on so many cases.
pub(crate) fn law_on<S: Strategy>(
    cases: u32,
    strategy: S,
    holds: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let default = ProptestConfig::default();
    let config = ProptestConfig {
        cases: if default.cases == 256 { cases } else { default.cases },
        failure_persistence: None,
        ..default
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    if let Err(error) = runner.run(&strategy, holds) {
        panic!("{error}");
    }
}

fn input(text: &str) -> Input {
    Input::new(
        Source::manifest("sovereign.toml", text.as_bytes().to_vec()).map_err(|(fault, _)| fault).unwrap(),
    )
}

/// The tree of a text that is right.
pub(crate) fn tree(text: &str, kits: &Kits) -> Tree {
    let input = input(text);
    let mut diags = Diagnostics::new();
    compile(&input, kits, &mut diags).unwrap_or_else(|_| {
        let findings = sovereign_text::diag::short::render(&diags, &SourceMap { input: &input, kits });
        panic!("{findings}\n{text}")
    })
}

/// Paths and texts.
fn files(tree: &Tree) -> BTreeMap<&str, &str> {
    tree.files().iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// The paths whose texts differ, or that only one of the trees has.
pub(crate) fn changed(before: &Tree, after: &Tree) -> BTreeSet<String> {
    let (before, after) = (files(before), files(after));
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    paths.into_iter().filter(|path| before.get(path) != after.get(path)).map(str::to_owned).collect()
}

pub(crate) fn read(text: &str) -> Json {
    serde_saphyr::from_str_with_options(text, serde_saphyr::options! { budget: None, with_snippet: false })
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_same_manifest_gives_the_same_bytes() {
    law((model(), any::<u64>()), |(model, seed)| {
        let text = print(&model.document(), seed);
        prop_assert_eq!(tree(&text, &Kits::embedded()), tree(&text, &Kits::embedded()));
        Ok(())
    });
}

#[test]
fn order_style_and_comments_change_no_byte() {
    let kits = Kits::embedded();
    law((model(), any::<[u64; 2]>()), |(model, [one, other])| {
        let document = model.document();
        let (one, other) = (print(&document, one), print(&document, other));
        prop_assert!(changed(&tree(&one, &kits), &tree(&other, &kits)).is_empty(), "{}\n---\n{}", one, other);
        Ok(())
    });
}

/// What one region has that a second one changes, in the kit of May: databases get a second instance, the failover
/// pair gets its other half, and the topology its name.
const OF_A_SECOND_REGION: [(&str, &str); 9] = [
    ("10-gitea", "/spec/values/postgres/cluster/instances"),
    ("19-harbor", "/spec/values/postgres/cluster/instances"),
    ("80-newapi", "/spec/values/postgres/cluster/instances"),
    ("80-newapi", "/spec/values/cnpg/cluster/instances"),
    ("08-openbao", "/spec/values/continuum/standbyRegion"),
    ("13-catalyst-platform", "/spec/values/sovereign/replicaRegion"),
    ("13-catalyst-platform", "/spec/values/sovereign/enableHotStandby"),
    ("tofu.auto.tfvars", "/bcp_topology"),
    ("tofu.auto.tfvars", "/enable_hot_standby"),
];

#[test]
fn a_region_more_changes_no_byte_of_another_one() {
    let kits = Kits::embedded();
    law((model(), any::<[u64; 2]>()), |(mut model, [one, other])| {
        if let [only] = &mut model.regions[..] {
            // Without a list, one region has all three vClusters and the first of several has two.
            only.vclusters.get_or_insert_with(|| vec!["mgmt", "dmz"]);
            // Nothing can take over in one region, so its mode would change.
            model.failover = None;
        }
        let (less, more) = (model.without_roles(), model.with_another_region());
        let before = tree(&print(&less.document(), one), &kits);
        let after = tree(&print(&more.document(), other), &kits);
        let new = more.regions.last().unwrap().place.name;
        for path in changed(&before, &after) {
            let directory = path.split('/').next().unwrap_or_default();
            // Every region has a name server where the Sovereign answers for its zone itself.
            let of_zone = directory == "dns" && more.serves_own_zone();
            let shared = directory == "sovereign-values" || path.starts_with("infrastructure/regions-");
            let own = directory == new || path.starts_with(&format!("infrastructure/{new}/"));
            if own || shared || of_zone || WHOLE.contains(&path.as_str()) {
                continue;
            }
            prop_assert_eq!(less.regions.len(), 1, "{}", path);
            exception(&path, &before, &after)?;
        }
        Ok(())
    });
}

/// From one region to two, and only there: the values that [`OF_A_SECOND_REGION`] names change, and nothing else.
fn exception(path: &str, before: &Tree, after: &Tree) -> Result<(), TestCaseError> {
    let (before, after) = (files(before), files(after));
    let (Some(before), Some(after)) = (before.get(path), after.get(path)) else {
        return Err(TestCaseError::fail(format!("{path} is in one tree only")));
    };
    let (mut before, mut after) = (read(before), read(after));
    let is_in =
        |file: &str| [".yaml", ".json"].iter().any(|ending| path.ends_with(&format!("/{file}{ending}")));
    for (_, pointer) in OF_A_SECOND_REGION.iter().filter(|(file, _)| is_in(file)) {
        for tree in [&mut before, &mut after] {
            if let Some(value) = tree.pointer_mut(pointer) {
                *value = Json::Null;
            }
        }
    }
    prop_assert_eq!(before, after, "{}", path);
    Ok(())
}

#[test]
fn values_of_one_region_change_one_file() {
    let kits = Kits::embedded();
    let strategy = (model(), any::<Index>(), select(&LEAVES[..]), values(), any::<[u64; 2]>());
    law(strategy, |(mut model, index, name, mut values, [one, other])| {
        let at = index.index(model.regions.len());
        model.regions[at].changes.retain(|change| change.0 != name);
        model.regions[at].changes.push((name, Change::of_values(values.clone())));
        let before = tree(&print(&model.document(), one), &kits);
        values.push(("more".to_owned(), Item::Int(1)));
        model.regions[at].changes.pop();
        model.regions[at].changes.push((name, Change::of_values(values)));
        let after = tree(&print(&model.document(), other), &kits);
        let region = model.regions[at].place.name;
        let paths: Vec<_> = changed(&before, &after).into_iter().filter(|path| path != "README.md").collect();
        let is_release = |path: &str| {
            path.starts_with(&format!("{region}/releases/")) && path.ends_with(&format!("-{name}.yaml"))
        };
        let off = model.changes.iter().any(|(other, change)| *other == name && change.is_off());
        let release: Vec<_> = paths.iter().filter(|path| *path != "sovereign.lock").collect();
        let expected = if off { release.is_empty() } else { release.len() == 1 && is_release(release[0]) };
        prop_assert!(expected && paths.len() == release.len() + 1, "{:?}", paths);
        Ok(())
    });
}

/// One object of a cluster: kind, namespace (none for what belongs to no namespace) and name.
type Name = (String, Option<String>, String);

fn name(object: &Json) -> Name {
    let text = |pointer| object.pointer(pointer).and_then(Json::as_str).map(str::to_owned);
    (text("/kind").unwrap(), text("/metadata/namespace"), text("/metadata/name").unwrap())
}

#[test]
fn everything_that_is_named_exists() {
    let kits = Kits::embedded();
    law((model(), any::<u64>()), |(model, seed)| {
        let tree = tree(&print(&model.document(), seed), &kits);
        let files = files(&tree);
        let rendered = namespaces_of_charts(&kits, model.kit);
        for region in &model.regions {
            let region = region.place.name;
            let prefixes = [format!("{region}/"), "sovereign-values/".to_owned()];
            let mine = |path: &str| prefixes.iter().any(|prefix| path.starts_with(prefix));
            let objects: Vec<Json> = files
                .iter()
                .filter(|(path, _)| mine(path) && !path.ends_with("/kustomization.yaml"))
                .map(|(_, text)| read(text))
                .collect();
            let known: BTreeSet<Name> = objects.iter().map(name).collect();
            for object in &objects {
                exists(object, &known, &rendered, (&files, tree.root().as_str()))?;
            }
        }
        Ok(())
    });
}

/// The namespaces that charts of a kit render themselves.
fn namespaces_of_charts(kits: &Kits, kit: &str) -> BTreeSet<String> {
    let kit = kits.open(kit, &[], &mut Diagnostics::new()).unwrap();
    let rendered = kit.blueprints.iter().filter(|blueprint| blueprint.creates_namespace);
    rendered.map(|blueprint| blueprint.namespace.value.as_str().to_owned()).collect()
}

fn exists(
    object: &Json,
    known: &BTreeSet<Name>,
    rendered: &BTreeSet<String>,
    (files, root): (&BTreeMap<&str, &str>, &str),
) -> Result<(), TestCaseError> {
    let (kind, namespace, own) = name(object);
    let has = |kind: &str, namespace: Option<&str>, name: &str| {
        known.contains(&(kind.to_owned(), namespace.map(str::to_owned), name.to_owned()))
    };
    let text = |pointer| object.pointer(pointer).and_then(Json::as_str);
    for pointer in ["/metadata/namespace", "/spec/targetNamespace"] {
        let Some(namespace) = text(pointer) else { continue };
        let there = ["kube-system", "default"].contains(&namespace)
            || rendered.contains(namespace)
            || has("Namespace", None, namespace);
        prop_assert!(there, "{} {}: namespace {}", kind, own, namespace);
    }
    for edge in object.pointer("/spec/dependsOn").and_then(Json::as_array).into_iter().flatten() {
        let name = edge["name"].as_str().unwrap();
        let in_namespace = edge["namespace"].as_str().or(namespace.as_deref());
        prop_assert!(has(&kind, in_namespace, name), "{} {} waits for {}", kind, own, name);
    }
    for pointer in ["/spec/sourceRef", "/spec/chart/spec/sourceRef"] {
        let Some(source) = object.pointer(pointer) else { continue };
        let in_namespace = source["namespace"].as_str().or(namespace.as_deref());
        let (kind, name) = (source["kind"].as_str().unwrap(), source["name"].as_str().unwrap());
        prop_assert!(has(kind, in_namespace, name), "{} comes from {} {}", own, kind, name);
    }
    if let ("Kustomization", Some(path)) = (kind.as_str(), text("/spec/path")) {
        let directory = path.strip_prefix(&format!("./{root}/")).unwrap_or_default();
        let listing = files.get(format!("{directory}/kustomization.yaml").as_str());
        prop_assert!(listing.is_some(), "{} is not in the tree", path);
        for file in read(listing.unwrap())["resources"].as_array().unwrap() {
            let path = format!("{directory}/{}", file.as_str().unwrap());
            prop_assert!(files.contains_key(path.as_str()), "{} is not in the tree", path);
        }
    }
    Ok(())
}

#[test]
fn values_read_back_as_they_were_meant() {
    let kits = Kits::embedded();
    law((model(), any::<u64>()), |(model, seed)| {
        let text = print(&model.document(), seed);
        let (input, tree) = (input(&text), tree(&text, &kits));
        let files = files(&tree);
        let mut diags = Diagnostics::new();
        let document = manifest::decode(input.manifest(), &mut diags).unwrap();
        let kit = kits.open(model.kit, &[], &mut diags).unwrap();
        let plan = plan::resolve(&document, &kit, &mut diags).unwrap();
        for (region, chosen) in plan.regions.iter().zip(&model.regions) {
            for release in &region.releases {
                let bare = release.blueprint.name.value.bare();
                let file = format!("{}-{bare}.yaml", release.blueprint.slot.value);
                let directory = region.name.value.as_str();
                let found = ["foundation", "platform", "releases", "vclusters"]
                    .iter()
                    .find_map(|layer| files.get(format!("{directory}/{layer}/{file}").as_str()));
                let found = read(found.unwrap())["spec"]["values"].take();
                let found = if found.is_null() { Json::Object(serde_json::Map::new()) } else { found };
                prop_assert_eq!(found.to_string(), release.values.to_json().to_string());
                // The region's own change comes last, so all of it is there.
                let mine = chosen.changes.iter().find(|(name, _)| *name == bare.as_str());
                for (key, item) in mine.and_then(|(_, change)| change.values.as_ref()).into_iter().flatten() {
                    prop_assert!(holds(&found[key], item), "{} of {}\n{}", key, bare, text);
                }
            }
        }
        Ok(())
    });
}

#[test]
fn the_files_of_the_zone_say_what_the_zone_says() {
    let kits = Kits::embedded();
    law((model(), any::<u64>()), |(model, seed)| {
        let text = print(&model.document(), seed);
        let (input, tree) = (input(&text), tree(&text, &kits));
        let files = files(&tree);
        let mut diags = Diagnostics::new();
        let document = manifest::decode(input.manifest(), &mut diags).unwrap();
        let kit = kits.open(model.kit, &[], &mut diags).unwrap();
        let plan = plan::resolve(&document, &kit, &mut diags).unwrap();
        let zone = dns::zone(&plan);
        let names: BTreeSet<_> = zone.records().iter().map(|set| (&set.name, set.data.kind())).collect();
        prop_assert_eq!(names.len(), zone.records().len(), "two writers of one record");
        let file = |end: &str| files.get(format!("dns/{}.{end}", zone.name).as_str()).copied();
        let (Some(master), Some(json)) = (file("zone"), file("json")) else {
            // Nobody answers for it yet, and the delegation says so.
            prop_assert!(
                zone.servers().is_empty() && files["dns/delegation.json"].contains("nothing to delegate")
            );
            return Ok(());
        };
        let lines: BTreeSet<String> = zone.records().iter().flat_map(dns::RecordSet::lines).collect();
        // A LUA record stands there twice; what its number stands for is for PowerDNS to say (`powerdns`).
        let of_master = master.lines().map(|line| line.strip_prefix(";lua ").unwrap_or(line));
        let of_master =
            of_master.filter(|line| !line.starts_with(['$', ';']) && !line.contains(" TYPE65402 "));
        prop_assert_eq!(&of_master.map(str::to_owned).collect::<BTreeSet<_>>(), &lines);
        let json = read(json);
        let of_json = json["rrsets"].as_array().unwrap().iter().flat_map(|set| {
            let (name, ttl, kind) = (&set["name"], &set["ttl"], &set["type"]);
            let contents = set["records"].as_array().unwrap().iter().map(|record| &record["content"]);
            contents.map(move |content| {
                let [name, kind, content] = [name, kind, content].map(|text| text.as_str().unwrap());
                format!("{name} {ttl} IN {kind} {content}")
            })
        });
        prop_assert_eq!(&of_json.collect::<BTreeSet<_>>(), &lines);
        Ok(())
    });
}

/// Whether all of a value is there; tables may have got more keys from elsewhere.
fn holds(found: &Json, item: &Item) -> bool {
    match (found, item) {
        (Json::Object(found), Item::Table(table)) => {
            table.iter().all(|(key, item)| found.get(key).is_some_and(|found| holds(found, item)))
        }
        // Inside of lists nothing merges.
        (Json::Array(found), Item::List(items)) => {
            found.len() == items.len() && found.iter().zip(items).all(|(found, item)| holds(found, item))
        }
        // As text, where `0.0` is not `-0.0` and `1` is not `1.0`.
        (found, item) => same(found, &item.to_json()),
    }
}

fn same(one: &Json, other: &Json) -> bool {
    let [one, other] = [one, other].map(Json::to_string);
    one == other
}

const EXAMPLES: [&str; 4] = [
    include_str!("../../examples/three-regions.toml"),
    include_str!("../../examples/corporate.toml"),
    include_str!("../../examples/own-blueprints.toml"),
    include_str!("../../examples/airgapped.toml"),
];

/// Compiles anything: no panic, an error exactly where there is no tree, every span inside its source.
fn anything_goes(bytes: Vec<u8>, kits: &Kits) -> Result<(), TestCaseError> {
    let Ok(source) = Source::manifest("sovereign.toml", bytes) else { return Ok(()) };
    let input = Input::new(source);
    let mut diags = Diagnostics::new();
    let result = compile(&input, kits, &mut diags);
    prop_assert_eq!(result.is_err(), diags.verdict().is_err());
    let sources = SourceMap { input: &input, kits };
    for finding in diags.sorted() {
        let edits = finding.help.iter().filter_map(|help| Some(help.edit.as_ref()?.span));
        let labels = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span);
        for span in labels.chain(edits) {
            prop_assert!(inside(span, sources.source(span.source)), "{:?} of {:?}", span, finding);
        }
    }
    Ok(())
}

fn inside(span: Span, source: &Source) -> bool {
    source.id() == span.source && source.text().get(span.range()).is_some()
}

/// Damages bytes in a few places: bits are lost, come in from elsewhere, or trade places.
fn mangle(bytes: &mut Vec<u8>, seed: u64) {
    const STRANGE: [&str; 14] =
        ["\"", "'", "[", "]", "[[", "{", "}", "=", ".", "\n", "\u{feff}", "é", "0", "\"\"\""];
    let mut dice = Dice(seed);
    for _ in 0..=dice.below(4) {
        let (from, length) = (dice.below(bytes.len()), dice.below(12));
        let to = (from + length).min(bytes.len());
        match dice.below(12) {
            0..=4 => drop(bytes.drain(from..to)),
            5..=8 => drop(bytes.splice(from..from, STRANGE[dice.below(STRANGE.len())].bytes())),
            9 => bytes.truncate(from),
            10 if !bytes.is_empty() => {
                let other = dice.below(bytes.len());
                bytes.swap(from, other);
            }
            _ => {
                let piece = bytes[from..to].to_vec();
                let at = dice.below(bytes.len());
                drop(bytes.splice(at..at, piece));
            }
        }
    }
}

#[test]
fn every_span_lies_in_its_source() {
    let kits = Kits::embedded();
    law((model(), any::<u64>(), any::<u64>()), |(model, seed, damage)| {
        let text = print(&model.document(), seed);
        if damage % 4 == 0 {
            anything_goes(text.clone().into_bytes(), &kits)?;
        }
        // Most of what is damaged is no TOML any more, and compiles in no time.
        for n in 0..4 {
            let example = usize::try_from((damage + n) % 8).unwrap();
            let mut bytes = EXAMPLES.get(example).copied().unwrap_or(&text).as_bytes().to_vec();
            mangle(&mut bytes, damage.wrapping_add(n));
            anything_goes(bytes, &kits)?;
        }
        Ok(())
    });
}

/// Mistakes: where, and what stands there then; nothing removes the key.
fn mistakes() -> Vec<(Vec<&'static str>, Option<Item>)> {
    let text = |text: &str| Some(Item::Text(text.to_owned()));
    let list =
        |items: &[&str]| Some(Item::List(items.iter().map(|item| Item::Text((*item).to_owned())).collect()));
    vec![
        (vec!["sovereign", "name"], text("Not A Name")),
        (vec!["sovereign", "organization"], None),
        (vec!["sovereign", "organization", "name"], text("${NAME}")),
        (vec!["sovereign", "colour"], text("blue")),
        (vec!["domain", "mode"], text("pol")),
        (vec!["domain", "registrar"], text("clowdflare")),
        (vec!["gitops", "url"], Some(Item::Int(5))),
        (vec!["gitops", "interval"], text("soon")),
        (vec!["kit"], text("2026.06")),
        (vec!["topology", "contract"], text("a5")),
        (vec!["blueprint", "harbour", "enabled"], Some(Item::Bool(true))),
        (vec!["blueprint", "cilium", "enabled"], Some(Item::Bool(false))),
        (vec!["blueprint", "kyverno", "depends-on"], list(&["kyverno", "falco", "nobody"])),
        (vec!["blueprint", "cert-manager", "depends-on"], list(&["trivy", "sigstore"])),
        (vec!["blueprint", "falco", "values", "image"], text("docker.io/library/falco:latest")),
        (vec!["blueprint", "falco", "values", "adminPassword"], text("hunter2")),
        (vec!["blueprint", "falco", "values", "nodeSelector", "nope"], text("x")),
        (vec!["blueprint", "Falco", "enabled"], Some(Item::Bool(true))),
        (vec!["region", "name"], text("moon1")),
        (vec!["region", "control-plane", "size"], text("m6i.large")),
        (vec!["region", "control-plane", "count"], Some(Item::Int(2))),
        (vec!["region", "mesh-id"], Some(Item::Int(300))),
        (vec!["region", "role"], text("secondary")),
        (vec!["region", "pod-cidr"], text("10.0.0.0/8")),
        (vec!["region", "vclusters"], list(&["dmz", "dmz"])),
        (vec!["region", "provider"], None),
        (vec!["airgap", "registry"], text("harbor.example.org")),
    ]
}

/// Plants a mistake; in an array of tables into the element that `index` chooses.
fn plant(table: &mut Table, path: &[&str], item: Option<&Item>, index: Index) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        table.retain(|(key, _)| key != first);
        table.extend(item.map(|item| ((*first).to_owned(), item.clone())));
        return;
    }
    if !table.iter().any(|(key, _)| key == first) {
        table.push(((*first).to_owned(), Item::Table(Table::new())));
    }
    let found = table.iter_mut().find(|(key, _)| key == first);
    match found.map(|(_, item)| item) {
        Some(Item::Table(table)) => plant(table, rest, item, index),
        Some(Item::List(items)) => {
            let at = index.index(items.len());
            if let Item::Table(table) = &mut items[at] {
                plant(table, rest, item, index);
            }
        }
        _ => {}
    }
}

#[test]
fn order_and_style_change_no_finding() {
    let kits = Kits::embedded();
    let planted = prop::collection::vec((select(mistakes()), any::<Index>()), 1..5);
    law((model(), planted, any::<[u64; 2]>()), |(model, planted, seeds)| {
        let mut document = model.document();
        for ((path, item), index) in &planted {
            plant(&mut document, path, item.as_ref(), *index);
        }
        let [one, other] = seeds.map(|seed| {
            let text = print(&document, seed);
            let mut diags = Diagnostics::new();
            let failed = compile(&input(&text), &kits, &mut diags).is_err();
            let found: BTreeSet<_> =
                diags.sorted().iter().map(|found| (found.code, found.message.clone())).collect();
            (failed, found, text)
        });
        prop_assert!(!one.1.is_empty() || planted.is_empty(), "nothing was found\n{}", one.2);
        prop_assert_eq!((one.0, &one.1), (other.0, &other.1), "{}\n---\n{}", &one.2, &other.2);
        Ok(())
    });
}
