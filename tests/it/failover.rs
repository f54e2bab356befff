//! Failover: what upstream's own samples become, and how little a change of one application changes.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value as Json, json};
use sovereign::cli::{self, Environment, Exit};
use sovereign_compile::compile;
use sovereign_compile::tree::Tree;
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use crate::generate::{application, model, print};
use crate::laws::{changed, law, read, tree};

/// A Sovereign of three regions that do not know their addresses yet.
const THREE: &str = r#"
kit = "2026.05"
sovereign = { name = "omantel", organization = { name = "Omantel", email = "ops@omantel.om" } }
domain = { mode = "pool", parent = "openova.io" }
gitops.url = "https://github.com/openova-io/openova"
tls.names = ["*.acme-prod.omantel.openova.io"]
region = [
    { name = "fsn1", provider = "hetzner", control-plane.size = "cpx32" },
    { name = "hel1", provider = "hetzner", control-plane.size = "cpx32" },
    { name = "nbg1", provider = "hetzner", control-plane.size = "cpx32" },
]
"#;

/// The one Continuum of a manifest, as its file says.
fn continuum(failover: &str, name: &str) -> Json {
    let tree = tree(&format!("{THREE}{failover}"), &Kits::embedded());
    let file = format!("fsn1/failover/continuum-{name}.yaml");
    let found = tree.files().iter().find(|(path, _)| path.as_str() == file);
    read(found.unwrap_or_else(|| panic!("no {file}")).1)
}

/// Upstream's first valid sample (domain section 5.1), with ids where it has some.
#[test]
fn a_sample_with_a_key_value_store_comes_out_field_by_field() {
    let found = continuum(
        r#"
        [failover]
        [[failover.application]]
        name = "marketing-site"
        namespace = "acme"
        primary = "fsn1"
        standbys = ["hel1"]
        witness = { kind = "cloudflare-kv", account = "a1", namespace = "k1", token = { secret = "continuum-cf-token", key = "token" } }
        lease = { ttl = "30s", renew = "10s" }
        health = { url = "https://marketing.acme-prod.omantel.openova.io/health", interval = "5s", timeout = "2s" }
        objectives = { rto = "60s", rpo = "5s" }
        auto-failover = true
        "#,
        "acme-marketing-site-dr",
    );
    let expected = json!({
        "apiVersion": "dr.openova.io/v1",
        "kind": "Continuum",
        "metadata": { "name": "marketing-site-dr", "namespace": "acme" },
        "spec": {
            "applicationRef": "marketing-site",
            "primaryRegion": "hz-fsn-rtz-prod",
            "hotStandbyRegions": ["hz-hel-rtz-prod"],
            "leaseClient": {
                "kind": "cloudflare-kv",
                "config": {
                    "kvNamespaceId": "k1",
                    "accountId": "a1",
                    "tokenSecretRef": { "name": "continuum-cf-token", "key": "token" },
                    "ttlSeconds": 30,
                    "renewSeconds": 10,
                },
            },
            "luaRecord": {
                "selector": "ifurlup",
                "healthCheck": {
                    "url": "https://marketing.acme-prod.omantel.openova.io/health",
                    "intervalSeconds": 5,
                    "timeoutSeconds": 2,
                },
            },
            "rto": "60s",
            "rpo": "5s",
            "autoFailover": true,
        },
    });
    assert_eq!(found, expected);
}

/// Upstream's second valid sample.
#[test]
fn a_sample_with_a_quorum_comes_out_field_by_field() {
    let found = continuum(
        r#"
        [failover]
        [[failover.application]]
        name = "api-gateway"
        continuum = "api-active-passive"
        namespace = "bank"
        primary = "fsn1"
        standbys = ["hel1", "nbg1"]
        witness = { kind = "dns-quorum", resolvers = ["8.8.8.8", "1.1.1.1", "9.9.9.9"] }
        lease = { ttl = "60s", renew = "20s" }
        selector = "pickclosest"
        objectives = { rto = "5m", rpo = "1m" }
        auto-failover = false
        "#,
        "bank-api-active-passive",
    );
    let expected = json!({
        "apiVersion": "dr.openova.io/v1",
        "kind": "Continuum",
        "metadata": { "name": "api-active-passive", "namespace": "bank" },
        "spec": {
            "applicationRef": "api-gateway",
            "primaryRegion": "hz-fsn-rtz-prod",
            "hotStandbyRegions": ["hz-hel-rtz-prod", "hz-nbg-rtz-prod"],
            "leaseClient": {
                "kind": "dns-quorum",
                "config": {
                    "resolvers": ["8.8.8.8", "1.1.1.1", "9.9.9.9"],
                    "ttlSeconds": 60,
                    "renewSeconds": 20,
                },
            },
            "luaRecord": { "selector": "pickclosest" },
            "rto": "5m",
            "rpo": "1m",
            "autoFailover": false,
        },
    });
    assert_eq!(found, expected);
}

/// Every field of a Raft transition, and nothing that the controller writes.
#[test]
fn a_raft_transition_has_every_field() {
    let found = continuum(
        r#"
        [failover]
        witness = { kind = "dns-quorum", resolvers = ["8.8.8.8", "1.1.1.1", "9.9.9.9"] }
        [[failover.application]]
        name = "openbao"
        namespace = "openbao"
        raft = { namespace = "openbao", pod = "openbao-0", container = "bao", data-path = "/data", snapshot-path = "/s", binary = "vault" }
        "#,
        "openbao-openbao-dr",
    );
    let expected = json!({
        "mechanism": "raft-transition",
        "raftTransition": {
            "namespace": "openbao",
            "pod": "openbao-0",
            "container": "bao",
            "raftDataPath": "/data",
            "snapshotPath": "/s",
            "baoBinary": "vault",
        },
    });
    assert_eq!(found["spec"]["switchover"], expected);
}

/// The halves of a database: each knows its side and its peer; a third region has none.
#[test]
fn both_halves_of_a_pair_are_there_and_no_third() {
    let example = fs::read_to_string("examples/failover.toml").unwrap();
    let tree = tree(&example, &Kits::embedded());
    let half = |region: &str| {
        let file = format!("{region}/releases/16b-cnpg-pair.yaml");
        let found = tree.files().iter().find(|(path, _)| path.as_str() == file)?;
        Some(read(found.1)["spec"]["values"]["cnpgPair"].take())
    };
    let (primary, replica) = (half("nbg1").unwrap(), half("hel1").unwrap());
    assert!(half("sin").is_none());
    for (half, side, peer) in [(&primary, "primary", "omantel-hel"), (&replica, "replica", "omantel-nbg")] {
        assert_eq!((&half["enabled"], &half["side"]), (&json!(true), &json!(side)));
        assert_eq!(half["networkPolicy"]["crossRegionPeerClusters"], json!([peer]));
        assert_eq!(half["primary"]["region"], "hz-nbg-rtz-prod");
        assert_eq!(half["replica"]["region"], "hz-hel-rtz-prod");
        assert_eq!(half["continuum"]["enabled"], json!(false), "the tree writes the one Continuum");
        assert_eq!(half.pointer("/replica/promoted").or(half.pointer("/primary/demoted")), None);
    }
    let pair = tree.files().iter().find(|(path, _)| path.as_str() == "hel1/failover/pair-cnpg-pair.yaml");
    let pair = read(pair.unwrap().1);
    assert_eq!(pair["spec"]["primaryRegion"], "hz-nbg-rtz-prod");
    assert_eq!(pair["spec"]["replicaRegion"], "hz-hel-rtz-prod");
}

/// What a change of application `n` may touch: its Continuum, the pair and its two halves, the namespaces of these, and
/// with each the listing of the directory; the zone; README and lock.
fn belongs(path: &str, n: usize) -> bool {
    if ["README.md", "sovereign.lock"].contains(&path) || path.starts_with("dns/") {
        return true;
    }
    let parts: Vec<_> = path.split('/').collect();
    let [_, layer, file] = parts[..] else { return false };
    let own = format!("-app-{n}-dr.yaml");
    match layer {
        "failover" => {
            file == "kustomization.yaml"
                || file == "pair-cnpg-pair.yaml"
                || (file.starts_with("continuum-") && file.ends_with(&own))
        }
        "releases" | "sources" => ["16b-cnpg-pair.yaml", "kustomization.yaml"].contains(&file),
        "namespaces" => ["acme.yaml", "cnpg.yaml", "kustomization.yaml"].contains(&file),
        // The first Continuum brings the layer, and the last one takes it along.
        "flux-system" => ["kustomization-failover.yaml", "kustomization.yaml"].contains(&file),
        _ => false,
    }
}

/// The lines of a file that do not speak of application `n`.
fn without<'a>(tree: &'a Tree, path: &str, n: usize) -> Vec<&'a str> {
    let text = tree.files().iter().find(|(known, _)| known.as_str() == path).map(|(_, text)| text.as_str());
    text.unwrap_or_default().lines().filter(|line| !line.contains(&format!("app-{n}"))).collect()
}

#[test]
fn a_change_of_one_application_changes_only_what_is_its_own() {
    let kits = Kits::embedded();
    let strategy = (model(), crate::generate::failover(), application(), any::<Index>(), any::<[u64; 2]>());
    law(strategy, |(mut model, mut failover, other, index, [one, two])| {
        model.kit = "2026.05";
        if failover.applications.is_empty() {
            return Ok(());
        }
        let n = index.index(failover.applications.len());
        // The pair belongs to this one, before and after.
        for (place, application) in failover.applications.iter_mut().enumerate() {
            application.database &= place == n;
        }
        model.failover = Some(failover.clone());
        let before = tree(&print(&model.document(), one), &kits);
        failover.applications[n] = other;
        model.failover = Some(failover);
        let after = tree(&print(&model.document(), two), &kits);
        let changed = changed(&before, &after);
        for path in &changed {
            prop_assert!(belongs(path, n), "{} of application {}", path, n);
        }
        // Of the zone, only lines that speak of it.
        for path in changed
            .iter()
            .filter(|path| path.strip_prefix("dns/").is_some_and(|file| file.strip_suffix(".zone").is_some()))
        {
            prop_assert_eq!(without(&before, path, n), without(&after, path, n), "{}", path);
        }
        Ok(())
    });
}

/// The page for operators: what it shows compiles, without a warning.
#[test]
fn the_examples_of_the_page_compile() {
    let page = fs::read_to_string("docs/failover.md").unwrap();
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let base = crate::cli::started(&["--name", "omantel", "--regions", "hel1,nbg1,sin"]);
    assert_eq!(blocks.len(), 2, "a block that nobody compiles");
    for block in blocks {
        let text = format!("{base}\n{block}");
        let source =
            Source::manifest("sovereign.toml", text.into_bytes()).map_err(|(fault, _)| fault).unwrap();
        let mut diags = Diagnostics::new();
        let compiled = compile(&Input::new(source), &Kits::embedded(), &mut diags);
        assert!(compiled.is_ok() && diags.sorted().is_empty(), "{:#?}\n{block}", diags.sorted());
    }
}

/// Every file below a directory.
fn on_disk(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn failover_on_and_off_again_leaves_the_first_tree() {
    let scratch = tempfile::tempdir().unwrap();
    let (manifest, out) = (scratch.path().join("sovereign.toml"), scratch.path().join("repository"));
    let build = |text: &str| {
        fs::write(&manifest, text).unwrap();
        let (mut words, mut err) = (Vec::new(), Vec::new());
        let args =
            ["sovereign", "build", manifest.to_str().unwrap(), "--out", out.to_str().unwrap(), "--quiet"];
        let exit = cli::run(args, &Environment::default(), &mut words, &mut err);
        assert_eq!(exit, Exit::Done, "{}", String::from_utf8_lossy(&err));
        on_disk(&out)
    };
    let with = fs::read_to_string("examples/failover.toml").unwrap();
    let (without, _) = with.split_once("[failover]").unwrap();
    let (first, second, third) = (build(without), build(&with), build(without));
    assert!(second.keys().any(|path| path.contains("/failover/continuum-")));
    assert!(!first.keys().any(|path| path.contains("/failover/")));
    assert_eq!(first, third);
}
