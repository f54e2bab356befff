//! How the objects of a tree compare with those that a manifest gives.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::existing::{Existing, Id, id};
use sovereign_compile::Compiled;

/// The fields of a HelmRelease that must be equal; of everything else the compiled object may carry more.
const EXACT: [&str; 2] = ["/spec/values", "/spec/dependsOn"];
/// How many differences of one object are kept.
const MOST: usize = 40;

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path, as a JSON pointer.
    pub path: String,
    /// What the tree has.
    pub there: Option<Json>,
    /// What the manifest gives.
    pub here: Option<Json>,
}

/// How one object of the tree compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every field of it is given back.
    Equal,
    /// Some are not.
    Differs(Vec<Difference>),
    /// Nothing gives it.
    Absent,
}

/// One object of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The object.
    pub id: Id,
    /// How it compares.
    pub verdict: Verdict,
}

/// How all objects of a tree compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Each object of the tree.
    pub objects: Vec<Standing>,
    /// Objects that the manifest gives and the tree does not have.
    pub further: Vec<Id>,
}

impl Proof {
    /// Compares a tree with what a manifest gives.
    pub fn new(existing: &Existing, compiled: &Compiled) -> Self {
        let given = given(compiled);
        let objects = existing.objects.iter().map(|(id, there)| {
            let verdict = given.get(id).map_or(Verdict::Absent, |here| compare(id, there, here));
            Standing { id: id.clone(), verdict }
        });
        let objects = objects.collect();
        let further = given.into_keys().filter(|id| !existing.objects.contains_key(id)).collect();
        Self { objects, further }
    }

    /// Returns how many objects of the tree are given back.
    pub fn equal(&self) -> usize {
        self.objects.iter().filter(|it| it.verdict == Verdict::Equal).count()
    }
}

/// Returns the objects that a manifest gives.
pub(super) fn given(compiled: &Compiled) -> BTreeMap<Id, Json> {
    let placed =
        compiled.lowered.clusters.iter().flat_map(|cluster| &cluster.objects).chain(&compiled.lowered.shared);
    let named = placed.filter_map(|placed| {
        let json = placed.object.node().to_json();
        let cluster = placed.path.as_str().split('/').next().unwrap_or_default();
        Some((id(cluster, &json)?, json))
    });
    named.collect()
}

fn compare(id: &Id, there: &Json, here: &Json) -> Verdict {
    let mut found = Vec::new();
    fields(there, here, "", &mut found);
    if id.is_release() {
        found.retain(|difference| !EXACT.iter().any(|exact| difference.path.starts_with(exact)));
        for path in EXACT {
            let side = |object: &Json| {
                object.pointer(path).map(|value| plain(path, value)).filter(|value| !is_empty(value))
            };
            let (there, here) = (side(there), side(here));
            if there != here {
                found.push(Difference { path: path.to_owned(), there, here });
            }
        }
    }
    found.truncate(MOST);
    if found.is_empty() { Verdict::Equal } else { Verdict::Differs(found) }
}

/// Returns a value for a comparison: the order of what a release waits for does not matter.
fn plain(path: &str, value: &Json) -> Json {
    let mut value = value.clone();
    if let (Json::Array(items), true) = (&mut value, path == EXACT[1]) {
        items.sort_by_key(|item| item["name"].as_str().map(str::to_owned));
    }
    value
}

fn is_empty(value: &Json) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty)
        || value.as_array().is_some_and(Vec::is_empty)
        || value.is_null()
}

/// Collects the fields of `there` that `here` lacks or has in another way.
fn fields(there: &Json, here: &Json, path: &str, found: &mut Vec<Difference>) {
    let differs = |found: &mut Vec<Difference>| {
        let (there, here) = (Some(there.clone()), Some(here.clone()));
        found.push(Difference { path: path.to_owned(), there, here });
    };
    match (there, here) {
        (Json::Object(there), Json::Object(here)) => {
            for (key, value) in there {
                let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
                match here.get(key) {
                    Some(here) => fields(value, here, &path, found),
                    None => found.push(Difference { path, there: Some(value.clone()), here: None }),
                }
            }
        }
        (Json::Array(there), Json::Array(here)) if there.len() == here.len() => {
            for (place, (there, here)) in there.iter().zip(here).enumerate() {
                fields(there, here, &format!("{path}/{place}"), found);
            }
        }
        (there, here) if there == here => {}
        (_, _) => differs(found),
    }
}
