//! Which key of a TOML text a place belongs to: what a person calls the place.

use std::collections::BTreeMap;

use sovereign_text::source::{Source, Span};
use toml::de::{DeTable, DeValue};

/// Returns the text that a value of a TOML text stands for; `None` if it is no text.
pub fn text(written: &str) -> Option<String> {
    let value = format!("v = {written}");
    let table = DeTable::parse(&value).ok()?;
    table.get_ref().get("v")?.get_ref().as_str().map(str::to_owned)
}

/// Returns a path of keys without the quotes of those that have some, as people type it.
pub fn unquoted(path: &str) -> String {
    path.chars().filter(|c| *c != '"').collect()
}

/// The keys of a text, by the places of their values and of themselves.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// By where a place begins and, of those, where it ends.
    places: BTreeMap<(u32, u32), String>,
}

impl Keys {
    /// Returns the keys of a text; none where it is no TOML.
    pub fn new(source: &Source) -> Self {
        let mut keys = Self::default();
        if let Ok(table) = DeTable::parse(source.text()) {
            keys.table(source, table.get_ref(), "");
        }
        keys
    }

    /// Returns the keys of a text that is no TOML, from whoever has read it: places, each with what it is called.
    pub fn of_places(places: impl IntoIterator<Item = (Span, String)>) -> Self {
        let mut keys = Self::default();
        for (span, path) in places {
            keys.put(span, &path);
        }
        keys
    }

    /// Returns the key that a place is the value of, or lies in; `None` for the text as a whole.
    ///
    /// A table of a list goes by its name where it has one: `region[sin].workers.size`.
    pub fn at(&self, span: Span) -> Option<&str> {
        if span.start == span.end {
            return None;
        }
        let before = self.places.range(..=(span.start, u32::MAX)).rev();
        let mut around = before.filter(|((_, end), _)| span.end <= *end);
        around.next().map(|(_, key)| key.as_str())
    }

    fn table(&mut self, source: &Source, table: &DeTable<'_>, above: &str) {
        for (key, value) in table {
            let dot = if above.is_empty() { "" } else { "." };
            let name = key.get_ref();
            let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let path = if name.chars().all(is_bare) {
                format!("{above}{dot}{name}")
            } else {
                format!("{above}{dot}{name:?}")
            };
            self.put(Span::new(source.id(), key.span()), &path);
            self.value(source, value, &path);
        }
    }

    fn value(&mut self, source: &Source, value: &toml::Spanned<DeValue<'_>>, path: &str) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(source, table, path),
            DeValue::Array(list) => {
                for (place, item) in list.iter().enumerate() {
                    let path = match name(item.get_ref()) {
                        Some(name) => format!("{path}[{name}]"),
                        None => format!("{path}[{place}]"),
                    };
                    self.value(source, item, &path);
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
        self.put(Span::new(source.id(), value.span()), path);
    }

    /// Of a list and its first table, which begin with one header, the table is meant: it comes first.
    fn put(&mut self, span: Span, path: &str) {
        self.places.entry((span.start, span.end)).or_insert_with(|| path.to_owned());
    }
}

/// Returns what a table calls itself.
fn name<'t>(value: &'t DeValue<'_>) -> Option<&'t str> {
    let table = value.as_table()?;
    let own = ["name", "slug"].into_iter().find_map(|key| table.get(key)?.get_ref().as_str());
    own.filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_text::source::SourceId;

    #[test]
    fn a_place_is_called_by_its_key() {
        let text = "a = 1\n[[region]]\nname = \"sin\"\nworkers = { size = \"x\" }\n[t]\nlist = [1, 2]\n\"a b\" = 3\n";
        let source = Source::from_text(SourceId::MANIFEST, "t", text);
        let keys = Keys::new(&source);
        let at = |part: &str| {
            let start = text.find(part).expect("a part");
            keys.at(Span::new(source.id(), start..start + part.len()))
        };
        assert_eq!(at("1"), Some("a"));
        assert_eq!(at("\"x\""), Some("region[sin].workers.size"));
        assert_eq!(at("[[region]]"), Some("region[sin]"));
        assert_eq!(at("2"), Some("t.list[1]"));
        assert_eq!(at("3"), Some("t.\"a b\""));
        assert_eq!(keys.at(Span::new(source.id(), 0..0)), None);
    }
}
