//! `simulate` says what a second reading of the emitted tree says, on thousands of topologies.
//!
//! The cases are the same in every run. `SOVEREIGN_FULL=1` tries 10,000.

mod reading;
mod topology;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};
use sovereign::simulate::{Lost, Simulation, json};
use sovereign::source::Source;
use sovereign::{Diagnostics, Input, Kits, render, with_plan};

use reading::Tree;
use topology::Dice;

static KITS: LazyLock<Kits> = LazyLock::new(Kits::embedded);

/// How many topologies are tried.
fn topologies() -> usize {
    if std::env::var_os("SOVEREIGN_FULL").is_some_and(|value| value == "1") { 10_000 } else { 1_000 }
}

/// What the compiler says of a manifest: the tree as text, and every outcome. `None` if the manifest is wrong.
fn simulated(manifest: &str) -> Option<(Vec<(String, String)>, Json)> {
    let source = Source::manifest("sovereign.toml", manifest.as_bytes().to_vec()).expect("text");
    let input = Input::new(source);
    let said = with_plan(&input, &KITS, &mut Diagnostics::new(), |plan, lowered| {
        let tree = render::render(plan, &lowered, input.digest());
        let files = tree.files().iter().map(|(path, text)| (path.to_string(), text.clone()));
        let simulation = Simulation::new(plan);
        let outcomes: Vec<_> = Lost::every(plan).into_iter().map(|lost| simulation.of(lost)).collect();
        (files.collect(), json::render(&simulation, &outcomes))
    });
    let (files, said) = said.ok()?;
    Some((files, serde_json::from_str(&said).expect("JSON")))
}

fn list(value: &Json) -> &[Json] {
    value.as_array().expect("a list")
}

fn word(value: &Json) -> String {
    value.as_str().expect("a text").to_owned()
}

/// What `simulate` says, in the shape of the second reading.
fn shaped(outcome: &Json) -> Json {
    let clusters: Map<String, Json> = list(&outcome["clusters"])
        .iter()
        .map(|cluster| (word(&cluster["region"]), sorted(&cluster["releases"])))
        .collect();
    let gone: Vec<_> = list(&outcome["gone"]).iter().map(|gone| gone["release"].clone()).collect();
    let (mut continuums, mut others) = (Map::new(), Map::new());
    for fate in list(&outcome["applications"]) {
        let quorums = || list(&fate["witness"]["quorums"]).iter().map(|q| json!([q["left"], q["voters"]]));
        match fate["continuum"].as_str() {
            Some(continuum) => {
                let mut shape = fate.clone();
                shape["witness"] = quorums().collect();
                shape["rto"] = fate["rto"]["verdict"].clone();
                shape["rpo"] = fate["rpo"]["verdict"].clone();
                continuums.insert(format!("{}/{continuum}", word(&fate["namespace"])), shape);
            }
            None => {
                others.insert(word(&fate["name"]), fate.clone());
            }
        }
    }
    let names = |addresses: &Json| list(addresses).iter().map(|it| it["region"].clone()).collect::<Json>();
    let hosts: Map<String, Json> = list(&outcome["hosts"])
        .iter()
        .map(|host| {
            let [before, during, after] = ["before", "during", "after"].map(|key| names(&host[key]));
            (
                word(&host["name"]),
                json!({ "ttl": host["ttl"], "before": before, "during": during, "after": after }),
            )
        })
        .collect();
    json!({
        "lost": outcome["lost"],
        "clusters": clusters,
        "gone": sorted(&gone.into()),
        "controller": outcome["controller"]["state"],
        "continuums": continuums,
        "others": others,
        "name-servers": if outcome["name-servers"]["where"] == "inside" { sorted(&outcome["name-servers"]["left"]) } else { Json::Null },
        "hosts": hosts,
    })
}

fn sorted(value: &Json) -> Json {
    let mut words: Vec<_> = list(value).iter().map(word).collect();
    words.sort();
    words.into()
}

/// Every field of `read` that `said` does not hold, by its path.
fn differences(path: &str, read: &Json, said: &Json, found: &mut Vec<String>) {
    match (read, said) {
        (Json::Object(read), Json::Object(said)) => {
            // The names of things are all there in both; the fields of a thing only as far as objects show them.
            let keys = [read, said].map(|map| map.keys().collect::<BTreeSet<_>>());
            if ["/clusters", "/continuums", "/hosts"].contains(&path) && keys[0] != keys[1] {
                found.push(format!("{path}: {:?} read, {:?} said", keys[0], keys[1]));
            }
            for (key, value) in read {
                differences(&format!("{path}/{key}"), value, said.get(key).unwrap_or(&Json::Null), found);
            }
        }
        _ if read == said => {}
        _ => found.push(format!("{path}: {read} read, {said} said")),
    }
}

#[test]
fn a_second_reading_of_the_tree_comes_to_the_same() {
    let (mut dice, mut made, mut agreed, mut losses) = (Dice(5), 0, 0, 0);
    while agreed < topologies() {
        made += 1;
        let manifest = topology::manifest(&mut dice);
        let Some((files, said)) = simulated(&manifest) else { continue };
        let tree = Tree::read(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let said = list(&said["outcomes"]);
        let read = tree.losses();
        assert_eq!(said.len(), read.len(), "{manifest}");
        for (said, lost) in said.iter().zip(&read) {
            let mut found = Vec::new();
            differences("", &tree.outcome(lost), &shaped(said), &mut found);
            assert!(found.is_empty(), "{lost:?}\n{}\n\n{manifest}", found.join("\n"));
        }
        agreed += 1;
        losses += read.len();
    }
    // A generator that makes mistakes tries nothing.
    assert!(made < agreed * 3 / 2, "{made} manifests for {agreed} that compile");
    println!("{made} {agreed} {losses}");
    assert!(losses > 5 * agreed, "{losses} losses");
}
