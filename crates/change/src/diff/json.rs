//! A [`Diff`] as JSON, for programs. Keys are stable: new ones may come, none changes its meaning.
//!
//! | key | holds |
//! |---|---|
//! | `root` | the root of the tree: `clusters/<fqdn>` |
//! | `clusters[]` | one for each cluster in which something changes, and one for what the clusters share |
//! | `….cluster` | its directory |
//! | `….events[]` | what happens, worst first; the keys beside the common ones depend on `event` |
//! | `….events[].event` | `cluster-removed`, `deleted`, `reinstalled`, `left-behind`, `removed`, `downgraded`, `upgraded`, `moved`, `values-changed`, `dependencies-changed`, `changed`, `cluster-added`, `installed`, `added` |
//! | `….events[].subject` | what it happens to: the name of a release, or kind and name |
//! | `….events[].risk` | what may be lost, as a phrase, or `null` |
//! | `….events[].cause` | what caused it: `file`, `line`, `column`, or `null` |
//! | `….layers[]` | the layers in which something changes |
//! | `….restarts[]` | the releases that Flux works on again |
//! | `objects[]` | every object that comes, goes or changes: `cluster`, `kind`, `namespace`, `name` |
//! | `….old`, `….new` | its file before and after, below `root`, or `null` |
//! | `….fields[]` | its fields that change: `path`, `old`, `new`, `cause`; empty where the object comes or goes |
//! | `….cause` | what caused the object, or keeps it out |
//! | `files` | by path: `added`, `modified` or `removed` |
//! | `steps[]` | the phases of the steps that the change takes, one for each commit; only of `sovereign diff` itself |
//! | `unreadable[]` | files of before that cannot be read as YAML |

use serde_json::{Value as Json, json};

use super::events::{Event, What};
use super::{Change, Diff};
use sovereign_text::diag::Sources;
use sovereign_text::source::Span;

/// Returns one JSON document with a final newline. `phases` are the words for those of the steps that the change takes.
pub fn render(diff: &Diff, sources: &dyn Sources, phases: &[&str]) -> String {
    let mut value = value(diff, sources);
    value["steps"] = phases.iter().copied().collect();
    format!("{value:#}\n")
}

/// Returns the same as a value.
pub fn value(diff: &Diff, sources: &dyn Sources) -> Json {
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
    let unreadable: Vec<_> = diff.unreadable.iter().map(ToString::to_string).collect();
    json!({
        "root": diff.root, "clusters": clusters, "objects": objects, "files": files, "unreadable": unreadable,
    })
}

fn of_event(event: &Event, sources: &dyn Sources) -> Json {
    let mut json = match &event.what {
        What::ClusterRemoved { releases, at_risk } => {
            json!({ "event": "cluster-removed", "releases": releases, "at-risk": at_risk })
        }
        What::Deleted { version } => json!({ "event": "deleted", "version": version }),
        What::Reinstalled { changes } => json!({
            "event": "reinstalled",
            "changes": changes.iter().map(|(path, from, to)| json!({ "path": path, "from": from, "to": to })).collect::<Vec<_>>(),
        }),
        What::LeftBehind => json!({ "event": "left-behind" }),
        What::Removed => json!({ "event": "removed" }),
        What::Downgraded { from, to } => json!({ "event": "downgraded", "from": from, "to": to }),
        What::Upgraded { from, to } => json!({ "event": "upgraded", "from": from, "to": to }),
        What::Moved { from, to } => json!({ "event": "moved", "from": from, "to": to }),
        What::ValuesChanged { paths } => json!({ "event": "values-changed", "paths": texts(paths) }),
        What::DependenciesChanged { added, removed } => {
            json!({ "event": "dependencies-changed", "added": added, "removed": removed })
        }
        What::Changed { paths } => json!({ "event": "changed", "paths": texts(paths) }),
        What::ClusterAdded { releases } => json!({ "event": "cluster-added", "releases": releases }),
        What::Installed { version } => json!({ "event": "installed", "version": version }),
        What::Added => json!({ "event": "added" }),
    };
    json["subject"] = event.subject.clone().into();
    json["risk"] = event.risk.map(super::Risk::phrase).into();
    json["cause"] = cause(event.cause, sources);
    json
}

fn texts(paths: &[Vec<super::Step>]) -> Vec<String> {
    paths.iter().map(|path| super::objects::path_text(path)).collect()
}

fn cause(span: Option<Span>, sources: &dyn Sources) -> Json {
    let Some(span) = span else { return Json::Null };
    let source = sources.source(span.source);
    let (line, column) = source.position(span.start);
    json!({ "file": source.name(), "line": line, "column": column })
}
