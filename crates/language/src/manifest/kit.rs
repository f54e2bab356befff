//! `kit`: the name of one that the program carries, or one's own: beside the manifest, from Git, or from a registry.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use crate::scalar::dns::GitUrl;
use crate::scalar::kit::{KitDigest, OciRepository, Revision};
use crate::scalar::name::{KitName, RelPath};
use crate::scalar::version::Version;
use crate::schema::{Decoder, Definitions, Entry, Raw, Shape, table};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

table! {
    /// A kit of one's own, beside this file.
    OwnKitTable {
        /// The directory, relative to this file: a `kit.toml` that says which kit it extends, and blueprints.
        path: RelPath = required,
    }
}

table! {
    /// A kit of one's own in a Git repository. `sovereign kit fetch` brings it.
    GitKitTable {
        /// The repository: `https://`, `http://` or `ssh://`.
        git: GitUrl = required,
        /// The commit.
        rev: Revision = required,
        /// The directory in the repository. Without it, the kit is all of the repository.
        path: RelPath = optional,
        /// The digest of the kit's files, as `sovereign kit fetch` says it. A kit that has another one is refused.
        digest: KitDigest = optional,
    }
    refine with_a_digest
}

table! {
    /// A kit of one's own in a registry. `sovereign kit fetch` brings it.
    OciKitTable {
        /// The repository, with its host: what stands after `oci://`.
        oci: OciRepository = required,
        /// The version: its tag there.
        version: Version = required,
        /// The digest of the kit's files, as `sovereign kit fetch` says it. A kit that has another one is refused.
        digest: KitDigest = optional,
    }
    refine with_a_digest
}

/// A digest must be there, and what its absence is told by is what to do.
fn with_a_digest(schema: &mut Json) {
    if let Some(required) = schema["required"].as_array_mut() {
        required.push(json!("digest"));
    }
}

/// Which kit a Sovereign is made of.
#[derive(Clone, Debug)]
pub enum KitChoice {
    /// One that the program carries.
    Embedded(KitName),
    /// One's own, beside the manifest.
    Own(OwnKitTable),
    /// One's own, in a Git repository.
    Git(GitKitTable),
    /// One's own, in a registry.
    Oci(OciKitTable),
}

impl KitChoice {
    /// Returns the digest of a kit that is not beside the manifest.
    pub fn digest(&self) -> Option<&Spanned<KitDigest>> {
        match self {
            Self::Embedded(_) | Self::Own(_) => None,
            Self::Git(table) => table.digest.as_ref(),
            Self::Oci(table) => table.digest.as_ref(),
        }
    }

    /// Returns where a kit that is not beside the manifest comes from, for a person to read.
    pub fn origin(&self) -> Option<String> {
        match self {
            Self::Embedded(_) | Self::Own(_) => None,
            Self::Git(table) => {
                let inner = table.path.as_ref().map(|path| format!("/{}", path.value)).unwrap_or_default();
                Some(format!("{}{inner}", table.git.as_ref()?.value))
            }
            Self::Oci(table) => {
                Some(format!("oci://{}:{}", table.oci.as_ref()?.value, table.version.as_ref()?.value))
            }
        }
    }

    /// Reports a kit from elsewhere whose content is not pinned: what a tag or a server gives may be another one tomorrow.
    pub(super) fn check(&self, diags: &mut Diagnostics) {
        let (table, has_digest): (Span, _) = match self {
            Self::Embedded(_) | Self::Own(_) => return,
            Self::Git(table) => (table.span, table.states("digest")),
            Self::Oci(table) => (table.span, table.states("digest")),
        };
        if !has_digest {
            let found =
                Diagnostic::new(Code::MissingKey, table, "`digest` is missing").label("in this table");
            diags.push(found.help("`sovereign kit fetch` brings the kit and says the line to add"));
        }
    }
}

impl Shape for KitChoice {
    fn decode(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<Self> {
        // Whatever is no table was meant for a name: `kit = 2026.05`.
        let DeValue::Table(table) = raw.get_ref() else {
            return <KitName as Shape>::decode(raw, decoder).map(Self::Embedded);
        };
        let says = |key: &str| table.iter().any(|(written, _)| written.get_ref() == key);
        if says("git") {
            GitKitTable::decode(raw, decoder).map(Self::Git)
        } else if says("oci") {
            OciKitTable::decode(raw, decoder).map(Self::Oci)
        } else {
            OwnKitTable::decode(raw, decoder).map(Self::Own)
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "anyOf": [
            <KitName as Shape>::schema(definitions),
            OwnKitTable::schema(definitions),
            GitKitTable::schema(definitions),
            OciKitTable::schema(definitions),
        ] })
    }

    fn example() -> Cow<'static, str> {
        <KitName as Shape>::example()
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        match self {
            Self::Embedded(_) => None,
            Self::Own(table) => table.entries(),
            Self::Git(table) => table.entries(),
            Self::Oci(table) => table.entries(),
        }
    }
}
