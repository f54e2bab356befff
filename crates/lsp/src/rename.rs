//! `textDocument/rename` and `prepareRename`: regions, Organizations and applications, in the manifest and the files beside it.

use std::collections::BTreeMap;
use std::path::Path;

use ls_types::{Range, TextEdit, Uri, WorkspaceEdit};

use crate::documents::Document;
use crate::edits;
use crate::goto::{self, Text};
use crate::names::{self, Occurrence, Thing};
use crate::position::{Encoding, Lines};
use sovereign_language::scalar::{AppName, RegionName, Scalar, Slug};

/// Returns the name at a byte that may be changed.
///
/// # Errors
/// There is none: words for a person.
pub(crate) fn named(document: &Document, offset: usize) -> Result<Occurrence, String> {
    let found = names::at(document.root(), &document.text, document.tree(), offset);
    match found {
        Some(found) if !matches!(found.thing, Thing::Blueprint(_)) => Ok(found),
        Some(_) => Err("the name of a blueprint is that of its kit".to_owned()),
        None => Err("here stands no region, Organization or application".to_owned()),
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
) -> Result<(Range, String), String> {
    let found = named(document, offset)?;
    let name = found.thing.name().to_owned();
    Ok((Lines::new(&document.text, encoding).range(found.place), name))
}

/// Returns the edits that give what is named at a byte another name, wherever it is named.
///
/// # Errors
/// It may not have that name, or another one has it: words for a person.
pub(crate) fn rename(
    document: &Document,
    offset: usize,
    new: &str,
    texts: &[Text<'_>],
    version: &dyn Fn(&Path) -> Option<i32>,
    encoding: Encoding,
) -> Result<WorkspaceEdit, String> {
    let named = named(document, offset)?;
    let renamed = allowed(&named.thing, new)?;
    if named.thing == renamed {
        return Ok(WorkspaceEdit::default());
    }
    if !goto::places(texts, &named.thing).iter().any(|(_, found)| found.gives.is_some()) {
        return Err(format!("nothing here is called `{}`", named.thing.name()));
    }
    if goto::places(texts, &renamed).iter().any(|(_, found)| found.gives.is_some()) {
        return Err(format!("`{new}` is there already"));
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
fn allowed(thing: &Thing, new: &str) -> Result<Thing, String> {
    fn parsed<T: Scalar>(new: &str) -> Result<String, String> {
        let reason = |bad: sovereign_language::scalar::Malformed| {
            format!("`{new}` is not {}: it {}", T::NAME, bad.reason)
        };
        T::parse(new).map_err(reason).map(|_| new.to_owned())
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
