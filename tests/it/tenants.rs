//! Organizations: how little a new one changes, and that neither files nor tables have an order.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::subsequence;
use sovereign_compile::compile;
use sovereign_compile::plan;
use sovereign_compile::plan::{Bucket, branch};
use sovereign_compile::tree::Tree;
use sovereign_compile::with_plan;
use sovereign_language::input::Input;
use sovereign_language::input::{DirectoryError, ReadDirectory};
use sovereign_language::kit::Kits;
use sovereign_language::manifest;
use sovereign_language::manifest::EnvironmentPlacement;
use sovereign_language::manifest::Placement;
use sovereign_language::scalar::Fqdn;
use sovereign_language::scalar::Scalar as _;
use sovereign_language::scalar::choice::Choice as _;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::write;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use crate::laws::{changed, law, read, tree};

/// A Sovereign of two regions whose Organizations stand beside it.
pub(crate) const TWO: &str = r#"
kit = "2026.05"
sovereign = { name = "muscat", organization = { name = "Muscat Cloud", email = "platform@muscat.example" } }
domain = { mode = "pool", parent = "omani.works" }
gitops.url = "https://git.muscat.example/platform/sovereigns"
topology.contract = "symmetric"
region = [
    { name = "hel1", provider = "hetzner", control-plane.size = "cpx32", observed.load-balancer-address = "203.0.113.10" },
    { name = "nbg1", provider = "hetzner", control-plane.size = "cpx32", observed.load-balancer-address = "203.0.113.20" },
]
"#;
const PLANS: [&str; 5] = ["s", "m", "l", "xl", "flexi"];
const REGIONS: [&str; 3] = [r#"["nbg1"]"#, r#"["hel1"]"#, r#"["nbg1", "hel1"]"#];

/// The keys of the `n`-th Organization, and its environments below a prefix of tables.
pub(crate) fn organization(n: usize, prefix: &str) -> String {
    let (plan, regions) = (PLANS[n % PLANS.len()], REGIONS[n % REGIONS.len()]);
    format!(
        r#"
slug = "org-{n}"
display-name = "Organization {n}"
tier = "sme"
plan = "{plan}"
owners = [{{ email = "owner@org-{n}.example", role = "owner" }}]

[[{prefix}.environment]]
regions = {regions}
policy.promotion.required-approvers = 1

[[{prefix}.environment.application]]
name = "blog"
blueprint = {{ name = "bp-wordpress", version = "1.3.0" }}

[[{prefix}.environment]]
env = "dev"
regions = ["nbg1"]
"#
    )
}

/// A directory of Organizations, in the order in which a reader gives them.
struct Files(Vec<usize>);

impl ReadDirectory for Files {
    fn read(&self, _: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let file = |n: &usize| {
            let text = format!("[organization]{}", organization(*n, "organization"));
            (format!("{n}.toml"), text.into_bytes())
        };
        Ok(self.0.iter().map(file).collect())
    }
}

fn from_files(organizations: &[usize], kits: &Kits) -> Tree {
    let text = format!("{TWO}\n[[organization-source]]\npath = \"organizations\"\n");
    let source = Source::manifest("sovereign.toml", text.into_bytes()).map_err(|(fault, _)| fault).unwrap();
    let input = Input::gather(source, &Files(organizations.to_vec()));
    let mut diags = Diagnostics::new();
    compile(&input, kits, &mut diags).unwrap_or_else(|_| panic!("{:#?}", diags.sorted()))
}

fn inline(organizations: &[usize], kits: &Kits) -> Tree {
    let tables =
        organizations.iter().map(|n| format!("[[organization]]{}", organization(*n, "organization")));
    tree(&format!("{TWO}\n{}", tables.collect::<String>()), kits)
}

#[test]
fn certificates_beside_applications_take_as_many_weeks_as_the_issuer_says() {
    let said = |count: usize, issuer: &str| {
        let tables = (0..count).map(|n| format!("[[organization]]{}", organization(n, "organization")));
        let text = format!("{TWO}\n[tls]\nissuer = \"{issuer}\"\n{}", tables.collect::<String>());
        let source =
            Source::manifest("sovereign.toml", text.into_bytes()).map_err(|(fault, _)| fault).unwrap();
        let mut diags = Diagnostics::new();
        compile(&Input::new(source), &Kits::embedded(), &mut diags)
            .unwrap_or_else(|_| panic!("{:#?}", diags.sorted()));
        format!("{:?}", diags.sorted())
    };
    let many = said(60, "lets-encrypt");
    assert!(many.contains("Let's Encrypt takes 2 weeks; with a hundred names in each, 1"), "{many}");
    assert!(!said(20, "lets-encrypt").contains("Let's Encrypt takes"));
    assert!(!said(60, "lets-encrypt-staging").contains("Let's Encrypt takes"));
}

/// Every file but the lock, which holds the digest of the input.
fn files(tree: &Tree) -> BTreeMap<String, String> {
    let all = tree.files().iter().map(|(path, text)| (path.to_string(), text.clone()));
    all.filter(|(path, _)| path != "sovereign.lock").collect()
}

/// What the Organization `org-<n>` may bring along: its files and the listing beside them, its bucket's Kustomization and
/// the listing beside that, its group's Kustomization and the listing beside that.
fn belongs(path: &str, n: usize) -> bool {
    let slug = format!("org-{n}");
    let bucket = Bucket::new(&slug);
    let (group, bucket) = (bucket.group(), bucket.to_string());
    if ["README.md", "sovereign.lock"].contains(&path) {
        return true;
    }
    let Some((_, path)) = path.split_once('/') else { return false };
    let own = path.strip_prefix(&format!("tenants/{bucket}/")).is_some_and(|file| {
        file == "kustomization.yaml" || file.strip_prefix(&slug).is_some_and(|rest| rest.starts_with('.'))
    });
    let listed = [
        format!("tenants/{group}/kustomization.yaml"),
        format!("tenants/{group}/tenants-{bucket}.yaml"),
        "flux-system/kustomization.yaml".to_owned(),
        format!("flux-system/kustomization-tenants-{group}.yaml"),
    ];
    own || listed.iter().any(|listed| listed == path)
}

pub(crate) fn some() -> impl Strategy<Value = Vec<usize>> {
    subsequence((0..60).collect::<Vec<_>>(), 1..20).prop_shuffle()
}

#[test]
fn a_new_organization_changes_only_its_own() {
    let kits = Kits::embedded();
    law(some(), |organizations| {
        let (new, rest) = organizations.split_last().expect("one at least");
        let (before, after) = (inline(rest, &kits), inline(&organizations, &kits));
        for path in changed(&before, &after) {
            prop_assert!(belongs(&path, *new), "{} for org-{}", path, new);
        }
        Ok(())
    });
}

#[test]
fn neither_files_nor_tables_have_an_order() {
    let kits = Kits::embedded();
    law(some(), |organizations| {
        let mut sorted = organizations.clone();
        sorted.sort_unstable();
        let expected = files(&from_files(&sorted, &kits));
        prop_assert_eq!(&files(&from_files(&organizations, &kits)), &expected);
        prop_assert_eq!(&files(&inline(&organizations, &kits)), &expected);
        Ok(())
    });
}

/// What is written step by step, over the tree before, is what is written at once, into an empty directory: to the byte,
/// and with nothing left over. `compile`, which drops objects as it goes, gives what `compile_with_objects` gives.
#[test]
fn step_by_step_is_the_same_as_at_once() {
    let (kits, place) = (Kits::embedded(), tempfile::tempdir().unwrap());
    let write = |tree: &Tree, out: &Path| write::apply(tree, out, write::Options::default()).unwrap().root;
    // Which are there differs from step to step. So many files, and at first so many Organizations, that processors
    // share them.
    let of = |step: usize| {
        let most = if step == 0 { 1300 } else { 150 };
        (0..most).filter(|n| (n * 7 + step * 11) % 13 > step % 3).collect::<Vec<_>>()
    };
    for step in 0..9 {
        let mut text = format!("{TWO}\n[[organization-source]]\npath = \"organizations\"\n");
        if step % 4 == 3 {
            text = text.replace("cpx32", "cpx42");
            text += "\n[blueprint.harbor]\nvalues = { expose = { type = \"ingress\" } }\n";
        }
        let source =
            Source::manifest("sovereign.toml", text.into_bytes()).map_err(|(fault, _)| fault).unwrap();
        let input = Input::gather(source, &Files(of(step)));
        let mut diags = Diagnostics::new();
        let Ok(tree) = compile(&input, &kits, &mut diags) else { panic!("{:#?}", diags.sorted()) };
        let whole = sovereign_compile::compile_with_objects(&input, &kits, &mut Diagnostics::new()).unwrap();
        assert!(tree == whole.tree, "step {step}");
        let stepwise = write(&tree, &place.path().join("stepwise"));
        let at_once = write(&tree, &place.path().join(step.to_string()));
        assert!(on_disk(&stepwise) == on_disk(&at_once), "step {step}");
    }
}

/// Every file below a directory.
pub(crate) fn on_disk(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut files, mut waiting) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn no_directory_has_too_many_files() {
    let kits = Kits::embedded();
    let tree = from_files(&(0..1500).collect::<Vec<_>>(), &kits);
    let mut directories: BTreeMap<&str, usize> = BTreeMap::new();
    for (directory, _) in tree.files().keys().filter_map(|path| path.as_str().rsplit_once('/')) {
        *directories.entry(directory).or_default() += 1;
    }
    assert!(directories.len() > 1000, "{} directories", directories.len());
    let most = directories.iter().max_by_key(|(_, count)| **count);
    assert!(most.is_some_and(|(_, count)| *count <= 257), "{most:?}");
}

/// Names in DNS and the branches that are promoted, as the naming convention has them.
#[test]
fn applications_know_their_hosts_and_branches() {
    let text = fs::read_to_string("examples/organizations/bakkal.toml").unwrap();
    let text = format!("{TWO}\n{}", text.replace("[organization]", "[[organization]]"));
    let source = Source::manifest("sovereign.toml", text.into_bytes()).map_err(|(fault, _)| fault).unwrap();
    let (kits, mut diags) = (Kits::embedded(), Diagnostics::new());
    let document = manifest::decode(&source, &mut diags).unwrap();
    let kit = kits.open("2026.05", &[], &mut diags).unwrap();
    let plan = plan::resolve(&document, &kit, &mut diags).unwrap();
    let [bakkal] = &plan.organizations[..] else { panic!("one Organization") };
    let (environment, blog) = bakkal.applications().next().unwrap();
    let zone = Fqdn::parse("muscat.omani.works").unwrap();
    assert_eq!(blog.host(bakkal, environment, &zone), "blog.bakkal-prod.bakkal.example");
    assert_eq!(branch(environment.env.value), "main");
    assert_eq!(blog.synced_name(), "blog-x-blog-x-vcluster");
}

/// What the hosts of the example's Organizations answer with, without what fails over by a record of the zone.
#[test]
fn an_organization_has_records_of_its_own() {
    let input = sovereign_store::load::load(
        Path::new("examples/tenants.toml"),
        &KitCache::default(),
        &mut Diagnostics::new(),
    )
    .unwrap();
    let tree = compile(&input, &Kits::embedded(), &mut Diagnostics::new()).unwrap();
    let file = |name: &str| {
        let found = tree.files().iter().find(|(path, _)| path.as_str().ends_with(name));
        found.map(|(path, text)| (path.to_string(), text.clone())).unwrap()
    };
    let records = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with(';')).map(str::to_owned).collect()
    };
    let (path, acme) = file("/acme.zone");
    assert_eq!(path, format!("dns/tenants/{}/acme.zone", Bucket::new("acme")));
    let zone = "cloud.muscat.example.";
    assert_eq!(
        records(&acme),
        [
            format!("api.acme-prod.{zone} 300 IN A 203.0.113.20"),
            format!("api.acme-prod.{zone} 300 IN A 203.0.113.30"),
            format!("api.acme-prod.{zone} 300 IN A 203.0.113.10"),
            format!("reports.acme-prod.{zone} 300 IN A 203.0.113.10"),
            format!("shop.acme-stg.{zone} 300 IN A 203.0.113.30"),
        ]
    );
    assert!(file("/cloud.muscat.example.zone").1.contains(&format!("shop.acme-prod.{zone}")));
    let sets: serde_json::Value = serde_json::from_str(&file("/acme.json").1).unwrap();
    assert_eq!(sets["rrsets"].as_array().map(Vec::len), Some(3));
    assert!(sets["rrsets"].as_array().unwrap().iter().all(|set| set["changetype"] == "REPLACE"));
    assert_eq!(
        records(&file("/bakkal.aliases.zone").1),
        [format!("blog.bakkal-prod.bakkal.example. 300 IN CNAME blog.bakkal-prod.{zone}")]
    );
}

#[test]
fn behind_an_air_gap_a_vcluster_comes_from_the_registry() {
    let example = fs::read_to_string("examples/airgapped.toml").unwrap();
    // The code of Contabo's region is too short for the Environment resource.
    let example = example.replacen("name = \"eu\"", "name = \"eu\"\ncode = \"eur\"", 1);
    let acme = organization(3, "organization").replace("nbg1", "eu");
    let tree = tree(&format!("{example}\n[[organization]]{acme}"), &Kits::embedded());
    let release = tree.files().iter().find(|(path, _)| path.as_str().ends_with("/org-3.vcluster.yaml"));
    let (_, text) = release.unwrap();
    let values = &read(text)["spec"]["values"]["controlPlane"];
    let image = &values["statefulSet"]["image"];
    let registry = image["registry"].as_str().unwrap();
    assert!(example.contains(&format!("registry = {registry:?}")), "{registry}");
    assert_eq!(image["repository"], "proxy-ghcr/loft-sh/vcluster");
    assert_eq!(values["distro"]["k8s"]["scheduler"]["image"]["registry"], registry);
    assert!(!text.contains("harbor.openova.io"));
}

/// The values of a key in the golden tree's objects of a kind, where every region has its own.
fn in_golden_tree(kind: &str, value: impl Fn(&serde_json::Value) -> &serde_json::Value) -> BTreeSet<String> {
    let files = on_disk(Path::new("golden/tenants/clusters/cloud.muscat.example"));
    let manifests = files.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "yaml"));
    let objects = manifests.map(|(_, text)| read(str::from_utf8(text).unwrap()));
    let of_kind = objects.filter(|object| object["kind"] == kind);
    of_kind.filter_map(|object| Some(value(&object).as_str()?.to_owned())).collect()
}

#[test]
fn the_golden_tree_has_every_plan_and_placement_over_three_regions() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(in_golden_tree("Organization", |object| &object["spec"]["planSlug"]), words(&PLANS));
    let placement = |kind| in_golden_tree(kind, |object| &object["spec"]["placement"]);
    assert_eq!(placement("Application"), words(Placement::WORDS));
    assert_eq!(placement("Environment"), words(EnvironmentPlacement::WORDS));
    let tree = Path::new("golden/tenants/clusters/cloud.muscat.example");
    for region in ["hel1", "nbg1", "fsn1"] {
        let files = on_disk(&tree.join(region).join("tenants"));
        let charts = files.keys().filter(|path| path.to_string_lossy().ends_with(".vcluster.yaml")).count();
        assert!(charts >= 2, "{region} has {charts} vClusters of Organizations");
    }
}

/// What is counted of an Organization is what it has in the primary region, or a little more.
#[test]
fn the_objects_of_an_organization_are_counted() {
    let (input, kits) = (
        sovereign_store::load::load(
            Path::new("examples/tenants.toml"),
            &KitCache::default(),
            &mut Diagnostics::new(),
        ),
        Kits::embedded(),
    );
    let residents =
        with_plan(&input.unwrap(), &kits, &mut Diagnostics::new(), |plan, _| plan.tenant_summaries.clone());
    let tenants = Path::new("golden/tenants/clusters/cloud.muscat.example/hel1/tenants");
    for resident in residents.unwrap() {
        let own = format!("{}.", resident.slug.value);
        let files = on_disk(&tenants.join(resident.bucket().to_string()));
        let files = files.keys().filter(|path| path.to_string_lossy().starts_with(&own)).count();
        assert!((files..files + 2).contains(&resident.objects), "{own} {files} {}", resident.objects);
    }
}

/// The tables of the schema that a value is, with its keys: what is used of the language.
fn used(
    schema: &serde_json::Value,
    at: &str,
    value: &serde_json::Value,
    keys: &mut BTreeSet<(String, String)>,
) {
    let tables = schema["definitions"].as_object().unwrap();
    for (name, _) in tables.iter().filter(|(name, _)| at.contains(&format!("\"#/definitions/{name}\""))) {
        let properties = &schema["definitions"][name]["properties"];
        for value in value.as_array().unwrap_or(&vec![value.clone()]) {
            let Some(table) = value.as_object() else { continue };
            for (key, value) in table {
                if properties[key].is_null() {
                    // Tables by name: the key is a name.
                    used(schema, &format!("\"#/definitions/{name}\""), value, keys);
                } else {
                    keys.insert((name.clone(), key.clone()));
                    used(schema, &properties[key].to_string(), value, keys);
                }
            }
        }
    }
}

/// The tables of the schema that one leads to, with their keys.
fn possible(schema: &serde_json::Value, table: &str, keys: &mut BTreeSet<(String, String)>) {
    for (key, property) in schema["definitions"][table]["properties"].as_object().unwrap() {
        keys.insert((table.to_owned(), key.clone()));
        let tables = schema["definitions"].as_object().unwrap().keys();
        let leads = |name: &&String| property.to_string().contains(&format!("\"#/definitions/{name}\""));
        tables.filter(leads).for_each(|name| possible(schema, name, keys));
    }
}

#[test]
fn the_example_uses_every_key_of_organizations() {
    let schema = fs::read_to_string("schema/sovereign.schema.json").unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let (mut all, mut some) = (BTreeSet::new(), BTreeSet::new());
    possible(&schema, "OrganizationTable", &mut all);
    for (_, text) in on_disk(Path::new("examples/organizations")) {
        let file = crate::schema::value(str::from_utf8(&text).unwrap()).unwrap();
        used(&schema, "\"#/definitions/OrganizationTable\"", &file["organization"], &mut some);
    }
    assert_eq!(all.difference(&some).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
}

/// The page for people: what it shows compiles, without a warning.
#[test]
fn the_examples_of_the_page_compile() {
    let page = fs::read_to_string("docs/tenants.md").unwrap();
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let base = crate::cli::started(&["--name", "omantel", "--regions", "hel1,nbg1,sin"]);
    assert_eq!(blocks.len(), 4, "a block that nobody compiles");
    for block in blocks {
        let scratch = tempfile::tempdir().unwrap();
        let manifest = scratch.path().join("sovereign.toml");
        let source = "[[organization-source]]\npath = \"organizations\"\n";
        if block.contains("[organization]\n") {
            fs::create_dir(scratch.path().join("organizations")).unwrap();
            fs::write(scratch.path().join("organizations/acme.toml"), block).unwrap();
            fs::write(&manifest, format!("{base}\n{source}")).unwrap();
        } else if block.contains("[[organization-source]]") {
            let acme = Path::new("examples/organizations/bakkal.toml");
            fs::create_dir(scratch.path().join("organizations")).unwrap();
            fs::copy(acme, scratch.path().join("organizations/bakkal.toml")).unwrap();
            fs::write(&manifest, format!("{base}\n{block}")).unwrap();
        } else {
            fs::write(&manifest, format!("{base}\n{block}")).unwrap();
        }
        let mut diags = Diagnostics::new();
        let input = sovereign_store::load::load(&manifest, &KitCache::default(), &mut diags).unwrap();
        let compiled = compile(&input, &Kits::embedded(), &mut diags);
        assert!(compiled.is_ok() && diags.sorted().is_empty(), "{:#?}\n{block}", diags.sorted());
    }
}
