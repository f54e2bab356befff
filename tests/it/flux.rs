//! What Flux waits for, and what the regions of a Sovereign call their own outside of their clusters.
//!
//! The manifests are small: what a test needs stands in it, the rest is [`PLATFORM`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use sovereign_compile::compile;
use sovereign_compile::tree::Tree;
use sovereign_language::input::{DirectoryError, Input, ReadDirectory};
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use crate::laws::{read, tree};
use crate::tenants::{TWO, organization};

const PLATFORM: &str = r#"
[sovereign]
name = "nizwa"
organization = { name = "Nizwa Labs", email = "platform@nizwa.example" }

[domain]
mode = "byo-manual"
fqdn = "cloud.nizwa.example"

[gitops]
url = "https://git.nizwa.example/platform/sovereigns"

[storage]
object = { endpoint = "https://fsn1.your-objectstorage.com", bucket = "nizwa", region = "fsn1", credentials = { secret = "s3" } }
backup.schedule = "daily"
"#;

/// What `gateway` and `tenants` need ready.
const FOUNDATION: [&str; 3] =
    ["HelmRelease bp-cert-manager", "HelmRelease bp-cilium", "HelmRelease bp-gateway-api"];

/// A manifest of these regions, each with an address, and as many machines for its control plane.
fn manifest(kit: &str, regions: &[(&str, usize)]) -> String {
    let table = |(place, (name, machines)): (usize, &(&str, usize))| {
        let address = 10 * (place + 1);
        format!(
            "\n[[region]]\nname = \"{name}\"\nprovider = \"hetzner\"\n\
             control-plane = {{ size = \"cpx32\", count = {machines} }}\nobserved.load-balancer-address = \"203.0.113.{address}\"\n"
        )
    };
    let regions: String = regions.iter().enumerate().map(table).collect();
    format!("kit = \"{kit}\"\n{PLATFORM}{regions}")
}

fn compiled(kit: &str, regions: &[(&str, usize)]) -> Tree {
    tree(&manifest(kit, regions), &Kits::embedded())
}

fn object(tree: &Tree, path: &str) -> Json {
    let file = tree.files().iter().find(|(file, _)| file.as_str() == path);
    read(file.unwrap_or_else(|| panic!("{path} is not there")).1)
}

fn text_at<'a>(object: &'a Json, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

/// The Kustomizations of a region by name.
fn kustomizations(tree: &Tree, region: &str) -> BTreeMap<String, Json> {
    let begin = format!("{region}/");
    let files = tree.files().iter().filter(|(path, text)| {
        path.as_str().starts_with(&begin)
            && text.contains("\nkind: Kustomization\n")
            && text.contains("kustomize.toolkit")
    });
    files
        .map(|(_, text)| read(text))
        .map(|object| (text_at(&object, "/metadata/name").to_owned(), object))
        .collect()
}

/// The objects that a Kustomization checks: `HelmRelease bp-cilium`.
fn checks(kustomization: &Json) -> BTreeSet<String> {
    let checks = kustomization.pointer("/spec/healthChecks").and_then(Json::as_array).into_iter().flatten();
    checks.map(|check| format!("{} {}", text_at(check, "/kind"), text_at(check, "/name"))).collect()
}

fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// The values of a release.
fn values(tree: &Tree, path: &str) -> Json {
    object(tree, path).pointer("/spec/values").cloned().unwrap_or_default()
}

#[test]
fn a_layer_waits_for_what_another_one_needs_and_for_nothing_else() {
    let tree = compiled("2026.05", &[("hel1", 3), ("nbg1", 1)]);
    for region in ["hel1", "nbg1"] {
        let all = kustomizations(&tree, region);
        for (name, object) in &all {
            assert_eq!(object.pointer("/spec/wait"), Some(&Json::Bool(false)), "{region}/{name}");
            // With health checks no new commit is taken meanwhile, so that time is short.
            let bound = if checks(object).is_empty() { "5m" } else { "1m" };
            assert_eq!(text_at(object, "/spec/timeout"), bound, "{region}/{name}");
            assert_eq!(text_at(object, "/spec/retryInterval"), "30s", "{region}/{name}");
        }
        let checked = |name: &str| checks(&all[name]);
        // The Gateway, its certificate and the network policies of Organizations need these; Crossplane's providers are tried until Crossplane is there.
        assert_eq!(checked("foundation"), set(&FOUNDATION));
        assert_eq!(
            checked("providers"),
            set(&["CustomResourceDefinition providerconfigs.hcloud.crossplane.io"])
        );
        for name in
            ["flux-system", "namespaces", "sources", "releases", "vclusters", "infrastructure", "gateway"]
        {
            assert_eq!(checked(name), BTreeSet::new(), "{region}/{name}");
        }
    }
}

/// A directory with one blueprint, which stands in the layer that others wait for.
struct Own;

impl ReadDirectory for Own {
    fn read(&self, _: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let text = r#"
slot = "81"
name = "bp-berths"
version = "2.4.1"
namespace = "berths"
release = "berths"
runs = "every"
interval = "15m"
layer = "foundation"
provides.crds = ["berths.example"]
"#;
        Ok(vec![("81-berths.toml".to_owned(), text.into())])
    }
}

#[test]
fn a_release_that_nobody_needs_holds_up_nobody_wherever_it_stands() {
    let text = format!("{}\n[[blueprint-source]]\npath = \"own\"\n", manifest("2026.05", &[("hel1", 1)]));
    let source = Source::manifest("sovereign.toml", text.into_bytes()).map_err(|(fault, _)| fault).unwrap();
    let mut diags = Diagnostics::new();
    let tree = compile(&Input::gather(source, &Own), &Kits::embedded(), &mut diags)
        .unwrap_or_else(|_| panic!("{:#?}", diags.sorted()));
    let release = object(&tree, "hel1/foundation/81-berths.yaml");
    assert_eq!(text_at(&release, "/metadata/name"), "bp-berths");
    let foundation = checks(&kustomizations(&tree, "hel1")["foundation"]);
    assert_eq!(foundation, set(&FOUNDATION));
}

#[test]
fn organizations_wait_for_definitions_and_for_the_controllers_of_their_shards() {
    let with = |shards: &str| {
        let text = format!("{TWO}\n{shards}[[organization]]{}", organization(1, "organization"));
        tree(&text, &Kits::embedded())
    };
    let (plain, sharded) = (with(""), with("flux.shards = 2\n"));
    let region = plain
        .files()
        .keys()
        .find_map(|path| path.as_str().strip_suffix("/flux-system/kustomization-platform.yaml"));
    let region = region.expect("a primary");
    let (plain, sharded) = (kustomizations(&plain, region), kustomizations(&sharded, region));
    assert_eq!(checks(&plain["platform"]), set(&["HelmRelease bp-catalyst-platform"]));
    assert_eq!(checks(&plain["foundation"]), set(&FOUNDATION));
    assert!(checks(&sharded["foundation"]).contains("HelmRelease bp-flux"));
    assert_eq!(checks(&sharded["shards"]).len(), 6, "three controllers in each of two shards");
    for (name, object) in plain.iter().filter(|(name, _)| name.starts_with("tenants-")) {
        assert_eq!(checks(object), BTreeSet::new(), "{name}");
    }
}

#[test]
fn definitions_that_are_missing_come_with_every_upgrade() {
    for (kit, replaced) in [("2026.04", 0), ("2026.05", 6)] {
        let tree = compiled(kit, &[("hel1", 1)]);
        let mut replacing = BTreeSet::new();
        for (path, file) in tree.files().iter().filter(|(_, file)| file.contains("\nkind: HelmRelease\n")) {
            let release = read(file);
            match text_at(&release, "/spec/upgrade/crds") {
                "CreateReplace" => drop(replacing.insert(text_at(&release, "/metadata/name").to_owned())),
                other => assert_eq!(other, "Create", "{}", path.as_str()),
            }
        }
        assert_eq!(replacing.len(), replaced, "{kit}: {replacing:?}");
        assert_eq!(replacing.contains("bp-catalyst-platform"), kit == "2026.05");
    }
}

/// What is said of the world outside, by region: buckets, machines, records, certificates.
fn outside(tree: &Tree, region: &str) -> [Json; 5] {
    let at = |path: &str, pointer: &str| {
        let values = values(tree, &format!("{region}/releases/{path}.yaml"));
        values.pointer(pointer).cloned().unwrap_or_default()
    };
    let certificate = object(tree, &format!("{region}/gateway/certificate-wildcard.yaml"));
    [
        at("34-velero", "/velero/configuration/backupStorageLocation/0/prefix"),
        at("19-harbor", "/harbor/persistence/imageChartStorage/s3/rootdirectory"),
        at("50-cluster-autoscaler-hcloud", "/cluster-autoscaler/autoscalingGroups/0/name"),
        at("12-external-dns", "/external-dns/txtOwnerId"),
        certificate.pointer("/spec/dnsNames").cloned().unwrap_or_default(),
    ]
}

#[test]
fn each_region_has_names_of_its_own_outside_and_the_first_those_of_a_sovereign_of_one() {
    let regions = ["fsn1", "nbg1", "hel1", "ash", "hil", "sin"];
    let all = compiled("2026.05", &regions.map(|name| (name, 1)));
    let alone = compiled("2026.05", &[("fsn1", 1)]);
    let of_all = regions.map(|region| outside(&all, region));
    assert_eq!(of_all[0], outside(&alone, "fsn1"));
    for thing in 0..5 {
        let names: BTreeSet<_> = of_all.iter().map(|of_region| of_region[thing].to_string()).collect();
        assert_eq!(names.len(), regions.len(), "{names:?}");
    }
    let strings = |of_region: &[Json; 5]| of_region.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        strings(&of_all[0]),
        [
            r#""velero""#,
            "null",
            r#""workers""#,
            r#""cloud.nizwa.example""#,
            r#"["*.cloud.nizwa.example","cloud.nizwa.example"]"#
        ]
    );
    assert_eq!(
        strings(&of_all[1]),
        [
            r#""velero-nbg1""#,
            r#""/harbor-nbg1""#,
            r#""workers-nbg1""#,
            r#""cloud.nizwa.example-nbg1""#,
            r#"["*.cloud.nizwa.example","cloud.nizwa.example","nbg1.regions.cloud.nizwa.example"]"#
        ]
    );
}

#[test]
fn the_first_kit_has_names_by_region_too() {
    let all = compiled("2026.04", &[("hel1", 1), ("nbg1", 1)]);
    let at = |region: &str, file: &str, pointer: &str| {
        let values = values(&all, &format!("{region}/releases/{file}.yaml"));
        values.pointer(pointer).cloned().unwrap_or_default()
    };
    for (file, pointer) in [
        ("34-velero", "/velero/configuration/backupStorageLocation/0/prefix"),
        ("19-harbor", "/harbor/persistence/imageChartStorage/s3/rootdirectory"),
        ("12-external-dns", "/external-dns/txtOwnerId"),
    ] {
        assert_ne!(at("hel1", file, pointer), at("nbg1", file, pointer), "{file}");
    }
}

#[test]
fn several_machines_of_a_control_plane_are_reached_where_one_may_be_lost() {
    let tree = compiled("2026.05", &[("hel1", 3), ("nbg1", 1)]);
    let cilium =
        |region: &str| values(&tree, &format!("{region}/foundation/01-cilium.yaml"))["cilium"].clone();
    let (several, one) = (cilium("hel1"), cilium("nbg1"));
    assert_eq!(
        (text_at(&several, "/k8sServiceHost"), &several["k8sServicePort"]),
        ("127.0.0.1", &Json::from(6444))
    );
    assert_eq!((text_at(&one, "/k8sServiceHost"), &one["k8sServicePort"]), ("10.0.11.2", &Json::Null));
}

#[test]
fn servers_with_a_database_each_do_not_each_make_keys() {
    let zone = |regions: &[(&str, usize)]| {
        let tree = compiled("2026.05", regions);
        let json = |path: &str| {
            let text = tree.files().iter().find(|(file, _)| file.as_str() == path).expect(path).1;
            serde_json::from_str::<Json>(text).unwrap()
        };
        let delegation = json("dns/delegation.json");
        let signing = text_at(&delegation, "/preconditions/0").to_owned();
        (json("dns/cloud.nizwa.example.json")["dnssec"].clone(), signing)
    };
    let (one, signed) = zone(&[("hel1", 1)]);
    assert_eq!(one, Json::Bool(true));
    assert!(signed.contains("signs cloud.nizwa.example"), "{signed}");
    let (several, unsigned) = zone(&[("hel1", 1), ("nbg1", 1)]);
    assert_eq!(several, Json::Bool(false));
    assert!(unsigned.contains("is not signed") && unsigned.contains("import-zone-key"), "{unsigned}");
}
