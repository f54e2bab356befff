//! Shape: one declaration of a table gives its type, its decoder and its JSON Schema.
//!
//! `table!` is the only way to declare a table of the language or of a blueprint file, so the three cannot
//! drift apart. Every field becomes `Option<Spanned<T>>`: absent or wrong values are `None`, and everything that
//! is wrong has been reported with its span by then. Tables are closed: an unknown key is an error with the
//! nearest known one.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use toml::de::{DeTable, DeValue};

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::grammar::choice::Choice;
use crate::grammar::{Grammar, Malformed};
use crate::node::{Map, Node, Value};
use crate::source::{Source, Span, Spanned};

/// A value as the TOML parser gives it.
pub type Raw<'a> = toml::Spanned<DeValue<'a>>;

/// A type that can be the value of a key.
pub trait Shape: Sized {
    /// The value, or `None` after a report.
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self>;

    /// The JSON Schema of the value. Tables register themselves in `definitions` and give a reference.
    fn schema(definitions: &mut Definitions) -> Json;

    /// What to write, for the help of a missing key: `"hel1"`.
    fn example() -> Cow<'static, str>;
}

/// The named schemas of tables.
pub type Definitions = serde_json::Map<String, Json>;

/// Decodes one source: knows the text for exact spans, and where to report.
pub struct Decoder<'a> {
    source: &'a Source,
    diags: &'a mut Diagnostics,
}

/// Parses a source and decodes its top-level table.
///
/// Syntax errors are all reported; then nothing is decoded, since what a broken text means is a guess.
pub fn decode<T: Shape>(source: &Source, diags: &mut Diagnostics) -> Option<T> {
    let (document, errors) = DeTable::parse_recoverable(source.text());
    if !errors.is_empty() {
        for error in errors {
            let range = error.span().unwrap_or(0..0);
            let span = Span::new(source.id(), range);
            let message = match error.message().trim() {
                "duplicate key" => format!("the key `{}` is there twice", shorten(source.slice(span))),
                message => message.replace('\n', "; "),
            };
            diags.push(Diagnostic::new(Code::Syntax, span, message));
        }
        return None;
    }
    // A table without a header and braces: what concerns it as a whole stands at the top of the file.
    let raw = toml::Spanned::new(0..0, DeValue::Table(document.into_inner()));
    T::decode(&raw, &mut Decoder { source, diags })
}

impl Decoder<'_> {
    /// The span of something in this source.
    pub fn span<T>(&self, of: &toml::Spanned<T>) -> Span {
        Span::new(self.source.id(), of.span())
    }

    /// Reports.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diags.push(diagnostic);
    }

    /// Reports a value of the wrong type.
    pub fn wrong_type(&mut self, raw: &Raw<'_>, expected: &str, example: &str) {
        let found = type_name(raw.get_ref());
        let message = format!("expected {expected}, found {found}");
        let span = self.span(raw);
        let written = self.source.slice(span);
        let report = Diagnostic::new(Code::WrongType, span, message).label(format!("this is {found}"));
        let (is_header, is_text) = (written.starts_with('['), matches!(raw.get_ref(), DeValue::String(_)));
        self.report(if is_header && example.starts_with("[{") {
            report.fix("write two brackets", span, format!("[{written}]"))
        } else if example.starts_with('"') && matches!(raw.get_ref(), DeValue::Integer(_) | DeValue::Float(_))
        {
            report.fix("write it in quotes", span, format!("{written:?}"))
        } else if example.starts_with("[\"") && is_text {
            report.fix("write a list", span, format!("[{written}]"))
        } else {
            report.help(format!("write a value such as `{example}`"))
        });
    }

    /// Reports text that does not follow its grammar, at the characters that are wrong.
    pub fn malformed(
        &mut self,
        (raw, text): (&Raw<'_>, &str),
        (name, example): (&str, &str),
        bad: &Malformed,
    ) {
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

    /// Whether the value was reported as a placeholder: that it follows no grammar either is the same mistake.
    fn is_placeholder(&self, value: Span) -> bool {
        self.diags.reported(Code::LeftoverPlaceholder, value)
    }

    /// The span of some bytes of a string value, when the string is written plainly between single quotes.
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
            Some(Table { table, span })
        } else {
            self.wrong_type(raw, "a table", &example());
            None
        }
    }
}

/// A cursor over one closed table.
pub struct Table<'a> {
    table: &'a DeTable<'a>,
    /// Where the table stands: its header, or its braces.
    pub span: Span,
}

impl Table<'_> {
    /// The value of a key, if it is there and right.
    pub fn take<T: Shape>(&self, key: &str, required: bool, decoder: &mut Decoder<'_>) -> Option<Spanned<T>> {
        if let Some(raw) = self.table.get(key) {
            return T::decode(raw, decoder).map(|value| Spanned::new(value, decoder.span(raw)));
        }
        if required {
            let message = format!("`{key}` is missing");
            let found = Diagnostic::new(Code::MissingKey, self.span, message);
            let place = if self.span.start == self.span.end { "in this file" } else { "in this table" };
            decoder.report(found.label(place).help(match &*T::example() {
                table if place == "in this file" && table.starts_with('{') => {
                    format!("add a `[{key}]` table")
                }
                list if list.starts_with("[{") => format!("add a `[[{key}]]` table"),
                example => format!("add `{key} = {example}`"),
            }));
        }
        None
    }

    /// Reports every key that is not in `known`, and gives the keys that the table has or was meant to have.
    pub fn finish(&self, known: &[Cow<'static, str>], decoder: &mut Decoder<'_>) -> Vec<String> {
        let mut stated = Vec::with_capacity(self.table.len());
        for (key, _) in self.table {
            let name = key.get_ref();
            if known.iter().any(|k| k == name) {
                stated.push(name.clone().into_owned());
                continue;
            }
            let span = decoder.span(key);
            let found = Diagnostic::new(Code::UnknownKey, span, format!("unknown key `{}`", shorten(name)));
            decoder.report(match suggest::nearest(name, known.iter().map(AsRef::as_ref)) {
                Some(near) => {
                    stated.push(near.to_owned());
                    found.fix("a key with a similar name exists", span, near.to_owned())
                }
                None => found.help(format!(
                    "the keys of this table are {}",
                    suggest::list(known.iter().map(AsRef::as_ref), 12)
                )),
            });
        }
        stated
    }
}

/// Declares a closed table: the struct, its decoder and its schema.
///
/// `field: Type = required` or `= optional`; the key is the field's name in kebab-case, or what `as "…"` says.
/// `refine function` may tighten the schema where one key depends on another.
macro_rules! table {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident $(as $key:literal)? : $ty:ty = $need:ident,)*
        }
        $(refine $refine:path)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// Where the table stands.
            pub span: $crate::source::Span,
            /// The keys that are written, whether their values are right or wrong.
            stated: Vec<String>,
            $($(#[doc = $field_doc])* pub $field: Option<$crate::source::Spanned<$ty>>,)*
        }

        impl $name {
            /// Whether a key is written, right or wrong. A value that is absent although its key is written has
            /// been reported; nothing else follows from its absence.
            pub fn states(&self, key: &str) -> bool {
                self.stated.iter().any(|stated| stated == key)
            }
        }

        impl $crate::shape::Shape for $name {
            fn decode(raw: &$crate::shape::Raw<'_>, decoder: &mut $crate::shape::Decoder<'_>) -> Option<Self> {
                let table = decoder.table(raw, <Self as $crate::shape::Shape>::example)?;
                let stated = table.finish(&[$($crate::shape::key!($field $($key)?),)*], decoder);
                let lacks = |key: &str| !stated.iter().any(|stated| stated == key);
                Some(Self {
                    span: table.span,
                    $($field: {
                        let key = $crate::shape::key!($field $($key)?);
                        table.take(&key, $crate::shape::needed!($need) && lacks(&key), decoder)
                    },)*
                    stated,
                })
            }

            fn schema(definitions: &mut $crate::shape::Definitions) -> serde_json::Value {
                let name = stringify!($name);
                if !definitions.contains_key(name) {
                    // Reserve the name first: tables may contain each other.
                    definitions.insert(name.to_owned(), serde_json::Value::Null);
                    #[allow(unused_mut, reason = "only refined tables are changed")]
                    let mut schema = $crate::shape::table_schema(
                        &[$($doc),*],
                        [$((
                            $crate::shape::key!($field $($key)?),
                            <$ty as $crate::shape::Shape>::schema(definitions),
                            [$($field_doc),*].concat(),
                            $crate::shape::needed!($need),
                        ),)*],
                    );
                    $($refine(&mut schema);)?
                    definitions.insert(name.to_owned(), schema);
                }
                serde_json::json!({ "$ref": format!("#/definitions/{name}") })
            }

            fn example() -> std::borrow::Cow<'static, str> {
                $crate::shape::table_example([$((
                    $crate::shape::key!($field $($key)?),
                    $crate::shape::needed!($need),
                    || <$ty as $crate::shape::Shape>::example(),
                ),)*])
            }
        }
    };
}

macro_rules! key {
    ($field:ident) => {
        $crate::shape::kebab(stringify!($field))
    };
    ($field:ident $key:literal) => {
        std::borrow::Cow::Borrowed($key)
    };
}

macro_rules! needed {
    (required) => {
        true
    };
    (optional) => {
        false
    };
}

/// Gives a [`Choice`] its shape.
macro_rules! shape_of_choice {
    ($name:ident) => {
        impl $crate::shape::Shape for $name {
            fn decode(raw: &$crate::shape::Raw<'_>, decoder: &mut $crate::shape::Decoder<'_>) -> Option<Self> {
                $crate::shape::decode_choice(raw, decoder)
            }

            fn schema(_: &mut $crate::shape::Definitions) -> serde_json::Value {
                serde_json::json!({ "type": "string", "enum": <Self as $crate::grammar::choice::Choice>::WORDS })
            }

            fn example() -> std::borrow::Cow<'static, str> {
                let words = <Self as $crate::grammar::choice::Choice>::WORDS;
                format!("{:?}", words.first().copied().unwrap_or_default()).into()
            }
        }
    };
}
pub(crate) use {key, needed, shape_of_choice, table};

/// A field's name as a key.
pub(crate) fn kebab(field: &'static str) -> Cow<'static, str> {
    if field.contains('_') { field.replace('_', "-").into() } else { field.into() }
}

/// A field for an example: its key, whether it is required, and the example of its value.
type ExampleField = (Cow<'static, str>, bool, fn() -> Cow<'static, str>);

/// A table with the keys that it must have.
pub(crate) fn table_example<const N: usize>(fields: [ExampleField; N]) -> Cow<'static, str> {
    let required = fields.iter().filter(|field| field.1);
    let lines: Vec<_> = required.map(|(key, _, example)| format!("{key} = {}", example())).collect();
    if lines.is_empty() { "{ … }".into() } else { format!("{{ {} }}", lines.join(", ")).into() }
}

pub(crate) fn table_schema<const N: usize>(
    doc: &[&str],
    fields: [(Cow<'static, str>, Json, String, bool); N],
) -> Json {
    let required: Vec<_> = fields.iter().filter(|f| f.3).map(|f| f.0.to_string()).collect();
    let mut properties = serde_json::Map::new();
    for (key, schema, doc, _) in fields {
        // Draft 7 ignores everything beside a reference, so the description needs a wrapper.
        let schema = if schema.get("$ref").is_some() { json!({ "allOf": [schema] }) } else { schema };
        let mut entry = json!({ "description": doc.trim() });
        if let (Json::Object(entry), Json::Object(schema)) = (&mut entry, schema) {
            entry.extend(schema);
        }
        properties.insert(key.into_owned(), entry);
    }
    let mut schema = json!({
        "description": doc.concat().trim(),
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

pub(crate) fn decode_choice<T: Choice>(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<T> {
    let DeValue::String(word) = raw.get_ref() else {
        decoder.wrong_type(raw, T::NAME, &format!("{:?}", T::WORDS.first().copied().unwrap_or_default()));
        return None;
    };
    let choice = T::from_word(word);
    if choice.is_none() {
        let span = decoder.span(raw);
        if decoder.is_placeholder(span) {
            return None;
        }
        let message = format!("`{}` is not {}", shorten(word), T::NAME);
        let known = T::WORDS.iter().copied();
        let found = Diagnostic::new(Code::UnknownChoice, span, message);
        decoder.report(match suggest::nearest(word, known.clone()) {
            Some(near) => found.fix("did you mean", span, format!("{near:?}")),
            None => found.help(format!("write one of {}", suggest::list(known, 12))),
        });
    }
    choice
}

impl<T: Grammar> Shape for T {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::String(text) = raw.get_ref() else {
            decoder.wrong_type(raw, &format!("{}, as a string", T::NAME), &format!("{:?}", T::EXAMPLE));
            return None;
        };
        T::parse(text).map_err(|bad| decoder.malformed((raw, text), (T::NAME, T::EXAMPLE), &bad)).ok()
    }

    fn schema(_: &mut Definitions) -> Json {
        T::schema()
    }

    fn example() -> Cow<'static, str> {
        format!("{:?}", T::EXAMPLE).into()
    }
}

impl Shape for bool {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        if let DeValue::Boolean(b) = raw.get_ref() {
            return Some(*b);
        }
        decoder.wrong_type(raw, "`true` or `false`", "true");
        None
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "boolean" })
    }

    fn example() -> Cow<'static, str> {
        "true".into()
    }
}

/// A whole number between two bounds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count<const LEAST: i64, const MOST: i64>(pub i64);

impl<const LEAST: i64, const MOST: i64> Shape for Count<LEAST, MOST> {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Integer(digits) = raw.get_ref() else {
            decoder.wrong_type(raw, "a whole number", &Self::example());
            return None;
        };
        match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(n) if (LEAST..=MOST).contains(&n) => Some(Self(n)),
            _ => {
                let message = format!("`{digits}` is not between {LEAST} and {MOST}");
                let found = Diagnostic::new(Code::MalformedValue, decoder.span(raw), message);
                decoder.report(found.help(format!("write a whole number from {LEAST} to {MOST}")));
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }

    fn example() -> Cow<'static, str> {
        LEAST.max(1).to_string().into()
    }
}

impl<T: Shape> Shape for Vec<Spanned<T>> {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let DeValue::Array(items) = raw.get_ref() else {
            decoder.wrong_type(raw, "an array", &Self::example());
            return None;
        };
        let decode = |item| Some(Spanned::new(T::decode(item, decoder)?, decoder.span(item)));
        Some(items.iter().filter_map(decode).collect())
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "type": "array", "items": T::schema(definitions) })
    }

    fn example() -> Cow<'static, str> {
        format!("[{}]", T::example()).into()
    }
}

/// A table whose keys are names that the user chose: `[blueprint.*]`. Keeps the order of the file.
#[derive(Clone, Debug)]
pub struct Named<K, T>(pub Vec<(Spanned<K>, Spanned<T>)>);

impl<K, T> Default for Named<K, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Grammar, T: Shape> Shape for Named<K, T> {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        let table = decoder.table(raw, Self::example)?;
        let mut entries = Vec::new();
        for (key, value) in table.table {
            let text = key.get_ref();
            let span = decoder.span(key);
            match K::parse(text) {
                Ok(name) => {
                    let item = T::decode(value, decoder);
                    let at = decoder.span(value);
                    entries.extend(item.map(|value| (Spanned::new(name, span), Spanned::new(value, at))));
                }
                Err(bad) => {
                    let message = format!("`{}` is not {}: it {}", shorten(text), K::NAME, bad.reason);
                    let found = Diagnostic::new(Code::MalformedValue, span, message);
                    decoder.report(match bad.meant {
                        Some(meant) => found.fix("write", span, meant),
                        None => found.help(format!("write {}, such as `{}`", K::NAME, K::EXAMPLE)),
                    });
                }
            }
        }
        Some(Self(entries))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let mut names = K::schema();
        if let Json::Object(names) = &mut names {
            names.remove("type");
        }
        json!({ "type": "object", "propertyNames": names, "additionalProperties": T::schema(definitions) })
    }

    fn example() -> Cow<'static, str> {
        format!("{{ {} = {} }}", K::EXAMPLE, T::example()).into()
    }
}

/// A free table: Helm values. Taken literally, never interpreted.
#[derive(Clone, Debug)]
pub struct Values(pub Node);

impl Shape for Values {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        decoder.table(raw, Self::example)?;
        node(raw, decoder).map(Self)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "object" })
    }

    fn example() -> Cow<'static, str> {
        "{ }".into()
    }
}

/// Any TOML value as a value tree. Dates become the text they are written as: JSON has none.
fn node(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Node> {
    let span = decoder.span(raw);
    let value = match raw.get_ref() {
        DeValue::String(text) => Value::from(text.clone().into_owned()),
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(n) => Value::Integer(n),
            Err(_) => return malformed_number(raw, &digits.to_string(), decoder),
        },
        DeValue::Float(digits) => match digits.as_str().parse::<f64>() {
            Ok(n) if n.is_finite() => Value::Float(n),
            _ => return malformed_number(raw, digits.as_str(), decoder),
        },
        DeValue::Array(items) => Value::List(items.iter().filter_map(|item| node(item, decoder)).collect()),
        DeValue::Table(table) => {
            let mut map = Map::new();
            for (key, item) in table {
                if let Some(item) = node(item, decoder) {
                    map.insert(key.get_ref().clone().into_owned(), item);
                }
            }
            Value::Map(map)
        }
    };
    Some(Node { cause: span, value })
}

fn malformed_number(raw: &Raw<'_>, digits: &str, decoder: &mut Decoder<'_>) -> Option<Node> {
    let message = format!("`{digits}` is not a number that JSON can hold");
    let found = Diagnostic::new(Code::MalformedValue, decoder.span(raw), message);
    decoder.report(found.help("write it as a string"));
    None
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
pub(crate) fn shorten(text: &str) -> Cow<'_, str> {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", &text[..cut]).into(),
        None => text.into(),
    }
}

/// What a text says as one line of JSON with sorted keys; the text itself where it is not TOML.
pub(crate) fn canonical(source: &Source) -> String {
    tree(source).map_or_else(
        || source.text().to_owned(),
        |mut tree| {
            tree.sort();
            tree.to_json().to_string()
        },
    )
}

/// What a text says as a value tree with spans, whatever it means; `None` where it is not TOML.
pub(crate) fn tree(source: &Source) -> Option<Node> {
    let (document, errors) = DeTable::parse_recoverable(source.text());
    if !errors.is_empty() {
        return None;
    }
    let raw = toml::Spanned::new(document.span(), DeValue::Table(document.into_inner()));
    node(&raw, &mut Decoder { source, diags: &mut Diagnostics::new() })
}
