//! What a Helm value is in effect: where a release gives none, its chart has a default, which the lock of the chart knows.

use serde_json::Value as Json;

use crate::diff::objects::{FieldChange, ObjectChange};
use sovereign_compile::tree::TreePath;
use sovereign_language::lock::{self, Judgement};

/// Returns a change of a value with the chart's default on a side that gives none: the first `replicas = 0` is a change from
/// one, and a `persistence.enabled = true` that goes is none where the chart has the same.
pub(super) fn with_defaults(change: &ObjectChange, field: &FieldChange, keys: &[&str]) -> FieldChange {
    let mut field = field.clone();
    // What a kit writes down for the first time it has tried, and a part of a chart may be off.
    if !field.cause.is_some_and(|cause| cause.source.is_input()) {
        return field;
    }
    let release =
        |side: &Option<(TreePath, Json)>| side.as_ref().and_then(|(_, release)| default(release, keys));
    field.old = field.old.or_else(|| release(&change.old));
    field.new = field.new.or_else(|| release(&change.new));
    field
}

fn default(release: &Json, keys: &[&str]) -> Option<Json> {
    let text = |pointer: &str| release.pointer(pointer)?.as_str();
    let lock = lock::embedded(text("/spec/chart/spec/chart")?, text("/spec/chart/spec/version")?)?;
    match lock.values()?.judge(keys) {
        Judgement::Known(fact) => serde_json::from_str(fact.default()?).ok(),
        Judgement::Table | Judgement::Open | Judgement::Uncertain | Judgement::Unread => None,
    }
}
