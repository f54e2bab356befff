//! What the compiled trees of real Sovereigns hold, read from their YAML and not from the plan.
#![expect(clippy::disallowed_methods, reason = "these tests look at files of the repository")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value as Json;
use sovereign_compile::compile;
use sovereign_language::input::Input;
use sovereign_language::kit::{Kits, Runs};
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

const KIT: &str = "2026.05";
const VCLUSTERS: [&str; 3] = ["bp-mgmt-vcluster", "bp-dmz-vcluster", "bp-rtz-vcluster"];

fn is_yaml(path: &str) -> bool {
    path.strip_suffix(".yaml").is_some()
}

/// The names of the HelmReleases of every region's directory.
fn releases(manifest: &str) -> BTreeMap<String, Vec<String>> {
    let source = Source::manifest("sovereign.toml", manifest.as_bytes().to_vec()).map_err(|(why, _)| why);
    let mut diags = Diagnostics::new();
    let tree = compile(&Input::new(source.expect("text")), &Kits::embedded(), &mut diags);
    let tree = tree.unwrap_or_else(|_| panic!("{:#?}", diags.sorted()));
    let mut releases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in tree.files().iter().filter(|(path, _)| is_yaml(path.as_str())) {
        let object: Json = serde_saphyr::from_str(text).expect("YAML");
        if object["kind"] == "HelmRelease" {
            let (region, _) = path.as_str().split_once('/').expect("a directory");
            let name = object["metadata"]["name"].as_str().expect("a name");
            releases.entry(region.to_owned()).or_default().push(name.to_owned());
        }
    }
    releases
}

fn example(name: &str) -> String {
    fs::read_to_string(format!("examples/{name}.toml")).expect("an example")
}

fn count(releases: &BTreeMap<String, Vec<String>>, name: &str) -> usize {
    releases.values().flatten().filter(|release| *release == name).count()
}

#[test]
fn one_hetzner_region_with_nothing_switched_has_52_releases() {
    let releases = releases(&example("minimal"));
    assert_eq!(releases.keys().collect::<Vec<_>>(), ["fsn1"]);
    let names = &releases["fsn1"];
    assert_eq!(names.len(), 52);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 52, "a name stands twice");
}

#[test]
fn three_regions_have_six_vclusters() {
    let releases = releases(&example("three-regions"));
    assert_eq!(releases.len(), 3);
    assert_eq!(VCLUSTERS.map(|name| count(&releases, name)), [1, 3, 2]);
}

#[test]
fn three_regions_with_a_symmetric_contract_have_nine_vclusters() {
    let manifest = example("three-regions").replacen(
        "[[region]]",
        "[topology]\ncontract = \"symmetric\"\n\n[[region]]",
        1,
    );
    let releases = releases(&manifest);
    assert_eq!(VCLUSTERS.map(|name| count(&releases, name)), [3, 3, 3]);
}

#[test]
fn without_a_contract_there_is_no_vcluster() {
    let manifest =
        example("three-regions").replacen("[[region]]", "[topology]\ncontract = \"none\"\n\n[[region]]", 1);
    let releases = releases(&manifest);
    assert_eq!(VCLUSTERS.map(|name| count(&releases, name)), [0, 0, 0]);
}

#[test]
fn what_runs_in_the_primary_runs_nowhere_else() {
    let kits = Kits::embedded();
    let kit = kits.open(KIT, &[], &mut Diagnostics::new()).expect("a kit");
    let of_primary = kit.blueprints.iter().filter(|blueprint| blueprint.runs.value == Runs::Primary);
    let of_primary: Vec<_> =
        of_primary.map(|blueprint| (blueprint.name.value.as_str(), blueprint.on_demand)).collect();
    assert!(of_primary.len() > 10, "{of_primary:?}");

    // The primary need not be the first.
    let second =
        example("three-regions").replacen("name = \"nbg1\"", "name = \"nbg1\"\nrole = \"primary\"", 1);
    for (manifest, primary) in [(example("three-regions"), "hel1"), (second, "nbg1")] {
        let releases = releases(&manifest);
        for (name, on_demand) in &of_primary {
            let here: Vec<_> = releases.iter().filter(|(_, names)| names.iter().any(|n| n == name)).collect();
            let here: Vec<_> = here.iter().map(|(region, _)| region.as_str()).collect();
            assert!(here == [primary] || (*on_demand && here.is_empty()), "{name} runs in {here:?}");
        }
    }
}
