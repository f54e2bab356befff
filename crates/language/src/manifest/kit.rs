//! `kit`: the name of one that the program carries, or a directory with one's own.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use crate::scalar::name::{KitName, RelPath};
use crate::schema::{Decoder, Definitions, Entry, Raw, Shape, table};

table! {
    /// A kit of one's own.
    OwnKitTable {
        /// The directory, relative to this file: a `kit.toml` that says which kit it extends, and blueprints.
        path: RelPath = required,
    }
}

/// Which kit a Sovereign is made of.
#[derive(Clone, Debug)]
pub enum KitChoice {
    /// One that the program carries.
    Embedded(KitName),
    /// One's own.
    Own(OwnKitTable),
}

impl Shape for KitChoice {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        // Whatever is no table was meant for a name: `kit = 2026.05`.
        if matches!(raw.get_ref(), DeValue::Table(_)) {
            OwnKitTable::decode(raw, decoder).map(Self::Own)
        } else {
            <KitName as Shape>::decode(raw, decoder).map(Self::Embedded)
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "anyOf": [<KitName as Shape>::schema(definitions), OwnKitTable::schema(definitions)] })
    }

    fn example() -> Cow<'static, str> {
        <KitName as Shape>::example()
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        if let Self::Own(table) = self { table.entries() } else { None }
    }
}
