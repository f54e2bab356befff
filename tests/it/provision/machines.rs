//! What machines are made with besides variables: where the state of OpenTofu is, and the flags of k3s, which a script asks for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use serde_json::{Value as Json, json};
use sovereign_compile::tree::Tree;
use sovereign_language::kit::Kits;

use super::{files, object, readme};
use crate::laws::{read, tree};

fn example(name: &str) -> Tree {
    tree(&fs::read_to_string(format!("examples/{name}.toml")).unwrap(), &Kits::embedded())
}

#[test]
fn the_state_is_remote_and_encrypted_and_holds_no_secret() {
    let tree = example("airgapped-corporate");
    let backends: Vec<_> =
        files(&tree).into_iter().filter(|(path, _)| path.ends_with("/backend.tf.json")).collect();
    let [(path, text)] = backends[..] else { panic!("one run has one state: {backends:?}") };
    assert_eq!(path, "infrastructure/me-east-215-a/backend.tf.json");
    let file = Json::from(object(text));
    let s3 = &file["terraform"]["backend"]["s3"];
    assert_eq!(s3["endpoints"]["s3"], "https://s3.falaj.example");
    assert_eq!(s3["key"], "cloud.falaj.example/me-east-215-a/terraform.tfstate");
    assert_eq!(s3["use_lockfile"], true);
    assert!(s3.get("access_key").is_none() && s3.get("secret_key").is_none(), "{s3}");
    let encryption = &file["terraform"]["encryption"];
    for part in ["state", "plan"] {
        assert_eq!(encryption[part], json!({ "enforced": true, "method": "${method.aes_gcm.state}" }));
    }
    assert_eq!(encryption["method"]["aes_gcm"]["state"]["keys"], "${key_provider.pbkdf2.state}");
    assert_eq!(encryption["key_provider"]["pbkdf2"]["state"]["passphrase"], "${var.state_passphrase}");
    assert_eq!(file["variable"]["state_passphrase"], json!({ "sensitive": true, "type": "string" }));
    assert_eq!(file["//"]["passphrase"], json!({ "key": "passphrase", "secret": "tofu-state" }));
    assert!(readme(&tree).contains("`TF_VAR_state_passphrase`. Whoever loses"), "{}", readme(&tree));
    let other = example("three-regions");
    assert!(!files(&other).keys().any(|path| path.ends_with("backend.tf.json")), "nobody asked for one");
    assert!(!readme(&other).contains("TF_VAR_state_passphrase"));
}

/// Runs the script of a region beside a `kubectl` that answers so.
fn probe(tree: &Tree, region: &str, answer: &str) -> Output {
    let script = files(tree)[format!("infrastructure/{region}/k3s.sh").as_str()].to_owned();
    let directory = tempfile::tempdir().unwrap();
    let (kubectl, path) = (directory.path().join("kubectl"), directory.path().join("k3s.sh"));
    fs::write(&kubectl, format!("#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")).unwrap();
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&path, script).unwrap();
    let search = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap());
    Command::new("sh").arg(path).env("PATH", search).output().unwrap()
}

/// A line of the script's question: the machine, and the flags as k3s writes them down.
fn machine(name: &str, flags: &[&str]) -> String {
    format!("{name} [\"server\",{},\"--token\",\"********\"]", flags.join(","))
}

#[test]
fn a_cluster_that_lacks_a_flag_is_told() {
    let tree = example("three-regions");
    let all = [
        r#""--flannel-backend","none""#,
        r#""--disable-network-policy""#,
        r#""--disable","traefik,servicelb""#,
        r#""--disable","local-storage""#,
        r#""--cluster-cidr","10.42.0.0/16""#,
        r#""--service-cidr","10.96.0.0/16""#,
        r#""--tls-san","omantel.omani.works,10.0.1.2""#,
    ];
    let right = probe(&tree, "hel1", &machine("one", &all));
    assert_eq!((right.status.code(), right.stdout.as_slice()), (Some(0), &b""[..]), "{right:?}");
    let lacking = |flags: &[&str]| {
        let output = probe(&tree, "hel1", &format!("{}\n{}", machine("one", &all), machine("two", flags)));
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let missing = [
        "--flannel-backend=none",
        "--disable-network-policy",
        "--disable=traefik",
        "--disable=local-storage",
        "--cluster-cidr=10.42.0.0/16",
        "--service-cidr=10.96.0.0/16",
        "--tls-san=omantel.omani.works",
    ];
    for (place, flag) in missing.into_iter().enumerate() {
        let mut flags = all.to_vec();
        flags.remove(place);
        let (code, said) = lacking(&flags);
        assert!(code == Some(1) && said.contains(&format!("two lacks {flag}\n")), "{flag}: {code:?} {said}");
        assert!(!said.contains("one lacks"), "{said}");
        assert!(readme(&tree).contains(&format!("| `{flag}` | ")), "{flag}");
    }
    let off = all
        .map(|flag| flag.replace(r#""--disable-network-policy""#, r#""--disable-network-policy","false""#));
    let (code, said) = lacking(&off.each_ref().map(String::as_str));
    assert_eq!((code, said.as_str()), (Some(1), "two lacks --disable-network-policy\n"));
    assert_eq!(probe(&tree, "hel1", "").status.code(), Some(1), "no machine at all");
}

#[test]
fn what_the_module_of_april_leaves_on_is_not_asked_for() {
    let tree = example("omantel");
    let script = files(&tree).into_iter().find(|(path, _)| path.ends_with("/k3s.sh")).unwrap().1;
    assert!(script.contains("--disable=traefik") && !script.contains("local-storage"), "{script}");
    assert!(!script.contains("cluster-cidr"), "{script}");
}

/// Flux verifies what it takes from the registry, before it installs any of it.
#[test]
fn behind_a_gap_every_chart_is_verified_with_the_key_that_is_named() {
    let text = fs::read_to_string("tests/it/settings/airgap.toml").unwrap();
    let charts = |tree: &Tree| -> Vec<Json> {
        let files = tree.files().iter().filter(|(_, text)| text.contains("\nkind: HelmRelease\n"));
        files.map(|(_, text)| read(text)["spec"]["chart"]["spec"].clone()).collect()
    };
    let verified = tree(&text, &Kits::embedded());
    let expected = json!({ "provider": "cosign", "secretRef": { "name": "cosign-public-key" } });
    let all = charts(&verified);
    assert!(all.len() > 40 && all.iter().all(|chart| chart["verify"] == expected), "{all:#?}");
    let bootstrap = files(&verified)["infrastructure/fsn1/bootstrap.yml"].lines().nth(1).unwrap().to_owned();
    assert!(bootstrap.contains("flux-system/cosign-public-key"), "{bootstrap}");
    let without = tree(&text.replace("signatures = \"cosign-public-key\"\n", ""), &Kits::embedded());
    assert!(charts(&without).iter().all(|chart| chart.get("verify").is_none()));
}
