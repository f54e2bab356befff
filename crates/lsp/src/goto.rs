//! `textDocument/definition`, `implementation` and `references`: where a name is given, where it is used, and which files of the
//! tree follow from a key.

use std::path::{Path, PathBuf};

use ls_types::{Location, Position, Range, Uri};

use crate::analysis::Analysis;
use crate::documents::Document;
use crate::names::{self, Occurrence, Thing};
use crate::position::{Encoding, Lines};
use crate::syntax::{Place, Tree};
use sovereign_language::described::Root;
use sovereign_language::input::Holds;

/// A text in which a thing may have its name.
pub(crate) struct Text<'t> {
    pub(crate) path: &'t Path,
    pub(crate) root: Root,
    pub(crate) written: &'t str,
}

/// Returns the texts that belong together with a document: the manifest, and the files of Organizations.
pub(crate) fn texts<'t>(
    document: &'t Document,
    analysis: Option<&'t Analysis>,
    open: impl Fn(&Path) -> Option<&'t Document>,
) -> Vec<Text<'t>> {
    let Some(analysis) = analysis else {
        return vec![Text { path: &document.path, root: document.root(), written: &document.text }];
    };
    let manifest = (Root::Manifest, analysis.input.manifest());
    let organizations =
        analysis.input.holding(Holds::Organizations).map(|source| (Root::Organization, source));
    let files = std::iter::once(manifest).chain(organizations);
    let text = |(root, source): (Root, &'t sovereign_text::source::Source)| {
        let path = Path::new(source.name());
        let written = open(path).map_or(source.text(), |document| &document.text);
        Text { path, root, written }
    };
    files.map(text).collect()
}

/// Returns every place where a thing has its name.
pub(crate) fn places<'t>(texts: &'t [Text<'t>], thing: &Thing) -> Vec<(&'t Text<'t>, Occurrence)> {
    let holding = texts.iter().filter(|text| text.written.contains(thing.name()));
    let found = holding.flat_map(|text| {
        let found = names::of(text.root, text.written, &Tree::new(text.written), thing);
        found.into_iter().map(move |found| (text, found))
    });
    found.collect()
}

/// Returns a place in a text as the protocol has it.
pub(crate) fn location(
    text: &Text<'_>,
    place: std::ops::Range<usize>,
    encoding: Encoding,
) -> Option<Location> {
    let range = Lines::new(text.written, encoding).range(place);
    Some(Location { uri: Uri::from_file_path(text.path)?, range })
}

/// Returns where what is named at a byte is given; of a blueprint the entry of its kit, where that is a file.
pub(crate) fn definition(
    document: &Document,
    offset: usize,
    texts: &[Text<'_>],
    analysis: Option<&Analysis>,
    encoding: Encoding,
) -> Vec<Location> {
    let Some(named) = names::at(document.root(), &document.text, document.tree(), offset) else {
        return emitted(document, offset, analysis);
    };
    if let Thing::Blueprint(name) = &named.thing
        && let Some(entry) = analysis.and_then(|analysis| entry(analysis, name, encoding))
    {
        return vec![entry];
    }
    let places = places(texts, &named.thing);
    let given = places.iter().filter(|(_, found)| found.gives.is_some());
    let given: Vec<_> =
        given.filter_map(|(text, found)| location(text, found.place.clone(), encoding)).collect();
    let is_here = named.gives.is_some() && matches!(named.thing, Thing::Blueprint(_));
    if is_here { emitted(document, offset, analysis) } else { given }
}

fn entry(analysis: &Analysis, name: &str, encoding: Encoding) -> Option<Location> {
    let meaning = analysis.meaning.as_ref()?;
    let facts = meaning.blueprints.iter().find(|facts| facts.name == name)?;
    let (path, span) = facts.entry.as_ref()?;
    let source = analysis.source(path)?;
    let range = Lines::new(source.text(), encoding).range(span.range());
    Some(Location { uri: Uri::from_file_path(path)?, range })
}

/// As many files are offered: a region has some hundreds.
const MOST: usize = 100;

/// Returns the files of the tree that follow from the key at a byte, where the tree stands beside the manifest.
pub(crate) fn emitted(document: &Document, offset: usize, analysis: Option<&Analysis>) -> Vec<Location> {
    let tree = document.tree();
    let id = match tree.at(offset) {
        Place::Header { section, part } => {
            tree.sections.get(section).and_then(|it| it.parts.get(part)).map(|part| part.node)
        }
        Place::Key { entry, part } => {
            tree.entries.get(entry).and_then(|it| it.parts.get(part)).map(|part| part.node)
        }
        Place::Value { entry: _, node } => Some(node),
        Place::Free { .. } => None,
    };
    let found = id.zip(analysis).and_then(|(id, analysis)| {
        let meaning = analysis.meaning.as_ref()?;
        let root = standing(&analysis.manifest, &meaning.root)?;
        let follows = meaning.below(&document.path.display().to_string(), &tree.name(id));
        let place = |number: &usize| {
            let path = root.join(meaning.files.get(*number)?);
            let field = follows.fields.iter().find(|emitted| emitted.file == *number);
            let line =
                field.map_or(0, |field| u32::try_from(field.line.saturating_sub(1)).unwrap_or_default());
            let start = Position { line, character: 0 };
            let uri = path.is_file().then(|| Uri::from_file_path(&path))??;
            Some(Location { uri, range: Range { start, end: start } })
        };
        Some(follows.files.iter().filter_map(place).take(MOST).collect())
    });
    found.unwrap_or_default()
}

/// Returns the directory of the tree: beside the manifest, or above it in the same repository.
fn standing(manifest: &Path, root: &str) -> Option<PathBuf> {
    for directory in manifest.parent()?.ancestors() {
        if directory.join(root).is_dir() {
            return Some(directory.join(root));
        }
        if directory.join(".git").exists() {
            return None;
        }
    }
    None
}
