//! The Secrets of a blueprint: those that its chart makes, makes up at random, or reads.

use std::borrow::Cow;

use toml::de::DeValue;

use super::Text;
use crate::reference::SecretId;
use crate::scalar::choice::choice;
use crate::scalar::name::ValuePath;
use crate::schema::{Decoder, Definitions, Raw, Shape, table};
use sovereign_text::source::Spanned;

table! {
    /// A Secret that a chart makes up at random.
    MintedSecret {
        /// The Secret, as `namespace/name`.
        secret: SecretId = required,
        /// The value that names a Secret to be used instead.
        unless: ValuePath = optional,
    }
}

table! {
    /// A Secret that a chart makes, with all of its keys.
    ProvidedFacts {
        /// The Secret, as `namespace/name`.
        secret: SecretId = required,
        /// All keys that it has.
        keys: Vec<Spanned<Text>> = optional,
    }
}

/// A Secret that a chart makes: its name alone, or a table with its keys.
#[derive(Clone, Debug)]
pub struct ProvidedSecret {
    /// The Secret.
    pub id: Spanned<SecretId>,
    /// All keys that it has; none where they are not known.
    pub keys: Vec<Spanned<Text>>,
}

impl Shape for ProvidedSecret {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        if matches!(raw.get_ref(), DeValue::String(_)) {
            let id = SecretId::decode(raw, decoder)?;
            return Some(Self { id: Spanned::new(id, decoder.span(raw)), keys: Vec::new() });
        }
        let facts = ProvidedFacts::decode(raw, decoder)?;
        let keys = facts.keys.map(|keys| keys.value).unwrap_or_default();
        Some(Self { id: facts.secret?, keys })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let (name, table) = (SecretId::schema(definitions), ProvidedFacts::schema(definitions));
        serde_json::json!({ "anyOf": [name, table] })
    }

    fn example() -> Cow<'static, str> {
        <SecretId as Shape>::example()
    }
}

choice! {
    /// Who makes a Secret that no chart makes.
    Maker, "a maker of a Secret" {
        /// A person, before Flux begins or soon after.
        Operator "operator",
    }
}

table! {
    /// A Secret with what is known of it.
    SecretFacts {
        /// The Secret, as `namespace/name`.
        secret: SecretId = required,
        /// The keys that are read.
        keys: Vec<Spanned<Text>> = optional,
        /// Who makes it. Default: cloud-init or another chart.
        by: Maker = optional,
    }
}

/// A Secret that a chart reads: its name alone, or a table with what else is known.
#[derive(Clone, Debug)]
pub struct RequiredSecret {
    /// The Secret.
    pub id: Spanned<SecretId>,
    /// The keys that are read, as far as known.
    pub keys: Vec<Spanned<Text>>,
    /// Who makes it, if the blueprint says so.
    pub by: Option<Spanned<Maker>>,
}

impl Shape for RequiredSecret {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        if matches!(raw.get_ref(), DeValue::String(_)) {
            let id = SecretId::decode(raw, decoder)?;
            return Some(Self { id: Spanned::new(id, decoder.span(raw)), keys: Vec::new(), by: None });
        }
        let facts = SecretFacts::decode(raw, decoder)?;
        let keys = facts.keys.map(|keys| keys.value).unwrap_or_default();
        Some(Self { id: facts.secret?, keys, by: facts.by })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let (name, table) = (SecretId::schema(definitions), SecretFacts::schema(definitions));
        serde_json::json!({ "anyOf": [name, table] })
    }

    fn example() -> Cow<'static, str> {
        <SecretId as Shape>::example()
    }
}
