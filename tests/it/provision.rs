//! What comes before Flux: files that the modules accept, without a secret, and objects that are those of the tree.
#![expect(clippy::disallowed_methods, reason = "these tests look at files of the repository")]

mod machines;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use sovereign_compile::provision::Kind;
use sovereign_compile::provision::{self, Variable, VariableDefault};
use sovereign_compile::render::{FILE, MOST_BYTES};
use sovereign_compile::tree::Tree;
use sovereign_compile::{compile, plan, with_plan};
use sovereign_language::input::Input;
use sovereign_language::kit::{Kits, Module};
use sovereign_language::manifest::{self, KitChoice};
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load::load;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use crate::generate::{model, print};
use crate::laws::{law, read, tree};
use tables::tables;

/// Paths and texts below `infrastructure/`.
fn files(tree: &Tree) -> BTreeMap<&str, &str> {
    let below = |path: &'_ str| path.starts_with("infrastructure/");
    let all = tree.files().iter().map(|(path, text)| (path.as_str(), text.as_str()));
    all.filter(|(path, _)| below(path)).collect()
}

fn object(text: &str) -> Map<String, Json> {
    serde_json::from_str(text).expect("an object of JSON")
}

/// Variables that a run may give besides the file, which would win over it: they are not written where nobody says them.
const OF_A_RUN: [&str; 6] = [
    "default_storage_class",
    "deployment_id",
    "handover_jwt_public_key",
    "image_id",
    "retry_attempt",
    "sovereign_deployment_id",
];

/// What is said of a tree that tells modules something they do not accept, or too little.
fn refusals(files: &BTreeMap<&str, &str>, readme: &str, modules: &[Module]) -> Vec<String> {
    let tables = tables();
    let mut wrong = Vec::new();
    for module in modules {
        let shared = format!("infrastructure/regions-{}.auto.tfvars.json", module.cloud());
        let Some(shared) = files.get(shared.as_str()).map(|text| object(text)) else { continue };
        let table = &tables[module];
        let records = shared["regions"].as_array().unwrap();
        let roles: Vec<_> = records.iter().map(|record| &record["role"]).collect();
        if roles.iter().skip(1).any(|role| *role == "primary") {
            wrong.push(format!("{module} takes the first of {roles:?} for the primary"));
        }
        for (place, record) in records.iter().enumerate() {
            let region = record["code"].as_str().unwrap();
            let told = object(files[format!("infrastructure/{region}/tofu.auto.tfvars.json").as_str()]);
            for (name, value) in told.iter().chain(&shared) {
                match table.get(name) {
                    None => wrong.push(format!("{module} has no {name} ({region})")),
                    Some(row) if row.is_sensitive() => wrong.push(format!("{name} of {region} is a secret")),
                    Some(row) if !row.accepts(value) => {
                        wrong.push(format!("{module} refuses {name} = {value} ({region})"));
                    }
                    Some(_) => {}
                }
            }
            // The first module has a run for each region, the others one with the file of the first.
            let runs = place == 0 || module.makes_one();
            let is_told = |name: &String| told.contains_key(name) || shared.contains_key(name);
            for (name, row) in table.iter().filter(|(name, _)| runs && !is_told(name)) {
                let may_lack = match row.default() {
                    Some(_) => row.is_sensitive() || OF_A_RUN.contains(&name.as_str()),
                    None => readme.contains(&format!("`{name}`")),
                };
                if !may_lack {
                    wrong.push(format!("{region} lacks {name}"));
                }
            }
        }
    }
    wrong
}

fn readme(tree: &Tree) -> &str {
    tree.files().iter().find(|(path, _)| path.as_str() == "README.md").unwrap().1
}

/// The regions that some module makes.
fn made(text: &str, kits: &Kits) -> usize {
    let source =
        Source::manifest("sovereign.toml", text.as_bytes().to_vec()).map_err(|(why, _)| why).unwrap();
    let mut diags = Diagnostics::new();
    let document = manifest::decode(&source, &mut diags).unwrap();
    let Some(KitChoice::Embedded(kit)) = document.kit.as_ref().map(|kit| &kit.value) else {
        panic!("{text}")
    };
    let kit = kits.open(kit.as_str(), &[], &mut diags).unwrap();
    let plan = plan::resolve(&document, &kit, &mut diags).unwrap();
    plan.regions.iter().filter(|region| provision::module(&plan, region).is_some()).count()
}

#[test]
fn what_modules_are_told_they_accept_and_no_secret_is_among_it() {
    let kits = Kits::embedded();
    law((model(), any::<u64>()), |(model, seed)| {
        let text = print(&model.document(), seed);
        let tree = tree(&text, &kits);
        let files = files(&tree);
        let kit = kits.open(model.kit, &[], &mut Diagnostics::new()).unwrap();
        let refusals = refusals(&files, readme(&tree), &kit.modules);
        prop_assert!(refusals.is_empty(), "{:?}\n{}", refusals, text);
        let variables = files.keys().filter(|path| path.ends_with("/tofu.auto.tfvars.json")).count();
        prop_assert_eq!(variables, made(&text, &kits));
        Ok(())
    });
}

#[test]
fn what_the_golden_trees_tell_modules_they_accept() {
    let kits = Kits::embedded();
    let mut told = BTreeSet::new();
    for entry in fs::read_dir("golden").unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_dir()) {
        let example = entry.file_name().unwrap().to_str().unwrap();
        let mut diags = Diagnostics::new();
        let input =
            load(Path::new(&format!("examples/{example}.toml")), &KitCache::default(), &mut diags).unwrap();
        let modules = with_plan(&input, &kits, &mut diags, |plan, _| plan.kit.modules.clone()).unwrap();
        let root = fs::read_dir(entry.join("clusters")).unwrap().next().unwrap().unwrap().path();
        let mut texts = BTreeMap::new();
        for file in fs::read_dir(root.join("infrastructure")).unwrap().map(|file| file.unwrap().path()) {
            let inner = if file.is_dir() { file.join("tofu.auto.tfvars.json") } else { file };
            if let Ok(text) = fs::read_to_string(&inner) {
                texts.insert(inner.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), text);
            }
        }
        let files = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let readme = fs::read_to_string(root.join("README.md")).unwrap();
        assert_eq!(refusals(&files, &readme, &modules), Vec::<String>::new(), "{example}");
        told.extend(
            modules
                .iter()
                .filter(|module| {
                    texts.contains_key(&format!("infrastructure/regions-{}.auto.tfvars.json", module.cloud()))
                })
                .copied(),
        );
    }
    assert_eq!(told, Module::all().collect(), "a module that no example speaks to");
}

#[test]
fn files_of_variables_are_sorted_and_end_in_a_line() {
    fn sorted(value: &Json) -> bool {
        match value {
            Json::Object(map) => map.keys().is_sorted() && map.values().all(sorted),
            Json::Array(items) => items.iter().all(sorted),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => true,
        }
    }
    let kits = Kits::embedded();
    for example in ["three-regions", "two-providers", "huawei-pair", "omantel"] {
        let tree = tree(&fs::read_to_string(format!("examples/{example}.toml")).unwrap(), &kits);
        for (path, text) in files(&tree).iter().filter(|(path, _)| path.contains(".auto.tfvars.json")) {
            assert!(sorted(&Json::Object(object(text))) && text.ends_with("}\n"), "{path}\n{text}");
        }
    }
}

/// The word of a table for a type.
fn kind(variable: &Variable) -> &'static str {
    match variable.kind {
        Kind::Text(_) => "string",
        Kind::Texts(_) => "list(string)",
        Kind::Number(..) => "number",
        Kind::Flag => "bool",
        Kind::Regions(..) => "list(object)",
    }
}

#[test]
fn every_module_has_the_variables_of_its_table() {
    for (module, table) in tables() {
        let ours: BTreeMap<_, _> =
            provision::variables(module).map(|variable| (variable.name, variable)).collect();
        assert_eq!(ours.len(), provision::variables(module).count(), "{module} has a variable twice");
        assert!(ours.keys().copied().eq(table.keys().map(String::as_str)), "{module}: {:?}", ours.keys());
        for (name, row) in &table {
            let variable = ours[name.as_str()];
            assert_eq!(kind(variable), row.kind(), "{module}: {name}");
            assert_eq!(variable.is_secret(), row.is_sensitive(), "{module}: {name}");
            let is_right = match (variable.default, row.default()) {
                (VariableDefault::Default(ours), Some(theirs)) => ours.to_json() == *theirs,
                (VariableDefault::AtRunTime, Some(_)) => OF_A_RUN.contains(&name.as_str()),
                (VariableDefault::Secret { required }, default) => required == default.is_none(),
                // Regions of Huawei differ from each other, and the module's defaults are those of one.
                (VariableDefault::Missing, Some(_)) => {
                    ["huawei_region", "huawei_az"].contains(&name.as_str())
                }
                (VariableDefault::Missing, None) => true,
                (VariableDefault::Default(_) | VariableDefault::AtRunTime, None) => false,
            };
            assert!(is_right, "{module}: {name} is {:?} here, {:?} there", variable.default, row.default());
        }
    }
}

#[test]
fn every_variable_refuses_what_its_table_refuses() {
    let all: Vec<Json> = tables().values().flatten().flat_map(|(_, row)| [row.green(), row.red()]).collect();
    for (module, table) in tables() {
        for (name, row) in &table {
            let variable = provision::variable_named(module, name).unwrap();
            let schema = jsonschema::draft7::new(&variable.schema()).unwrap();
            let (green, red) = (row.green(), row.red());
            assert!(
                row.accepts(&green) && !row.accepts(&red),
                "{module}: {name}: the table and its examples"
            );
            assert_eq!(variable.refuses(&green), None, "{module}: {name}");
            assert!(schema.is_valid(&green), "{module}: {name}: {green}");
            assert!(variable.refuses(&red).is_some(), "{module}: {name} accepts {red}");
            assert!(!schema.is_valid(&red), "{module}: the schema of {name} accepts {red}");
            // Nothing else that we accept is refused there, whatever it was made for.
            for value in all.iter().filter(|value| variable.refuses(value).is_none()) {
                assert!(row.accepts(value), "{module}: {name} accepts {value}");
            }
        }
    }
}

#[test]
fn records_of_regions_have_the_attributes_of_every_module() {
    for (module, table) in tables() {
        let variable = provision::variable_named(module, "regions").unwrap();
        let ours: BTreeMap<_, _> =
            variable.fields().unwrap().iter().map(|field| (field.name, kind(field))).collect();
        for (name, row) in table["regions"].attributes() {
            assert_eq!(ours.get(name.as_str()), Some(&row.kind()), "{module}: {name}");
        }
        let schema = jsonschema::draft7::new(&variable.schema()).unwrap();
        let green = table["regions"].green();
        let mut bad = vec![json!([1]), json!({})];
        for field in green[0].as_object().unwrap().keys() {
            for value in [None, Some(json!([]))] {
                let mut record = green[0].clone();
                record.as_object_mut().unwrap().remove(field);
                if let Some(value) = value {
                    record[field] = value;
                }
                bad.push(json!([green[0], record]));
            }
        }
        let mut more = green[0].clone();
        more["colour"] = json!("blue");
        bad.push(json!([more]));
        for bad in bad {
            assert!(variable.refuses(&bad).is_some() && !schema.is_valid(&bad), "{module}: {bad}");
        }
    }
}

/// The programs that stand for the modules' regular expressions accept what those accept.
#[test]
fn patterns_are_what_the_modules_match() {
    const TEXTS: [&str; 15] = [
        "",
        "a",
        "omantel.omani.works",
        "1a.b",
        "a.1b",
        "a..b",
        "a.b-",
        "ops@omantel.om",
        "a@b.c",
        "@b.c",
        "a@é.é",
        "é@b.c",
        "cpx32",
        "cx1",
        "ssh-ed25519 AAAA",
    ];
    const EDITS: &str = "a0Z.@- _\n";
    let mut texts: BTreeSet<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    for text in TEXTS {
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            texts.extend(EDITS.chars().map(|c| format!("{}{c}{}", &text[..at], &text[at..])));
            texts.insert(text.char_indices().filter(|(n, _)| *n != at).map(|(_, c)| c).collect());
        }
    }
    for variable in Module::all().flat_map(provision::variables).filter(|v| v.schema()["type"] == "string") {
        let schema = jsonschema::draft7::new(&variable.schema()).unwrap();
        for text in &texts {
            let value = json!(text);
            let accepts = variable.refuses(&value).is_none();
            assert_eq!(accepts, schema.is_valid(&value), "{}: {text:?}", variable.name);
        }
    }
}

#[test]
fn the_first_objects_are_those_of_the_tree() {
    let kits = Kits::embedded();
    for example in ["three-regions", "two-providers", "airgapped", "omantel"] {
        let tree = tree(&fs::read_to_string(format!("examples/{example}.toml")).unwrap(), &kits);
        let text = |path: &str| tree.files().iter().find(|(p, _)| p.as_str() == path).unwrap().1.as_str();
        let mut regions = 0;
        for (path, bootstrap) in files(&tree).iter().filter(|(path, _)| path.ends_with(FILE)) {
            regions += 1;
            let region = path.split('/').nth(1).unwrap();
            let documents: Vec<_> = bootstrap.split("---\n").collect();
            let same = [
                "namespaces/flux-system",
                "flux-system/gitrepository",
                "flux-system/kustomization-flux-system",
            ]
            .map(|file| text(&format!("{region}/{file}.yaml")));
            assert_eq!(documents[1..], same, "{path}");
            assert!(documents[0].lines().all(|line| line.starts_with("# ")), "{path}");
            assert!(documents[0].contains("flux-system/ghcr-pull"), "{path}: {}", documents[0]);
            let signs_in = documents[2].contains("secretRef");
            assert_eq!(documents[0].contains("flux-system/sovereign-git"), signs_in, "{path}");
        }
        assert!(regions > 0, "{example}");
    }
}

#[test]
fn region_and_zone_of_huawei_follow_from_the_name_where_it_says_them() {
    let kits = Kits::embedded();
    let example = fs::read_to_string("examples/huawei-pair.toml").unwrap();
    for (name, region, zone) in [
        ("me-east-215-c", Some("me-east-215"), Some("me-east-215c")),
        ("ap-southeast-3", Some("ap-southeast-3"), Some("ap-southeast-3a")),
        ("mer", None, None),
    ] {
        let tree = tree(&example.replace("me-east-215-a", name), &kits);
        let told = object(files(&tree)[format!("infrastructure/{name}/tofu.auto.tfvars.json").as_str()]);
        let text = |key: &str| told.get(key).and_then(Json::as_str);
        assert_eq!((text("huawei_region"), text("huawei_az")), (region, zone), "{name}");
    }
}

/// The value of a key in the file of variables of a region.
fn tofu_vars(tree: &Tree, region: &str, key: &str) -> Json {
    object(files(tree)[format!("infrastructure/{region}/tofu.auto.tfvars.json").as_str()])
        .remove(key)
        .unwrap_or_default()
}

/// A text of the tree as YAML.
fn values(tree: &Tree, path: &str) -> Json {
    let text = &tree.files().iter().find(|(p, _)| p.as_str() == path).unwrap().1;
    read(text)["spec"]["values"].take()
}

/// Where the primary stands in the file decides nothing: it is the first of its module, and so it is numbered.
#[test]
fn the_primary_is_first_wherever_it_stands() {
    let kits = Kits::embedded();
    let example = fs::read_to_string("examples/three-regions.toml").unwrap();
    let primary = "name = \"nbg1\"\nprovider = \"hetzner\"\n";
    let tree = tree(&example.replace(primary, &format!("{primary}role = \"primary\"\n")), &kits);
    let list = object(files(&tree)["infrastructure/regions-hetzner.auto.tfvars.json"]);
    let records = list["regions"].as_array().unwrap();
    for (key, names) in [("code", ["nbg1", "hel1", "sin"]), ("cloudRegion", ["nbg1", "hel1", "sin"])] {
        assert!(records.iter().map(|record| &record[key]).eq(names), "{list:?}");
    }
    assert!(
        records.iter().map(|record| &record["role"]).eq(["primary", "secondary", "secondary"]),
        "{list:?}"
    );
    for (region, key, address, id) in [
        ("nbg1", "nbg1", "10.0.1.2", 1),
        ("hel1", "hel1-1", "10.0.11.2", 2),
        ("sin", "sin-2", "10.0.12.2", 3),
    ] {
        let cilium = values(&tree, &format!("{region}/foundation/01-cilium.yaml"));
        assert_eq!(cilium["cilium"]["k8sServiceHost"], address);
        assert_eq!(cilium["cilium"]["cluster"]["id"], id);
        let emitter = values(&tree, &format!("{region}/releases/57-openova-flow-emitter.yaml"));
        assert_eq!(emitter["flowEmitter"]["regionKey"], key);
    }
    let readme = readme(&tree);
    assert!(readme.contains(
        "| hel1 | secondary | hetzner | `hz-hel-rtz-prod` | `hel1-1` | `omantel-hel` (2) | 10.43.0.0/16 |"
    ));
    assert!(
        readme
            .contains("| hel1 | `infra/providers/hetzner` in one run with `nbg1`, whose file it takes |  |")
    );
}

/// What the Sovereign is called as a whole: by its mode, and without one by the number of its regions. The switch of the modules
/// and that of the platform go with it.
#[test]
fn several_regions_are_a_hot_standby_unless_they_say_otherwise() {
    let kits = Kits::embedded();
    let example = |name: &str| fs::read_to_string(format!("examples/{name}.toml")).unwrap();
    let several = example("three-regions");
    for (manifest, topology, standby) in [
        (example("minimal"), "single-region", false),
        (several.clone(), "active-hotstandby", true),
        (several.clone() + "\n[failover]\nmode = \"single-region\"\n", "single-region", false),
        (several + "\n[failover]\nmode = \"active-active\"\n", "active-active", true),
    ] {
        let tree = tree(&manifest, &kits);
        let primary = if topology == "single-region" && !manifest.contains("hel1") { "fsn1" } else { "hel1" };
        assert_eq!(tofu_vars(&tree, primary, "bcp_topology"), topology);
        assert_eq!(tofu_vars(&tree, primary, "enable_hot_standby"), standby.to_string());
        let platform = values(&tree, &format!("{primary}/platform/13-catalyst-platform.yaml"));
        assert_eq!(platform["sovereign"]["enableHotStandby"], standby);
        let continuum = values(&tree, &format!("{primary}/releases/62-continuum.yaml"));
        assert_eq!(continuum["continuum"]["enabled"], false, "{topology}");
        assert!(!tree.files().iter().any(|(path, _)| path.as_str().contains("/failover/")));
    }
}

/// The quotas are about what is made, whatever was asked for.
#[test]
fn quotas_count_what_the_modules_make() {
    let kits = Kits::embedded();
    let (hetzner, huawei) =
        (fs::read_to_string("examples/three-regions.toml"), fs::read_to_string("examples/huawei-pair.toml"));
    let asked = hetzner.unwrap().replace("{ size = \"cpx32\" }", "{ size = \"cpx32\", count = 3 }");
    let three = tree(&asked, &kits);
    assert!(readme(&three).contains("- hel1: 3 × cpx32 for the control plane, 3 × cpx42"));
    assert!(readme(&three).contains("- nbg1: 1 × cpx32 for the control plane, 3 × cpx42"));
    let asked = huawei.unwrap().replace("workers = { size = \"m7n.xlarge.8\", count = 3 }\n", "");
    let (first, second) = asked.split_once("me-east-215-b").unwrap();
    let second = second.replace(", count = 3", "");
    let pair = tree(&format!("{first}me-east-215-b{second}"), &kits);
    for region in ["me-east-215-a", "me-east-215-b"] {
        assert!(
            readme(&pair)
                .contains(&format!("- {region}: 3 × m7n.large.8 for the control plane, two to four workers"))
        );
    }
}

/// What the module takes from the list alone is not refused in a file that it does not read.
#[test]
fn a_location_that_no_run_begins_with_is_in_the_list_only() {
    let tree = tree(&fs::read_to_string("examples/three-regions.toml").unwrap(), &Kits::embedded());
    assert_eq!(tofu_vars(&tree, "nbg1", "region"), "nbg1");
    assert_eq!(tofu_vars(&tree, "sin", "region"), Json::Null);
    assert!(
        files(&tree)["infrastructure/regions-hetzner.auto.tfvars.json"].contains("\"cloudRegion\": \"sin\"")
    );
}

/// The largest that the grammars let through is far from what cloud-init takes.
#[test]
fn no_manifest_makes_the_first_objects_too_large() {
    let long = |n| "x".repeat(n);
    let text = fs::read_to_string("examples/minimal.toml").unwrap();
    let text = text
        .replace(
            "parent = \"omani.works\"",
            &format!(
                "parent = \"{}\"\npool = {{ name-servers = [\"ns1.example.org\"], api = \"https://pdns.example.org\" }}",
                [long(30), long(20)].join(".")
            ),
        )
        .replace(
            "url = \"https://github.com/example/sovereigns\"",
            &format!(
                "url = \"https://git.example.com/{}\"\nbranch = \"{}\"\ncredentials = {{ secret = \"{}\" }}",
                long(2000),
                "\u{1F600}".repeat(240),
                long(253)
            ),
        )
        .replace("name = \"fsn1\"", &format!("name = \"{}\"\ncode = \"fsn\"\nletter = \"f\"", long(63)))
        .replace("\"hetzner\"", "\"aws\"")
        .replace("cpx32", "m6i.large");
    let tree = tree(&text, &Kits::embedded());
    let sizes: Vec<_> =
        files(&tree).iter().filter(|(path, _)| path.ends_with(FILE)).map(|(_, text)| text.len()).collect();
    assert!(sizes.len() == 1 && sizes[0] > 3000 && sizes[0] < MOST_BYTES / 3, "{sizes:?}");
}

/// The page for operators: what it shows compiles, without a warning, and leaves no value open.
#[test]
fn the_example_of_the_page_compiles() {
    let page = fs::read_to_string("docs/day-0.md").unwrap();
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 1, "a block that nobody compiles");
    let source = Source::manifest("sovereign.toml", blocks[0].as_bytes().to_vec()).map_err(|(why, _)| why);
    let mut diags = Diagnostics::new();
    let tree = compile(&Input::new(source.unwrap()), &Kits::embedded(), &mut diags);
    let codes: BTreeSet<_> = diags.sorted().iter().map(|finding| finding.code.name()).collect();
    let tree = tree.unwrap_or_else(|_| panic!("{:#?}", diags.sorted()));
    // Before the machines are there, nobody knows their addresses.
    assert!(codes.iter().all(|code| *code == "missing-observed-fact"), "{codes:?}");
    let readme = tree.files().iter().find(|(path, _)| path.as_str() == "README.md").unwrap().1;
    assert!(readme.contains("| hel1 | `infra/providers/hetzner` |  |"), "{readme}");
}
