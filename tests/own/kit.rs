//! A kit that takes away, adds, governs, asks and brings objects of its own.
#![expect(clippy::disallowed_methods, reason = "a desk is made of files")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// The kit: it has no vClusters, and three blueprints more.
const KIT: &str = r#"
name = "shipyard-2026.11"
extends = "2026.05"
remove = ["mgmt-vcluster", "rtz-vcluster", "dmz-vcluster", "vcluster-helmrepo", "sandbox"]

[repository.harbour]
url = "oci://ghcr.io/harbour/charts"
interval = "2h"
secret = "harbour-charts"

[repository.tides]
url = "https://charts.tides.example/stable"

[input.shop-host]
type = "host"
doc = "Where the shop answers."
required = true

[input.search]
type = "boolean"
doc = "Whether the shop is searched."
default = false

[input.size]
type = "choice"
doc = "How much the shop takes."
choices = ["small", "large"]
default = "small"

[[object]]
file = "shop-edge.yaml"
blueprint = "shop"
runs = "primary"
layer = "gateway"

[[object]]
file = "notice.yaml"

[blueprint.harbor]
independent-of = ["cert-manager"]
values-from = [
    { kind = "Secret", name = "harbor-a", values-key = "a", target-path = "harbor.harborAdminPassword" },
    { kind = "Secret", name = "harbor-b", values-key = "b", target-path = "harbor.secretKey" },
    { kind = "Secret", name = "harbor-c", values-key = "c", target-path = "harbor.core.secret" },
    { kind = "Secret", name = "harbor-d", values-key = "d", target-path = "harbor.jobservice.secret" },
    { kind = "Secret", name = "harbor-e", values-key = "e", target-path = "harbor.registry.secret" },
]
"#;

/// Prepared, and not run yet.
const TIDE_GAUGE: &str = r#"
slot = "82"
name = "bp-tide-gauge"
repository = "tides"
version = "0.9.2"
namespace = "tide-gauge"
release = "tide-gauge"
runs = "primary"
pod-security = "restricted"
suspend = true
interval = "1h"
"#;

/// Its switch is that of three others.
const WATCH: &str = r#"
slot = "83"
name = "bp-watch"
version = "2.0.0"
namespace = "watch"
release = "watch"
runs = "every"
pod-security = "restricted"
interval = "15m"
governs = ["bp-falco", "bp-syft-grype", "bp-trivy"]
"#;

/// It has a Gateway of its own.
const SHOP: &str = r#"
slot = "81"
name = "bp-shop"
repository = "harbour"
version = "1.4.0"
namespace = "shop"
release = "shop"
runs = "primary"
pod-security = "restricted"
depends-on = ["bp-gateway-api", "bp-cert-manager"]
interval = "15m"

[values]
host = "{{ input.shop_host }}"
gateway = "shop-gateway"
size = "{{ input.size }}"

[[overlay]]
when = { input = { search = true } }
values.search.enabled = true
"#;

const EDGE: &str = r#"
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: shop-gateway
  namespace: shop
spec:
  gatewayClassName: cilium
  listeners:
    - name: https
      hostname: "{{ input.shop_host }}"
      port: 30444
      protocol: HTTPS
      tls:
        mode: Terminate
        certificateRefs:
          - { kind: Secret, name: shop-tls }
    - name: https-second
      hostname: "docks.{{ fqdn }}"
      port: 30444
      protocol: HTTPS
      tls:
        mode: Terminate
        certificateRefs:
          - { kind: Secret, name: shop-tls }
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: shop-tls
  namespace: shop
spec:
  secretName: shop-tls
  dnsNames: ["{{ input.shop_host }}", "docks.{{ fqdn }}"]
  issuerRef: { kind: ClusterIssuer, name: "{{ tls.ingress_issuer }}" }
"#;

const NOTICE: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: notice
  namespace: flux-system
data:
  region: "{{ region.name }}"
"#;

const MANIFEST: &str = r#"
kit = { path = "shipyard" }

[input]
shop-host = "shop.duqm.example"
search = true

[sovereign]
name = "duqm"
organization = { name = "Duqm Shipyard", email = "it@duqm.example" }

[domain]
mode = "pool"
parent = "omani.works"

[gitops]
url = "https://github.com/example/sovereigns"

[[region]]
name = "fsn1"
provider = "hetzner"
control-plane = { size = "cpx42", count = 3 }
workers = { size = "cpx42", count = 3 }
vclusters = []
observed = { load-balancer-address = "203.0.113.10", control-plane-address = "203.0.113.11", deployment-id = "0123456789abcdef" }

[[region]]
name = "hel1"
provider = "hetzner"
control-plane = { size = "cpx42" }
workers = { size = "cpx42", count = 3 }
vclusters = []
observed = { load-balancer-address = "203.0.113.20", control-plane-address = "203.0.113.21", deployment-id = "0123456789abcdee" }
"#;

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a directory"));
        fs::create_dir(desk.at("shipyard")).expect("creates");
        for (name, text) in [
            ("shipyard/kit.toml", KIT),
            ("shipyard/81-shop.toml", SHOP),
            ("shipyard/82-tide-gauge.toml", TIDE_GAUGE),
            ("shipyard/83-watch.toml", WATCH),
            ("shipyard/shop-edge.yaml", EDGE),
            ("shipyard/notice.yaml", NOTICE),
            ("sovereign.toml", MANIFEST),
        ] {
            desk.put(name, text);
        }
        desk
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    fn put(&self, path: &str, text: &str) {
        fs::write(self.at(path), text).expect("writes");
    }

    /// Returns what the program says, and whether it is content.
    fn run(&self, args: &[&str]) -> (bool, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sovereign"));
        let output = program.args(args).current_dir(self.0.path()).output().expect("runs");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).expect("text"))
    }

    fn done(&self, args: &[&str]) -> String {
        let (is_done, said) = self.run(args);
        assert!(is_done, "{args:?}\n{said}");
        said
    }

    fn refused(&self, args: &[&str]) -> String {
        let (is_done, said) = self.run(args);
        assert!(!is_done, "{args:?}\n{said}");
        said
    }

    /// Returns a file of the tree; empty if it is not there.
    fn tree(&self, path: &str) -> String {
        fs::read_to_string(self.at("clusters/duqm.omani.works").join(path)).unwrap_or_default()
    }
}

#[test]
fn a_kit_of_ones_own_compiles_clean_and_all_of_it_arrives() {
    let desk = Desk::new();
    desk.done(&["kit", "check", "shipyard"]);
    let diff = desk.done(&["kit", "diff", "2026.05", "shipyard"]);
    for line in [
        "asks for now: shop-host (host)",
        "objects now: shop-edge.yaml",
        "+ bp-watch 2.0.0",
        "- bp-dmz-vcluster",
    ] {
        assert!(diff.contains(line), "{line}\n{diff}");
    }
    assert_eq!(diff.matches("~ kit\n").count(), 1, "{diff}");
    let shown = desk.done(&["kit", "show", "shipyard"]);
    let asked = shown.split_once("\nINPUT").map_or("", |(_, asked)| asked);
    for line in [
        "shop-host            host      yes       Where the shop answers.\n",
        "search               boolean             Whether the shop is searched.\n",
    ] {
        assert!(asked.contains(line), "{line}\n{shown}");
    }
    let said = desk.done(&["build", "--out", "."]);
    assert!(!said.contains("warning") && !said.contains("error"), "{said}");

    let has = |path: &str, lines: &[&str]| {
        let text = desk.tree(path);
        for line in lines {
            assert!(text.contains(line), "{path} lacks {line:?}:\n{text}");
        }
    };
    let shop = "fsn1/releases/81-shop.yaml";
    has(
        shop,
        &["host: shop.duqm.example", "gateway: shop-gateway", "size: small", "search:\n      enabled: true"],
    );
    has(
        "fsn1/sources/81-shop.yaml",
        &["type: oci", "url: oci://ghcr.io/harbour/charts", "interval: \"2h\"", "name: harbour-charts"],
    );
    has("fsn1/sources/82-tide-gauge.yaml", &["type: default", "url: https://charts.tides.example/stable"]);
    assert!(!desk.tree("fsn1/sources/82-tide-gauge.yaml").contains("secretRef"));
    has("fsn1/releases/82-tide-gauge.yaml", &["suspend: true"]);
    let harbor = desk.tree("fsn1/releases/19-harbor.yaml");
    assert!(!harbor.contains("name: bp-cert-manager") && harbor.contains("name: bp-cnpg"), "{harbor}");
    for name in ["harbor-a", "harbor-b", "harbor-c", "harbor-d", "harbor-e"] {
        assert!(harbor.contains(&format!("name: {name}")), "{name}\n{harbor}");
    }
    // A second Gateway, for the domains of two hosts.
    let edge = "fsn1/gateway/kit-shop-edge.yaml";
    has(edge, &["kind: Gateway", "hostname: shop.duqm.example", "hostname: docks.duqm.omani.works"]);
    has("fsn1/gateway/kit-shop-edge-2.yaml", &["kind: Certificate", "- shop.duqm.example"]);
    assert_eq!(desk.tree("hel1/gateway/kit-shop-edge.yaml"), "");
    // An object in each region, in a layer that is applied.
    has("fsn1/objects/kit-notice.yaml", &["region: fsn1"]);
    has("hel1/objects/kit-notice.yaml", &["region: hel1"]);
    has("fsn1/flux-system/kustomization-objects.yaml", &["clusters/duqm.omani.works/fsn1/objects"]);
    has("fsn1/objects/kustomization.yaml", &["kit-notice.yaml"]);
    assert!(!Path::new(&desk.at("clusters/duqm.omani.works/fsn1/vclusters")).exists());
}

#[test]
fn what_no_lock_knows_of_its_objects_is_said() {
    let desk = Desk::new();
    let said = desk.done(&["kit", "check", "shipyard"]);
    for line in [
        "not known: whether cert-manager.io/Certificate of shop-edge.yaml exists, since bp-cert-manager 1.2.5 was not opened",
        "not known: whether gateway.networking.k8s.io/Gateway of shop-edge.yaml exists, since bp-gateway-api 1.1.0 was not opened",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("ConfigMap"), "{said}");
}

#[test]
fn what_follows_from_an_input_and_what_gives_it_is_answered() {
    let desk = Desk::new();
    let answer = |question: &str| desk.done(&["why", question]);
    let has = |question: &str, lines: &[&str]| {
        let said = answer(question);
        for line in lines {
            assert!(said.contains(line), "{question} lacks {line:?}:\n{said}");
        }
    };
    has(
        "input.shop-host",
        &[
            "input.shop-host = shop.duqm.example  Where the shop answers.",
            "written here",
            "shipyard/kit.toml:14  input.shop-host",
            "fsn1/releases/81-shop.yaml\n",
            "spec.values.host = shop.duqm.example",
            "fsn1/gateway/kit-shop-edge.yaml\n",
            "spec.listeners[0].hostname = shop.duqm.example",
        ],
    );
    // An overlay stands or falls with it, and a manifest need not say it.
    has("input.search", &["input.search = true", "spec.values.search.enabled = true"]);
    has(
        "input.size",
        &[
            "input.size = small",
            "written in the blueprint",
            "default = \"small\"",
            "spec.values.size = small",
        ],
    );
    has(
        "fsn1/releases/81-shop.yaml:spec.values.search.enabled",
        &["shipyard/81-shop.toml", "input.search = true", "search = true"],
    );
    has("sovereign.toml:6", &["search = true", "spec.values.search.enabled = true"]);
    assert!(desk.refused(&["why", "input.serch"]).contains("did you mean `input.search`?"));
}

#[test]
fn what_governs_a_blueprint_is_answered() {
    let desk = Desk::new();
    let manifest = desk.at("sovereign.toml");
    let text = fs::read_to_string(&manifest).expect("reads") + "\n[blueprint.watch]\nenabled = false\n";
    fs::write(&manifest, &text).expect("writes");
    let said = desk.done(&["why", "bp-falco", "fsn1"]);
    for line in [
        "bp-watch governs it: it is on where that one is, and off where that one is",
        "fsn1 does not run: it is switched off",
        "blueprint.watch.enabled",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let said = desk.done(&["why", "bp-watch"]);
    assert!(said.contains("its switch is also that of bp-falco, bp-syft-grype, bp-trivy"), "{said}");
    let line = text.lines().count();
    let said = desk.done(&["why", &format!("sovereign.toml:{line}")]);
    for name in ["bp-watch", "bp-falco", "bp-syft-grype", "bp-trivy"] {
        assert!(said.contains(&format!("{name} is switched off by it in fsn1")), "{name}\n{said}");
    }
}

#[test]
fn objects_of_a_kit_say_where_they_come_from() {
    let desk = Desk::new();
    let said = desk.done(&["why", "fsn1/gateway/kit-shop-edge-2.yaml:spec.issuerRef"]);
    for line in [
        "shipyard/shop-edge.yaml:35  [1].spec.issuerRef.name  worked out by this expression",
        "tls.ingress_issuer = ",
        "shipyard/shop-edge.yaml:35  [1].spec.issuerRef.kind  written in the blueprint",
        "the file is there because of this\n  shipyard/kit.toml:31  object[0].file",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let said = desk.done(&["why", "shop-edge.yaml"]);
    for line in [
        "fsn1 has them: the blueprint that they belong to runs here",
        "  in fsn1/gateway/kit-shop-edge-2.yaml\n",
        "hel1 does not have them: they stand in the primary only",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(desk.done(&["why", "shipyard/notice.yaml:8"]).contains("data.region = hel1"));
    for question in ["input.shop-host", "shop-edge", "bp-falco", "shipyard/kit.toml:31"] {
        let said = desk.done(&["why", question, "--format", "json"]);
        let schema = include_str!("../../schema/why.schema.json");
        let schema = jsonschema::draft7::new(&serde_json::from_str(schema).expect("JSON")).expect("a schema");
        let errors: Vec<_> =
            schema.iter_errors(&serde_json::from_str(&said).expect("JSON")).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{question}: {errors:?}\n{said}");
    }
}

#[test]
fn one_switch_turns_what_it_governs() {
    let desk = Desk::new();
    desk.done(&["build", "--out", "."]);
    let names = ["31-falco", "33-syft-grype", "30-trivy", "83-watch"];
    let is_there = |name: &str| !desk.tree(&format!("fsn1/releases/{name}.yaml")).is_empty();
    assert!(names.iter().all(|name| is_there(name)));
    desk.put("sovereign.toml", &format!("{MANIFEST}\n[blueprint.watch]\nenabled = false\n"));
    desk.done(&["build", "--out", "."]);
    assert!(!names.iter().any(|name| is_there(name)));
    // What it governs cannot go another way.
    let other = "\n[blueprint.watch]\nenabled = false\n\n[blueprint.falco]\nenabled = true\n";
    desk.put("sovereign.toml", &format!("{MANIFEST}{other}"));
    assert!(desk.refused(&["check"]).contains("error[contradicting-switch]"));
}

#[test]
fn objects_of_a_kit_are_its_digest_and_reach_every_place() {
    let desk = Desk::new();
    desk.done(&["kit", "pack", "shipyard", "--output", "one.tar.gz"]);
    desk.put("shipyard/notice.yaml", &NOTICE.replace("notice\n", "notices\n"));
    desk.done(&["kit", "pack", "shipyard", "--output", "two.tar.gz"]);
    let read = |name: &str| fs::read(desk.at(name)).expect("reads");
    assert_ne!(read("one.tar.gz"), read("two.tar.gz"));
}

/// Every mistake in a file of a kit is said at its place, and nothing panics.
#[test]
fn mistakes_in_a_kit_are_said_where_they_stand() {
    let cases = [
        ("shipyard/notice.yaml", "kind: ConfigMap", "kind: Secret", "error[kit-object]"),
        ("shipyard/notice.yaml", "kind: ConfigMap", "kind: config", "error[kit-object]"),
        ("shipyard/notice.yaml", "apiVersion: v1", "apiVersion: acme.example/v1", "brings `acme.example`"),
        ("shipyard/notice.yaml", "flux-system", "nowhere", "has no namespace `nowhere`"),
        ("shipyard/notice.yaml", "  name: notice\n", "", "without `metadata.name`"),
        ("shipyard/notice.yaml", "{{ region.name }}", "{{ region.nam }}", "error[bad-expression]"),
        ("shipyard/notice.yaml", "\"{{ region.name }}\"", "{{ region.name }}", "cannot be read"),
        ("shipyard/notice.yaml", "data:", "data: [", "cannot be read"),
        ("shipyard/notice.yaml", "data:", "kind: ConfigMap\ndata:", "cannot be read"),
        ("shipyard/kit.toml", "notice.yaml", "notices.yaml", "the kit has no file `notices.yaml`"),
        ("shipyard/kit.toml", "blueprint = \"shop\"", "blueprint = \"shopp\"", "error[unknown-blueprint]"),
        ("shipyard/kit.toml", "type = \"host\"", "type = \"hostname\"", "error[unknown-choice]"),
        ("shipyard/kit.toml", "default = \"small\"", "default = \"smal\"", "error[input-type]"),
        ("shipyard/81-shop.toml", "\"harbour\"", "\"harbor\"", "error[unknown-repository]"),
        ("shipyard/81-shop.toml", "input.shop_host", "input.shop_hosts", "error[bad-expression]"),
        ("shipyard/83-watch.toml", "\"bp-trivy\"", "\"bp-trivvy\"", "error[unknown-blueprint]"),
        ("sovereign.toml", "search = true", "search = \"yes\"", "error[input-type]"),
        ("sovereign.toml", "search = true", "serch = true", "error[unknown-input]"),
        ("sovereign.toml", "shop-host = \"shop.duqm.example\"\n", "", "error[missing-input]"),
    ];
    for (file, from, to, says) in cases {
        let desk = Desk::new();
        let text = fs::read_to_string(desk.at(file)).expect("reads");
        assert!(text.contains(from), "{file} has no {from}");
        desk.put(file, &text.replacen(from, to, 1));
        let said = desk.refused(&["check"]);
        assert!(said.contains(says), "{file}: {to}\n{said}");
        assert_eq!(said.matches("error[").count(), 1, "{file}: {to}\n{said}");
        assert!(said.contains(&format!(" --> {file}:")), "{file}: {to}\n{said}");
    }
}

#[test]
fn a_file_of_objects_that_nothing_names_is_said() {
    let desk = Desk::new();
    desk.put("shipyard/kit.toml", &KIT.replace("[[object]]\nfile = \"notice.yaml\"\n", ""));
    let said = desk.refused(&["check"]);
    assert!(said.contains(" --> shipyard/notice.yaml:1:1") && said.matches("error[").count() == 1, "{said}");
}

#[test]
fn a_release_goes_into_a_vcluster_where_that_runs() {
    let desk = Desk::new();
    desk.put(
        "shipyard/kit.toml",
        &KIT.replace(
            "remove = [\"mgmt-vcluster\", \"rtz-vcluster\", \"dmz-vcluster\", \"vcluster-helmrepo\", \"sandbox\"]\n",
            "",
        ),
    );
    let into = "\n[into]\nvcluster = \"dmz\"\nsecret = \"vc-dmz\"\nkey = \"config\"\nstorage-namespace = \"tides\"\n";
    desk.put("shipyard/82-tide-gauge.toml", &format!("{TIDE_GAUGE}{into}"));
    let said = desk.refused(&["check"]);
    assert!(
        said.contains("error[missing-vcluster]") && said.contains("shipyard/82-tide-gauge.toml"),
        "{said}"
    );
    desk.put("sovereign.toml", &MANIFEST.replacen("vclusters = []", "vclusters = [\"dmz\"]", 1));
    desk.done(&["build", "--out", "."]);
    let release = desk.tree("fsn1/releases/82-tide-gauge.yaml");
    for line in [
        "kubeConfig:",
        "name: vc-dmz",
        "key: config",
        "storageNamespace: tides",
        "name: bp-dmz-vcluster",
        "createNamespace: true",
    ] {
        assert!(release.contains(line), "{line}\n{release}");
    }
    assert_eq!(desk.tree("fsn1/namespaces/tide-gauge.yaml"), "");
    assert!(desk.done(&["secrets"]).contains("vc-dmz"));
}

/// Behind an air gap a named repository is redirected as the kit's own is, and the list of artifacts says both.
#[test]
fn named_repositories_are_redirected_and_listed() {
    let desk = Desk::new();
    let said = desk.done(&["artifacts"]);
    assert!(said.contains("ghcr.io/harbour/charts/bp-shop:1.4.0"), "{said}");
    assert!(said.contains("https://charts.tides.example/stable/bp-tide-gauge:0.9.2"), "{said}");
    let copied = desk.done(&["artifacts", "--format", "copy"]);
    let copied: String = copied.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(copied.contains("harbour/charts/bp-shop") && !copied.contains("tides.example"), "{copied}");
}

/// A kit on a later Flux; `bp-flux` is a chart that installs it.
const LATER: &str = r#"
name = "later"
extends = "2026.05"
flux = "2.9"

[controllers]
source = "ghcr.io/fluxcd/source-controller:v1.9.6"
kustomize = "ghcr.io/fluxcd/kustomize-controller:v1.9.6"
helm = "ghcr.io/fluxcd/helm-controller:v1.6.0"

[blueprint.flux]
version = "2.0.0"
"#;

#[test]
fn a_kit_on_a_later_flux_has_its_gate_and_its_controllers() {
    const GATE: &str = "--feature-gates=CancelHealthCheckOnNewRevision=true";
    let desk = Desk::new();
    fs::create_dir(desk.at("later")).expect("creates");
    desk.put("later/kit.toml", LATER);
    let (_, regions) = MANIFEST.split_once("[sovereign]").expect("a table");
    let regions = regions.replace("vclusters = []\n", "");
    let manifest = |kit: &str, flux: &str| format!("kit = {kit}\n{flux}[sovereign]{regions}");
    let arguments = |text: &str, controller: &str| -> Vec<String> {
        let (_, of_controller) = text.split_once(&format!("{controller}:\n")).unwrap_or_default();
        let lines = of_controller.lines().skip_while(|line| line.trim() != "additionalArgs:").skip(1);
        let items = lines.map_while(|line| line.trim().strip_prefix("- "));
        items.map(|item| item.trim_matches('"').to_owned()).collect()
    };
    let built = |kit: &str, flux: &str| {
        desk.put("sovereign.toml", &manifest(kit, flux));
        desk.done(&["build", "--out", "."]);
        desk.tree("fsn1/foundation/03-flux.yaml")
    };

    let plain = built(r#"{ path = "later" }"#, "");
    assert_eq!(arguments(&plain, "kustomizeController"), [GATE]);
    assert!(!plain.contains("sourceController"), "{plain}");

    let sharded = built(r#"{ path = "later" }"#, "[flux]\nshards = 1\n\n");
    let unsharded = "--watch-label-selector=!sharding.fluxcd.io/key";
    assert_eq!(arguments(&sharded, "kustomizeController"), [unsharded, GATE]);
    assert_eq!(arguments(&sharded, "helmController"), [unsharded]);
    let of_shard = |name: &str| {
        let shards = desk.at("clusters/duqm.omani.works/fsn1/shards");
        let files = fs::read_dir(shards).expect("a layer").map(|entry| entry.expect("a file").path());
        let texts = files.map(|path| fs::read_to_string(path).expect("text"));
        texts.into_iter().find(|text| text.contains(name)).expect("a controller")
    };
    let controller = of_shard("image: ghcr.io/fluxcd/kustomize-controller:v1.9.6");
    assert!(controller.contains(GATE), "{controller}");
    assert!(!of_shard("image: ghcr.io/fluxcd/helm-controller:v1.6.0").contains(GATE));

    // Flux 2.4, which the kit of the program installs, does not start with a gate that it does not know.
    assert!(!built("\"2026.05\"", "").contains(GATE));
    assert!(!built("\"2026.05\"", "[flux]\nshards = 1\n\n").contains(GATE));
    assert!(!of_shard("kustomize-controller").contains(GATE));

    desk.put("later/kit.toml", &LATER.replace("[blueprint.flux]\nversion = \"2.0.0\"\n", ""));
    desk.put("sovereign.toml", &manifest(r#"{ path = "later" }"#, ""));
    let said = desk.refused(&["check"]);
    assert!(
        said.contains("error[flux-mismatch]: bp-flux 1.2.6 installs Flux 2.4, and the kit says 2.9"),
        "{said}"
    );
}
