//! Shape: one declaration of a table gives its type, its decoder and its JSON Schema.
//!
//! `table!` is the only way to declare a table of the language or of a blueprint file, so the three cannot
//! drift apart. Every field becomes `Option<Spanned<T>>`: absent or wrong values are `None`, and everything that
//! is wrong has been reported with its span by then. Tables are closed: an unknown key is an error with the
//! nearest known one.

pub mod choice;
mod declare;
mod entry;
mod homes;
mod kinds;
mod line_ends;
mod scalar;
mod syntax;
mod table;
mod values;

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use sovereign_text::diag::{Applicability, Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Source, Span};

pub(crate) use declare::{
    Declared, FIRST, SINCE, kebab, key, needed, open_conditions, sample, stated, table, table_example,
    table_sample, table_schema,
};
pub use entry::Entry;
pub use homes::Homes;
pub use kinds::{Count, Named, TextOr};
pub use scalar::{Malformed, Scalar};
pub(crate) use table::Stated;
pub use table::Table;
pub use values::{Values, canonical};

/// A value as the TOML parser gives it.
pub type Raw<'a> = toml::Spanned<DeValue<'a>>;

/// A type that can be the value of a key.
pub trait Shape: Sized {
    /// Returns the value, or `None` after a report.
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self>;

    /// Returns the JSON Schema of the value. Tables register themselves in `definitions` and give a reference.
    fn schema(definitions: &mut Definitions) -> Json;

    /// Returns what to write, for the help of a missing key: `"hel1"`.
    fn example() -> Cow<'static, str>;

    /// Returns a value that a person could write, as JSON: the example, unless that leaves something out.
    fn sample() -> Json {
        values::of_toml(&Self::example())
    }

    /// Returns the keys that are written in the value and right; `None` for a value that has no keys.
    fn entries(&self) -> Option<Vec<Entry>> {
        None
    }
}

/// The named schemas of tables.
pub type Definitions = serde_json::Map<String, Json>;

/// One step of the path of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// Into a table.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
}

/// The keys by which entries of lists are called in paths, the first that one has.
pub const ENTRY_NAMES: [&str; 5] = ["name", "slug", "env", "email", "path"];

/// Decodes one source: knows the text for exact spans, and where to report.
pub struct Decoder<'a> {
    source: &'a Source,
    diags: &'a mut Diagnostics,
    /// Where its keys belong: found out when the first one is unknown.
    homes: OnceCell<Homes>,
    of_root: fn() -> Homes,
}

/// What was meant by a value of the wrong type.
pub(crate) struct Meant {
    /// What to do.
    pub(crate) words: &'static str,
    /// The value, as TOML.
    pub(crate) written: String,
    /// How sure it is.
    pub(crate) applicability: Applicability,
}

/// A source and what the TOML parser makes of it, for all who read it.
pub struct Parsed<'s> {
    source: &'s Source,
    /// `None` if it is no TOML.
    root: Option<Raw<'s>>,
}

/// Parses a source and decodes its top-level table, see [`Parsed::decode`].
pub fn decode<T: Shape>(source: &Source, diags: &mut Diagnostics) -> Option<T> {
    Parsed::new(source).decode(diags)
}

impl<'s> Parsed<'s> {
    /// Parses a source.
    pub fn new(source: &'s Source) -> Self {
        let text = source.text();
        let document = DeTable::parse(text).ok();
        // A table without a header and braces: what concerns it as a whole stands at the top of the file.
        let mut root = document.map(|table| toml::Spanned::new(0..0, DeValue::Table(table.into_inner())));
        if let Some(raw) = &mut root
            && text.contains("\r\n")
        {
            line_ends::unify(text, raw);
        }
        Self { source, root }
    }

    /// Returns the source.
    pub fn source(&self) -> &'s Source {
        self.source
    }

    /// Decodes the top-level table.
    ///
    /// Syntax errors are reported, the first of them at least; then nothing is decoded, since what a broken text means is a
    /// guess.
    pub fn decode<T: Shape>(&self, diags: &mut Diagnostics) -> Option<T> {
        let Some(raw) = &self.root else {
            diags.extend(syntax::findings(self.source));
            return None;
        };
        T::decode(raw, &mut Decoder::new::<T>(self.source, diags))
    }

    /// Returns the spans of what stands at a path, of its key and of all that is below it; `None` if nothing does.
    pub fn at(&self, path: &[PathStep]) -> Option<Vec<Span>> {
        let mut key = None;
        let raw = path.iter().try_fold(self.root.as_ref()?, |raw, step| match (step, raw.get_ref()) {
            (PathStep::Key(name), DeValue::Table(table)) => {
                let (written, raw) = table.iter().find(|(key, _)| key.get_ref() == name)?;
                key = Some(written.span());
                Some(raw)
            }
            (PathStep::Index(index), DeValue::Array(list)) => list.get(*index),
            (PathStep::Key(name), DeValue::Array(list)) => {
                let called = list.iter().find(|entry| entry_name(entry.get_ref()) == Some(name.as_str()));
                called.or_else(|| list.get(name.parse::<usize>().ok()?))
            }
            _ => None,
        })?;
        let mut ranges: Vec<_> = key.into_iter().collect();
        below(raw, &mut ranges);
        Some(ranges.into_iter().map(|range| Span::new(self.source.id(), range)).collect())
    }
}

/// Returns what an entry of a list calls itself.
fn entry_name<'v>(entry: &'v DeValue<'_>) -> Option<&'v str> {
    let DeValue::Table(table) = entry else { return None };
    ENTRY_NAMES.into_iter().find_map(|key| table.get(key)?.get_ref().as_str())
}

impl<'a> Decoder<'a> {
    /// Returns a decoder of a source that is a `T`.
    fn new<T: Shape>(source: &'a Source, diags: &'a mut Diagnostics) -> Self {
        Self { source, diags, homes: OnceCell::new(), of_root: Homes::of::<T> }
    }

    /// Returns where a key belongs that stands in a table without it.
    fn home(&self, key: &str) -> Option<String> {
        self.homes.get_or_init(self.of_root).find(key)
    }
}

impl Decoder<'_> {
    /// Returns the span of something in this source.
    pub fn span<T>(&self, of: &toml::Spanned<T>) -> Span {
        Span::new(self.source.id(), of.span())
    }

    /// Reports.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        // A value that was not taken is missing, whatever the code: nobody can accept that.
        self.diags.push(diagnostic.insisting());
    }

    /// Reports a value of the wrong type.
    pub(crate) fn wrong_type(&mut self, raw: &Raw<'_>, expected: &str, example: &str) {
        self.wrong_type_meant(raw, expected, example, None);
    }

    /// Reports a value of the wrong type, of which it is known perhaps what was meant.
    pub(crate) fn wrong_type_meant(
        &mut self,
        raw: &Raw<'_>,
        expected: &str,
        example: &str,
        meant: Option<Meant>,
    ) {
        let found = type_name(raw.get_ref());
        let message = format!("expected {expected}, found {found}");
        let span = self.span(raw);
        let written = self.source.slice(span);
        let report = Diagnostic::new(Code::WrongType, span, message).label(format!("this is {found}"));
        let (is_header, is_text) = (written.starts_with('['), matches!(raw.get_ref(), DeValue::String(_)));
        let one_table = written.strip_prefix("[[").and_then(|header| header.strip_suffix("]]"));
        let is_alone = matches!(raw.get_ref(), DeValue::Array(items) if items.len() == 1);
        self.report(if let Some(meant) = meant {
            report.edit(meant.words, span, meant.written, meant.applicability)
        } else if is_header && example.starts_with("[{") {
            report.certain_fix("write two brackets", span, format!("[{written}]"))
        } else if let Some(header) = one_table.filter(|_| is_alone && example.starts_with('{')) {
            report.certain_fix("write one bracket: there is one such table", span, format!("[{header}]"))
        } else if example.starts_with("[\"") && is_text {
            report.certain_fix("write a list", span, format!("[{written}]"))
        } else {
            report.help(format!("write a value such as `{example}`"))
        });
    }

    /// Reports a list that nobody writes; a decoded element takes a hundred times the memory of its text.
    fn not_too_many(&mut self, raw: &Raw<'_>, count: usize) -> Option<()> {
        const MOST: usize = 10_000;
        if count <= MOST {
            return Some(());
        }
        let message = format!("{count} elements are too many; at most {MOST} are read");
        self.report(Diagnostic::new(Code::MalformedValue, self.span(raw), message));
        None
    }

    /// Reports text that does not follow its grammar, at the characters that are wrong.
    pub fn malformed(&mut self, raw: &Raw<'_>, text: &str, name: &str, example: &str, bad: &Malformed) {
        let whole = self.span(raw);
        if self.is_placeholder(whole) {
            return;
        }
        let at = bad.at.as_ref().map_or(whole, |range| self.inside(whole, text, range));
        let message = format!("`{}` is not {name}: it {}", shorten(text), bad.reason);
        let found = Diagnostic::new(bad.code.unwrap_or(Code::MalformedValue), at, message);
        self.report(match &bad.meant {
            Some(meant) => found.fix("write", whole, format!("{meant:?}")),
            None => found.help(format!("write {name}, such as `{example}`")),
        });
    }

    /// Returns whether the value was reported as a placeholder: that it follows no grammar either is the same mistake.
    pub(crate) fn is_placeholder(&mut self, value: Span) -> bool {
        let is_placeholder = self.diags.reported(Code::LeftoverPlaceholder, value);
        if is_placeholder {
            self.diags.insist(Code::LeftoverPlaceholder, value);
        }
        is_placeholder
    }

    /// Returns the span of some bytes of a string value, when the string is written plainly between single quotes.
    fn inside(&self, whole: Span, text: &str, range: &std::ops::Range<usize>) -> Span {
        let written = self.source.slice(whole);
        let plain = written.len() == text.len() + 2 && written.get(1..=text.len()) == Some(text);
        let inner = whole.start as usize + 1;
        if plain && text.get(range.clone()).is_some() {
            Span::new(whole.source, inner + range.start..inner + range.end)
        } else {
            whole
        }
    }

    /// Opens a table for decoding; reports what is not one.
    pub fn table<'r>(&mut self, raw: &'r Raw<'r>, example: fn() -> Cow<'static, str>) -> Option<Table<'r>> {
        let span = self.span(raw);
        if let DeValue::Table(table) = raw.get_ref() {
            Some(Table::new(table, span))
        } else {
            self.wrong_type(raw, "a table", &example());
            None
        }
    }
}

/// Adds the place of a value, and those of all keys and values in it: the header of a table does not hold what follows it.
fn below(raw: &Raw<'_>, ranges: &mut Vec<std::ops::Range<usize>>) {
    ranges.push(raw.span());
    match raw.get_ref() {
        DeValue::Table(table) => {
            for (key, value) in table {
                ranges.push(key.span());
                below(value, ranges);
            }
        }
        DeValue::Array(list) => list.iter().for_each(|item| below(item, ranges)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// User text for a message: cut where it gets too long to read.
pub fn shorten(text: &str) -> Cow<'_, str> {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", &text[..cut]).into(),
        None => text.into(),
    }
}
