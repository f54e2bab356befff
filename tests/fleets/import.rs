//! Trees that exist become manifests that give them back, and every difference is listed.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use super::bench::{Desk, sovereign};

/// The objects of each golden tree that are not given back: those of tables that an import does not write (Organizations, failover, tls,
/// storage, identity, facts of a run), and those of kits of one's own. None may come to them unseen.
const NOT_GIVEN_BACK: &str = include_str!("import/not-given-back.txt");

fn golden() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let entries = fs::read_dir(root).expect("golden").map(|entry| entry.expect("an entry").path());
    let mut names: Vec<_> = entries
        .filter(|path| path.is_dir())
        .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn imported(desk: &Desk, tree: &str, out: &str) -> Json {
    let ran = desk.run(&["import", tree, "--out", out, "--format", "json"]);
    assert!(ran.code <= 1, "{ran:?}");
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[test]
fn the_tree_of_april_comes_back_whole() {
    let desk = Desk::new();
    let tree = format!("{}/golden/omantel", env!("CARGO_MANIFEST_DIR"));
    let answer = imported(&desk, &tree, "sovereign.toml");
    let wrong: Vec<_> =
        answer["objects"].as_array().expect("objects").iter().filter(|it| it["verdict"] != "equal").collect();
    assert!(wrong.is_empty() && answer["unsaid"] == serde_json::json!([]), "{wrong:#?}");
    assert_eq!(answer["further"], serde_json::json!([]));
    // What is compared is what is built.
    desk.run(&["build", "sovereign.toml", "--out", "."]).ends(0, &[]);
    let release = "clusters/omantel.omani.works/hel1/releases/10-gitea.yaml";
    let text = |path: &Path| fs::read_to_string(path).expect("a release");
    assert_eq!(text(&desk.path(release)), text(&Path::new(&tree).join(release)));
}

#[test]
fn every_golden_tree_compiles_back_with_every_difference_listed() {
    let desk = Desk::new();
    let mut list = String::new();
    for name in golden() {
        let tree = format!("{}/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        let answer = imported(&desk, &tree, &format!("{name}/sovereign.toml").replace('/', "-"));
        assert!(answer["objects"].is_array(), "{name} compiles: {answer:#}");
        let objects = answer["objects"].as_array().expect("objects");
        let equal = objects.iter().filter(|it| it["verdict"] == "equal").count();
        let _ = writeln!(list, "{name}: {equal} of {}", objects.len());
        for it in objects.iter().filter(|it| it["verdict"] != "equal") {
            let text = |key: &str| it[key].as_str().expect("text").to_owned();
            let paths: Vec<_> = it["differences"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|it| it["path"].as_str())
                .collect();
            assert_eq!(it["verdict"] == "differs", !paths.is_empty(), "{it:#}");
            let (verdict, cluster, kind, name) =
                (text("verdict"), text("cluster"), text("kind"), text("name"));
            let _ = writeln!(list, "  {verdict} {cluster} {kind} {name} {}", paths.join(" "));
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleets/import/not-given-back.txt");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        assert!(std::env::var_os("CI").is_none(), "BLESS is refused where CI is set");
        fs::write(&file, &list).expect("writes");
        return;
    }
    assert!(
        list == NOT_GIVEN_BACK,
        "run `BLESS=1 cargo test --test fleets import` and look at the difference:\n{list}"
    );
}

#[test]
fn what_a_hand_has_changed_is_said_in_the_manifest() {
    let desk = Desk::new();
    desk.put("sovereign.toml", &sovereign("first", &["hel1", "nbg1"], ""));
    desk.run(&["build", "--out", "."]).ends(0, &[]);
    let root = desk.path("clusters/first.omani.works");
    let edit = |path: &str, from: &str, to: &str| {
        let path = root.join(path);
        let text = fs::read_to_string(&path).expect("a release");
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replacen(from, to, 1)).expect("writes");
    };
    edit("hel1/releases/35-coraza.yaml", "version: \"1.0.1\"", "version: \"1.0.2\"");
    edit("nbg1/releases/35-coraza.yaml", "version: \"1.0.1\"", "version: \"1.0.2\"");
    edit("nbg1/releases/28-reloader.yaml", "interval: \"15m\"", "interval: \"20m\"");
    for region in ["hel1", "nbg1"] {
        fs::remove_file(root.join(format!("{region}/releases/29-vpa.yaml"))).expect("a release");
    }
    let answer = imported(&desk, "clusters/first.omani.works", "imported.toml");
    let manifest = answer["manifest"].as_str().expect("a manifest");
    for said in [
        "[blueprint.coraza]\nversion = \"1.0.2\"",
        "[region.blueprint.reloader]\ninterval = \"20m\"",
        "[blueprint.vpa]\nenabled = false",
    ] {
        assert!(manifest.contains(said), "no {said} in {manifest}");
    }
    let releases = answer["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .filter(|it| it["kind"].as_str().is_some_and(|kind| kind.starts_with("HelmRelease.")));
    let wrong: Vec<_> = releases.filter(|it| it["verdict"] != "equal").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    desk.run(&["check", "imported.toml"]).ends(0, &[]);
    desk.run(&["import", "clusters/first.omani.works", "--out", "imported.toml"])
        .ends(3, &["cannot write imported.toml"]);
}

#[test]
fn a_tree_of_ones_own_has_blueprints_of_its_own() {
    let desk = Desk::new();
    let release = |name: &str, chart: &str, values: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {name}\n  namespace: flux-system\nspec:\n  interval: 15m\n  \
             releaseName: {chart}\n  targetNamespace: {chart}\n  chart:\n    spec:\n      chart: {name}\n      version: 1.2.3\n      sourceRef: {{ kind: HelmRepository, name: {name}, namespace: flux-system }}\n  \
             install: {{ remediation: {{ retries: 3 }} }}\n  upgrade: {{ remediation: {{ retries: 3 }} }}\n  values: {values}\n"
        )
    };
    desk.put(
        "tree/releases.yaml",
        &format!(
            "{}---\n{}",
            release("bp-scheduler", "scheduler", "{ replicas: 2, host: berths.example.org }"),
            release("other", "other", "{}")
        ),
    );
    desk.put("tree/namespaces.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: scheduler\n  labels: { catalyst.openova.io/sovereign: cloud.example.org }\n");
    let answer = imported(&desk, "tree", "sovereign.toml");
    let own = answer["blueprints"]["bp-scheduler.toml"].as_str().expect("a blueprint");
    assert!(own.contains("version = \"1.2.3\"") && own.contains("host = \"berths.example.org\""), "{own}");
    let verdict = |name: &str| {
        let objects = answer["objects"].as_array().expect("objects");
        objects.iter().find(|it| it["name"] == name).expect("there")["verdict"]
            .as_str()
            .expect("a word")
            .to_owned()
    };
    assert_eq!(
        (verdict("bp-scheduler"), verdict("scheduler"), verdict("other")),
        ("equal".into(), "equal".into(), "absent".into()),
        "{answer:#}"
    );
    desk.run(&["check", "sovereign.toml"]).ends(0, &[]);
    // A commit is read as a directory is.
    desk.save("");
    let ran = desk.run(&["import", "HEAD", "--path", "tree", "--format", "json"]).ends(1, &[]);
    let again: Json = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(again, answer);
    desk.put("empty/x.txt", "");
    desk.run(&["import", "empty"]).ends(2, &["no Kubernetes object in empty"]);
}
