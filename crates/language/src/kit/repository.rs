//! `[repository]` of a kit of one's own: where all charts come from, and by name where those of single blueprints do.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use toml::de::{DeTable, DeValue};

use super::Repository;
use crate::scalar::dns::Url;
use crate::scalar::duration::FluxPeriod;
use crate::scalar::identity::SecretName;
use crate::scalar::name::RepositoryName;
use crate::schema::{Decoder, Definitions, Named, Raw, Shape, table};

table! {
    /// A repository of charts that blueprints name.
    NamedRepository {
        /// `oci://` with the registry and the project, or `https://` with the directory of an index.
        url: Url = required,
        /// How often Flux looks for new versions. Without it, as often as in the repository of all other charts.
        interval: FluxPeriod = optional,
        /// The Secret in `flux-system` with its credentials. Without it, nobody logs in.
        secret: SecretName = optional,
    }
}

/// The repositories of a kit.
#[derive(Clone, Debug, Default)]
pub(super) struct Repositories {
    /// That of all charts whose blueprint names none.
    pub(super) main: Option<Repository>,
    /// Those that blueprints name.
    pub(super) named: Named<RepositoryName, NamedRepository>,
}

impl Shape for Repositories {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        decoder.table(raw, Self::example)?;
        let DeValue::Table(table) = raw.get_ref() else { return None };
        // A table in the table is a repository with a name; whatever else is there speaks of the one without.
        let part = |wants_tables: bool| {
            let entries = table
                .iter()
                .filter(|(_, value)| matches!(value.get_ref(), DeValue::Table(_)) == wants_tables);
            let entries: DeTable<'_> = entries.map(|(key, value)| (key.clone(), value.clone())).collect();
            toml::Spanned::new(raw.span(), DeValue::Table(entries))
        };
        let (main, named) = (part(false), part(true));
        let has_main = matches!(main.get_ref(), DeValue::Table(table) if !table.is_empty());
        let named = Named::decode(&named, decoder)?;
        let main = if has_main { Some(Repository::decode(&main, decoder)?) } else { None };
        Some(Self { main, named })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let named = NamedRepository::schema(definitions);
        json!({ "anyOf": [
            Repository::schema(definitions),
            { "type": "object", "additionalProperties": named },
        ] })
    }

    fn example() -> Cow<'static, str> {
        Repository::example()
    }
}
