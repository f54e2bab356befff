//! What a table of one blueprint has to say, so that its release becomes what it is in a tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::toml;

/// What blueprints are called before their names.
pub(super) const PREFIX: &str = "bp-";

/// A table `[blueprint.<name>]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Patch {
    pub(super) enabled: Option<bool>,
    version: Option<String>,
    interval: Option<String>,
    suspend: Option<bool>,
    depends_on: BTreeSet<String>,
    independent_of: BTreeSet<String>,
    values: Map<String, Json>,
    unset: BTreeSet<String>,
}

impl Patch {
    /// Returns the table of a blueprint that does not run.
    pub(super) fn off() -> Self {
        Self { enabled: Some(false), ..Self::default() }
    }

    /// Returns the table of a blueprint that runs where the kit does not let it.
    pub(super) fn on() -> Self {
        Self { enabled: Some(true), ..Self::default() }
    }

    /// Returns what makes of the release that a manifest gives the one of a tree, as far as the language can say it.
    pub(super) fn between(there: &Json, here: &Json) -> Self {
        let text = |object: &Json, path: &str| object.pointer(path).and_then(Json::as_str).map(str::to_owned);
        let changed = |path: &str| text(there, path).filter(|value| text(here, path).as_ref() != Some(value));
        let suspend =
            |object: &Json| object.pointer("/spec/suspend").and_then(Json::as_bool).unwrap_or_default();
        let (old, new) = (edges(there), edges(here));
        let mut patch = Self {
            version: changed("/spec/chart/spec/version"),
            interval: changed("/spec/interval"),
            suspend: (suspend(there) != suspend(here)).then(|| suspend(there)),
            depends_on: old.difference(&new).cloned().collect(),
            independent_of: new.difference(&old).cloned().collect(),
            ..Self::default()
        };
        let empty = Json::Object(Map::new());
        let values =
            |object: &'_ Json| object.pointer("/spec/values").cloned().unwrap_or_else(|| empty.clone());
        if let (Json::Object(there), Json::Object(here)) = (values(there), values(here)) {
            patch.values = set(&there, &here);
            unset(&there, &here, "", &mut patch.unset);
        }
        patch
    }

    /// Returns whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes in what a further comparison says.
    pub(super) fn add(&mut self, further: Self) {
        let Self { enabled, version, interval, suspend, depends_on, independent_of, values, unset } = further;
        self.enabled = enabled.or(self.enabled);
        self.version = version.or(self.version.take());
        self.interval = interval.or(self.interval.take());
        self.suspend = suspend.or(self.suspend);
        self.depends_on.extend(depends_on);
        self.independent_of.extend(independent_of);
        merge(&mut self.values, values);
        self.unset.extend(unset);
    }

    /// Writes it as a table below a header, `[blueprint.harbor]`.
    pub(super) fn write(&self, header: &str, out: &mut String) {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "\n[{header}]");
        let mut line = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = writeln!(out, "{key} = {value}");
            }
        };
        let list = |names: &BTreeSet<String>| {
            let names: Vec<_> = names.iter().map(|name| toml::string(name)).collect();
            (!names.is_empty()).then(|| format!("[{}]", names.join(", ")))
        };
        line("enabled", self.enabled.map(|enabled| enabled.to_string()));
        line("version", self.version.as_deref().map(toml::string));
        line("interval", self.interval.as_deref().map(toml::string));
        line("suspend", self.suspend.map(|suspend| suspend.to_string()));
        line("depends-on", list(&self.depends_on));
        line("independent-of", list(&self.independent_of));
        line("unset", list(&self.unset));
        if !self.values.is_empty() {
            let _ = writeln!(out, "\n[{header}.values]");
            for (key, value) in &self.values {
                if let Some(value) = toml::value(value) {
                    let _ = writeln!(out, "{} = {value}", toml::key(key));
                }
            }
        }
    }
}

/// Returns the names that a release waits for, without `bp-`.
pub(super) fn edges(release: &Json) -> BTreeSet<String> {
    let edges = release.pointer("/spec/dependsOn").and_then(Json::as_array).into_iter().flatten();
    let names = edges.filter_map(|edge| edge["name"].as_str());
    names.map(|name| name.strip_prefix(PREFIX).unwrap_or(name).to_owned()).collect()
}

/// Returns what has to be laid over `here` to have all that `there` has. What cannot be written is left out.
fn set(there: &Map<String, Json>, here: &Map<String, Json>) -> Map<String, Json> {
    let mut over = Map::new();
    for (key, value) in there {
        match (value, here.get(key)) {
            (value, Some(same)) if value == same => {}
            (Json::Object(there), Some(Json::Object(here))) => {
                let below = set(there, here);
                if !below.is_empty() {
                    over.insert(key.clone(), Json::Object(below));
                }
            }
            (value, _) => {
                if let Some(value) = without_null(value) {
                    over.insert(key.clone(), value);
                }
            }
        }
    }
    over
}

/// Returns a value without the members of its tables that TOML cannot write; they are `unset`.
fn without_null(value: &Json) -> Option<Json> {
    match value {
        Json::Null => None,
        Json::Object(map) => {
            let kept = map.iter().filter_map(|(key, value)| Some((key.clone(), without_null(value)?)));
            Some(Json::Object(kept.collect()))
        }
        Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            toml::value(value).map(|_| value.clone())
        }
    }
}

/// Collects the paths of what is null in `there` and not in `here`.
fn unset(there: &Map<String, Json>, here: &Map<String, Json>, above: &str, found: &mut BTreeSet<String>) {
    let none = Map::new();
    for (key, value) in there {
        // A path of values has letters, digits, `-` and `_` in its keys, and no others.
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            continue;
        }
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match (value, here.get(key)) {
            (Json::Null, Some(Json::Null)) => {}
            (Json::Null, _) => {
                found.insert(path);
            }
            (Json::Object(there), below) => {
                unset(there, below.and_then(Json::as_object).unwrap_or(&none), &path, found);
            }
            (_, _) => {}
        }
    }
}

fn merge(under: &mut Map<String, Json>, over: Map<String, Json>) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Json::Object(under)), Json::Object(over)) => merge(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// The tables of one scope, by blueprint.
pub(super) type Patches = BTreeMap<String, Patch>;
