//! The object-level diff: objects by identity, fields by path, lists by the names in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Change;
use crate::Compiled;
use crate::node::{Node, Value};
use crate::snapshot::Snapshot;
use crate::source::Span;
use crate::tree::TreePath;

/// What tells an object from every other one of a Sovereign.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    /// The directory of its cluster, or of what the clusters share.
    pub cluster: String,
    /// The kind.
    pub kind: String,
    /// The API group; empty for the core group. Versions of a group are one object.
    pub group: String,
    /// The namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// How one object changes.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// The object.
    pub id: ObjectId,
    /// Where it stood, and what it was.
    pub old: Option<(TreePath, Json)>,
    /// Where it will stand, and what it will be.
    pub new: Option<(TreePath, Json)>,
    /// Its fields that change; empty for objects that come or go.
    pub fields: Vec<FieldChange>,
    /// What caused the object: the place of its name. `None` if it goes.
    pub cause: Option<Span>,
}

impl ObjectChange {
    /// The layer that a side stands in: the directory of its file.
    pub fn layer(side: Option<&(TreePath, Json)>) -> Option<&str> {
        side.and_then(|(path, _)| path.as_str().rsplit_once('/'))
            .map(|(directory, _)| directory.rsplit_once('/').map_or(directory, |(_, layer)| layer))
    }

    /// The fields below a path.
    pub fn below<'a>(&'a self, path: &'a [&'a str]) -> impl Iterator<Item = &'a FieldChange> {
        self.fields.iter().filter(move |field| {
            field.steps.len() >= path.len() && field.steps.iter().zip(path).all(|(step, key)| step == key)
        })
    }
}

/// How one field changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The path, step by step; an entry of a list that has a name is `[name]`, another one its index.
    pub steps: Vec<String>,
    /// The value before.
    pub old: Option<Json>,
    /// The value after.
    pub new: Option<Json>,
    /// What caused the new value; for a field that goes, the mapping that lacks it.
    pub cause: Option<Span>,
}

impl FieldChange {
    /// The path as people write it.
    pub fn path(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            if step.starts_with('[') || text.is_empty() {
                text.push_str(step);
            } else {
                text.push('.');
                text.push_str(step);
            }
        }
        text
    }
}

/// The objects of an old side that stand in files which change.
pub(super) struct OldObjects {
    objects: BTreeMap<ObjectId, (TreePath, Json)>,
    pub(super) unreadable: Vec<TreePath>,
}

/// Reads the objects in files that change. A tree of ours has one object a file; others may have several.
pub(super) fn read(old: &Snapshot, files: &BTreeMap<TreePath, Change>) -> OldObjects {
    let mut objects = BTreeMap::new();
    let mut unreadable = Vec::new();
    for path in files.keys().filter(|path| is_yaml(path)) {
        let Some(entry) = old.files().get(path) else { continue };
        match entry.bytes().and_then(|bytes| std::str::from_utf8(bytes).ok()).map(documents) {
            Some(Ok(documents)) => {
                for object in documents {
                    if let Some(id) = identity(path, &object) {
                        objects.insert(id, (path.clone(), object));
                    }
                }
            }
            Some(Err(())) | None => unreadable.push(path.clone()),
        }
    }
    OldObjects { objects, unreadable }
}

fn is_yaml(path: &TreePath) -> bool {
    path.as_str().rsplit_once('.').is_some_and(|(_, end)| end == "yaml")
}

/// The documents of a YAML text as JSON, read within the reader's own limits on size and depth.
pub(crate) fn documents(text: &str) -> Result<Vec<Json>, ()> {
    serde_saphyr::from_multiple::<Json>(text).map_err(|_| ())
}

/// The identity of an object; `None` for what no cluster holds, such as kustomize's own files.
pub(crate) fn identity(path: &TreePath, object: &Json) -> Option<ObjectId> {
    let api_version = object.get("apiVersion")?.as_str()?;
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    if group == "kustomize.config.k8s.io" {
        return None;
    }
    let meta = object.get("metadata")?;
    let text = |key: &str| meta.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    Some(ObjectId {
        cluster: path.as_str().split('/').next().unwrap_or_default().to_owned(),
        kind: object.get("kind")?.as_str()?.to_owned(),
        group: group.to_owned(),
        namespace: text("namespace"),
        name: text("name"),
    })
}

/// Compares the objects of both sides.
pub(super) fn compare(
    old: &OldObjects,
    new: &Compiled,
    files: &BTreeMap<TreePath, Change>,
) -> Vec<ObjectChange> {
    let mut changes = BTreeMap::new();
    let placed = new.lowered.clusters.iter().flat_map(|cluster| &cluster.objects).chain(&new.lowered.shared);
    for placed in placed.filter(|placed| files.contains_key(&placed.path)) {
        let node = placed.object.node();
        let json = node.to_json();
        let Some(id) = identity(&placed.path, &json) else { continue };
        let before = old.objects.get(&id).cloned();
        let mut fields = Vec::new();
        if let Some((_, before)) = &before {
            compare_fields(before, &node, &mut Vec::new(), &mut fields);
        }
        let cause = Some(placed.object.meta().name.span);
        let moved = before.as_ref().is_some_and(|(path, _)| *path != placed.path);
        if before.is_none() || !fields.is_empty() || moved {
            let new = Some((placed.path.clone(), json));
            changes.insert(id.clone(), ObjectChange { id, old: before, new, fields, cause });
        }
    }
    let still_there: BTreeSet<ObjectId> = new
        .lowered
        .clusters
        .iter()
        .flat_map(|cluster| &cluster.objects)
        .chain(&new.lowered.shared)
        .filter(|placed| files.contains_key(&placed.path))
        .filter_map(|placed| identity(&placed.path, &placed.object.node().to_json()))
        .collect();
    for (id, before) in &old.objects {
        if !still_there.contains(id) {
            let change = ObjectChange {
                id: id.clone(),
                old: Some(before.clone()),
                new: None,
                fields: Vec::new(),
                cause: None,
            };
            changes.insert(id.clone(), change);
        }
    }
    changes.into_values().collect()
}

/// Compares a value before with a value after, field by field.
fn compare_fields(old: &Json, new: &Node, steps: &mut Vec<String>, out: &mut Vec<FieldChange>) {
    match (old, &new.value) {
        (Json::Object(before), Value::Map(after)) => {
            for (key, node) in after.iter() {
                steps.push(key.to_owned());
                match before.get(key) {
                    Some(value) => compare_fields(value, node, steps, out),
                    None => added(node, steps, out),
                }
                steps.pop();
            }
            for (key, value) in before.iter().filter(|(key, _)| after.get(key).is_none()) {
                steps.push(key.clone());
                removed(value, new.cause, steps, out);
                steps.pop();
            }
        }
        (Json::Array(before), Value::List(after)) => compare_lists(before, (after, new.cause), steps, out),
        _ => {
            let json = new.to_json();
            if !same(old, &json) {
                let change = (Some(old.clone()), Some(json), Some(new.cause));
                push(change, steps, out);
            }
        }
    }
}

/// Equal as Kubernetes sees it: `1` and `1.0` are one number.
fn same(a: &Json, b: &Json) -> bool {
    a == b || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
}

fn compare_lists(
    before: &[Json],
    (after, cause): (&[Node], Span),
    steps: &mut Vec<String>,
    out: &mut Vec<FieldChange>,
) {
    let old_names: Vec<_> = before.iter().map(|item| label(item)).collect();
    let new_items: Vec<_> = after.iter().map(Node::to_json).collect();
    let new_names: Vec<_> = new_items.iter().map(label).collect();
    let unique = |names: &[Option<String>]| {
        let set: BTreeSet<_> = names.iter().flatten().collect();
        set.len() == names.len()
    };
    if unique(&old_names) && unique(&new_names) {
        // By name, so that an entry in the middle does not change all behind it.
        for (node, name) in after.iter().zip(new_names.iter().flatten()) {
            steps.push(format!("[{name}]"));
            match old_names.iter().position(|old| old.as_ref() == Some(name)) {
                Some(index) => compare_fields(&before[index], node, steps, out),
                None => added(node, steps, out),
            }
            steps.pop();
        }
        for (value, name) in before.iter().zip(old_names.iter().flatten()) {
            if !new_names.iter().flatten().any(|new| new == name) {
                steps.push(format!("[{name}]"));
                removed(value, cause, steps, out);
                steps.pop();
            }
        }
        return;
    }
    for index in 0..before.len().max(after.len()) {
        steps.push(format!("[{index}]"));
        match (before.get(index), after.get(index)) {
            (Some(value), Some(node)) => compare_fields(value, node, steps, out),
            (None, Some(node)) => added(node, steps, out),
            (Some(value), None) => removed(value, cause, steps, out),
            (None, None) => {}
        }
        steps.pop();
    }
}

/// What a list entry is matched by: its `name`, or itself if it is text.
fn label(item: &Json) -> Option<String> {
    match item {
        Json::Object(map) => {
            let name = map.get("name").and_then(Json::as_str)?;
            // Sources of values share a name and differ in the key they read.
            let key = map.get("valuesKey").and_then(Json::as_str);
            Some(key.map_or_else(|| name.to_owned(), |key| format!("{name}/{key}")))
        }
        Json::String(text) => Some(text.clone()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => None,
    }
}

/// Every leaf of a value that comes.
fn added(node: &Node, steps: &mut Vec<String>, out: &mut Vec<FieldChange>) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            for (key, child) in map.iter() {
                steps.push(key.to_owned());
                added(child, steps, out);
                steps.pop();
            }
        }
        Value::Map(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::List(_) => push((None, Some(node.to_json()), Some(node.cause)), steps, out),
    }
}

/// Every leaf of a value that goes.
fn removed(value: &Json, cause: Span, steps: &mut Vec<String>, out: &mut Vec<FieldChange>) {
    match value {
        Json::Object(map) if !map.is_empty() => {
            for (key, child) in map {
                steps.push(key.clone());
                removed(child, cause, steps, out);
                steps.pop();
            }
        }
        Json::Object(_) | Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            push((Some(value.clone()), None, Some(cause)), steps, out)
        }
    }
}

type Sides = (Option<Json>, Option<Json>, Option<Span>);

fn push((old, new, cause): Sides, steps: &[String], out: &mut Vec<FieldChange>) {
    out.push(FieldChange { steps: steps.to_vec(), old, new, cause });
}
