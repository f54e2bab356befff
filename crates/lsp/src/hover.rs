//! `textDocument/hover`: what a key means, what it is if nobody writes it, and what becomes of it in the tree.

use std::fmt::Write as _;
use std::ops::Range;

use crate::analysis::{BlueprintFacts, Meaning};
use crate::documents::Document;
use crate::helm::{self, Values};
use crate::syntax::{Id, Part, Place, Step, Tree};
use sovereign_language::described::{self as language, Schema};
use sovereign_language::scalar::{BlueprintName, Scalar};

/// Returns what is said of a byte, as Markdown, and what of the text it is said of.
pub(crate) fn at(
    document: &Document,
    offset: usize,
    blueprints: &[BlueprintFacts],
    meaning: Option<&Meaning>,
) -> Option<(String, Range<usize>)> {
    let tree = document.tree();
    let (id, place) = meant(tree, offset)?;
    let name = tree.name(id);
    let mut text = match Values::at(tree, id, blueprints).filter(|values| values.fact().is_some()) {
        Some(values) => of_value(&name, &values),
        None => of_key(document, id, &name)?,
    };
    if let Some(facts) = blueprint(document, id, blueprints) {
        of_blueprint(&mut text, facts);
    }
    if let Some(meaning) = meaning {
        of_tree(&mut text, &document.path.display().to_string(), &name, meaning);
    }
    Some((text, place))
}

/// Returns the node that is meant at a byte, and where it is named or written.
fn meant(tree: &Tree, offset: usize) -> Option<(Id, Range<usize>)> {
    let part = |parts: &[Part], at: usize| parts.get(at).map(|part| (part.node, part.place.clone()));
    match tree.at(offset) {
        Place::Header { section, part: at } => part(&tree.sections.get(section)?.parts, at),
        Place::Key { entry, part: at } => part(&tree.entries.get(entry)?.parts, at),
        Place::Value { entry: _, node } => Some((node, tree.node(node)?.place.clone())),
        Place::Free { .. } => None,
    }
}

fn of_key(document: &Document, id: Id, name: &str) -> Option<String> {
    let path = document.tree().path(id);
    let schema = language::at(document.root(), &path)?;
    let (last, above) = path.split_last()?;
    let above = language::at(document.root(), above);
    let key = |step: &Step| if let Step::Key(key) = step { Some(key.clone()) } else { None };
    let is_required = key(last).is_some_and(|key| {
        above.is_some_and(|table| table.keys().iter().any(|known| known.name == key && known.is_required))
    });
    let need = if is_required { "required" } else { "optional" };
    let mut text = format!("`{name}`: {}, {need}\n\n{}", schema.kind(), schema.description());
    of_schema(&mut text, schema);
    Some(text)
}

fn of_schema(text: &mut String, schema: Schema) {
    if let Some(default) = schema.default() {
        let _ = write!(text, "\n\nDefault: `{}`", language::toml(default));
    }
    let words = schema.words();
    if !words.is_empty() {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        let _ = write!(text, "\n\nOne of {}", words.join(", "));
    } else if let Some(example) = schema.example() {
        let _ = write!(text, "\n\nExample: `{}`", language::toml(example));
    }
}

fn of_value(name: &str, values: &Values) -> String {
    let what = values.fact().map(|fact| helm::words(&fact)).unwrap_or_default();
    format!("`{name}`: a value of the chart {}\n\n{what}", values.chart())
}

/// Returns the blueprint that a node is the table of.
fn blueprint<'b>(
    document: &Document,
    id: Id,
    blueprints: &'b [BlueprintFacts],
) -> Option<&'b BlueprintFacts> {
    let tree = document.tree();
    let node = tree.node(id)?;
    let table = language::at(document.root(), &tree.path(node.parent?))?;
    let is_name =
        language::at(document.root(), &tree.path(id)).is_some_and(|schema| schema.is(BlueprintName::NAME));
    let name = match (&node.step, &node.value) {
        (Step::Key(key), _) if table.has_keys_of(BlueprintName::NAME) => key,
        (_, crate::syntax::Value::Text(name)) if is_name => name,
        _ => return None,
    };
    blueprints.iter().find(|facts| facts.name == *name)
}

fn of_blueprint(text: &mut String, facts: &BlueprintFacts) {
    let _ = write!(text, "\n\nChart {}, {} in the kit", facts.chart, facts.version);
    for (region, runs, reason) in &facts.regions {
        let runs = if *runs { "runs" } else { "does not run" };
        let _ = write!(text, "\n- {runs} in `{region}`: {reason}");
    }
}

/// As many files are named of those that a key reaches.
const MOST_FILES: usize = 5;

fn of_tree(text: &mut String, source: &str, name: &str, meaning: &Meaning) {
    for default in meaning.defaults.iter().filter(|default| default.key == name) {
        let _ = write!(text, "\n\nHere it is `{}`: {}", default.value, default.reason);
    }
    let follows = meaning.below(source, name);
    if follows.files.is_empty() {
        return;
    }
    let (fields, files) = (follows.count, follows.files.len());
    let count = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    let _ = write!(text, "\n\nIn the tree: {} in {}", count(fields, "field"), count(files, "file"));
    let file = |number: &usize| meaning.files.get(*number).map_or("", String::as_str);
    for emitted in &follows.fields {
        let value: String = emitted.value.chars().take(60).collect();
        let value = value.replace(['\n', '`'], " ");
        let _ = write!(text, "\n- `{}`: `{}` = `{value}`", file(&emitted.file), emitted.field);
    }
    let named: Vec<_> = follows.fields.iter().map(|emitted| emitted.file).collect();
    let others: Vec<_> = follows.files.iter().filter(|number| !named.contains(number)).collect();
    for number in others.iter().take(MOST_FILES.saturating_sub(named.len())) {
        let _ = write!(text, "\n- `{}`", file(number));
    }
}
