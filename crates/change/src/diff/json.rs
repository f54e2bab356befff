//! A [`Diff`] as JSON, for programs. Keys are stable: new ones may come, none changes its meaning without another version.
//! `schema/diff.schema.json` says the same for programs.
//!
//! | key | holds |
//! |---|---|
//! | `version` | 1; only of `sovereign diff` itself |
//! | `root` | the root of the tree: `clusters/<fqdn>` |
//! | `kit` | the kit, if it changes: `from`, `to`; or `null` |
//! | `consents[]` | the tables that let happen what is lost, as TOML; only of `sovereign diff` itself |
//! | `losses[]` | what is lost by a change of values, and happens by consent only: `cluster`, `subject`, `change`, `lost`, `cause` |
//! | `clusters[]` | one for each cluster in which something changes, and one for what the clusters share |
//! | `….cluster` | its directory |
//! | `….events[]` | what happens, worst first; the keys beside the common ones depend on `event` |
//! | `….events[].event` | `cluster-removed`, `deleted`, `reinstalled`, `left-behind`, `removed`, `downgraded`, `upgraded`, `moved`, `variables-changed`, `values-changed`, `dependencies-changed`, `changed`, `cluster-added`, `installed`, `added` |
//! | `….events[].subject` | what it happens to: the name of a release, or kind and name |
//! | `….events[].risk` | what may be lost, as a phrase, or `null` |
//! | `….events[].cause` | what caused it: `file`, `line`, `column`, or `null` |
//! | `….layers[]` | the layers in which something changes |
//! | `….restarts[]` | the releases that Flux works on again |
//! | `….events[].paths`, `….events[].values` | which values change, and what each was and will be: `old`, `new` |
//! | `variables[]` | the files of variables that modules are told, as `objects[]`: the kind is `OpenTofu`, the name the path |
//! | `objects[]` | every object that comes, goes or changes: `cluster`, `kind`, `namespace`, `name` |
//! | `….old`, `….new` | its file before and after, below `root`, or `null` |
//! | `….fields[]` | its fields that change: `path`, `old`, `new`, `cause`; empty where the object comes or goes |
//! | `….cause` | what caused the object, or keeps it out |
//! | `files` | by path: `added`, `modified` or `removed` |
//! | `steps[]` | the phases of the steps that the change takes, one for each commit; only of `sovereign diff` itself |
//! | `unreadable[]` | files of before that cannot be read as YAML |

use serde_json::{Value as Json, json};

use super::events::{Event, ValueChange, What};
use super::{Change, Diff};
use sovereign_text::diag::Sources;
use sovereign_text::source::Span;

/// The version of the document.
const VERSION: u32 = 1;

/// Returns one JSON document with a final newline. `phases` are the words for those of the steps that the change takes,
/// `consents` the tables that let happen what is lost.
pub fn render(diff: &Diff, sources: &dyn Sources, phases: &[&str], consents: &[String]) -> String {
    let mut value = value(diff, sources);
    value["version"] = VERSION.into();
    value["steps"] = phases.iter().copied().collect();
    value["consents"] = consents.iter().cloned().collect();
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
    let object = |change: &super::ObjectChange| {
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
    };
    let changes = |list: &[super::ObjectChange]| list.iter().map(object).collect::<Vec<_>>();
    let loss = |loss: &super::Loss| {
        json!({
            "cluster": loss.cluster, "subject": format!("{} of {}", loss.subject, loss.cluster), "change": loss.change, "lost": loss.lost,
            "cause": cause(loss.cause, sources),
        })
    };
    let losses: Vec<_> = diff.losses.iter().map(loss).collect();
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
    let kit = diff.kit.as_ref().map(|kit| json!({ "from": kit.from, "to": kit.to }));
    json!({
        "root": diff.root, "kit": kit, "losses": losses, "clusters": clusters, "variables": changes(&diff.variables),
        "objects": changes(&diff.objects), "files": files, "unreadable": unreadable,
    })
}

fn of_event(event: &Event, sources: &dyn Sources) -> Json {
    let mut json = json!({ "event": event.what.word() });
    let mut add = |key: &str, value: Json| json[key] = value;
    match &event.what {
        What::ClusterRemoved { releases, at_risk } => {
            add("releases", json!(releases));
            add("at-risk", json!(at_risk));
        }
        What::Deleted { version } | What::Installed { version } => add("version", json!(version)),
        What::Reinstalled { changes } => {
            let change =
                |(path, from, to): &(String, String, String)| json!({ "path": path, "from": from, "to": to });
            add("changes", changes.iter().map(change).collect());
        }
        What::Downgraded { from, to } | What::Upgraded { from, to } | What::Moved { from, to } => {
            add("from", json!(from));
            add("to", json!(to));
        }
        What::VariablesChanged { values } | What::ValuesChanged { values } | What::Changed { values } => {
            let path = |value: &ValueChange| super::objects::path_text(&value.path);
            add("paths", values.iter().map(path).collect());
            add("values", values.iter().map(|value| json!({ "old": value.old, "new": value.new })).collect());
        }
        What::DependenciesChanged { added, removed } => {
            add("added", json!(added));
            add("removed", json!(removed));
        }
        What::ClusterAdded { releases } => add("releases", json!(releases)),
        What::LeftBehind | What::Removed | What::Added => {}
    }
    add("subject", event.subject.clone().into());
    add("risk", event.risk.map(super::Risk::phrase).into());
    add("cause", cause(event.cause, sources));
    json
}

fn cause(span: Option<Span>, sources: &dyn Sources) -> Json {
    let Some(span) = span else { return Json::Null };
    let source = sources.source(span.source);
    let (line, column) = source.position(span.start);
    json!({ "file": source.name(), "line": line, "column": column })
}
