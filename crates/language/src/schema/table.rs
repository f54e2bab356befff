//! A closed table while it is decoded: its entries by key, and what to report of keys that it should or should not have.

use std::borrow::Cow;

use toml::de::{DeTable, DeValue};

use super::{Decoder, Raw, Shape, shorten};
use sovereign_text::diag::{Applicability, Code, Diagnostic, Edit, Help, suggest};
use sovereign_text::source::{Span, Spanned};

/// One table of a text.
pub struct Table<'t> {
    pub(super) entries: &'t DeTable<'t>,
    /// Where the table is: its header, or its braces.
    pub span: Span,
}

/// The entries of a table, in the order in which its type declares them.
pub(crate) struct Fields<'t, const N: usize> {
    keys: &'static [&'static str; N],
    values: [Option<&'t Raw<'t>>; N],
    stated: Stated,
    next: usize,
    span: Span,
}

/// Which keys of a table are written, or were meant, whether their values are right or wrong: a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stated(u64);

impl Stated {
    /// Returns whether the key at this place of the declaration is written.
    pub(crate) fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    fn add(&mut self, place: usize) {
        self.0 |= 1 << place;
    }
}

impl<'t> Table<'t> {
    pub(super) fn new(entries: &'t DeTable<'t>, span: Span) -> Self {
        Self { entries, span }
    }

    /// Finds the entries that a type declares, and reports every other key.
    pub(crate) fn fields<const N: usize>(
        &self,
        keys: &'static [&'static str; N],
        decoder: &mut Decoder<'_>,
    ) -> Fields<'t, N> {
        const { assert!(N <= 64, "`Stated` has a bit for each of 64 keys") };
        let mut fields =
            Fields { keys, values: [None; N], stated: Stated::default(), next: 0, span: self.span };
        for (key, value) in self.entries {
            let known = keys.iter().position(|known| known == key.get_ref());
            if let Some(slot) = known.and_then(|place| fields.values.get_mut(place)) {
                *slot = Some(value);
            }
            if let Some(place) = known.or_else(|| unknown_key(key, value, keys, decoder)) {
                fields.stated.add(place);
            }
        }
        fields
    }
}

impl<const N: usize> Fields<'_, N> {
    /// Returns which keys are written or were meant.
    pub(crate) fn stated(&self) -> Stated {
        self.stated
    }

    /// Returns the value of the next key, if it is there and right. A key that is `required` and not there is reported.
    pub(crate) fn next<T: Shape>(&mut self, required: bool, decoder: &mut Decoder<'_>) -> Option<Spanned<T>> {
        let place = self.next;
        self.next += 1;
        if let Some(raw) = self.values.get(place).copied().flatten() {
            return T::decode(raw, decoder).map(|value| Spanned::new(value, decoder.span(raw)));
        }
        if let Some(key) = self.keys.get(place).filter(|_| required && !self.stated.has(place)) {
            decoder.report(missing_key(key, self.span, &T::example()));
        }
        None
    }
}

/// Reports a key that no field declares. Returns the place of the key that was meant, if there is one that is alike.
fn unknown_key(
    key: &toml::Spanned<Cow<'_, str>>,
    value: &Raw<'_>,
    known: &[&'static str],
    decoder: &mut Decoder<'_>,
) -> Option<usize> {
    if decoder.diags.overflows(Code::UnknownKey) {
        return None;
    }
    let (name, span) = (key.get_ref(), decoder.span(key));
    let found = Diagnostic::new(Code::UnknownKey, span, format!("unknown key `{}`", shorten(name)));
    let near = suggest::nearest(name, known.iter().copied());
    decoder.report(match near {
        Some(near) => found.fix("a key with a similar name exists", span, near.to_owned()),
        None => match confused(key, value, known, decoder) {
            Some(help) => Diagnostic { help: vec![help], ..found },
            None => {
                found.help(format!("the keys of this table are {}", suggest::list(known.iter().copied(), 12)))
            }
        },
    });
    known.iter().position(|known| Some(*known) == near)
}

/// Says what a key means that no key of its table is like: one of another table, a blueprint, or a Helm value.
fn confused(
    key: &toml::Spanned<Cow<'_, str>>,
    value: &Raw<'_>,
    known: &[&'static str],
    decoder: &Decoder<'_>,
) -> Option<Help> {
    let (name, span) = (key.get_ref(), decoder.span(key));
    let written = decoder.source.slice(span);
    if let Some(home) = decoder.home(name) {
        return Some(Help { text: format!("`{name}` belongs in {home}"), edit: None });
    }
    let table = if let DeValue::Table(table) = value.get_ref() { Some(table) } else { None };
    let of_blueprint = ["enabled", "values", "version"];
    let is_blueprint =
        table.is_some_and(|table| table.iter().any(|(key, _)| of_blueprint.contains(&&**key.get_ref())));
    if known.contains(&"blueprint") && is_blueprint {
        let text = format!("if this is a blueprint, write `[blueprint.{}]`", shorten(written));
        return Some(Help { text, edit: None });
    }
    known.contains(&"values").then(|| Help {
        text: "what the chart is told stands below `values`".to_owned(),
        edit: Some(Edit {
            span,
            replacement: format!("values.{written}"),
            applicability: Applicability::Likely,
        }),
    })
}

fn missing_key(key: &str, table: Span, example: &str) -> Diagnostic {
    let is_file = table.start == table.end;
    let found = Diagnostic::new(Code::MissingKey, table, format!("`{key}` is missing"));
    found.label(if is_file { "in this file" } else { "in this table" }).help(
        if is_file && example.starts_with('{') {
            format!("add a `[{key}]` table")
        } else if example.starts_with("[{") {
            format!("add a `[[{key}]]` table")
        } else {
            format!("add `{key} = {example}`")
        },
    )
}
