//! Entries of lists, by their names.

use sovereign_language::schema::ENTRY_NAMES;
use sovereign_text::diag::suggest;
use toml_edit::{Item, Table, TableLike, Value};

use crate::Refused;
use crate::path::shown;

/// Returns what a table calls itself.
pub(crate) fn name(table: &dyn TableLike) -> Option<&str> {
    ENTRY_NAMES.into_iter().find_map(|key| table.get(key)?.as_str())
}

/// Returns what the entries of a list call themselves; none for what is no list.
pub(crate) fn names(list: &Item) -> Vec<Option<&str>> {
    match list {
        Item::ArrayOfTables(tables) => tables.iter().map(|table| name(table)).collect(),
        Item::Value(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().or_else(|| value.as_inline_table().and_then(|table| name(table))))
            .collect(),
        Item::None | Item::Table(_) | Item::Value(_) => Vec::new(),
    }
}

/// Something that stands in a text.
#[derive(Clone, Copy)]
pub(crate) enum Found<'t> {
    /// What a key holds.
    Item(&'t Item),
    /// An entry of a list of tables with headers.
    Table(&'t Table),
    /// An entry of a list in brackets.
    Value(&'t Value),
}

impl<'t> Found<'t> {
    /// Returns it as a table.
    pub(crate) fn table(self) -> Option<&'t dyn TableLike> {
        match self {
            Self::Item(item) => item.as_table_like(),
            Self::Table(table) => Some(table),
            Self::Value(value) => value.as_inline_table().map(|table| table as &dyn TableLike),
        }
    }

    /// Returns it as text.
    pub(crate) fn text(self) -> Option<&'t str> {
        match self {
            Self::Item(item) => item.as_str(),
            Self::Table(_) => None,
            Self::Value(value) => value.as_str(),
        }
    }

    /// Returns the entries of it, if it is a list.
    pub(crate) fn entries(self) -> Vec<Self> {
        let values = |list: &'t toml_edit::Array| list.iter().map(Self::Value).collect();
        match self {
            Self::Item(Item::ArrayOfTables(list)) => list.iter().map(Self::Table).collect(),
            Self::Item(Item::Value(Value::Array(list))) | Self::Value(Value::Array(list)) => values(list),
            Self::Item(_) | Self::Table(_) | Self::Value(_) => Vec::new(),
        }
    }

    /// Returns whether it is a list with an entry of this name.
    pub(crate) fn is_called(self, step: &str) -> bool {
        self.entries().iter().any(|entry| entry.table().and_then(name) == Some(step))
    }

    /// Returns what a key, or the name or place of an entry, leads to.
    pub(crate) fn below(self, step: &str) -> Option<Self> {
        if let Some(table) = self.table() {
            return table.get(step).filter(|item| !item.is_none()).map(Self::Item);
        }
        let entries = self.entries();
        let called = entries.iter().position(|entry| entry.table().and_then(name) == Some(step));
        entries.get(called.or_else(|| step.parse().ok())?).copied()
    }
}

/// Returns the place of the entry that is meant by a step; one behind the last for the entry that is to come.
pub(crate) fn find(names: &[Option<&str>], list: &[String], step: &str) -> Result<usize, Refused> {
    let mut called =
        names.iter().enumerate().filter(|(_, name)| **name == Some(step)).map(|(place, _)| place);
    match (called.next(), called.count()) {
        (Some(place), 0) => return Ok(place),
        (Some(place), more) => {
            return Err(Refused::new(format!(
                "{} entries of `{}` are called `{step}`",
                more + 1,
                shown(list)
            ))
            .help(format!("name one by its place, from 0: `{}.{place}`", shown(list))));
        }
        (None, _) => {}
    }
    if let Some(place) = step.parse().ok().filter(|place| *place <= names.len()) {
        return Ok(place);
    }
    let known = || names.iter().flatten().copied();
    let words = Refused::new(format!("`{}` has no entry `{step}`", shown(list)));
    Err(match suggest::nearest(step, known()) {
        Some(near) => words.help(format!("did you mean `{near}`?")),
        None if names.is_empty() => words.help("it has no entries"),
        None => words.help(format!("its entries are {}", suggest::list(known(), 12))),
    })
}
