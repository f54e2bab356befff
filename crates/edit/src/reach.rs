//! Reaching a key in a parsed text: setting it, and taking it away.

use sovereign_text::diag::suggest;
use toml_edit::{ArrayOfTables, InlineTable, Item, Table, TableLike, Value};

use crate::Refused;
use crate::language::Place;
use crate::list;
use crate::path::shown;
use crate::value::typed;

/// The way to a key, and how much of it is gone already.
#[derive(Clone)]
pub(crate) struct Reach<'a> {
    steps: &'a [String],
    done: usize,
    place: Place<'a>,
}

/// How the tables below one are written.
#[derive(Clone, Copy)]
struct Form {
    is_inline: bool,
    is_dotted: bool,
    is_top: bool,
}

const BRACES: Form = Form { is_inline: true, is_dotted: false, is_top: false };

impl<'a> Reach<'a> {
    /// Returns the way from a table of which the first steps have led to it.
    pub(crate) fn new(steps: &'a [String], done: usize, place: Place<'a>) -> Self {
        Self { steps, done, place }
    }

    /// Gives the key a value.
    pub(crate) fn set(&self, top: &mut Item, value: &str) -> Result<(), Refused> {
        self.set_at(top, value)
    }

    /// Takes the key away, and tables that hold nothing then. Nothing happens where it is not written.
    pub(crate) fn unset(&self, top: &mut Item) -> Result<(), Refused> {
        self.unset_at(top)
    }

    fn unset_in(&self, table: &mut dyn TableLike) -> Result<(), Refused> {
        let (key, below) = self.below()?;
        let Some(item) = table.get_mut(key) else { return Ok(()) };
        if below.is_end() {
            remove(table, key);
            return Ok(());
        }
        below.unset_at(item)?;
        let is_empty = match item {
            Item::Table(table) => table.is_empty(),
            Item::Value(Value::InlineTable(table)) => table.is_empty(),
            Item::ArrayOfTables(list) => list.is_empty(),
            Item::None | Item::Value(_) => false,
        };
        if is_empty {
            remove(table, key);
        }
        Ok(())
    }

    fn unset_at(&self, item: &mut Item) -> Result<(), Refused> {
        if let Some(table) = item.as_table_like_mut() {
            return self.unset_in(table);
        }
        let (place, entry) = self.entry(item)?;
        match item {
            Item::ArrayOfTables(list) => match list.get_mut(place) {
                Some(_) if entry.is_end() => drop(list.remove(place)),
                Some(table) => entry.unset_in(table)?,
                None => {}
            },
            Item::Value(Value::Array(list)) => match list.get_mut(place) {
                Some(_) if entry.is_end() => drop(list.remove(place)),
                Some(Value::InlineTable(table)) => entry.unset_in(table)?,
                Some(_) => return Err(entry.no_table("a value")),
                None => {}
            },
            Item::None | Item::Value(_) | Item::Table(_) => {}
        }
        Ok(())
    }

    fn set_in(&self, table: &mut dyn TableLike, form: Form, value: &str) -> Result<(), Refused> {
        let (key, below) = self.below()?;
        if below.is_end() {
            return below.put(table, form, value);
        }
        if table.get(key).is_none_or(Item::is_none) {
            insert(table, key, below.empty(form));
        }
        table.get_mut(key).map_or(Ok(()), |item| below.set_at(item, value))
    }

    fn set_at(&self, item: &mut Item, value: &str) -> Result<(), Refused> {
        match item {
            Item::Table(table) => {
                let form = Form { is_inline: false, is_dotted: table.is_dotted(), is_top: self.done == 0 };
                return self.set_in(table, form, value);
            }
            Item::Value(Value::InlineTable(table)) => return self.set_in(table, BRACES, value),
            Item::None | Item::Value(_) | Item::ArrayOfTables(_) => {}
        }
        let (place, entry) = self.entry(item)?;
        match item {
            Item::ArrayOfTables(list) => {
                if place == list.len() {
                    list.push(Table::new());
                }
                let Some(table) = list.get_mut(place) else { return Ok(()) };
                if entry.is_end() {
                    return Err(entry.whole_table());
                }
                entry.set_in(table, Form { is_inline: false, is_dotted: false, is_top: false }, value)
            }
            Item::Value(Value::Array(list)) => {
                if entry.is_end() {
                    let mut new = typed(value, &entry.place);
                    if let Some(old) = list.get(place) {
                        *new.decor_mut() = old.decor().clone();
                        list.replace_formatted(place, new);
                    } else {
                        list.push(new);
                    }
                    return Ok(());
                }
                if place == list.len() {
                    list.push(Value::InlineTable(InlineTable::new()));
                }
                match list.get_mut(place) {
                    Some(Value::InlineTable(table)) => entry.set_in(table, BRACES, value),
                    _ => Err(entry.no_table("a value")),
                }
            }
            Item::None | Item::Value(_) | Item::Table(_) => Ok(()),
        }
    }

    /// Writes the value into the table that holds the key, the last of the way.
    fn put(&self, table: &mut dyn TableLike, form: Form, value: &str) -> Result<(), Refused> {
        let mut new = typed(value, &self.place);
        let is_scalar = !matches!(new, Value::Array(_) | Value::InlineTable(_));
        if is_scalar && !self.place.is_free() && self.place.takes("object") && !self.place.takes("string") {
            return Err(self.whole_table());
        }
        let Some(key) = self.steps.last() else { return Ok(()) };
        match table.get_mut(key) {
            Some(Item::Value(old)) => {
                *new.decor_mut() = old.decor().clone();
                if !is_same(old, &new) {
                    *old = new;
                }
            }
            Some(Item::Table(_) | Item::ArrayOfTables(_)) => return Err(self.whole_table()),
            Some(Item::None) | None => {
                insert(table, key, Item::Value(new));
                if form.is_inline {
                    close_braces(table, key);
                }
            }
        }
        Ok(())
    }

    /// Returns the next key, and the way from what it holds.
    fn below(&self) -> Result<(&'a str, Self), Refused> {
        let Some(key) = self.steps.get(self.done) else { return Err(self.whole_table()) };
        match self.place.below(key) {
            Some(place) => Ok((key, Self { steps: self.steps, done: self.done + 1, place })),
            None => Err(self.unknown(key)),
        }
    }

    /// Returns the place of the entry that is meant in a list, and the way from it.
    fn entry(&self, list: &Item) -> Result<(usize, Self), Refused> {
        let is_list = matches!(list, Item::ArrayOfTables(_) | Item::Value(Value::Array(_)));
        let items = self.place.items().filter(|_| is_list);
        let (Some(items), Some(step)) = (items, self.steps.get(self.done)) else {
            return Err(self.no_table(list.type_name()));
        };
        let place = list::find(&list::names(list), self.gone(), step)?;
        Ok((place, Self { steps: self.steps, done: self.done + 1, place: items }))
    }

    fn is_end(&self) -> bool {
        self.done == self.steps.len()
    }

    /// Returns the steps so far.
    fn gone(&self) -> &'a [String] {
        self.steps.get(..self.done).unwrap_or_default()
    }

    /// Returns what is to hold the keys that come: in the form in which people write it.
    fn empty(&self, form: Form) -> Item {
        let is_small_list = !form.is_top && self.place.items().is_some_and(|items| items.is_small());
        match (self.place.is_list_of_tables(), form.is_inline || is_small_list) {
            _ if self.place.is_free() => {}
            (true, true) => return Item::Value(Value::Array(toml_edit::Array::new())),
            (true, false) => return Item::ArrayOfTables(ArrayOfTables::new()),
            (false, _) => {}
        }
        if !self.place.is_free() && self.place.items().is_some() {
            return Item::Value(Value::Array(toml_edit::Array::new()));
        }
        let is_small = !form.is_top && !form.is_dotted && !self.place.is_free() && self.place.is_small();
        if form.is_inline || is_small {
            return Item::Value(Value::InlineTable(InlineTable::new()));
        }
        let mut table = Table::new();
        table.set_implicit(true);
        table.set_dotted(form.is_dotted);
        Item::Table(table)
    }

    fn unknown(&self, key: &str) -> Refused {
        let keys = self.place.keys();
        let words = match shown(self.gone()) {
            top if top.is_empty() => Refused::new(format!("there is no key `{key}`")),
            table => Refused::new(format!("`{table}` has no key `{key}`")),
        };
        if self.place.is_list_of_tables() || keys.is_empty() {
            return words.help(format!("`{}` has no keys of its own", shown(self.gone())));
        }
        match suggest::nearest(key, keys.iter().copied()) {
            Some(near) => {
                let mut path = self.steps.to_vec();
                if let Some(step) = path.get_mut(self.done) {
                    near.clone_into(step);
                }
                words.help(format!("did you mean `{}`?", shown(&path)))
            }
            None => words.help(format!("its keys are {}", suggest::list(keys, 20))),
        }
    }

    fn whole_table(&self) -> Refused {
        let words = Refused::new(format!("`{}` is a whole table", shown(self.gone())));
        let keys = self.place.keys();
        if keys.is_empty() {
            return words.help("name a key in it");
        }
        words.help(format!("name one of its keys: {}", suggest::list(keys, 20)))
    }

    fn no_table(&self, what: &str) -> Refused {
        Refused::new(format!("`{}` is {what}, so nothing stands below it", shown(self.gone())))
    }
}

/// Puts a key at the end of a table.
fn insert(table: &mut dyn TableLike, key: &str, item: Item) {
    drop(table.insert(key, item));
}

/// Takes a key from a table. In braces the space before the closing one stays.
fn remove(table: &mut dyn TableLike, key: &str) {
    let last = |table: &dyn TableLike| {
        let (key, item) = table.iter().last()?;
        Some((key.to_owned(), item.as_value()?.decor().suffix()?.as_str()?.to_owned()))
    };
    let before = last(table);
    drop(table.remove(key));
    let after = table.iter().last().map(|(key, _)| key.to_owned());
    if let (Some((gone, suffix)), Some(stays)) = (before, after)
        && gone == key
        && !suffix.is_empty()
        && suffix.trim().is_empty()
        && let Some(value) = table.get_mut(&stays).and_then(Item::as_value_mut)
    {
        value.decor_mut().set_suffix(suffix);
    }
}

/// Moves the space before a closing brace behind the value that has come last.
fn close_braces(table: &mut dyn TableLike, key: &str) {
    let keys: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    let before = keys.iter().rev().nth(1).filter(|_| keys.last().is_some_and(|last| last == key));
    let Some(value) = before.and_then(|before| table.get_mut(before)).and_then(Item::as_value_mut) else {
        return;
    };
    let suffix = value.decor().suffix().and_then(|suffix| suffix.as_str()).unwrap_or(" ").to_owned();
    if suffix.chars().all(|c| c == ' ') {
        value.decor_mut().set_suffix("");
        if let Some(value) = table.get_mut(key).and_then(Item::as_value_mut) {
            value.decor_mut().set_suffix(suffix);
        }
    }
}

/// Returns whether two values are the same, however they are written.
fn is_same(old: &Value, new: &Value) -> bool {
    if let (Value::Array(one), Value::Array(other)) = (old, new) {
        return one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other));
    }
    let plain = |value: &Value| (value.as_str().map(str::to_owned), value.as_integer(), value.as_bool());
    match (plain(old), plain(new)) {
        ((None, None, None), (None, None, None)) => old.to_string().trim() == new.to_string().trim(),
        (one, other) => one == other,
    }
}
