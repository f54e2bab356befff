//! `tests/artifacts/` and `tests/secrets/`: what the trees of some examples need, in every format, byte for byte.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sovereign_compile::artifacts::{self, copy, json, skopeo, text};
use sovereign_compile::lower::Lowered;
use sovereign_compile::plan::Plan;
use sovereign_compile::{secrets, with_plan};
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_text::diag::Diagnostics;

use super::compiled::KITS;
use super::expected::meet_files;

/// An air gap, a failover, and the least that there is.
const EXAMPLES: [&str; 3] = ["airgapped-corporate", "failover", "minimal"];

type Lists = Vec<(&'static str, String)>;

pub(crate) fn trials() -> Vec<Trial> {
    let list = |directory: &'static str, see: fn(&Plan<'_>, &Lowered) -> Lists| {
        Trial::test(format!("needs::{directory}"), move || meet(&format!("tests/{directory}"), see))
    };
    vec![list("artifacts", artifact_lists), list("secrets", secret_lists)]
}

fn meet(directory: &str, see: fn(&Plan<'_>, &Lowered) -> Lists) -> Result<(), Failed> {
    let mut files = BTreeMap::new();
    for example in EXAMPLES {
        let path = format!("examples/{example}.toml");
        let mut diags = Diagnostics::new();
        let input = load::load(Path::new(&path), &KitCache::default(), &mut diags)
            .map_err(|why| format!("{path}: {why:?}"))?;
        let lists = with_plan(&input, &KITS, &mut diags, |plan, lowered| see(plan, &lowered));
        let lists = lists.map_err(|_| format!("{path} has errors"))?;
        files.extend(lists.into_iter().map(|(ending, text)| (format!("{example}.{ending}"), text)));
    }
    meet_files(directory, &files)
}

fn artifact_lists(plan: &Plan<'_>, lowered: &Lowered) -> Lists {
    let artifacts = artifacts::collect(plan, lowered);
    vec![
        ("txt", text::render(&artifacts)),
        ("json", json::render(&artifacts)),
        ("skopeo.yaml", skopeo::render(&artifacts, plan.kit_span)),
        ("copy.tsv", copy::render(&artifacts)),
    ]
}

fn secret_lists(plan: &Plan<'_>, lowered: &Lowered) -> Lists {
    let secrets = secrets::collect(plan, lowered);
    let objects = secrets::external::files(&secrets, plan.kit_span);
    vec![
        ("txt", secrets::text::render(&secrets)),
        ("json", secrets::json::render(&secrets)),
        ("md", secrets::checklist::render(plan.fqdn.value.as_str(), &secrets)),
        ("yaml", objects.iter().flat_map(|file| ["---\n", &file.text]).collect()),
    ]
}
