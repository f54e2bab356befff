//! `tests/simulate/<example>/`: what a person and a program are told about the loss of every region, for each example with
//! a `[failover]`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sovereign_compile::simulate::{Lost, Outcome, Simulation, human, json};
use sovereign_compile::with_plan;
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_text::diag::Diagnostics;
use sovereign_text::look::Look;

use super::compiled::KITS;
use super::expected::{meet_files, names, stems, text};

const ROOT: &str = "tests/simulate";
const WIDTH: usize = 100;

pub(crate) fn trials() -> Vec<Trial> {
    let examples: BTreeSet<String> =
        stems("examples", ".toml").into_iter().filter(|name| fails_over(name)).collect();
    let trial = |name: &String| {
        let of_example = name.clone();
        Trial::test(format!("simulate::{name}"), move || check(&of_example))
    };
    let mut trials: Vec<_> = examples.iter().map(trial).collect();
    trials.push(Trial::test("simulate::nothing_else", move || {
        let strange: Vec<_> = names(ROOT).into_iter().filter(|name| !examples.contains(name)).collect();
        if strange.is_empty() {
            Ok(())
        } else {
            Err(format!("{ROOT} holds {strange:?}, and no such example fails over").into())
        }
    }));
    trials
}

fn fails_over(example: &str) -> bool {
    let manifest = text(format!("examples/{example}.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.trim_end() == "[failover]")
}

fn check(example: &str) -> Result<(), Failed> {
    let mut diags = Diagnostics::new();
    let path = format!("examples/{example}.toml");
    let input = load::load(Path::new(&path), &KitCache::default(), &mut diags)
        .map_err(|why| format!("{path}: {why:?}"))?;
    let files = with_plan(&input, &KITS, &mut diags, |plan, _| {
        let simulation = Simulation::new(plan);
        let outcomes: Vec<_> = Lost::every(plan).into_iter().map(|lost| simulation.lose(lost)).collect();
        let look = Look { color: false };
        let alone = |outcome: &Outcome<'_>| {
            let lost: Vec<_> =
                outcome.lost.regions(plan).map(|region| region.name.value.to_string()).collect();
            (format!("{}.txt", lost.join("+")), human::one(&simulation, outcome, look, WIDTH))
        };
        let mut files: BTreeMap<String, String> = outcomes.iter().map(alone).collect();
        files.insert("all.txt".to_owned(), human::all(&simulation, &outcomes, look, WIDTH));
        files.insert("all.json".to_owned(), json::render(&simulation, &outcomes));
        files
    });
    let files = files.map_err(|_| format!("{path} has errors"))?;
    meet_files(&format!("{ROOT}/{example}"), &files)
}
