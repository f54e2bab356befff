//! The canonical form of white space. Nothing is sorted: the order of tables and keys is the author's.

use sovereign_language::input::{Holds, Input, Revised};
use toml_edit::{Array, Decor, InlineTable, Item, RawString, Table, Value};

use crate::Refused;
use crate::document::Document;

/// Brings the manifest and the files beside it into form.
pub(crate) fn apply(input: &Input) -> Result<Vec<Revised>, Refused> {
    let manifest = Revised::manifest(formatted(input.manifest().text(), input.manifest().name())?);
    // A kit may be somebody else's.
    let further = input
        .further()
        .filter(|file| file.holds != Holds::Kit)
        .map(|file| Ok(Revised::of(file.path, formatted(file.source.text(), file.source.name())?)));
    std::iter::once(Ok(manifest)).chain(further).collect()
}

/// Returns a text in its canonical form: one space around `=` and behind commas, none at the ends of lines, an empty line
/// before each header and never two. `name` is that of its file, for messages.
///
/// # Errors
/// It is no TOML.
pub fn formatted(text: &str, name: &str) -> Result<String, Refused> {
    let mut document = Document::parse(text, name)?;
    table(document.toml.as_table_mut());
    let trailing = comments(raw(document.toml.trailing()), false);
    document.toml.set_trailing(trailing);
    let text = document.toml.to_string();
    let text = text.trim_start_matches('\n').trim_end();
    let end = if text.is_empty() { "" } else { "\n" };
    Ok(document.with_ends(&format!("{text}{end}")))
}

fn table(table: &mut Table) {
    for (mut key, item) in table.iter_mut() {
        key.dotted_decor_mut().clear();
        match item {
            Item::Value(value) => {
                let before = comments(part(key.leaf_decor().prefix()), false);
                *key.leaf_decor_mut() = Decor::new(before, " ");
                line(value);
            }
            Item::Table(inner) => {
                if inner.is_dotted() {
                    dotted(inner);
                } else {
                    header(inner);
                    key.leaf_decor_mut().clear();
                    self::table(inner);
                }
            }
            Item::ArrayOfTables(list) => {
                key.leaf_decor_mut().clear();
                for inner in list.iter_mut() {
                    header(inner);
                    self::table(inner);
                }
            }
            Item::None => {}
        }
    }
}

/// Brings keys with dots into form: what stands before them is held by the last part of each.
fn dotted(inner: &mut Table) {
    table(inner);
}

fn header(table: &mut Table) {
    let before = comments(part(table.decor().prefix()), true);
    let after = behind(part(table.decor().suffix()));
    *table.decor_mut() = Decor::new(before, after);
}

/// Brings the value of a line into form.
fn line(value: &mut Value) {
    let after = behind(part(value.decor().suffix()));
    value.decor_mut().clear();
    inner(value);
    *value.decor_mut() = Decor::new(" ", after);
}

/// Brings what is in brackets and braces into form, where it stands in one line.
fn inner(value: &mut Value) {
    if value.to_string().contains(['\n', '#']) {
        return;
    }
    match value {
        Value::Array(list) => array(list),
        Value::InlineTable(table) => braces(table),
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

fn array(list: &mut Array) {
    for (place, value) in list.iter_mut().enumerate() {
        inner(value);
        *value.decor_mut() = Decor::new(if place == 0 { "" } else { " " }, "");
    }
    list.set_trailing("");
    list.set_trailing_comma(false);
}

fn braces(table: &mut InlineTable) {
    table.set_trailing("");
    table.set_trailing_comma(false);
    pairs(table);
    if let Some(value) = last(table) {
        value.decor_mut().set_suffix(" ");
    }
}

fn pairs(table: &mut InlineTable) {
    for (mut key, value) in table.iter_mut() {
        *key.leaf_decor_mut() = Decor::new(" ", " ");
        key.dotted_decor_mut().clear();
        if let Some(dotted) = value.as_inline_table_mut().filter(|table| table.is_dotted()) {
            pairs(dotted);
        } else {
            inner(value);
            *value.decor_mut() = Decor::new(" ", "");
        }
    }
}

/// Returns the value that is written last.
fn last(table: &mut InlineTable) -> Option<&mut Value> {
    let (_, value) = table.iter_mut().last()?;
    if value.as_inline_table().is_some_and(InlineTable::is_dotted) {
        return last(value.as_inline_table_mut()?);
    }
    Some(value)
}

fn part(raw: Option<&RawString>) -> &str {
    raw.map(self::raw).unwrap_or_default()
}

fn raw(text: &RawString) -> &str {
    text.as_str().unwrap_or_default()
}

/// Returns what stands behind a value in its line: a comment where it stood, or nothing.
fn behind(text: &str) -> String {
    let text = text.trim_end();
    if text.starts_with('#') { format!(" {text}") } else { text.to_owned() }
}

/// Returns comments before a key or a header, each from the beginning of its line, with at most one empty line between two.
/// Before a header stands one: before its comments, unless it is behind them already, since those then belong to what stands above.
fn comments(text: &str, is_header: bool) -> String {
    let mut out = String::new();
    // What stands behind the last line end is the indentation of what follows.
    let mut is_apart =
        is_header && !text.split_inclusive('\n').any(|line| line.ends_with('\n') && line.trim().is_empty());
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n') || !line.trim().is_empty());
    for line in lines.map(str::trim) {
        if line.is_empty() {
            is_apart = true;
            continue;
        }
        if std::mem::take(&mut is_apart) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
    }
    if is_apart {
        out.push('\n');
    }
    out
}
