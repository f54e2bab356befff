//! `simulate` says what a second reading of the emitted tree says, on thousands of topologies.
//!
//! The cases are the same in every run. `SOVEREIGN_FULL=1` tries 10,000.

mod reading;
mod topology;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};
use sovereign_compile::simulate::{Lost, Simulation, json};
use sovereign_compile::{dns, read, render, with_plan};
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

use reading::Tree;

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
        let digest = read::digest(&input).expect("a manifest that can be read");
        let tree = render::render(plan, &dns::zone(plan), &lowered, Vec::new(), digest);
        let files = tree.files().iter().map(|(path, text)| (path.to_string(), text.clone()));
        let simulation = Simulation::new(plan);
        let outcomes: Vec<_> = Lost::every(plan).into_iter().map(|lost| simulation.lose(lost)).collect();
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

/// Every status and reason. One that no topology leads to is not tried.
const WORDS: [&str; 18] = [
    "unaffected",
    "degraded",
    "moves",
    "stranded",
    "down",
    "standby-lost",
    "no-standby",
    "replica-lost",
    "follower-lost",
    "no-controller",
    "no-quorum",
    "region-lost",
    "no-health-check",
    "no-host",
    "no-promoter",
    "raft-waits",
    "every-region-lost",
    "data-lost",
];

/// What was looked at.
#[derive(Default)]
struct Seen {
    tried: usize,
    agreed: usize,
    losses: usize,
    words: BTreeSet<String>,
}

impl Seen {
    fn and(mut self, other: Self) -> Self {
        self.words.extend(other.words);
        let (tried, agreed) = (self.tried + other.tried, self.agreed + other.agreed);
        Self { tried, agreed, losses: self.losses + other.losses, words: self.words }
    }
}

/// Holds the two against each other for the manifest of a number, if it compiles.
fn agree(number: u64) -> Seen {
    let manifest = topology::manifest(number);
    let Some((files, said)) = simulated(&manifest) else { return Seen { tried: 1, ..Seen::default() } };
    let tree = Tree::read(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let (said, read) = (list(&said["outcomes"]), tree.losses());
    assert_eq!(said.len(), read.len(), "topology {number}\n{manifest}");
    let mut words = BTreeSet::new();
    for (said, lost) in said.iter().zip(&read) {
        for fate in list(&said["applications"]) {
            words.extend(list(&fate["reasons"]).iter().chain([&fate["status"]]).map(word));
        }
        let mut found = Vec::new();
        differences("", &tree.outcome(lost), &shaped(said), &mut found);
        assert!(found.is_empty(), "topology {number}, {lost:?}\n{}\n\n{manifest}", found.join("\n"));
    }
    Seen { tried: 1, agreed: 1, losses: read.len(), words }
}

#[test]
fn a_second_reading_of_the_tree_comes_to_the_same() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let wanted = topologies().div_ceil(threads);
    let of_thread = |thread: usize| {
        let mut seen = Seen::default();
        let mut numbers = (thread as u64..).step_by(threads);
        while seen.agreed < wanted {
            seen = seen.and(numbers.next().map(agree).expect("a number"));
        }
        seen
    };
    let seen = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || of_thread(thread))).collect();
        running.into_iter().map(|thread| thread.join().expect("they agree")).fold(Seen::default(), Seen::and)
    });
    // A generator that makes mistakes, or the same thing again and again, tries nothing.
    assert!(seen.tried < seen.agreed * 3 / 2, "{} manifests for {} that compile", seen.tried, seen.agreed);
    assert!(seen.losses > 5 * seen.agreed, "{} losses", seen.losses);
    let missing: Vec<_> = WORDS.iter().filter(|word| !seen.words.contains(**word)).collect();
    assert!(missing.is_empty(), "no topology leads to {missing:?}");
}
