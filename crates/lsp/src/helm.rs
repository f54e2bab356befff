//! Helm values, from the locks of the charts.

use crate::analysis::BlueprintFacts;
use crate::syntax::{Id, ROOT, Step, Tree};
use sovereign_language::lock::{self, EmbeddedLock, LockedValues, Mark, ValueFact};
use sovereign_text::node::{self, path_text};

/// A place below the values of a blueprint.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    locked: LockedValues<'static>,
    chart: String,
    version: String,
    /// The keys from the values to the place.
    keys: Vec<String>,
}

/// A value that could stand at a place.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) key: String,
    pub(crate) fact: Option<ValueFact<'static>>,
    pub(crate) is_table: bool,
}

impl Values {
    /// Returns the values that a node stands in, if it stands below those of a blueprint whose chart was opened.
    pub(crate) fn at(tree: &Tree, id: Id, blueprints: &[BlueprintFacts]) -> Option<Self> {
        let path = tree.path(id);
        let key = |step: &Step| if let Step::Key(key) = step { Some(key.clone()) } else { None };
        let start = path.windows(3).position(|steps| {
            let keys: Vec<_> = steps.iter().filter_map(key).collect();
            matches!(&keys[..], [first, _, last] if first == "blueprint" && last == "values")
        })?;
        let name = path.get(start + 1).and_then(key)?;
        let keys = path.iter().skip(start + 3).map(key).collect::<Option<Vec<_>>>()?;
        let facts = blueprints.iter().find(|facts| facts.name == name)?;
        let table = path.iter().take(start + 2).try_fold(ROOT, |id, step| {
            tree.children(id).find(|(_, node)| node.step == *step).map(|(child, _)| child)
        })?;
        let version = tree.text(table, &["version"]).unwrap_or(&facts.version);
        let here = lock::embedded(&facts.chart, version).and_then(EmbeddedLock::values);
        let (version, locked) = if let Some(values) = here {
            (version, values)
        } else {
            lock::of_another_version(&facts.chart, version)?
        };
        Some(Self { locked, chart: facts.chart.clone(), version: version.to_owned(), keys })
    }

    /// Returns chart and version: `bp-coraza 1.0.1`.
    pub(crate) fn chart(&self) -> String {
        format!("{} {}", self.chart, self.version)
    }

    fn path(&self) -> String {
        let steps: Vec<_> = self.keys.iter().map(|key| node::Step::Key(key)).collect();
        path_text(&steps)
    }

    /// Returns what the chart says of the value at the place.
    pub(crate) fn fact(&self) -> Option<ValueFact<'static>> {
        self.locked.get(&self.path())
    }

    /// Returns the keys that may stand below the place and that some template reads.
    pub(crate) fn options(&self) -> Vec<Candidate> {
        let above = self.path();
        let start = if above.is_empty() { String::new() } else { format!("{above}.") };
        let mut options: Vec<Candidate> = Vec::new();
        for fact in self.locked.lines() {
            let Some(rest) = fact.path().strip_prefix(&*start) else { continue };
            let Some(key) = first_key(rest) else { continue };
            let is_whole = key.len() == rest.len() || rest.starts_with('"') && key.len() + 2 == rest.len();
            if fact.is(Mark::Unread) && is_whole {
                continue;
            }
            match options.iter_mut().find(|option| option.key == key) {
                Some(option) => option.is_table |= !is_whole,
                None => options.push(Candidate { key, fact: is_whole.then_some(fact), is_table: !is_whole }),
            }
        }
        options
    }
}

/// Returns the first key of a path; `None` for an element of a list.
fn first_key(path: &str) -> Option<String> {
    if let Some(quoted) = path.strip_prefix('"') {
        return quoted.split('"').next().map(str::to_owned);
    }
    let key = path.split(['.', '[']).next().unwrap_or_default();
    (!key.is_empty()).then(|| key.to_owned())
}

/// Returns what a value is, in a few words.
pub(crate) fn words(fact: &ValueFact<'_>) -> String {
    let kinds: Vec<_> = fact.kinds().iter().map(|kind| kind.word()).collect();
    let kinds = if kinds.is_empty() { "any value".to_owned() } else { kinds.join(" or ") };
    match fact.default() {
        Some(default) => format!("{kinds}, default {default}"),
        None => kinds,
    }
}
