//! A [`Diff`] as JSON, for programs. Keys are stable.

use serde_json::{Value as Json, json};

use super::events::{Event, What};
use super::{Change, Diff};
use crate::diag::Sources;
use crate::source::Span;

/// One JSON document with the keys `root`, `clusters`, `objects` and `files`, and a final newline.
pub fn render(diff: &Diff, sources: &dyn Sources) -> String {
    let clusters: Vec<_> = diff
        .clusters
        .iter()
        .map(|cluster| {
            json!({
                "cluster": cluster.cluster,
                "events": cluster.events.iter().map(|event| of_event(event, sources)).collect::<Vec<_>>(),
                "layers": cluster.layers,
                "restarts": cluster.restarts,
            })
        })
        .collect();
    let objects: Vec<_> = diff
        .objects
        .iter()
        .map(|change| {
            let field = |field: &super::FieldChange| {
                json!({
                    "path": field.path(), "old": field.old, "new": field.new,
                    "cause": cause(field.cause, sources),
                })
            };
            json!({
                "cluster": change.id.cluster,
                "kind": change.id.kind,
                "namespace": change.id.namespace,
                "name": change.id.name,
                "old": change.old.as_ref().map(|(path, _)| path.as_str()),
                "new": change.new.as_ref().map(|(path, _)| path.as_str()),
                "fields": change.fields.iter().map(field).collect::<Vec<_>>(),
                "cause": cause(change.cause, sources),
            })
        })
        .collect();
    let files: serde_json::Map<String, Json> = diff
        .files
        .iter()
        .map(|(path, change)| {
            let word = match change {
                Change::Added { .. } => "added",
                Change::Removed { .. } => "removed",
                Change::Modified { .. } => "modified",
            };
            (path.to_string(), word.into())
        })
        .collect();
    let document = json!({ "root": diff.root, "clusters": clusters, "objects": objects, "files": files });
    format!("{document:#}\n")
}

fn of_event(event: &Event, sources: &dyn Sources) -> Json {
    let mut json = match &event.what {
        What::ClusterRemoved => json!({ "event": "cluster-removed" }),
        What::Deleted { version } => json!({ "event": "deleted", "version": version }),
        What::Reinstalled { changes } => json!({
            "event": "reinstalled",
            "changes": changes.iter().map(|(path, from, to)| json!({ "path": path, "from": from, "to": to })).collect::<Vec<_>>(),
        }),
        What::Removed => json!({ "event": "removed" }),
        What::Downgraded { from, to } => json!({ "event": "downgraded", "from": from, "to": to }),
        What::Upgraded { from, to } => json!({ "event": "upgraded", "from": from, "to": to }),
        What::Moved { from, to } => json!({ "event": "moved", "from": from, "to": to }),
        What::ValuesChanged { paths } => json!({ "event": "values-changed", "paths": paths }),
        What::DependenciesChanged { added, removed } => {
            json!({ "event": "dependencies-changed", "added": added, "removed": removed })
        }
        What::Changed { paths } => json!({ "event": "changed", "paths": paths }),
        What::ClusterAdded { releases } => json!({ "event": "cluster-added", "releases": releases }),
        What::Installed { version } => json!({ "event": "installed", "version": version }),
        What::Added => json!({ "event": "added" }),
    };
    json["subject"] = event.subject.clone().into();
    json["risk"] = event.risk.map(super::Risk::phrase).into();
    json["cause"] = cause(event.cause, sources);
    json
}

fn cause(span: Option<Span>, sources: &dyn Sources) -> Json {
    let Some(span) = span else { return Json::Null };
    let source = sources.source(span.source);
    let (line, column) = source.position(span.start);
    json!({ "file": source.name(), "line": line, "column": column })
}
