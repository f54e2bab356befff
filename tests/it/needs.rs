//! What trees need from outside: read from the lists as other programs read them, and held against the trees.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use serde_json::Value as Json;
use sovereign::cli::{self, Environment, Exit};
use sovereign_compile::compile;
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use crate::laws::{read, tree};

/// The examples behind an air gap: their names, and what stands inside with them.
const AIRGAPPED: [(&str, &str, [&str; 4]); 2] = [
    (
        "airgapped",
        "sovereign.bunker.example",
        ["harbor.bunker.example", "git.bunker.example", "s3.bunker.example", ""],
    ),
    (
        "airgapped-corporate",
        "cloud.falaj.example",
        ["registry.falaj.example", "git.falaj.example", "s3.falaj.example", ""],
    ),
];

/// What a run prints.
fn printed(args: &[&str]) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = std::iter::once("sovereign").chain(args.iter().copied());
    let exit = cli::run(args, &Environment::default(), &mut out, &mut err);
    assert_eq!(exit, Exit::Done, "{}", String::from_utf8_lossy(&err));
    String::from_utf8(out).unwrap()
}

fn example(name: &str) -> String {
    format!("examples/{name}.toml")
}

/// Words with dots in a tree that are no hosts: groups of APIs, domains of labels, files, fields.
const NO_HOSTS: [&str; 25] = [
    "README.md",
    "catalyst.openova.io",
    "cert-manager.io",
    "container.apparmor.security.beta.kubernetes.io",
    "gateway.networking.k8s.io",
    "helm.toolkit.fluxcd.io",
    "k3s.sh",
    "key_provider.pbkdf2.state",
    "kustomize.config.k8s.io",
    "kustomize.toolkit.fluxcd.io",
    "lua.zone",
    "metadata.name",
    "method.aes_gcm.state",
    "node-role.kubernetes.io",
    "objectStorage.s3.accessKey",
    "objectStorage.s3.secretKey",
    "openova.io",
    "pod-security.kubernetes.io",
    "providers.pkg.crossplane.io",
    "reconcile.fluxcd.io",
    "source.toolkit.fluxcd.io",
    "sovereign.lock",
    "sovereign.toml",
    "spec.containers",
    "terraform.tfstate",
];
/// Endings of files in which no domain ends.
const FILES: [&str; 7] = ["crt", "ini", "json", "jwk", "key", "yaml", "yml"];

/// Every byte of every file is looked at, keys and comments too, and without what the compiler knows of hosts: a word with a
/// dot is one unless it is inside or stands above.
#[test]
fn an_airgapped_tree_names_no_host_outside() {
    for (name, fqdn, inside) in AIRGAPPED {
        let manifest = fs::read_to_string(example(name)).unwrap();
        // Its addresses of mail, and what its name is delegated from.
        let (_, domain) = fqdn.split_once('.').unwrap();
        let zone = format!("{fqdn}.zone");
        let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
        for (path, text) in tree(&manifest, &Kits::embedded()).files() {
            for word in words(text) {
                let last = word.rsplit('.').next().unwrap();
                let is_outside = word.parse::<Ipv4Addr>().is_ok_and(|address| !is_near(address));
                let is_name = last.len() > 1 && last.bytes().all(|b| b.is_ascii_alphabetic());
                let is_own = word == fqdn || word.ends_with(&format!(".{fqdn}"));
                let is_known = is_own || word.ends_with(".svc.cluster.local") || inside.contains(&word);
                seen.insert(word.to_owned());
                let is_other =
                    NO_HOSTS.contains(&word) || FILES.contains(&last) || [domain, &zone].contains(&word);
                if is_outside || (is_name && !is_known && !is_other) {
                    wrong.push(format!("{name}: {path}: {word}"));
                }
            }
        }
        assert!(inside.iter().all(|host| host.is_empty() || seen.contains(*host)), "{name} has {seen:?}");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The words of a text that have a dot in them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    text.split(ends).map(|word| word.trim_matches(['.', '-', '_'])).filter(|word| word.contains('.'))
}

/// Private networks, a machine itself, and networks of examples: the addresses that the manifests observe.
fn is_near(address: Ipv4Addr) -> bool {
    address.is_private() || address.is_loopback() || address.is_documentation() || address.is_unspecified()
}

/// The images of the Sovereign's own registry that the values below name.
const OWN: [&str; 7] = [
    "a/text:1.0.0",
    "a/name:2.0.0",
    "a/keys:3.0.0",
    "a/sidecar:4.0.0",
    "a/env:5.0.0",
    "a/arg:6.0.0",
    "a/block:7.0.0",
];

/// Everything that a tree names, in every form in which values name it, is in the list: as what it is, at its full name, with
/// who needs it. Nothing else is.
#[test]
fn the_list_is_what_the_tree_names() {
    let base = fs::read_to_string(example("airgapped")).unwrap();
    // An environment has the code of its region, which has three letters.
    let base = base.replace("name = \"eu\"", "name = \"eu\"\ncode = \"eur\"");
    let more = r#"
[provisioning]
api = "https://git.bunker.example/sovereign"

[blueprint.loki.values]
image = "harbor.bunker.example/a/text:1.0.0"
imageName = "harbor.bunker.example/a/name:2.0.0"
one = { imageRepository = "harbor.bunker.example/a/keys", imageTag = "3.0.0" }
sidecar = { registry = "harbor.bunker.example", repository = "a/sidecar", tag = "4.0.0" }
env = [{ name = "RELATED_IMAGE_PROXY", value = "harbor.bunker.example/a/env:5.0.0" }]
args = ["--reloader-image=harbor.bunker.example/a/arg:6.0.0"]
pod = """
containers:
  - image: harbor.bunker.example/a/block:7.0.0
"""
joined = { global.imageRegistry = "harbor.bunker.example", image = { repository = "proxy-dockerhub/nginx", tag = "8.0.0" } }

[[organization]]
slug = "acme"
display-name = "ACME"
tier = "sme"
owners = [{ email = "owner@acme.example", role = "owner" }]

[[organization.environment]]
regions = ["eu"]

[[organization.environment.application]]
name = "blog"
blueprint = { name = "bp-wordpress", version = "1.3.0" }
parameters.image = "harbor.bunker.example/a/parameter:9.0.0"
"#;
    let before = artifacts(&base);
    let after = artifacts(&format!("{base}{more}"));
    let artifact = |kind: &str, wanted: &str, upstream: Option<&str>, who: &str| {
        let upstream = upstream.map_or(Json::Null, Json::from);
        let (wanted, tag) = wanted.rsplit_once(':').unwrap();
        serde_json::json!({
            "kind": kind,
            "wanted": format!("harbor.bunker.example/{wanted}"),
            "tag": tag,
            "said-by": "tree",
            "upstream": upstream,
            "needed-by": [{ "region": "eu", "name": who }],
        })
    };
    let own = |path: &str| artifact("image", path, None, "bp-loki");
    let mut expected = vec![
        artifact(
            "chart",
            "openova-io/bp-wordpress:1.3.0",
            Some("ghcr.io/openova-io/bp-wordpress"),
            "Application acme/blog",
        ),
        artifact("image", "proxy-dockerhub/nginx:8.0.0", Some("docker.io/library/nginx"), "bp-loki"),
        artifact("image", "a/parameter:9.0.0", None, "Application acme/blog"),
    ];
    expected.extend(OWN.map(own));
    let (known, found) = (before["artifacts"].as_array().unwrap(), after["artifacts"].as_array().unwrap());
    // What the vCluster of every Organization needs.
    let of_vcluster = |artifact: &Json| artifact["needed-by"][0]["name"] == "HelmRelease vcluster";
    let new: Vec<_> =
        found.iter().filter(|artifact| !known.contains(artifact) && !of_vcluster(artifact)).collect();
    let text = |list: &[&Json]| list.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(text(&new), text(&expected.iter().collect::<Vec<_>>()));
    let hosts = |json: &Json| -> BTreeSet<String> {
        json["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|host| host["host"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(hosts(&before), hosts(&after));
    let who = |json: &Json, host: &str| {
        let all = json["hosts"].as_array().unwrap();
        all.iter().find(|entry| entry["host"] == host).unwrap()["needed-by"].to_string()
    };
    assert!(who(&after, "harbor.bunker.example").contains("Application acme/blog"));
    assert!(after["images-not-known"].as_array().unwrap().contains(&"bp-wordpress".into()));
}

/// What Docker calls by a short name has its full name in every format: that is what skopeo writes and reads.
#[test]
fn short_names_are_written_out() {
    let base = fs::read_to_string(example("minimal")).unwrap();
    let more = "\n[blueprint.loki.values]\nimage = \"nginx:1.27\"\nx = { repository = \"bitnami/redis\", tag = \"7.2\" }\n";
    let manifest = Manifest::new(&format!("{base}{more}"));
    let copies = printed(&["artifacts", manifest.path(), "--format", "copy"]);
    let skopeo = printed(&["artifacts", manifest.path(), "--format", "skopeo"]);
    let text = printed(&["artifacts", manifest.path()]);
    for (path, tag) in [("bitnami/redis", "7.2"), ("library/nginx", "1.27")] {
        assert!(copies.lines().any(|line| line == format!("docker.io/{path}:{tag}\tdocker.io/{path}:{tag}")));
        assert!(text.contains(&format!("\n  docker.io/{path}:{tag}\n")));
        let list: Json = serde_saphyr::from_str(&skopeo).unwrap();
        assert_eq!(list["docker.io"]["images"][path], serde_json::json!([tag]));
    }
}

/// A manifest on the disk, as long as this lives.
struct Manifest(tempfile::NamedTempFile);

impl Manifest {
    fn new(text: &str) -> Self {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        fs::write(file.path(), text).unwrap();
        Self(file)
    }

    fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

/// What a manifest needs from outside, as JSON.
fn artifacts(text: &str) -> Json {
    let manifest = Manifest::new(text);
    serde_json::from_str(&printed(&["artifacts", manifest.path(), "--format", "json"])).unwrap()
}

/// The switches that upstream documents, by the blueprint that has them.
const TELEMETRY: [(&str, &str); 9] = [
    ("bp-alloy", "/alloy/alloy/enableReporting"),
    ("bp-loki", "/loki/loki/analytics/reporting_enabled"),
    ("bp-mimir", "/mimir-distributed/mimir/structuredConfig/usage_stats/enabled"),
    ("bp-tempo", "/tempo/tempo/reportingEnabled"),
    ("bp-grafana", "/grafana/grafana.ini/analytics/reporting_enabled"),
    ("bp-grafana", "/grafana/grafana.ini/analytics/check_for_updates"),
    ("bp-dmz-vcluster", "/vcluster/telemetry/enabled"),
    ("bp-mgmt-vcluster", "/vcluster/telemetry/enabled"),
    ("bp-rtz-vcluster", "/vcluster/telemetry/enabled"),
];

#[test]
fn an_airgapped_tree_reports_to_nobody() {
    for (name, _, _) in AIRGAPPED {
        let tree = tree(&fs::read_to_string(example(name)).unwrap(), &Kits::embedded());
        let mut found = BTreeSet::new();
        for (path, text) in
            tree.files().iter().filter(|(path, _)| path.as_str().strip_suffix(".yaml").is_some())
        {
            let object = read(text);
            for (release, switch) in TELEMETRY {
                if object["kind"] == "HelmRelease" && object["metadata"]["name"] == release {
                    let value = object["spec"]["values"].pointer(switch);
                    assert_eq!(value, Some(&Json::Bool(false)), "{path}: {switch}");
                    found.insert((release, switch));
                }
            }
        }
        assert_eq!(found.len(), TELEMETRY.len(), "{name}");
    }
}

#[test]
fn the_skopeo_list_holds_every_chart_of_the_tree_and_only_tagged_artifacts() {
    for name in ["minimal", "failover", "airgapped-corporate", "own-blueprints"] {
        let text = printed(&["artifacts", &example(name), "--format", "skopeo"]);
        let list: BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<String>>>> =
            serde_saphyr::from_str(&text).unwrap();
        let mut listed = BTreeSet::new();
        for (registry, parts) in &list {
            assert!(registry.contains('.') && parts.keys().eq(["images"]), "{registry}");
            for (path, tags) in &parts["images"] {
                assert!(!tags.is_empty(), "without a tag, skopeo copies every tag of {path}");
                listed.extend(tags.iter().map(|tag| format!("{registry}/{path}:{tag}")));
            }
        }
        let json: Json =
            serde_json::from_str(&printed(&["artifacts", &example(name), "--format", "json"])).unwrap();
        let charts =
            json["artifacts"].as_array().unwrap().iter().filter(|artifact| artifact["kind"] == "chart");
        let mut count = 0;
        for chart in charts {
            let (upstream, tag) = (chart["upstream"].as_str().unwrap(), chart["tag"].as_str().unwrap());
            assert!(listed.contains(&format!("{upstream}:{tag}")), "{chart}");
            count += 1;
        }
        assert!(count >= 50, "{name}: {count} charts");
    }
}

/// A repository of charts is no registry: `skopeo sync` would stop at it.
#[test]
fn a_chart_that_only_helm_can_bring_is_a_comment_and_no_copy() {
    let base = fs::read_to_string(example("airgapped")).unwrap();
    let base = base.replace("name = \"eu\"", "name = \"eu\"\ncode = \"eur\"");
    let organization = r#"
[[organization]]
slug = "acme"
display-name = "ACME"
tier = "sme"
owners = [{ email = "owner@acme.example", role = "owner" }]
environment = [{ regions = ["eu"] }]
"#;
    let manifest = Manifest::new(&format!("{base}{organization}"));
    let list = |format| printed(&["artifacts", manifest.path(), "--format", format]);
    let wanted = "harbor.bunker.example/loft-sh/vcluster:0.20.0";
    assert!(list("text").contains(wanted), "{}", list("text"));
    assert!(!list("copy").contains("charts.loft.sh"), "{}", list("copy"));
    let skopeo = list("skopeo");
    let of_loft: Vec<_> = skopeo.lines().filter(|line| line.contains("charts.loft.sh")).collect();
    assert!(of_loft.iter().all(|line| line.starts_with("# ")), "{of_loft:?}");
    let comment = "# Not here, since only Helm reads its repository: charts.loft.sh/vcluster:0.20.0";
    assert!(of_loft.contains(&comment), "{of_loft:?}");
}

/// What stands behind an air gap is copied to exactly the place that the tree asks.
#[test]
fn the_copies_of_an_airgapped_tree_go_to_the_places_that_it_asks() {
    let name = "airgapped-corporate";
    let copies = printed(&["artifacts", &example(name), "--format", "copy"]);
    let wanted: BTreeSet<_> = copies.lines().map(|line| line.split_once('\t').unwrap().1).collect();
    let tree = tree(&fs::read_to_string(example(name)).unwrap(), &Kits::embedded());
    let mut asked = 0;
    for (path, text) in tree.files().iter().filter(|(path, _)| path.as_str().strip_suffix(".yaml").is_some())
    {
        let object = read(text);
        if object["kind"] == "HelmRelease" {
            let chart = &object["spec"]["chart"]["spec"];
            let (chart, version) = (chart["chart"].as_str().unwrap(), chart["version"].as_str().unwrap());
            let place = format!("registry.falaj.example/openova-io/{chart}:{version}");
            assert!(wanted.contains(place.as_str()), "{path}: {place}");
            asked += 1;
        }
    }
    assert!(asked > 80, "{asked}");
    for line in copies.lines() {
        let (from, to) = line.split_once('\t').unwrap();
        assert!(
            !from.starts_with("registry.falaj.example/") && to.starts_with("registry.falaj.example/"),
            "{line}"
        );
    }
}

/// Every byte of every file is looked at: what stands behind the registry's name is a place that must hold something.
#[test]
fn every_place_in_the_registry_that_a_tree_names_is_in_the_list() {
    for (name, _, [registry, ..]) in AIRGAPPED {
        let json: Json =
            serde_json::from_str(&printed(&["artifacts", &example(name), "--format", "json"])).unwrap();
        let listed: BTreeSet<_> = json["artifacts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|artifact| (artifact["wanted"].as_str().unwrap(), artifact["tag"].as_str()))
            .collect();
        let mut seen = 0;
        let tree = tree(&fs::read_to_string(example(name)).unwrap(), &Kits::embedded());
        for (path, text) in tree.files() {
            for (start, _) in text.match_indices(&format!("{registry}/")) {
                let ends = |c: char| !(c.is_ascii_alphanumeric() || "./-_:@".contains(c));
                let word = text[start..].split(ends).next().unwrap().trim_end_matches(['.', ':', '/']);
                let (place, tag) = word.split_once([':', '@']).map_or((word, None), |(a, b)| (a, Some(b)));
                let is_listed = listed.iter().any(|(wanted, known)| match tag {
                    Some(tag) => *wanted == place && *known == Some(tag),
                    // The tag stands elsewhere, or it is where charts are.
                    None => *wanted == place || wanted.starts_with(&format!("{place}/")),
                });
                assert!(is_listed, "{name}: {path}: {word}");
                seen += 1;
            }
        }
        assert!(seen > 50, "{name}: {seen}");
    }
}

#[test]
fn external_secrets_make_what_the_manifest_names_and_leave_out_what_comes_first() {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("made");
    let args = ["secrets", "examples/airgapped-corporate.toml", "--write", "external-secrets", "--out"];
    let args = [&args[..], &[out.to_str().unwrap()]].concat();
    printed(&args);
    let object = |name: &str| read(&fs::read_to_string(out.join("me-east-215-a").join(name)).unwrap());
    let ca = object("cert-manager.falaj-issuing-ca.yaml");
    assert_eq!(ca["apiVersion"], "external-secrets.io/v1beta1");
    assert_eq!(ca["spec"]["secretStoreRef"]["name"], "vault-region1");
    let remote = &ca["spec"]["data"][0]["remoteRef"];
    assert_eq!(
        (&remote["key"], &remote["property"]),
        (&"catalyst/cert-manager/falaj-issuing-ca".into(), &"tls.crt".into())
    );
    assert_eq!(ca["spec"]["data"].as_array().map(Vec::len), Some(2));
    // Flux reads the repository before anything runs.
    assert!(!out.join("me-east-215-a/flux-system.sovereign-git.yaml").exists());
    // Again, nothing changes; what somebody changed is not overwritten.
    printed(&args);
    let file = out.join("me-east-215-a/cert-manager.falaj-issuing-ca.yaml");
    fs::write(&file, "mine").unwrap();
    let (mut words, mut err) = (Vec::new(), Vec::new());
    let all = std::iter::once("sovereign").chain(args.iter().copied());
    assert_eq!(cli::run(all, &Environment::default(), &mut words, &mut err), Exit::Environment);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn every_secret_of_an_example_has_somebody_who_makes_it() {
    for entry in fs::read_dir("examples").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let json: Json =
            serde_json::from_str(&printed(&["secrets", path.to_str().unwrap(), "--format", "json"])).unwrap();
        let list = json["secrets"].as_array().unwrap();
        assert!(!list.is_empty());
        for secret in list {
            assert_ne!(secret["provider"], "nobody", "{}: {secret}", path.display());
        }
    }
}

/// Grafana's chart has keys of its own for Secrets; what parameters of an application name, a person makes in its namespace.
#[test]
fn secrets_that_only_values_and_parameters_name_are_listed() {
    let base = fs::read_to_string(example("airgapped"))
        .unwrap()
        .replace("name = \"eu\"", "name = \"eu\"\ncode = \"eur\"");
    let more = r#"
[blueprint.grafana.values.grafana]
envFromSecret = "grafana-env"
envFromSecrets = [{ name = "grafana-more", optional = true }]
extraSecretMounts = [{ name = "files", mountPath = "/etc/files", secretName = "grafana-files" }]

[[organization]]
slug = "acme"
display-name = "ACME"
tier = "sme"
owners = [{ email = "owner@acme.example", role = "owner" }]

[[organization.environment]]
regions = ["eu"]

[[organization.environment.application]]
name = "blog"
blueprint = { name = "bp-wordpress", version = "1.3.0" }
parameters = { auth.existingSecret = "blog-db", imagePullSecrets = [{ name = "blog-pull" }] }
"#;
    let text = format!("{base}{more}");
    let secrets = secrets_of(&text);
    let found =
        |id: &str| secrets.get(&("eu".to_owned(), id.to_owned())).unwrap_or_else(|| panic!("no {id}"));
    for id in ["grafana/grafana-env", "grafana/grafana-more", "grafana/grafana-files"] {
        assert_eq!(found(id)["provider"], "unsaid", "{id}");
    }
    for (id, keys) in [("acme/blog-db", &[][..]), ("acme/blog-pull", &[".dockerconfigjson"])] {
        let secret = found(id);
        assert_eq!(secret["provider"], "operator", "{id}");
        assert_eq!(secret["keys"], serde_json::json!(keys), "{id}");
        assert_eq!(secret["readers"], serde_json::json!(["Application blog"]), "{id}");
    }
    // What one Organization names changes no file of the platform.
    let readme = tree(&text, &Kits::embedded())
        .files()
        .iter()
        .find(|(path, _)| path.as_str() == "README.md")
        .unwrap()
        .1
        .clone();
    assert!(!readme.contains("blog-db"));
}

/// The list of a manifest, by region and name.
fn secrets_of(manifest: &str) -> BTreeMap<(String, String), Json> {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    fs::write(file.path(), manifest).unwrap();
    let json = printed(&["secrets", file.path().to_str().unwrap(), "--format", "json"]);
    let json: Json = serde_json::from_str(&json).unwrap();
    let word = |secret: &Json, key: &str| secret[key].as_str().unwrap().to_owned();
    let list = json["secrets"].as_array().unwrap().iter();
    list.map(|secret| {
        let id = format!("{}/{}", word(secret, "namespace"), word(secret, "name"));
        ((word(secret, "region"), id), secret.clone())
    })
    .collect()
}

/// The primary is at another provider than the regions that its Crossplane makes.
fn claims_from_elsewhere() -> String {
    let text = fs::read_to_string(example("crossplane")).unwrap();
    text.replacen(
        "name = \"hel1\"\nprovider = \"hetzner\"",
        "name = \"me-east-215-a\"\nprovider = \"huawei\"",
        1,
    )
    .replacen(
        "size = \"cpx32\", count = 3 }\nworkers = { size = \"cpx42\"",
        "size = \"m7n.large.8\", count = 3 }\nworkers = { size = \"m7n.large.8\"",
        1,
    )
    .replace("peers = [\"hel1\"]", "")
}

/// Whose a Secret is follows from who makes the machines: no cloud-init, no Secret.
#[test]
fn where_no_cloud_init_runs_a_person_makes_what_it_would_write() {
    let text = |name: &str| fs::read_to_string(example(name)).unwrap();
    let maker = |list: &BTreeMap<(String, String), Json>, region: &str, id: &str| {
        let secret = &list[&(region.to_owned(), id.to_owned())];
        (secret["provider"].as_str().unwrap().to_owned(), secret["made-by"].as_str().unwrap().to_owned())
    };
    let person = |why: &str| ("operator".to_owned(), format!("you: {why}"));
    let cloud_init = ("cloud-init".to_owned(), "cloud-init".to_owned());
    let nobody_else = person("no cloud-init runs here");

    let elsewhere = secrets_of(&text("airgapped"));
    for id in
        ["flux-system/ghcr-pull", "flux-system/harbor-robot-token", "cert-manager/powerdns-api-credentials"]
    {
        assert_eq!(maker(&elsewhere, "eu", id), nobody_else, "{id}");
    }
    assert_eq!(elsewhere[&("eu".into(), "flux-system/ghcr-pull".into())]["keys"][0], ".dockerconfigjson");

    let claimed = secrets_of(&text("crossplane"));
    for id in ["flux-system/ghcr-pull", "flux-system/cloud-credentials"] {
        assert_eq!(maker(&claimed, "hel1", id), cloud_init, "{id}");
        assert_eq!(maker(&claimed, "nbg1", id), nobody_else, "{id}");
    }

    let first = secrets_of(&text("omantel"));
    assert_eq!(maker(&first, "hel1", "flux-system/ghcr-pull"), cloud_init);
    assert_eq!(
        maker(&first, "hel1", "crossplane-system/hcloud-credentials"),
        person("cloud-init of infra/hetzner does not write it")
    );

    let abroad = secrets_of(&claims_from_elsewhere());
    let added = ("operator".to_owned(), "cloud-init, and you: add `hcloud-token`".to_owned());
    assert_eq!(maker(&abroad, "me-east-215-a", "flux-system/cloud-credentials"), added);
    assert_eq!(maker(&abroad, "nbg1", "flux-system/cloud-credentials"), nobody_else);

    let named = secrets_of(&text("failover"));
    assert_eq!(maker(&named, "nbg1", "flux-system/object-storage"), cloud_init);
    let own = secrets_of(&text("failover").replace("\"object-storage\"", "\"mine\""));
    assert_eq!(maker(&own, "nbg1", "flux-system/mine"), person("storage.object.credentials"));
}

#[test]
fn values_name_secrets_as_charts_and_pods_do() {
    let values = r#"
[blueprint.coraza.values]
imagePullSecrets = [{ name = "pull-a" }, "pull-b"]
extraEnv = [{ name = "A", valueFrom = { secretKeyRef = { name = "env", key = "word", optional = true } } }]
volumes = [
    { name = "one", secret = { secretName = "whole" } },
    { name = "two", secret = { secretName = "part", items = [{ key = "a.pem", path = "a.pem" }] } },
]
tokenSecretRef = { name = "token", key = "t" }
"#;
    let text = fs::read_to_string(example("minimal")).unwrap() + values;
    let list = secrets_of(&text);
    for (name, keys) in [
        ("pull-a", &[".dockerconfigjson"][..]),
        ("pull-b", &[".dockerconfigjson"]),
        ("env", &["word"]),
        ("whole", &[]),
        ("part", &["a.pem"]),
        ("token", &["t"]),
    ] {
        let secret = &list[&("fsn1".to_owned(), format!("coraza/{name}"))];
        assert_eq!(
            (&secret["keys"], &secret["provider"]),
            (&Json::from(keys), &Json::from("unsaid")),
            "{name}"
        );
        assert_eq!(secret["readers"], Json::from(&["bp-coraza"][..]));
    }
}

#[test]
fn what_cloud_init_left_out_is_added_to_what_it_wrote() {
    let scratch = tempfile::tempdir().unwrap();
    let (manifest, out) = (scratch.path().join("sovereign.toml"), scratch.path().join("made"));
    fs::write(&manifest, claims_from_elsewhere()).unwrap();
    printed(&[
        "secrets",
        manifest.to_str().unwrap(),
        "--write",
        "external-secrets",
        "--out",
        out.to_str().unwrap(),
    ]);
    let spec = |region: &str| {
        read(&fs::read_to_string(out.join(region).join("flux-system.cloud-credentials.yaml")).unwrap())["spec"]
            .take()
    };
    let (added, whole) = (spec("me-east-215-a"), spec("nbg1"));
    let keys = |spec: &Json| -> Vec<String> {
        let data = spec["data"].as_array().unwrap().iter();
        data.map(|entry| entry["secretKey"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (&added["target"]["creationPolicy"], keys(&added)),
        (&"Merge".into(), vec!["hcloud-token".into()])
    );
    assert_eq!((&whole["target"]["creationPolicy"], keys(&whole).len()), (&Json::Null, 5));
}

#[test]
fn a_store_that_nothing_brings_is_named() {
    let words = |manifest: &str| {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        fs::write(file.path(), manifest).unwrap();
        let args = ["sovereign", "secrets", file.path().to_str().unwrap(), "--write", "external-secrets"];
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert_eq!(cli::run(args, &Environment::default(), &mut out, &mut err), Exit::Done);
        String::from_utf8(err).unwrap()
    };
    let text = fs::read_to_string(example("airgapped")).unwrap();
    assert!(!words(&text).contains("ClusterSecretStore"));
    let off = words(&(text + "\n[blueprint.external-secrets-stores]\nenabled = false\n"));
    let line = "eu: `bp-external-secrets-stores` does not run there, so nothing brings the ClusterSecretStore `vault-region1`";
    assert!(off.contains(line), "{off}");
    // What Flux needs first is a person's here, so it is named too.
    assert!(off.contains("eu: flux-system/ghcr-pull is needed before OpenBao runs"), "{off}");
}

/// The TOML of a page, each block laid over the same example.
fn compile_examples(page: &Path, base: &str, count: usize) {
    let page = fs::read_to_string(page).unwrap();
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), count, "a block that nobody compiles");
    for block in blocks {
        let text = format!("{base}\n{block}");
        let source =
            Source::manifest("sovereign.toml", text.into_bytes()).map_err(|(fault, _)| fault).unwrap();
        let mut diags = Diagnostics::new();
        let compiled = compile(&Input::new(source), &Kits::embedded(), &mut diags);
        assert!(compiled.is_ok(), "{:#?}\n{block}", diags.sorted());
    }
}

/// A Sovereign without the tables that the pages speak of.
const BASE: &str = r#"
kit = "2026.05"
sovereign = { name = "falaj", organization = { name = "Falaj", email = "ops@falaj.example" } }
domain = { mode = "byo-manual", fqdn = "cloud.falaj.example" }
region = [
    { name = "me-east-215-a", provider = "huawei", control-plane.size = "m7n.large.8" },
]
"#;

#[test]
fn the_examples_of_the_pages_compile() {
    compile_examples(Path::new("docs/air-gap.md"), BASE, 1);
    let git = "gitops = { url = \"https://git.falaj.example/a/b\", credentials = { secret = \"git\" } }";
    compile_examples(Path::new("docs/secrets.md"), &format!("{BASE}{git}"), 1);
}
