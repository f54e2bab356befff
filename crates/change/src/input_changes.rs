//! What an input says otherwise than the one that a tree was compiled from.
//!
//! A tree says what it is and not why, and what is gone from a manifest causes nothing in the new one. So a change of a tree that
//! nothing in the new input explains is looked for among the changes of the input itself.

use std::collections::BTreeMap;

use sovereign_language::input::Input;
use sovereign_language::schema::{ENTRY_NAMES, Parsed};
use sovereign_text::node::{Node, Value};
use sovereign_text::source::{Source, Span};

/// How much of a line is shown.
const SHOWN: usize = 80;
/// The tables in which anything may stand, a secret among it: what a chart or an application is told.
const FREE: [&str; 2] = ["values", "parameters"];

/// The tables that let something happen and cause nothing.
const CONSENTS: [&str; 3] = ["accept", "move", "retire"];

/// What has changed in an input.
#[derive(Clone, Debug, Default)]
pub struct InputChanges {
    changes: Vec<InputChange>,
}

/// One value that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputChange {
    /// The keys and names that lead to it: `blueprint`, `cilium`, `version`.
    path: Vec<String>,
    /// Its place; of one that is gone the table or list that held it.
    pub place: Span,
    /// Where and how it stood, if it is gone.
    pub gone: Option<String>,
}

impl InputChanges {
    /// Compares an input with the one of before.
    pub fn new(before: &Input, now: &Input) -> Self {
        let mut found = Self::default();
        found.compare_sources(before.manifest(), now.manifest());
        let old: BTreeMap<_, _> = before.further().map(|file| (file.path, file.source)).collect();
        let new: BTreeMap<_, _> = now.further().map(|file| (file.path, file.source)).collect();
        for (path, source) in &new {
            match old.get(path) {
                Some(before) => found.compare_sources(before, source),
                None => found.push(&[subject(source)], Span::new(source.id(), 0..0), None),
            }
        }
        for (path, source) in old.iter().filter(|(path, _)| !new.contains_key(**path)) {
            let place = Span::new(now.manifest().id(), 0..0);
            found.push(&[subject(source)], place, Some(format!("`{path}` is gone")));
        }
        found
    }

    /// Returns the change that a change of a tree follows from: the only one, or the only one that speaks of its subject, a
    /// blueprint by its name without `bp-`.
    pub(crate) fn cause(&self, subject: Option<&str>) -> Option<&InputChange> {
        let caused = self.changes.iter().filter(|change| !change.is_consent());
        let caused: Vec<_> = caused.collect();
        if let [only] = caused[..] {
            return Some(only);
        }
        let subject = subject?;
        let mut named = caused.into_iter().filter(|change| change.speaks_of(subject));
        named.next().filter(|_| named.next().is_none())
    }

    /// Returns whether the value at a place has changed.
    pub(crate) fn has(&self, place: Span) -> bool {
        self.changes.iter().any(|change| change.place == place && change.gone.is_none())
    }

    /// Returns what stood in a table or list and is gone from there.
    pub(crate) fn gone_from(&self, place: Span) -> impl Iterator<Item = &str> {
        let there = self.changes.iter().filter(move |change| change.place == place);
        there.filter_map(|change| change.gone.as_deref())
    }

    fn push(&mut self, path: &[String], place: Span, gone: Option<String>) {
        self.changes.push(InputChange { path: path.to_vec(), place, gone });
    }

    fn compare_sources(&mut self, before: &Source, now: &Source) {
        if before.text() == now.text() {
            return;
        }
        let trees = Parsed::new(before).tree().zip(Parsed::new(now).tree());
        let Some((old, new)) = trees else { return };
        self.compare(&old, &new, before, &mut Vec::new());
    }

    fn compare(&mut self, old: &Node, new: &Node, before: &Source, path: &mut Vec<String>) {
        let (entries_before, entries) = match (entries(old), entries(new)) {
            (Some(before), Some(now)) => (before, now),
            _ if old.to_json() == new.to_json() => return,
            _ => return self.push(path, new.cause, None),
        };
        for (name, value) in &entries {
            path.push(name.clone());
            match entries_before.get(name) {
                Some(before_value) => self.compare(before_value, value, before, path),
                None => self.push(path, value.cause, None),
            }
            path.pop();
        }
        for (name, value) in entries_before.iter().filter(|(name, _)| !entries.contains_key(*name)) {
            path.push(name.clone());
            let gone = gone(before, value, path);
            self.push(path, new.cause, Some(gone));
            path.pop();
        }
    }
}

impl InputChange {
    /// Returns whether it only lets something happen.
    fn is_consent(&self) -> bool {
        self.path.first().is_some_and(|key| CONSENTS.contains(&key.as_str()))
    }

    /// Returns whether it is about a blueprint.
    fn speaks_of(&self, subject: &str) -> bool {
        let bare = subject.strip_prefix("bp-").unwrap_or(subject);
        let is_table = self.path.windows(2).any(|keys| keys[0] == "blueprint" && keys[1] == bare);
        is_table || self.path.first().is_some_and(|file| file == subject)
    }
}

/// Returns the values of a table by their keys, or of a list of tables by their names; `None` for what is one value.
fn entries(node: &Node) -> Option<BTreeMap<String, &Node>> {
    match &node.value {
        Value::Map(map) => Some(map.iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        Value::List(list) => {
            let name = |entry: &Node| {
                ENTRY_NAMES.iter().find_map(|key| entry.at(&[key])?.as_str().map(str::to_owned))
            };
            let named: Option<BTreeMap<_, _>> =
                list.iter().map(|entry| Some((name(entry)?, entry))).collect();
            named.filter(|named| named.len() == list.len() && !list.is_empty())
        }
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::String(_) => None,
    }
}

/// Returns what a file beside a manifest is about: the blueprint that it is, or its path.
fn subject(source: &Source) -> String {
    let tree = Parsed::new(source).tree();
    let name = tree.as_ref().and_then(|tree| tree.at(&["name"])?.as_str());
    name.unwrap_or(source.name()).to_owned()
}

/// Returns where and how a value stood. Nothing of what may hold a secret.
fn gone(before: &Source, value: &Node, path: &[String]) -> String {
    let number = before.line_number(value.cause.start);
    let place = format!("line {number} of `{}`, as it was", before.name());
    let key = path.last().map(String::as_str).unwrap_or_default();
    if path.iter().any(|key| FREE.contains(&key.as_str())) {
        return format!("`{key}` is gone: {place}");
    }
    let line = before.text().get(before.line(number)).unwrap_or_default();
    // A comment of then says nothing about now.
    let line = line.split(" #").next().unwrap_or(line).trim();
    let shown: String = line.chars().take(SHOWN).collect();
    let rest = if shown.len() < line.len() { "…" } else { "" };
    format!("`{shown}{rest}` is gone: {place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(before: &str, now: &str) -> InputChanges {
        let input = |text: &str| {
            Input::new(Source::manifest("sovereign.toml", text.as_bytes().to_vec()).expect("text"))
        };
        InputChanges::new(&input(before), &input(now))
    }

    #[test]
    fn a_value_that_goes_is_told_with_its_line() {
        let changes = changes("[a]\nx = 1\ny = 2 # why\n", "[a]\nx = 1\n");
        let cause = changes.cause(None).expect("one change");
        assert_eq!(cause.gone.as_deref(), Some("`y = 2` is gone: line 3 of `sovereign.toml`, as it was"));
        assert_eq!(changes.gone_from(cause.place).count(), 1);
    }

    #[test]
    fn of_several_changes_the_one_that_speaks_of_the_blueprint_counts() {
        let before = "[blueprint.cilium]\nversion = \"1.3.9\"\n[sovereign]\nname = \"a\"\n";
        let now = "[blueprint.cilium]\nversion = \"1.2.0\"\n[sovereign]\nname = \"b\"\n";
        let changes = changes(before, now);
        assert_eq!(changes.cause(None), None);
        assert_eq!(changes.cause(Some("bp-harbor")), None);
        let cause = changes.cause(Some("bp-cilium")).expect("it speaks of it");
        assert!(changes.has(cause.place) && cause.gone.is_none());
    }

    #[test]
    fn a_consent_causes_nothing() {
        let before = "[a]\nx = 1\n";
        let changes = changes(before, "[a]\nx = 2\n[[retire]]\nrelease = \"bp-x\"\n");
        assert!(changes.cause(None).is_some_and(|change| changes.has(change.place)));
    }

    #[test]
    fn regions_are_known_by_their_names_and_comments_change_nothing() {
        let region = |name: &str| format!("[[region]]\nname = \"{name}\"\n");
        let (a, b) = (region("a"), region("b"));
        assert_eq!(changes(&format!("{a}{b}"), &format!("# why\n{b}{a}")).changes, []);
        let gone = changes(&format!("{a}{b}"), &b);
        assert_eq!(gone.changes.len(), 1);
        assert_eq!(gone.changes[0].path, ["region", "a"]);
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let before = "[blueprint.x.values]\npassword = \"hunter2\"\nreplicas = 1\n";
        let changes = changes(before, "[blueprint.x.values]\nreplicas = 1\n");
        let gone = changes.cause(None).and_then(|change| change.gone.as_deref());
        assert_eq!(gone, Some("`password` is gone: line 2 of `sovereign.toml`, as it was"));
    }
}
