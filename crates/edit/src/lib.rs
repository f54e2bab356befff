//! Edits of a manifest, and of the files beside it, that keep comments, order and form.
//!
//! [`apply`] takes what a person wrote and an [`Edit`], gives the files that differ then. An edit is an operation and no
//! text, so it can be made again on what somebody else has written in between. Nothing here compiles: whoever writes the
//! result compiles it first.
//!
//! What may stand where is asked of the language's own declarations, by its JSON Schema: [`language`].

mod add;
mod bump;
mod document;
mod form;
mod language;
mod list;
mod observe;
mod path;
mod place;
mod reach;
mod refused;
mod value;

use sovereign_language::input::{Input, Revised};
use sovereign_language::kit::Kits;

pub use add::{Entry, What};
pub use form::formatted;
pub use path::Path;
pub use refused::Refused;

/// An edit.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Gives a key a value.
    Set {
        /// The key.
        path: Path,
        /// The value, as a person types it: of which type it is, the language says.
        value: String,
    },
    /// Takes a key, a table or an entry of a list away.
    Unset {
        /// What goes.
        path: Path,
    },
    /// Adds an entry.
    Add(Entry),
    /// Writes another kit.
    BumpKit {
        /// Its name.
        kit: String,
    },
    /// Writes another version wherever a blueprint is pinned.
    BumpBlueprint {
        /// Its name, with or without `bp-`.
        blueprint: String,
        /// The version; that of the newest kit if none is given.
        version: Option<String>,
    },
    /// Writes down what is known of regions once their machines are there.
    Observe {
        /// What `tofu output -json` printed.
        output: String,
        /// The region that outputs without one belong to; the primary if none is named.
        region: Option<String>,
    },
    /// Brings white space into its canonical form.
    Format,
}

/// Returns the files of an input that an edit changes, as they are then; none where all is so already.
///
/// # Errors
/// The edit cannot be made: why, in words for whoever asked for it.
pub fn apply(edit: &Edit, input: &Input, kits: &Kits) -> Result<Vec<Revised>, Refused> {
    let revised = match edit {
        Edit::Set { path, value } => place::set(input, path, value)?,
        Edit::Unset { path } => place::unset(input, path)?,
        Edit::Add(entry) => add::apply(input, entry)?,
        Edit::BumpKit { kit } => bump::kit(input, kit, kits)?,
        Edit::BumpBlueprint { blueprint, version } => {
            bump::blueprint(input, blueprint, version.as_deref(), kits)?
        }
        Edit::Observe { output, region } => observe::apply(input, output, region.as_deref())?,
        Edit::Format => form::apply(input)?,
    };
    Ok(revised.into_iter().filter(|revised| revised.differs_from(input)).collect())
}

impl Edit {
    /// Returns what the edit does, in the words of its command: `set region.hel1.workers.count 3`.
    pub fn words(&self) -> String {
        match self {
            Self::Set { path, value } => format!("set {path} {}", one_line(value)),
            Self::Unset { path } => format!("unset {path}"),
            Self::Add(entry) => format!("add {} {}", entry.what.word(), entry.name),
            Self::BumpKit { kit } => format!("bump the kit to {kit}"),
            Self::BumpBlueprint { blueprint, version: Some(version) } => {
                format!("bump {blueprint} to {version}")
            }
            Self::BumpBlueprint { blueprint, version: None } => {
                format!("bump {blueprint} to the newest kit's")
            }
            Self::Observe { .. } => "observe what the machines are".to_owned(),
            Self::Format => "fmt".to_owned(),
        }
    }
}

/// Returns a value for a subject: of one line and not too long.
fn one_line(value: &str) -> String {
    const MOST: usize = 40;
    let line: String = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        line
    } else {
        format!("{}…", line.chars().take(MOST).collect::<String>())
    }
}
