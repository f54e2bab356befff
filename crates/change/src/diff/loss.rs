//! What a change of values loses: machines, members of a quorum, volumes, backups, protection.
//!
//! Takes the changes of objects and of variables, gives each loss in words. What a value keeps is data: the [`marks`] of Helm
//! values and of fields of objects, the costs that variables of modules have ([`Cost`]), and what the locks of charts say.
//! Nothing here judges; [`transition`](crate::transition) asks for consent.

mod amount;
mod in_effect;
mod marks;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::objects::{self, FieldChange, ObjectChange, Step};
use amount::{lowered, older, smaller};
use marks::{Change, Mark};
use sovereign_compile::Compiled;
use sovereign_compile::provision::{Cost, ToldFile, variable_named};
use sovereign_language::kit::{Catalog, Risk};
use sovereign_language::lock::{self, EmbeddedLock};
use sovereign_text::source::Span;

/// The most characters of a value that are shown.
const SHOWN: usize = 48;

/// Something that a change of a value loses.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// The cluster in which, or whose machines.
    pub cluster: String,
    /// What changes there: `control plane`, `bp-harbor`.
    pub subject: String,
    /// How: `3 → 1 machines`.
    pub change: String,
    /// What is lost by it.
    pub lost: &'static str,
    /// What caused it.
    pub cause: Option<Span>,
}

impl Loss {
    /// Returns it in one sentence: `control plane of hel1: 3 → 1 machines, the quorum of etcd is lost`.
    pub fn words(&self) -> String {
        self.words_of(&self.cluster)
    }

    /// Returns whether another one differs in its cluster and cause only.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (&self.subject, &self.change, self.lost) == (&other.subject, &other.change, other.lost)
    }

    /// Returns the sentence for some clusters, in which all else is the same.
    pub(super) fn words_of(&self, clusters: &str) -> String {
        format!("{} of {clusters}: {}, {}", self.subject, self.change, self.lost)
    }
}

/// Returns what the changes lose: machines first, then what is in the clusters.
pub(crate) fn collect(
    objects: &[ObjectChange],
    variables: &[ObjectChange],
    new: &Compiled,
    catalog: &Catalog,
) -> Vec<Loss> {
    let of_told = |told: &ToldFile| {
        let (region, path) = (told.region.clone()?, &told.path);
        let change = variables.iter().find(|change| change.id.name == path.as_str())?;
        Some(change.fields.iter().filter_map(|field| of_variable(told, &region, field)).collect::<Vec<_>>())
    };
    let mut losses: Vec<Loss> = new.told.iter().filter_map(of_told).flatten().collect();
    let stays: BTreeSet<&str> = new.lowered.clusters.iter().map(|it| it.directory.as_str()).collect();
    let namespaces: BTreeSet<(&str, &str)> = gone(objects, "Namespace").collect();
    for change in objects.iter().filter(|change| stays.contains(change.id.cluster.as_str())) {
        // With a namespace goes all that is in it, which is asked for by its own name.
        if !namespaces.contains(&(change.id.cluster.as_str(), change.id.namespace.as_str())) {
            losses.extend(of_object(change, catalog));
        }
    }
    losses
}

fn gone<'a>(objects: &'a [ObjectChange], kind: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let goes = objects.iter().filter(move |change| change.id.kind == kind && change.new.is_none());
    goes.map(|change| (change.id.cluster.as_str(), change.id.name.as_str()))
}

/// Returns what the change of a variable costs.
fn of_variable(told: &ToldFile, region: &str, field: &FieldChange) -> Option<Loss> {
    let [Step::Key(name)] = field.steps.as_slice() else { return None };
    let cost = variable_named(told.module, name)?.cost?;
    // What was not told before, or is not any more, was there by another way, or not at all.
    let (old, new) = (field.old.as_ref()?, field.new.as_ref()?);
    let found = |subject: &str, change: String, lost| Loss {
        cluster: region.to_owned(),
        subject: subject.to_owned(),
        change,
        lost,
        cause: field.cause,
    };
    let by_name = || format!("`{name}` {} → {}", shown(Some(old)), shown(Some(new)));
    match cost {
        Cost::Machines if old.as_str() == Some("") || new.as_str() == Some("") => None,
        Cost::Machines => {
            Some(found("machines", by_name(), "they are made anew, without what is on their disks"))
        }
        Cost::ControlPlanes { of_flag } => {
            let count =
                |json: &Json| json.as_bool().map_or(json.as_i64(), |on| Some(if on { of_flag } else { 1 }));
            let (before, after) = (count(old)?, count(new)?);
            let lost = if quorum_goes(before, after) {
                "the quorum of etcd is lost"
            } else {
                "a member of etcd goes with its disk"
            };
            (after < before).then(|| found("control plane", format!("{before} → {after} machines"), lost))
        }
        Cost::Workers => {
            let change = format!("{} → {} machines", shown(Some(old)), shown(Some(new)));
            smaller(old, new).then(|| found("workers", change, "the others go with what is on their disks"))
        }
        Cost::Version => older(old, new)
            .then(|| found("machines", by_name(), "an older k3s cannot read what a newer one wrote")),
        Cost::Place => Some(found("storage", by_name(), "what is in the old place is not read any more")),
    }
}

/// Returns whether so many members of those that were are gone at once that the others are no majority.
fn quorum_goes(before: i64, after: i64) -> bool {
    before >= 3 && after * 2 <= before
}

fn of_object(change: &ObjectChange, catalog: &Catalog) -> Vec<Loss> {
    let Some((_, old)) = &change.old else { return Vec::new() };
    if change.new.is_none() {
        let fields = objects::leaves(old, change.cause);
        let of_fields = fields.iter().filter_map(|field| of_field(change, field));
        return of_gone(change, old).into_iter().chain(of_fields).collect();
    }
    if change.id.kind == "HelmRelease" {
        return change.fields.iter().filter_map(|field| of_release(change, field, catalog)).collect();
    }
    change.fields.iter().filter_map(|field| of_field(change, field)).collect()
}

fn of_field(change: &ObjectChange, field: &FieldChange) -> Option<Loss> {
    let keys = keys(&field.steps);
    let marks = marks::FIELDS.iter().filter(|(kind, mark)| *kind == change.id.kind && (mark.at)(&keys));
    // An object that goes as a whole is missed, and each of its fields is not.
    let mut marks = marks.filter(|(_, mark)| change.new.is_some() || matches!(mark.change, Change::Gone));
    marks.find_map(|(_, mark)| found(change, &change.id.name, field, mark))
}

fn of_gone(change: &ObjectChange, old: &Json) -> Option<Loss> {
    let (_, lost) = marks::GONE.iter().find(|(kind, _)| *kind == change.id.kind)?;
    // What is kept in the cluster by its annotations goes by another hand.
    (!objects::stays(old)).then(|| Loss {
        cluster: change.id.cluster.clone(),
        subject: format!("{} `{}`", change.id.kind, change.id.name),
        change: "leaves the tree".to_owned(),
        lost,
        cause: change.cause,
    })
}

fn of_release(change: &ObjectChange, field: &FieldChange, catalog: &Catalog) -> Option<Loss> {
    let name = change.id.name.as_str();
    let keeps = matches!(catalog.risk(name), Some(Risk::Data | Risk::Vcluster));
    if field.is_below(&["spec", "chart", "spec", "version"]) {
        let (old, new) = (field.old.as_ref()?, field.new.as_ref()?);
        // One of a controller has a finding of its own.
        let goes_back = keeps && !catalog.is_controller(name) && older(old, new);
        return found(change, name, field, &marks::DOWNGRADE).filter(|_| goes_back);
    }
    if field.is_below(&["spec", "upgrade", "remediation", "strategy"]) && keeps {
        return found(change, name, field, &marks::STRATEGY);
    }
    if !field.is_below(&["spec", "values"]) {
        return None;
    }
    let keys = keys(field.steps.get(2..)?);
    let of_catalog =
        catalog.gate(name).is_some_and(|gate| gate.iter().map(String::as_str).eq(keys.iter().copied()));
    if of_catalog && keeps {
        return found(change, name, field, &marks::GATE);
    }
    let field = &in_effect::with_defaults(change, field, &keys);
    let asked = marks::VALUES.iter().filter(|mark| mark.release.is_none_or(|release| release == name));
    let mut asked = asked.filter(|mark| (keeps || !mark.of_data) && (mark.mark.at)(&keys));
    if let Some(loss) = asked.find_map(|mark| found(change, name, field, &mark.mark)) {
        return Some(loss);
    }
    // A size that grows and a volume that comes lose nothing.
    let other = keeps && !matches!(keys.last(), None | Some(&("size" | "enabled")));
    let is_kept = other && !keys.contains(&"volumeClaim") && decides_about_data(change, &keys);
    found(change, name, field, if is_kept { &marks::KEPT } else { return None })
}

/// Returns whether a value decides about what a release keeps: what the lock of its chart says, or its name, if there is none.
fn decides_about_data(change: &ObjectChange, keys: &[&str]) -> bool {
    let chart = |pointer: &str| {
        let (_, old) = change.old.as_ref()?;
        old.pointer(pointer)?.as_str()
    };
    let locked = chart("/spec/chart/spec/chart").zip(chart("/spec/chart/spec/version"));
    let lock = locked.and_then(|(chart, version)| lock::embedded(chart, version));
    match lock.and_then(EmbeddedLock::values).map(|values| values.judge(keys)) {
        Some(lock::Judgement::Known(fact)) => fact.is(lock::Mark::KeepsData),
        Some(_) | None => lock::keeps_data(keys),
    }
}

/// Returns the loss of a field that a mark is about, if its change is one.
fn found(change: &ObjectChange, name: &str, field: &FieldChange, mark: &Mark) -> Option<Loss> {
    let (old, new) = (field.old.as_ref(), field.new.as_ref());
    let happens = match mark.change {
        Change::Other => old.is_some_and(|old| !matches!(old, Json::Null) && old.as_str() != Some("")),
        Change::Smaller => old.zip(new).is_some_and(|(old, new)| smaller(old, new)),
        Change::Lowered => lowered(old, new).is_some(),
        Change::Older => old.zip(new).is_some_and(|(old, new)| older(old, new)),
        Change::Members => old.zip(new).is_some_and(|(old, new)| {
            let counts = old.as_i64().zip(new.as_i64());
            counts.is_some_and(|(old, new)| old > 0 && new == 0 || quorum_goes(old, new))
        }),
        Change::Off => old == Some(&Json::Bool(true)) && new != Some(&Json::Bool(true)),
        Change::Gone => old.is_some() && new.is_none(),
        Change::Becomes(word) => {
            let is = |side: Option<&Json>| side.and_then(Json::as_str) == Some(word);
            is(new) && !is(old)
        }
        Change::Weaker(words) => {
            let rank = |side: Option<&Json>| {
                let word = side.and_then(Json::as_str);
                words.iter().position(|it| word.is_some_and(|word| word.eq_ignore_ascii_case(it)))
            };
            let weakest = words.len();
            rank(old).is_some_and(|old| old < rank(new).unwrap_or(weakest))
        }
    };
    let path = match field.steps.get(2..).filter(|_| field.is_below(&["spec", "values"])) {
        Some(below) => objects::path_text(below),
        None => field.path(),
    };
    happens.then(|| Loss {
        cluster: change.id.cluster.clone(),
        subject: match change.id.kind.as_str() {
            "HelmRelease" => format!("`{name}`"),
            kind => format!("{kind} `{name}`"),
        },
        change: match lowered(old, new).filter(|_| matches!(mark.change, Change::Lowered)) {
            Some((name, old, new)) => format!("`{path}`: `{name}` {old} → {new}"),
            None => format!("`{path}` {} → {}", shown(old), shown(new)),
        },
        lost: mark.lost,
        cause: field.cause.or(change.cause),
    })
}

/// Returns the keys and names of a path.
fn keys(steps: &[Step]) -> Vec<&str> {
    steps
        .iter()
        .filter_map(|step| match step {
            Step::Key(text) | Step::Name(text) => Some(text.as_str()),
            Step::Index(_) => None,
        })
        .collect()
}

/// Returns a value in a sentence: text as it is, a little of what is long.
pub(crate) fn shown(value: Option<&Json>) -> String {
    let text = match value {
        None | Some(Json::Null) => "nothing".to_owned(),
        Some(Json::String(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(Json::String(text)) if text.contains('\n') => {
            format!("a text of {} lines", text.lines().count())
        }
        Some(Json::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    if text.chars().count() <= SHOWN {
        return text;
    }
    let cut: String = text.chars().take(SHOWN).collect();
    format!("{cut}…")
}
