//! `textDocument/rename` and `prepareRename`: regions, Organizations and applications, in the manifest and the files beside it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::Path;

use ls_types::{Range, TextEdit, Uri, WorkspaceEdit};

use crate::documents::Document;
use crate::edits;
use crate::goto::{self, Text};
use crate::names::{self, Occurrence, Thing};
use crate::position::{Encoding, Lines};
use sovereign_language::scalar::{AppName, Malformed, RegionName, Scalar, Slug};

/// Why a name cannot be changed.
#[derive(Debug)]
pub(crate) enum RenameError {
    /// It is that of a blueprint.
    Blueprint,
    /// Nothing that has a name stands there.
    Nothing,
    /// Nothing declares what is named.
    Undeclared(String),
    /// The new name is another one's.
    Taken(String),
    /// The new name does not follow the grammar.
    Malformed {
        /// The new name.
        new: String,
        /// The grammar.
        grammar: &'static str,
        /// Why not.
        source: Malformed,
    },
}

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blueprint => f.write_str("the name of a blueprint is that of its kit"),
            Self::Nothing => f.write_str("here stands no region, Organization or application"),
            Self::Undeclared(name) => write!(f, "nothing here is called `{name}`"),
            Self::Taken(name) => write!(f, "`{name}` is there already"),
            Self::Malformed { new, grammar, source } => {
                write!(f, "`{new}` is not {grammar}: it {}", source.reason)
            }
        }
    }
}

impl Error for RenameError {}

/// Returns the name at a byte that may be changed.
///
/// # Errors
/// There is none.
pub(crate) fn named(document: &Document, offset: usize) -> Result<Occurrence, RenameError> {
    let found = names::at(document.root(), &document.text, document.tree(), offset);
    match found {
        Some(found) if !matches!(found.thing, Thing::Blueprint(_)) => Ok(found),
        Some(_) => Err(RenameError::Blueprint),
        None => Err(RenameError::Nothing),
    }
}

/// Returns the name at a byte and where it stands.
///
/// # Errors
/// There is none that may be changed.
pub(crate) fn prepared(
    document: &Document,
    offset: usize,
    encoding: Encoding,
) -> Result<(Range, String), RenameError> {
    let found = named(document, offset)?;
    let name = found.thing.name().to_owned();
    Ok((Lines::new(&document.text, encoding).range(found.place), name))
}

/// Returns the edits that give what is named at a byte another name, wherever it is named.
///
/// # Errors
/// It may not have that name, or another one has it.
pub(crate) fn rename(
    document: &Document,
    offset: usize,
    new: &str,
    texts: &[Text<'_>],
    version: &dyn Fn(&Path) -> Option<i32>,
    encoding: Encoding,
) -> Result<WorkspaceEdit, RenameError> {
    let named = named(document, offset)?;
    let renamed = allowed(&named.thing, new)?;
    if named.thing == renamed {
        return Ok(WorkspaceEdit::default());
    }
    if !goto::places(texts, &named.thing).iter().any(|(_, found)| found.gives.is_some()) {
        return Err(RenameError::Undeclared(named.thing.name().to_owned()));
    }
    if goto::places(texts, &renamed).iter().any(|(_, found)| found.gives.is_some()) {
        return Err(RenameError::Taken(new.to_owned()));
    }
    let mut edits: BTreeMap<&Path, (Lines<'_>, Vec<TextEdit>)> = BTreeMap::new();
    for (text, found) in goto::places(texts, &named.thing) {
        let new_lines = || (Lines::new(text.written, encoding), Vec::new());
        let (lines, list) = edits.entry(text.path).or_insert_with(new_lines);
        let range = lines.range(found.place);
        list.push(TextEdit { range, new_text: new.to_owned() });
    }
    let files = edits
        .into_iter()
        .filter_map(|(path, (_, list))| Some((Uri::from_file_path(path)?, version(path), list)));
    Ok(edits::of_files(files))
}

/// Returns the thing under its new name, if that follows the grammar.
fn allowed(thing: &Thing, new: &str) -> Result<Thing, RenameError> {
    fn parsed<T: Scalar>(new: &str) -> Result<String, RenameError> {
        let malformed = |source| RenameError::Malformed { new: new.to_owned(), grammar: T::NAME, source };
        T::parse(new).map_err(malformed).map(|_| new.to_owned())
    }
    match thing {
        Thing::Region(_) => parsed::<RegionName>(new).map(Thing::Region),
        Thing::Organization(_) => parsed::<Slug>(new).map(Thing::Organization),
        Thing::Application(organization, env, _) => {
            let name = parsed::<AppName>(new)?;
            Ok(Thing::Application(organization.clone(), env.clone(), name))
        }
        Thing::Blueprint(name) => Ok(Thing::Blueprint(name.clone())),
    }
}
