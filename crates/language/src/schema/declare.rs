//! [`table!`]: one declaration of a closed table gives its type, its decoder, its schema and the list of what is written.

use std::borrow::Cow;

use serde_json::{Value as Json, json};

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
                        [$((
                            $crate::schema::key!($field $($key)?),
                            <$ty as $crate::schema::Shape>::schema(definitions),
                            [$($field_doc),*].concat(),
                            $crate::schema::needed!($need),
                        ),)*],
                    );
                    $($refine(&mut schema);)?
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

pub(crate) use {key, needed, table};

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

pub(crate) fn table_schema<const N: usize>(
    doc: &[&str],
    fields: [(&'static str, Json, String, bool); N],
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
        properties.insert(key.to_owned(), entry);
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
