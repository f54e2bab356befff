//! Objects beside releases: files of YAML in a kit of one's own, named by `[[object]]` of its `kit.toml`. Strings may hold
//! expressions, as Helm values of blueprints do.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned as Marked;

use super::{Runs, Text};
use crate::scalar::choice::choice;
use crate::scalar::name::BlueprintName;
use crate::schema::table;
use sovereign_text::node::{Map, Node, Value};
use sovereign_text::source::{Source, SourceId, Span};

/// The most objects of one file.
const MOST: usize = 100;
/// How deep an object may be: the deepest definitions have about twenty levels.
const DEEPEST: usize = 64;

choice! {
    /// The layer of the tree that holds objects of a kit.
    ObjectLayer, "a layer of objects" {
        /// One of their own.
        Objects "objects",
        /// That of the Gateway and its certificate.
        Gateway "gateway",
        /// That of what services are told.
        Policies "policies",
    }
}

table! {
    /// A file of objects.
    ObjectTable {
        /// Its name, beside `kit.toml`; it ends in `.yaml`.
        file: Text = required,
        /// In which regions its objects stand. Without it, in each.
        runs: Runs = optional,
        /// The layer of the tree that holds them. Without it, `objects`.
        layer: ObjectLayer = optional,
        /// The blueprint that they belong to, by name without `bp-`: they stand where it runs. Without it, everywhere.
        blueprint: BlueprintName = optional,
    }
}

/// A file of objects, read.
#[derive(Debug)]
pub struct ObjectFile {
    /// What `kit.toml` says of it.
    pub table: ObjectTable,
    /// Its objects, or why there are none.
    pub objects: Result<Vec<Node>, NotObjects>,
}

/// Why a file has no objects.
#[derive(Debug)]
pub enum NotObjects {
    /// There is no such file in the kit.
    Absent,
    /// It is not YAML, or more than a file may hold.
    Unreadable(Span, String),
}

impl ObjectFile {
    /// Reads the file that a table names.
    pub(super) fn read(table: ObjectTable, files: &[&Source]) -> Self {
        let named = table.file.as_ref().map(|file| file.value.as_str());
        let source = files.iter().find(|source| Some(super::base_name(source)) == named);
        let objects = source.map_or(Err(NotObjects::Absent), |source| documents(source));
        Self { table, objects }
    }

    /// Returns its name without the end.
    pub fn stem(&self) -> &str {
        let name = self.table.file.as_ref().map_or("", |file| file.value.as_str());
        name.strip_suffix(".yaml").unwrap_or(name)
    }
}

/// Returns whether a file of this name holds objects of a kit.
pub fn holds_objects(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| end == "yaml")
}

fn documents(source: &Source) -> Result<Vec<Node>, NotObjects> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEEPEST },
        with_snippet: false,
    };
    let text = source.text();
    let documents: Result<Vec<Marked<Plain>>, _> = serde_saphyr::from_multiple_with_options(text, options);
    let documents = documents.map_err(|error| {
        let message = error.to_string();
        let place = error.location().and_then(|location| location.span().byte_offset());
        let place = place.and_then(|place| usize::try_from(place).ok()).unwrap_or(0).min(text.len());
        let message = message.lines().next().unwrap_or_default().to_owned();
        NotObjects::Unreadable(Span::new(source.id(), place..place), message)
    })?;
    if let Some(over) = documents.get(MOST) {
        let message = format!("it holds more than {MOST} objects");
        return Err(NotObjects::Unreadable(span(source.id(), over), message));
    }
    let objects = documents.into_iter().filter(|document| !matches!(document.value, Plain::Null));
    Ok(objects.map(|document| node(source.id(), document)).collect())
}

/// A value of YAML, each part with its place.
enum Plain {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Marked<Self>>),
    Map(Vec<(String, Marked<Self>)>),
}

fn span<T>(source: SourceId, marked: &Marked<T>) -> Span {
    let place = marked.referenced.span();
    let offset = |bytes: Option<u64>| bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0);
    let start = offset(place.byte_offset());
    Span::new(source, start..start + offset(place.byte_len()))
}

fn node(source: SourceId, marked: Marked<Plain>) -> Node {
    let cause = span(source, &marked);
    let value = match marked.value {
        Plain::Null => Value::Null,
        Plain::Bool(truth) => Value::Bool(truth),
        Plain::Integer(number) => Value::Integer(number),
        Plain::Float(number) => Value::Float(number),
        Plain::Text(text) => text.into(),
        Plain::List(items) => Value::List(items.into_iter().map(|item| node(source, item)).collect()),
        Plain::Map(entries) => {
            Value::Map(Map::of_unique(entries.into_iter().map(|(key, item)| (key, node(source, item)))))
        }
    };
    Node { cause, value }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Plain;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Plain, E> {
        Ok(Plain::Null)
    }

    fn visit_none<E>(self) -> Result<Plain, E> {
        Ok(Plain::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Plain, D::Error> {
        Plain::deserialize(deserializer)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Plain, E> {
        Ok(Plain::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Plain, E> {
        Ok(Plain::Integer(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Plain, E> {
        i64::try_from(number).map(Plain::Integer).map_err(|_| E::custom("a number of more than 64 bits"))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Plain, E> {
        if number.is_finite() { Ok(Plain::Float(number)) } else { Err(E::custom("a number that is none")) }
    }

    fn visit_str<E>(self, text: &str) -> Result<Plain, E> {
        Ok(Plain::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Plain, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Plain::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Plain, A::Error> {
        let mut list: Vec<(String, Marked<Plain>)> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        while let Some((key, item)) = entries.next_entry::<String, _>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{key}` stands here twice")));
            }
            list.push((key, item));
        }
        Ok(Plain::Map(list))
    }
}
