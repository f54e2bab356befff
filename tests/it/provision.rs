//! What comes before Flux: files that the modules accept, without a secret, and objects that are those of the tree.
#![expect(clippy::disallowed_methods, reason = "these tests look at files of the repository")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use sovereign::grammar::choice::Choice as _;
use sovereign::provision::bootstrap::{FILE, MOST_BYTES};
use sovereign::provision::{Module, Otherwise, Variable};
use sovereign::source::Source;
use sovereign::{Diagnostics, Input, Kits, Tree, compile, manifest, plan};

use crate::generate::{model, print};
use crate::laws::{law, tree};

fn modules() -> impl Iterator<Item = Module> {
    Module::WORDS.iter().filter_map(|word| Module::from_word(word))
}

/// What a module accepts as a whole: its variables and no others.
fn schema(module: Module) -> Json {
    let properties: Map<_, _> =
        module.variables().map(|variable| (variable.name.to_owned(), variable.schema())).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Paths and texts below `infrastructure/`.
fn files(tree: &Tree) -> BTreeMap<&str, &str> {
    let below = |path: &'_ str| path.starts_with("infrastructure/");
    let all = tree.files().iter().map(|(path, text)| (path.as_str(), text.as_str()));
    all.filter(|(path, _)| below(path)).collect()
}

fn object(text: &str) -> Map<String, Json> {
    serde_json::from_str(text).expect("an object of JSON")
}

/// The module of each region that has one.
fn modules_by_region(text: &str, kits: &Kits) -> Vec<(String, Module)> {
    let source =
        Source::manifest("sovereign.toml", text.as_bytes().to_vec()).map_err(|(why, _)| why).unwrap();
    let mut diags = Diagnostics::new();
    let document = manifest::decode(&source, &mut diags).unwrap();
    let kit = kits.open(document.kit.as_ref().unwrap().value.as_str(), &[], &mut diags).unwrap();
    let plan = plan::resolve(&document, &kit, &mut diags).unwrap();
    let of_region = |region: &plan::Region<'_>| {
        Some((region.name.value.as_str().to_owned(), kit.module(region.provider.value)?))
    };
    plan.regions.iter().filter_map(of_region).collect()
}

#[test]
fn what_modules_are_told_they_accept_and_no_secret_is_among_it() {
    let kits = Kits::embedded();
    let validators: BTreeMap<_, _> =
        modules().map(|module| (module, jsonschema::draft7::new(&schema(module)).unwrap())).collect();
    law((model(), any::<u64>()), |(model, seed)| {
        let text = print(&model.document(), seed);
        let tree = tree(&text, &kits);
        let files = files(&tree);
        let readme = tree.files().iter().find(|(path, _)| path.as_str() == "README.md").unwrap().1;
        let told = modules_by_region(&text, &kits);
        let variables = files.keys().filter(|path| path.ends_with("/tofu.auto.tfvars.json")).count();
        prop_assert_eq!(variables, told.len());
        for (region, module) in told {
            let shared = format!("infrastructure/regions-{}.auto.tfvars.json", module.cloud());
            let own = object(files[format!("infrastructure/{region}/tofu.auto.tfvars.json").as_str()]);
            let mut all = object(files[shared.as_str()]);
            all.extend(own);
            let names: BTreeSet<_> = all.keys().cloned().collect();
            for variable in module.variables() {
                prop_assert!(!(variable.is_secret() && names.contains(variable.name)), "{}", variable.name);
                let due = matches!(variable.otherwise, Otherwise::Default(_));
                let lacks = variable.otherwise == Otherwise::Missing
                    && readme.contains(&format!("`{}`", variable.name));
                let is = names.contains(variable.name);
                prop_assert!(is || !due, "{} has a default and no value", variable.name);
                prop_assert!(is || lacks || variable.otherwise != Otherwise::Missing, "{}", variable.name);
                prop_assert_eq!(all.get(variable.name).and_then(|value| variable.refuses(value)), None);
            }
            let all = Json::Object(all);
            let errors: Vec<_> = validators[&module].iter_errors(&all).map(|e| e.to_string()).collect();
            prop_assert!(errors.is_empty(), "{:?}\n{}", errors, all);
        }
        Ok(())
    });
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

/// For each variable with a rule of its own, a value that the module accepts and one that it refuses.
fn cases() -> BTreeMap<&'static str, (Json, Json)> {
    let text = |good: &str, bad: &str| (json!(good), json!(bad));
    let network = (json!(["203.0.113.0/24", "0.0.0.0/0"]), json!(["203.0.113.0/24", "203.0.113.0"]));
    BTreeMap::from([
        ("sovereign_fqdn", text("omantel.omani.works", "1st.omani.works")),
        ("org_email", text("ops@omantel.om", "ops@localhost")),
        ("region", text("hel1", "lon1")),
        ("control_plane_size", text("cpx32", "m6i.large")),
        ("worker_size", text("", "cx")),
        ("worker_count", (json!(50), json!(51))),
        ("k3s_version", text("v1.31.4+k3s1", "1.31.4")),
        ("ssh_public_key", text("ssh-rsa AAAA", "ecdsa-sha2-nistp384 AAAA")),
        ("domain_mode", text("byo", "byo-api")),
        ("ssh_allowed_cidrs", network),
        ("qa_control_plane_size", text("cpx32", "")),
        ("qa_worker_size", text("ccx13", "ccx")),
        ("marketplace_enabled", text("true", "yes")),
        ("bcp_topology", text("active-active", "active-passive")),
        ("enable_hot_standby", text("false", "")),
        ("enable_shared_pg", text("true", "1")),
        ("qa_fixtures_enabled", text("false", "off")),
        ("qa_test_session_enabled", text("false", "off")),
        ("wildcard_cert_use_staging", text("true", "staging")),
        ("cluster_mesh_id", (json!(255), json!(256))),
        ("object_storage_region", text("fsn1", "ash")),
        ("object_storage_access_key", text(&"a".repeat(16), &"a".repeat(15))),
        ("object_storage_secret_key", text(&"a".repeat(128), &"a".repeat(129))),
        ("object_storage_bucket_name", text("omantel-cold", "-cold")),
        ("obs_bucket_name", text("omantel-cold", "ab")),
        ("huawei_control_plane_count", (json!(1), json!(0))),
        ("retry_attempt", (json!(0), json!(-1))),
        ("console_isolation_enabled", text("true", "on")),
        ("debug_ssh_remote_cidr", text("0.0.0.0/0", "anywhere")),
        ("default_storage_class", text("evs-ssd", "local-path")),
    ])
}

/// What a variable accepts and refuses; of a text without a rule, whatever is no text is refused.
fn case(module: Module, variable: &Variable) -> (Json, Json) {
    let of_regions = match module {
        Module::InfraHetzner => json!({
            "provider": "hetzner", "cloudRegion": "hel1", "controlPlaneSize": "cpx32", "workerSize": "",
            "workerCount": 0
        }),
        Module::ProvidersHetzner | Module::ProvidersHuawei => json!({
            "code": "hel1", "role": "primary", "control_plane_size": "cpx32", "worker_size": "",
            "worker_count": 0
        }),
    };
    if variable.is_of_all_regions() {
        return (json!([of_regions]), json!([]));
    }
    if (module, variable.name) == (Module::ProvidersHetzner, "default_storage_class") {
        return (json!("local-path"), json!(true));
    }
    cases().remove(variable.name).unwrap_or(match variable.schema()["type"].as_str() {
        Some("boolean") => (json!(false), json!("false")),
        _ => (json!("anything"), json!(1)),
    })
}

#[test]
fn every_variable_refuses_what_its_module_refuses() {
    let mut used = BTreeSet::new();
    for module in modules() {
        let mut names = BTreeSet::new();
        for variable in module.variables() {
            let name = variable.name;
            assert!(names.insert(name), "{module} has `{name}` twice");
            used.insert(name);
            let schema = jsonschema::draft7::new(&variable.schema()).unwrap();
            let (good, bad) = case(module, variable);
            assert_eq!(variable.refuses(&good), None, "{module}: {name}");
            assert!(schema.is_valid(&good), "{module}: {name}: {good}");
            assert!(variable.refuses(&bad).is_some(), "{module}: {name} accepts {bad}");
            assert!(!schema.is_valid(&bad), "{module}: the schema of {name} accepts {bad}");
        }
    }
    let unused: Vec<_> = cases().into_keys().filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "{unused:?} are variables of no module");
}

#[test]
fn records_of_regions_have_their_fields_and_no_others() {
    for module in modules() {
        let variable = module.variables().find(|variable| variable.is_of_all_regions()).unwrap();
        let schema = jsonschema::draft7::new(&variable.schema()).unwrap();
        let (good, _) = case(module, variable);
        let mut bad = vec![json!([1]), json!({})];
        for field in good[0].as_object().unwrap().keys() {
            for value in [None, Some(json!([]))] {
                let mut record = good[0].clone();
                record.as_object_mut().unwrap().remove(field);
                if let Some(value) = value {
                    record[field] = value;
                }
                bad.push(json!([good[0], record]));
            }
        }
        let mut more = good[0].clone();
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
    for variable in modules().flat_map(Module::variables).filter(|v| v.schema()["type"] == "string") {
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

/// The largest that the grammars let through is far from what cloud-init takes.
#[test]
fn no_manifest_makes_the_first_objects_too_large() {
    let long = |n| "x".repeat(n);
    let text = fs::read_to_string("examples/minimal.toml").unwrap();
    let text = text
        .replace("omani.works", &[long(30), long(20)].join("."))
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
