//! The object-level diff: objects by identity, fields by path, lists by the names in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::Change;
use crate::snapshot::Snapshot;
use sovereign_compile::Compiled;
use sovereign_compile::lower::{AskedBy, Layer, Placed};
use sovereign_compile::object::FLUX_NAMESPACE;
use sovereign_compile::provision;
use sovereign_compile::tree::{Lock, TreePath};
use sovereign_language::scalar::VCLUSTER;
use sovereign_text::node::{Node, Value};
use sovereign_text::parallel;
use sovereign_text::source::Span;

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
    /// What caused the object: the place of its name; if it goes, what keeps it out of the new tree.
    pub cause: Option<Span>,
}

impl ObjectChange {
    /// Returns the layer that a side stands in: the directory below that of its cluster. What the clusters share has none.
    pub fn layer(side: Option<&(TreePath, Json)>) -> Option<&str> {
        let (directory, _) = side.and_then(|(path, _)| path.as_str().rsplit_once('/'))?;
        let layer = directory.split_once('/').map_or(directory, |(_, layers)| layers);
        layer.split('/').next()
    }

    /// Returns whether its annotations kept Flux from pruning it before.
    pub(crate) fn was_held(&self) -> bool {
        self.old.as_ref().is_some_and(|(_, old)| stays(old))
    }

    /// Returns whether they keep Flux from pruning it after.
    pub(crate) fn will_be_held(&self) -> bool {
        self.new.as_ref().is_some_and(|(_, new)| stays(new))
    }

    /// Returns whether two Kustomizations may have it for a while: Flux looks at the annotation when it
    /// prunes, which may be after the other one has applied it.
    pub(crate) fn is_held(&self) -> bool {
        self.was_held() && self.will_be_held()
    }

    /// Returns the Organization whose vCluster this is, if it is one.
    pub fn tenant(&self) -> Option<&str> {
        let is_vcluster = self.id.kind == "HelmRelease" && self.id.name == VCLUSTER;
        Some(self.id.namespace.as_str()).filter(|namespace| is_vcluster && *namespace != FLUX_NAMESPACE)
    }

    /// Returns the fields below a path of keys.
    pub fn below<'a>(&'a self, path: &'a [&'a str]) -> impl Iterator<Item = &'a FieldChange> {
        self.fields.iter().filter(move |field| field.is_below(path))
    }
}

/// One step from a value into one of its parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list, to the entry of this name.
    Name(String),
    /// Into a list whose entries have no names.
    Index(usize),
}

impl Step {
    /// Returns the key, if this is one.
    pub fn key(&self) -> Option<&str> {
        if let Self::Key(key) = self { Some(key) } else { None }
    }
}

/// How one field changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The path, step by step.
    pub steps: Vec<Step>,
    /// The value before.
    pub old: Option<Json>,
    /// The value after.
    pub new: Option<Json>,
    /// What caused the new value; for a field that goes, the mapping that lacks it.
    pub cause: Option<Span>,
}

impl FieldChange {
    /// Returns the path as people write it.
    pub fn path(&self) -> String {
        path_text(&self.steps)
    }

    /// Returns whether the path begins with these keys.
    pub(crate) fn is_below(&self, path: &[&str]) -> bool {
        self.steps.len() >= path.len()
            && self.steps.iter().zip(path).all(|(step, key)| step.key() == Some(*key))
    }

    /// Returns whether the path ends with these keys.
    pub fn ends_with(&self, path: &[&str]) -> bool {
        let skip = self.steps.len().checked_sub(path.len());
        skip.is_some_and(|skip| {
            self.steps[skip..].iter().zip(path).all(|(step, key)| step.key() == Some(*key))
        })
    }
}

/// Returns a path as people write it: `spec.values.hosts[a].name`. Keys and names with other characters are quoted, as in
/// [`node::path_text`](sovereign_text::node::path_text).
pub(crate) fn path_text(steps: &[Step]) -> String {
    let plain = |text: &str, more: &[char]| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c) || more.contains(&c))
    };
    let mut text = String::new();
    for step in steps {
        let dot = if text.is_empty() { "" } else { "." };
        // Writing to a string cannot fail.
        let _ = match step {
            Step::Key(key) if plain(key, &[]) => write!(text, "{dot}{key}"),
            Step::Key(key) => write!(text, "{dot}{key:?}"),
            Step::Name(name) if plain(name, &['.', '/', ':']) => write!(text, "[{name}]"),
            Step::Name(name) => write!(text, "[{name:?}]"),
            Step::Index(index) => write!(text, "[{index}]"),
        };
    }
    text
}

/// The objects of an old side that stand in files which change.
pub(super) struct OldObjects {
    objects: BTreeMap<ObjectId, (TreePath, Json)>,
    pub(super) unreadable: Vec<TreePath>,
    /// Whether the new side has the same kit: then what changed is in the input.
    same_kit: bool,
}

/// Reads the objects in files that change. A tree of ours has one object a file; others may have several.
pub(super) fn read(old: &Snapshot, new: &Compiled, files: &BTreeMap<TreePath, Change>) -> OldObjects {
    let kit = |lock: &Lock| lock.origin("kit").map(str::to_owned);
    let same_kit = old.lock().ok().flatten().is_none_or(|lock| kit(lock) == kit(new.tree.lock()));
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
    OldObjects { objects, unreadable, same_kit }
}

fn is_yaml(path: &TreePath) -> bool {
    path.as_str().rsplit_once('.').is_some_and(|(_, end)| end == "yaml")
}

/// Returns the documents of a YAML text as JSON, read within the reader's own limits on size and depth.
pub(crate) fn documents(text: &str) -> Result<Vec<Json>, ()> {
    serde_saphyr::from_multiple::<Json>(text).map_err(|_| ())
}

/// Returns the identity of an object; `None` for what no cluster holds, such as kustomize's own files.
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
    let mut still_there = BTreeSet::new();
    let placed = new.lowered.clusters.iter().flat_map(|cluster| &cluster.objects).chain(&new.lowered.shared);
    let placed: Vec<&Placed> = placed.filter(|placed| files.contains_key(&placed.path)).collect();
    for (id, change) in
        parallel::map(&placed, |placed| compare_object(old, placed, new)).into_iter().flatten()
    {
        if let Some(change) = change {
            changes.insert(id.clone(), change);
        }
        still_there.insert(id);
    }
    for (id, before) in old.objects.iter().filter(|(id, _)| !still_there.contains(*id)) {
        let layer = ObjectChange::layer(Some(before)).and_then(Layer::of_directory);
        let cause = match layer.map(Layer::asked_by) {
            Some(AskedBy::Organizations) => new.places.organizations,
            Some(AskedBy::Shards) if new.places.region.contains_key(&id.cluster) => new.places.shards,
            Some(AskedBy::Platform | AskedBy::Shards) | None => {
                new.cause_of_absence(&id.cluster, &id.kind, &id.name)
            }
        };
        let old = Some(before.clone());
        let change = ObjectChange { id: id.clone(), old, new: None, fields: Vec::new(), cause: Some(cause) };
        changes.insert(id.clone(), change);
    }
    changes.into_values().collect()
}

/// Compares an object with what it was. Gives its identity, if a cluster holds it, and its change, if it changes.
fn compare_object(
    old: &OldObjects,
    placed: &Placed,
    new: &Compiled,
) -> Option<(ObjectId, Option<ObjectChange>)> {
    let node = placed.object.node();
    let json = node.to_json();
    let id = identity(&placed.path, &json)?;
    let before = old.objects.get(&id).cloned();
    let mut fields = Vec::new();
    if let Some((_, before)) = &before {
        compare_fields(before, &node, &mut Vec::new(), &mut fields);
        let changed = fields.iter_mut().filter(|_| old.same_kit);
        changed.for_each(|field| field.cause = given(new, &id, field));
    }
    let cause = Some(placed.object.meta().name.span);
    let moved = before.as_ref().is_some_and(|(path, _)| *path != placed.path);
    let changes = before.is_none() || !fields.is_empty() || moved;
    let after = Some((placed.path.clone(), json));
    let change = changes.then(|| ObjectChange { id: id.clone(), old: before, new: after, fields, cause });
    Some((id, change))
}

/// Returns what caused the change of a field: the line of the input that gave a value of the kit, or that decides whether it is
/// there, before the line of the kit.
fn given(new: &Compiled, id: &ObjectId, field: &FieldChange) -> Option<Span> {
    let cause = field.cause?;
    let keys: Vec<&str> = field.steps.iter().filter_map(Step::key).collect();
    let given = match (keys.as_slice(), &field.new) {
        // Its mapping has whatever came first as its cause, and no entry says why another one went.
        (["data", _], None) => new.places.kind.get(id.kind.as_str()).copied(),
        _ if cause.source.is_input() => None,
        (["spec", "values", below @ ..], None) => new.given.decides(&id.cluster, &id.name, below),
        (_, Some(_)) => new.given.instead_of(&id.cluster, cause),
        (_, None) => None,
    };
    given.or(Some(cause))
}

/// The kind under which a file of variables is compared.
const VARIABLES: &str = "OpenTofu";

/// Compares what modules are told, variable by variable. A file that comes or goes does so with its region.
pub(super) fn compare_told(
    old: &Snapshot,
    new: &Compiled,
    files: &BTreeMap<TreePath, Change>,
) -> Vec<ObjectChange> {
    let compared = new.told.iter().filter(|told| files.contains_key(&told.path)).filter_map(|told| {
        let before: Json = serde_json::from_str(old.text(&told.path)?).ok()?;
        let mut fields = Vec::new();
        compare_fields(&before, &told.values, &mut Vec::new(), &mut fields);
        let id = ObjectId {
            cluster: told.region.clone().unwrap_or_else(|| provision::DIRECTORY.to_owned()),
            kind: VARIABLES.to_owned(),
            group: String::new(),
            namespace: String::new(),
            name: told.path.to_string(),
        };
        let side = |json: Json| Some((told.path.clone(), json));
        let (old, new) = (side(before), side(told.values.to_json()));
        (!fields.is_empty()).then(|| ObjectChange { id, old, new, fields, cause: Some(told.values.cause) })
    });
    compared.collect()
}

/// Returns every leaf of an object that goes.
pub(crate) fn leaves(object: &Json, cause: Option<Span>) -> Vec<FieldChange> {
    let (mut out, Some(cause)) = (Vec::new(), cause) else { return Vec::new() };
    removed(object, cause, &mut Vec::new(), &mut out);
    out
}

/// Compares a value before with a value after, field by field.
fn compare_fields(old: &Json, new: &Node, steps: &mut Vec<Step>, out: &mut Vec<FieldChange>) {
    match (old, &new.value) {
        (Json::Object(before), Value::Map(after)) => {
            for (key, node) in after.iter() {
                steps.push(Step::Key(key.to_owned()));
                match before.get(key) {
                    Some(value) => compare_fields(value, node, steps, out),
                    None => added(node, steps, out),
                }
                steps.pop();
            }
            for (key, value) in before.iter().filter(|(key, _)| after.get(key).is_none()) {
                steps.push(Step::Key(key.clone()));
                removed(value, new.cause, steps, out);
                steps.pop();
            }
        }
        (Json::Array(before), Value::List(after)) => compare_lists(before, after, new.cause, steps, out),
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
    // Two whole numbers are compared as such: beyond 2^53 different ones are one float.
    let both_whole = [a, b].iter().all(|n| n.is_i64() || n.is_u64());
    let as_floats = || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a.total_cmp(&b).is_eq());
    a == b || (!both_whole && as_floats())
}

fn compare_lists(
    before: &[Json],
    after: &[Node],
    cause: Span,
    steps: &mut Vec<Step>,
    out: &mut Vec<FieldChange>,
) {
    let old_names: Vec<_> = before.iter().map(label).collect();
    let new_items: Vec<_> = after.iter().map(Node::to_json).collect();
    let new_names: Vec<_> = new_items.iter().map(label).collect();
    let unique = |names: &[Option<String>]| {
        let set: BTreeSet<_> = names.iter().flatten().collect();
        set.len() == names.len()
    };
    if unique(&old_names) && unique(&new_names) {
        // Entries with names stand in any order. A list of texts may be a command line, where the order counts.
        let moved =
            old_names != new_names && old_names.iter().collect::<BTreeSet<_>>() == new_names.iter().collect();
        if moved && before.iter().all(Json::is_string) {
            push((Some(before.to_vec().into()), Some(new_items.into()), Some(cause)), steps, out);
            return;
        }
        // By name, so that an entry in the middle does not change all behind it.
        for (node, name) in after.iter().zip(new_names.iter().flatten()) {
            steps.push(Step::Name(name.clone()));
            match old_names.iter().position(|old| old.as_ref() == Some(name)) {
                Some(index) => compare_fields(&before[index], node, steps, out),
                None => added(node, steps, out),
            }
            steps.pop();
        }
        for (value, name) in before.iter().zip(old_names.iter().flatten()) {
            if !new_names.iter().flatten().any(|new| new == name) {
                steps.push(Step::Name(name.clone()));
                removed(value, cause, steps, out);
                steps.pop();
            }
        }
        return;
    }
    for index in 0..before.len().max(after.len()) {
        steps.push(Step::Index(index));
        match (before.get(index), after.get(index)) {
            (Some(value), Some(node)) => compare_fields(value, node, steps, out),
            (None, Some(node)) => added(node, steps, out),
            (Some(value), None) => removed(value, cause, steps, out),
            (None, None) => {}
        }
        steps.pop();
    }
}

/// Returns whether a list has entries, all with names of their own.
fn named(list: &[Json]) -> bool {
    let names: BTreeSet<_> = list.iter().filter_map(label).collect();
    !list.is_empty() && names.len() == list.len()
}

/// Returns what a list entry is matched by: its `name`, or itself if it is text.
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
fn added(node: &Node, steps: &mut Vec<Step>, out: &mut Vec<FieldChange>) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            for (key, child) in map.iter() {
                steps.push(Step::Key(key.to_owned()));
                added(child, steps, out);
                steps.pop();
            }
        }
        Value::List(list) if named(&list.iter().map(Node::to_json).collect::<Vec<_>>()) => {
            for child in list {
                steps.push(Step::Name(label(&child.to_json()).unwrap_or_default()));
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
fn removed(value: &Json, cause: Span, steps: &mut Vec<Step>, out: &mut Vec<FieldChange>) {
    match value {
        Json::Object(map) if !map.is_empty() => {
            for (key, child) in map {
                steps.push(Step::Key(key.clone()));
                removed(child, cause, steps, out);
                steps.pop();
            }
        }
        Json::Array(list) if named(list) => {
            for child in list {
                steps.push(Step::Name(label(child).unwrap_or_default()));
                removed(child, cause, steps, out);
                steps.pop();
            }
        }
        Json::Object(_) | Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            push((Some(value.clone()), None, Some(cause)), steps, out);
        }
    }
}

type Sides = (Option<Json>, Option<Json>, Option<Span>);

fn push((old, new, cause): Sides, steps: &[Step], out: &mut Vec<FieldChange>) {
    out.push(FieldChange { steps: steps.to_vec(), old, new, cause });
}

/// Returns whether the annotations of an object keep Flux from pruning it.
pub(crate) fn stays(object: &Json) -> bool {
    let annotation = object.pointer("/metadata/annotations/kustomize.toolkit.fluxcd.io~1prune");
    annotation.and_then(Json::as_str) == Some("disabled")
}
