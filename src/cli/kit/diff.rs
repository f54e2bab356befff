//! `sovereign kit diff`: what one kit has in another way than another.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Exit, Failure, Terminal};
use sovereign_language::kit::{Blueprint, Kit};
use sovereign_language::schema::Shape as _;
use sovereign_text::node::{Value, path_text};

/// Prints what is new, gone and changed, a blueprint a paragraph.
///
/// # Errors
/// The output cannot be written.
pub(super) fn print(before: &Kit, after: &Kit, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let (old, new) = (by_name(before), by_name(after));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    let mut paragraphs = Vec::new();
    let (mut added, mut gone, mut bumped) = (0, 0, 0);
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => {
                bumped += usize::from(old.version.value != new.version.value);
                let mut changes = changes(old, new);
                changes.extend(table(after, new));
                if !changes.is_empty() {
                    paragraphs.push(format!("~ {name}\n    {}", changes.join("\n    ")));
                }
            }
            (None, Some(new)) => {
                added += 1;
                paragraphs.push(format!("+ {name} {}", new.version.value));
            }
            (Some(old), None) => {
                gone += 1;
                paragraphs.push(format!("- {name} {}", old.version.value));
            }
            (None, None) => {}
        }
    }
    let mut of_kit = set_changes("asks for", &inputs(before), &inputs(after));
    of_kit.extend(set_changes("objects", &objects(before), &objects(after)));
    if !of_kit.is_empty() {
        paragraphs.push(format!("~ kit\n    {}", of_kit.join("\n    ")));
    }
    let (before, after) = (&before.name, &after.name);
    writeln!(
        terminal.out,
        "{before} → {after}: {added} added, {gone} removed, {bumped} with another version"
    )?;
    for paragraph in paragraphs {
        writeln!(terminal.out, "{paragraph}")?;
    }
    Ok(Exit::Done)
}

fn by_name(kit: &Kit) -> BTreeMap<&str, &Blueprint> {
    kit.blueprints.iter().map(|blueprint| (blueprint.name.value.as_str(), blueprint)).collect()
}

/// Returns what a kit asks its manifests for, each with its type.
fn inputs(kit: &Kit) -> BTreeSet<String> {
    let inputs = kit.extension.inputs.0.iter();
    inputs.map(|(name, table)| format!("{} ({})", name.value, table.value.kind())).collect()
}

/// Returns the files of objects that a kit has beside its releases.
fn objects(kit: &Kit) -> BTreeSet<String> {
    kit.extension.objects.iter().map(|file| format!("{}.yaml", file.stem())).collect()
}

/// Returns a line for each fact of a blueprint that is another one.
fn changes(old: &Blueprint, new: &Blueprint) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fact = |what: &str, old: String, new: String| {
        if old != new {
            lines.push(format!("{what}: {old} → {new}"));
        }
    };
    fact("version", old.version.value.to_string(), new.version.value.to_string());
    fact("chart", old.chart.value.to_string(), new.chart.value.to_string());
    fact("namespace", old.namespace.value.to_string(), new.namespace.value.to_string());
    fact("release", old.release.value.to_string(), new.release.value.to_string());
    let repository = |blueprint: &Blueprint| {
        blueprint
            .repository
            .as_ref()
            .map_or_else(|| "that of the kit".to_owned(), |name| name.value.to_string())
    };
    fact("repository", repository(old), repository(new));
    fact("runs", old.runs.value.to_string(), new.runs.value.to_string());
    lines.extend(set_changes("governs", &governed(old), &governed(new)));
    lines.extend(set_changes("waits for", &edges(old), &edges(new)));
    lines.extend(set_changes("definitions", &definitions(old), &definitions(new)));
    lines.extend(set_changes("image", &images(old), &images(new)));
    let (old, new) = (leaves(old), leaves(new));
    for path in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        match (old.get(path), new.get(path)) {
            (Some(old), Some(new)) if old != new => lines.push(format!("value {path}: {old} → {new}")),
            (None, Some(new)) => lines.push(format!("value {path}: none → {new}")),
            (Some(old), None) => lines.push(format!("value {path}: {old} → none")),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    lines
}

/// Returns what a kit of one's own says of a blueprint of the kit that it extends.
fn table(kit: &Kit, blueprint: &Blueprint) -> Option<String> {
    let bare = blueprint.name.value.bare();
    let (_, table) = kit.extension.tables.0.iter().find(|(name, _)| name.value == bare)?;
    let keys: Vec<_> = table.value.entries()?.iter().map(|entry| entry.key).collect();
    Some(format!("changed by [blueprint.{bare}]: {}", keys.join(", ")))
}

fn set_changes(what: &str, old: &BTreeSet<String>, new: &BTreeSet<String>) -> Vec<String> {
    let gone = old.difference(new).map(|item| format!("{what} no more: {item}"));
    gone.chain(new.difference(old).map(|item| format!("{what} now: {item}"))).collect()
}

fn edges(blueprint: &Blueprint) -> BTreeSet<String> {
    blueprint.depends_on.iter().map(|edge| edge.value.to_string()).collect()
}

fn governed(blueprint: &Blueprint) -> BTreeSet<String> {
    blueprint.governs.iter().map(|name| name.value.to_string()).collect()
}

fn definitions(blueprint: &Blueprint) -> BTreeSet<String> {
    blueprint.crd_groups().map(ToString::to_string).collect()
}

fn images(blueprint: &Blueprint) -> BTreeSet<String> {
    blueprint.images.iter().map(|image| image.value.to_string()).collect()
}

/// Returns the values that are no tables, by path; those of overlays are not among them.
fn leaves(blueprint: &Blueprint) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    blueprint.values.walk(&mut |path, node| {
        if !matches!(node.value, Value::Map(_) | Value::List(_)) {
            leaves.insert(path_text(path), node.to_json().to_string());
        }
    });
    leaves
}
