//! The Helm values that a user wrote, each beside what the lock of its chart says of it.

use std::collections::BTreeSet;

use sovereign_language::kit::Blueprint;
use sovereign_language::lock::{self, EmbeddedLock, Judgement, Kind, LockedValues, Mismatch};
use sovereign_text::diag::{Diagnostics, suggest};
use sovereign_text::node::{Node, Step, Value, path_text};
use sovereign_text::source::Span;

use crate::plan::release::value_trees;
use crate::plan::{Plan, Release};

/// For how many values the path that was meant is looked for: that takes a walk over the chart for each.
const MOST_SEARCHES: usize = 50;

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) enum Fault {
    /// No template reads it; perhaps the path that was meant.
    Unread(Option<String>),
    /// Nobody knows whether one reads it, but it looks like this path of this version of the chart, or of the kit.
    Near(String, Option<&'static str>),
    /// It is of a kind that the chart cannot use.
    Kind(Mismatch),
}

/// A value that something is wrong with.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The blueprint whose value it is.
    pub(crate) blueprint: &'a Blueprint,
    /// The version of the chart.
    pub(crate) version: &'a str,
    /// The path of the value.
    pub(crate) path: String,
    /// Where it was written.
    pub(crate) span: Span,
    /// What is wrong with it.
    pub(crate) fault: Fault,
}

/// Returns everything that is wrong with values of the manifest. Those of the embedded kits are held by a test, and each
/// value is looked at once, in how many regions it may stand. What was meant is looked for so many times at most.
pub(crate) fn faults<'a>(plan: &'a Plan<'_>) -> Vec<Found<'a>> {
    let mut searches = MOST_SEARCHES;
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        // What the kit alone says needs no walk.
        if release.changed_by.is_empty() && !release.blueprint.span.source.is_input() {
            continue;
        }
        let chart = Chart::new(release);
        let version = release.version.value.as_str();
        walk(&release.values, &mut Vec::new(), &mut |keys, node| {
            // Nobody reads more than are shown, and hostile values are many.
            if found.len() >= Diagnostics::MOST {
                return false;
            }
            // A table is gone into whoever wrote it; what is in it may be the user's.
            let is_table = matches!(&node.value, Value::Map(map) if !map.is_empty());
            if !is_table && !node.cause.source.is_input() {
                return false;
            }
            let fault = match chart.judge(keys, node, &mut searches) {
                Ok(()) => return true,
                Err(fault) => fault,
            };
            if let Some(fault) = fault
                && node.cause.source.is_input()
                && seen.insert((node.cause, version))
            {
                let (blueprint, path, span) = (release.blueprint, text(keys), node.cause);
                found.push(Found { blueprint, version, path, span, fault });
            }
            false
        });
    }
    found
}

/// The chart of a release, as far as it is known.
struct Chart<'a> {
    blueprint: &'a Blueprint,
    values: Option<LockedValues<'static>>,
    /// Another version that was opened, where this one was not.
    other: Option<(&'static str, LockedValues<'static>)>,
}

impl<'a> Chart<'a> {
    fn new(release: &'a Release<'_>) -> Self {
        let blueprint = release.blueprint;
        let (chart, version) = (blueprint.chart.value.as_str(), release.version.value.as_str());
        let values = lock::embedded(chart, version).and_then(EmbeddedLock::values);
        let other = lock::of_another_version(chart, version).filter(|_| values.is_none());
        Self { blueprint, values, other }
    }

    /// Says whether what stands below a value is to be looked at, and what is wrong with the value itself. What was meant is
    /// looked for while searches are left.
    fn judge(&self, keys: &[&str], node: &Node, searches: &mut usize) -> Result<(), Option<Fault>> {
        let Some(name) = keys.last() else { return Ok(()) };
        let is_table = matches!(&node.value, Value::Map(map) if !map.is_empty());
        let judgement = self.values.map(|values| values.judge(keys));
        let known = if let Some(Judgement::Known(fact)) = &judgement { Some(fact) } else { None };
        if let Some(mismatch) = lock::mismatch(known, name, &node.value) {
            return Err(Some(Fault::Kind(mismatch)));
        }
        if is_table {
            return Ok(());
        }
        let may_search = *searches > 0;
        let (values, is_unread) = match judgement {
            Some(Judgement::Table) if !matches!(node.value, Value::Map(_) | Value::Null) => {
                return Err(Some(Fault::Kind(Mismatch::Default(Kind::Map))));
            }
            Some(Judgement::Known(_) | Judgement::Table | Judgement::Open) => return Ok(()),
            Some(Judgement::Unread) => (self.values, true),
            Some(Judgement::Uncertain) => (self.values, false),
            None => (None, false),
        };
        *searches = searches.saturating_sub(1);
        Err(match values.filter(|_| may_search) {
            Some(values) if is_unread => Some(Fault::Unread(lock::nearest(values, keys))),
            Some(values) => lock::misspelt(values, keys).map(|near| Fault::Near(near, None)),
            None if is_unread => Some(Fault::Unread(None)),
            None if may_search => {
                let near = self.near_in_kit(keys).map(|near| Fault::Near(near, None));
                near.or_else(|| self.near_elsewhere(keys))
            }
            None => None,
        })
    }

    /// Of a chart that was not opened, the kit's own values are known. A key that is nearly one of them is a slip.
    fn near_in_kit(&self, keys: &[&str]) -> Option<String> {
        let trees: Vec<_> = value_trees(self.blueprint).collect();
        for (depth, key) in keys.iter().enumerate() {
            let above = keys.get(..depth)?;
            let tables = trees.iter().filter_map(|tree| tree.at(above)?.as_map());
            let known: Vec<&str> = tables.flat_map(|table| table.iter().map(|(known, _)| known)).collect();
            if known.contains(key) {
                continue;
            }
            let near = suggest::misspelt(key, known).filter(|near| near.len() > 3)?;
            let path: Vec<_> =
                above.iter().copied().chain([near]).chain(keys.iter().skip(depth + 1).copied()).collect();
            return Some(text(&path));
        }
        None
    }

    /// Returns what another version does not read may be new in this one. What it reads nearly so is not.
    fn near_elsewhere(&self, keys: &[&str]) -> Option<Fault> {
        let (version, values) = self.other.filter(|(_, values)| values.judge(keys) == Judgement::Unread)?;
        lock::nearest(values, keys).map(|near| Fault::Near(near, Some(version)))
    }
}

/// Visits tables and what stands in them, outer ones first. `see` says whether to go into a table.
fn walk<'n>(node: &'n Node, keys: &mut Vec<&'n str>, see: &mut dyn FnMut(&[&str], &Node) -> bool) {
    if !see(keys, node) {
        return;
    }
    for (key, below) in node.as_map().into_iter().flat_map(sovereign_text::node::Map::iter) {
        keys.push(key);
        walk(below, keys, see);
        keys.pop();
    }
}

/// Returns a path of keys as people write it.
pub(crate) fn text(keys: &[&str]) -> String {
    path_text(&keys.iter().map(|key| Step::Key(key)).collect::<Vec<_>>())
}
