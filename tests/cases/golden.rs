//! `golden/<example>/` is the tree of `examples/<example>.toml`, byte for byte, and `golden/<example>.stderr` its
//! findings.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::{Failed, Trial};

use super::compiled::Compiled;
use super::expected::{meet_files, meet_text, names, stems};
use super::published;

pub(crate) fn trials() -> Vec<Trial> {
    let mut all: BTreeSet<String> = stems("examples", ".toml").into_iter().collect();
    all.extend(names("golden").iter().map(|name| name.trim_end_matches(".stderr").to_owned()));
    let trial = |name: String| Trial::test(format!("golden::{name}"), move || golden(&name));
    all.into_iter().map(trial).collect()
}

fn golden(name: &str) -> Result<(), Failed> {
    let (mut files, mut picture) = (BTreeMap::new(), String::new());
    if stems("examples", ".toml").iter().any(|example| example == name) {
        let compiled = Compiled::new(&format!("examples/{name}.toml"))?;
        picture = compiled.picture();
        published::findings(&compiled.json())?;
        let Some(tree) = compiled.tree else { return Err(picture.into()) };
        let path = |below| format!("{}/{below}", tree.root());
        files = tree.files().iter().map(|(below, text)| (path(below), text.clone())).collect();
    }
    // Without an example, every file is one too many.
    meet_files(&format!("golden/{name}"), &files)?;
    meet_text(&format!("golden/{name}.stderr"), &picture)
}
