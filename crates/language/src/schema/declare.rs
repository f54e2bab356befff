//! [`table!`]: one declaration of a closed table gives its type, its decoder, its schema and the list of what is written.

use std::borrow::Cow;

use serde_json::{Value as Json, json};

/// Declares a closed table: the struct, its decoder and its schema.
///
/// `field: Type = required` or `= optional`; the key is the field's name in kebab-case, or what `as "…"` says. Behind that may
/// stand `or` and what the value is if nobody writes it, and `like` and a value that a person could write, where that of the
/// type says too little: both as JSON has them. Last comes `since` and the version in which the key came, if that is not the
/// first one; what a table holds came no earlier than the table.
/// `refine function` may tighten the schema where one key depends on another.
macro_rules! table {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident $(as $key:literal)? : $ty:ty = $need:ident $(or $default:tt)? $(like $example:tt)? $(since $since:literal)?,)*
        }
        $(refine $refine:path)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        #[allow(dead_code, unreachable_pub, reason = "not all tables are asked where they stand, nor seen from outside")]
        pub struct $name {
            /// Where the table stands.
            pub span: ::sovereign_text::source::Span,
            stated: $crate::schema::Stated,
            $($(#[doc = $field_doc])* pub $field: Option<::sovereign_text::source::Spanned<$ty>>,)*
        }

        #[allow(dead_code, unreachable_pub, reason = "few tables are made empty, or asked what is written in them")]
        impl $name {
            const KEYS: [&'static str; [$(stringify!($field)),*].len()] =
                [$($crate::schema::key!($field $($key)?)),*];

            /// Returns a table in which nothing is written.
            pub fn empty(span: ::sovereign_text::source::Span) -> Self {
                Self { span, stated: $crate::schema::Stated::default(), $($field: None,)* }
            }

            /// Returns whether a key is written, right or wrong. A value that is absent although its key is written has
            /// been reported; nothing else follows from its absence.
            pub fn states(&self, key: &str) -> bool {
                Self::KEYS.iter().position(|known| *known == key).is_some_and(|place| self.stated.has(place))
            }
        }

        impl $crate::schema::Shape for $name {
            fn decode(raw: &$crate::schema::Raw<'_>, decoder: &mut $crate::schema::Decoder<'_>) -> Option<Self> {
                let table = decoder.table(raw, <Self as $crate::schema::Shape>::example)?;
                let mut fields = table.fields(&Self::KEYS, decoder);
                Some(Self {
                    span: table.span,
                    stated: fields.stated(),
                    $($field: fields.next($crate::schema::needed!($need), decoder),)*
                })
            }

            fn schema(definitions: &mut $crate::schema::Definitions) -> serde_json::Value {
                let name = stringify!($name);
                if !definitions.contains_key(name) {
                    // Reserve the name first: tables may contain each other.
                    definitions.insert(name.to_owned(), serde_json::Value::Null);
                    #[allow(unused_mut, reason = "only refined tables are changed")]
                    let mut schema = $crate::schema::table_schema(
                        &[$($doc),*],
                        [$($crate::schema::Declared {
                            key: $crate::schema::key!($field $($key)?),
                            schema: <$ty as $crate::schema::Shape>::schema(definitions),
                            doc: [$($field_doc),*].concat(),
                            is_required: $crate::schema::needed!($need),
                            default: $crate::schema::stated!($($default)?),
                            example: $crate::schema::sample!($ty $(, $example)?),
                            since: $crate::schema::stated!($($since)?),
                        },)*],
                    );
                    $($refine(&mut schema);)?
                    $crate::schema::open_conditions(&mut schema);
                    definitions.insert(name.to_owned(), schema);
                }
                serde_json::json!({ "$ref": format!("#/definitions/{name}") })
            }

            fn example() -> std::borrow::Cow<'static, str> {
                $crate::schema::table_example(&[$((
                    $crate::schema::key!($field $($key)?),
                    $crate::schema::needed!($need),
                    || <$ty as $crate::schema::Shape>::example(),
                ),)*])
            }

            fn sample() -> serde_json::Value {
                $crate::schema::table_sample(&[$((
                    $crate::schema::key!($field $($key)?),
                    $crate::schema::needed!($need),
                    || $crate::schema::sample!($ty $(, $example)?),
                ),)*])
            }

            fn entries(&self) -> Option<Vec<$crate::schema::Entry>> {
                let entries = [$(self.$field.as_ref().map(|value| {
                    let key = $crate::schema::key!($field $($key)?);
                    $crate::schema::Entry::new(key, $crate::schema::needed!($need), value)
                }),)*];
                Some(entries.into_iter().flatten().collect())
            }
        }
    };
}

macro_rules! key {
    ($field:ident) => {{
        const FIELD: &str = stringify!($field);
        const BYTES: [u8; FIELD.len()] = $crate::schema::kebab(FIELD);
        match std::str::from_utf8(&BYTES) {
            Ok(key) => key,
            Err(_) => FIELD,
        }
    }};
    ($field:ident $key:literal) => {
        $key
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

/// What was stated, if anything was.
macro_rules! stated {
    () => {
        None
    };
    ($value:tt) => {
        Some(serde_json::json!($value))
    };
}

/// What was stated, or what the type has to show.
macro_rules! sample {
    ($ty:ty) => {
        <$ty as $crate::schema::Shape>::sample()
    };
    ($ty:ty, $example:tt) => {
        serde_json::json!($example)
    };
}

pub(crate) use {key, needed, sample, stated, table};

/// Returns a field's name as a key, while the compiler is compiled.
pub(crate) const fn kebab<const N: usize>(field: &str) -> [u8; N] {
    let (mut key, mut place) = ([0; N], 0);
    while place < N {
        let byte = field.as_bytes()[place];
        key[place] = if byte == b'_' { b'-' } else { byte };
        place += 1;
    }
    key
}

/// A field for an example: its key, whether it is required, and the example of its value.
type ExampleField = (&'static str, bool, fn() -> Cow<'static, str>);

/// Returns a table with the keys that it must have.
pub(crate) fn table_example<const N: usize>(fields: &[ExampleField; N]) -> Cow<'static, str> {
    let required = fields.iter().filter(|field| field.1);
    let lines: Vec<_> = required.map(|(key, _, example)| format!("{key} = {}", example())).collect();
    if lines.is_empty() { "{ … }".into() } else { format!("{{ {} }}", lines.join(", ")).into() }
}

/// A field for a sample: its key, whether it is required, and the sample of its value.
type SampleField = (&'static str, bool, fn() -> Json);

/// Returns a table with the keys that it must have; with the first one, if it must have none.
pub(crate) fn table_sample<const N: usize>(fields: &[SampleField; N]) -> Json {
    let most = if fields.iter().any(|field| field.1) { N } else { 1 };
    let shown = fields.iter().filter(|field| field.1 || most == 1).take(most);
    Json::Object(shown.map(|(key, _, sample)| ((*key).to_owned(), sample())).collect())
}

/// What a schema says the version by in which a key came. JSON Schema has no word for it, and readers pass over what they do not
/// know.
pub(crate) const SINCE: &str = "x-since";
/// The version in which a key came of which nothing else is said.
pub(crate) const FIRST: &str = "0.1.0";

/// What a table declares of a key.
pub(crate) struct Declared {
    pub(crate) key: &'static str,
    pub(crate) schema: Json,
    pub(crate) doc: String,
    pub(crate) is_required: bool,
    /// What it is, if nobody writes it.
    pub(crate) default: Option<Json>,
    /// What a person could write.
    pub(crate) example: Json,
    /// The version in which it came, if not the first one.
    pub(crate) since: Option<Json>,
}

pub(crate) fn table_schema<const N: usize>(doc: &[&str], fields: [Declared; N]) -> Json {
    let required: Vec<_> = fields.iter().filter(|field| field.is_required).map(|field| field.key).collect();
    let required = json!(required);
    let mut properties = serde_json::Map::new();
    for Declared { key, schema, doc, is_required: _, default, example, since } in fields {
        // Draft 7 ignores everything beside a reference, so the description needs a wrapper.
        let schema = if schema.get("$ref").is_some() { json!({ "allOf": [schema] }) } else { schema };
        let mut entry = json!({ "description": doc.trim() });
        if let (Json::Object(entry), Json::Object(schema)) = (&mut entry, schema) {
            entry.extend(default.map(|default| ("default".to_owned(), default)));
            entry.insert("examples".to_owned(), json!([example]));
            entry.extend(since.map(|since| (SINCE.to_owned(), since)));
            entry.extend(schema);
        }
        properties.insert(key.to_owned(), entry);
    }
    let mut schema = json!({
        "description": doc.concat().trim(),
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if required.as_array().is_some_and(|required| !required.is_empty()) {
        schema["required"] = required;
    }
    schema
}

/// Says of each condition that it speaks of some keys and leaves the others alone: a strict reader, as tombi is, takes one that
/// does not say so for a table without keys.
pub(crate) fn open_conditions(schema: &mut Json) {
    for part in ["if", "then", "else"] {
        if let Some(Json::Object(condition)) = schema.get_mut(part) {
            condition.entry("additionalProperties").or_insert(json!(true));
        }
    }
    for condition in schema.get_mut("allOf").and_then(Json::as_array_mut).into_iter().flatten() {
        open_conditions(condition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Shape;

    table! {
        /// A table.
        Grown {
            /// A key of the first version.
            old: bool = optional or true,
            /// A key that came later.
            new: bool = optional or true since "0.2.0",
        }
    }

    #[test]
    fn a_schema_says_of_a_later_key_since_when_there_is_one() {
        let mut definitions = serde_json::Map::new();
        Grown::schema(&mut definitions);
        let since = |key: &str| definitions["Grown"]["properties"][key].get(SINCE).cloned();
        assert_eq!((since("old"), since("new")), (None, Some(json!("0.2.0"))));
    }
}
