//! Which file an edit of a key belongs to: the manifest, or the file of an Organization beside it.

use sovereign_language::input::{Further, Holds, Input, Revised};
use toml_edit::Item;

use crate::document::Document;
use crate::language::{Language, Place};
use crate::list::{self, Found};
use crate::reach::Reach;
use crate::{Path, Refused};

/// The list whose entries may stand in files of their own, and the table of such a file.
pub(crate) const ORGANIZATION: &str = "organization";

/// A file that is edited.
pub(crate) struct Opened<'a> {
    /// Its path from the manifest; `None` for the manifest itself.
    file: Option<String>,
    document: Document<'a>,
    place: Place<'a>,
    /// How many steps of a path lead to its top.
    done: usize,
}

/// Gives a key a value where it stands, or where it belongs.
pub(crate) fn set(input: &Input, path: &Path, value: &str) -> Result<Vec<Revised>, Refused> {
    let language = Language::new();
    let mut opened = Opened::new(input, &language, path)?;
    opened.set(path, value)?;
    Ok(vec![opened.revised()])
}

/// Takes a key away where it stands.
pub(crate) fn unset(input: &Input, path: &Path) -> Result<Vec<Revised>, Refused> {
    let language = Language::new();
    let mut opened = Opened::new(input, &language, path)?;
    if let ([_, _], Some(file)) = (path.steps(), &opened.file) {
        let words = format!("`{path}` is a file of its own, {file}");
        return Err(Refused::new(words).help("remove the file"));
    }
    let before = opened.document.written();
    let reach = Reach::new(path.steps(), opened.done, opened.place.clone());
    reach.unset(opened.top())?;
    // Nothing went: also no comment did.
    let is_same = opened.document.written() == before;
    let text = if is_same { before } else { opened.document.written_with_comments() };
    Ok(vec![Revised { file: opened.file, text }])
}

impl<'a> Opened<'a> {
    /// Opens the file in which a key stands, or belongs.
    pub(crate) fn new(input: &'a Input, language: &'a Language, path: &Path) -> Result<Self, Refused> {
        let manifest = Self::manifest(input, language)?;
        match file(input, &manifest.document, path) {
            Some(file) => Self::organization(file.path, file.source.text(), language),
            None => Ok(manifest),
        }
    }

    /// Opens the manifest.
    pub(crate) fn manifest(input: &'a Input, language: &'a Language) -> Result<Self, Refused> {
        let document = Document::parse(input.manifest().text(), input.manifest().name())?;
        Ok(Self { file: None, document, place: language.root(), done: 0 })
    }

    /// Opens the file of an Organization, which has one table in place of a list.
    pub(crate) fn organization(file: &str, text: &'a str, language: &'a Language) -> Result<Self, Refused> {
        let document = Document::parse(text, file)?;
        let organizations = language.root().below(ORGANIZATION).and_then(|list| list.items());
        let place = organizations.unwrap_or_else(|| language.root());
        Ok(Self { file: Some(file.to_owned()), document, place, done: 2 })
    }

    /// Gives a key in it a value.
    pub(crate) fn set(&mut self, path: &Path, value: &str) -> Result<(), Refused> {
        let reach = Reach::new(path.steps(), self.done, self.place.clone());
        reach.set(self.top(), value)
    }

    /// Returns what stands at a path.
    pub(crate) fn get(&self, path: &Path) -> Option<Found<'_>> {
        let top = self.document.toml.as_item();
        let top = if self.file.is_some() { top.get(ORGANIZATION)? } else { top };
        let steps = path.steps().get(self.done..)?;
        steps.iter().try_fold(Found::Item(top), |found, step| found.below(step))
    }

    /// Returns it as it is now.
    pub(crate) fn revised(self) -> Revised {
        Revised { text: self.document.written(), file: self.file }
    }

    fn top(&mut self) -> &mut Item {
        if self.file.is_some() {
            return self.document.toml.entry(ORGANIZATION).or_insert_with(toml_edit::table);
        }
        self.document.toml.as_item_mut()
    }
}

/// Returns the file beside the manifest in which a key stands, if it does not stand in the manifest.
fn file<'i>(input: &'i Input, manifest: &Document<'_>, path: &Path) -> Option<Further<'i>> {
    let [first, slug, ..] = path.steps() else { return None };
    if first != ORGANIZATION {
        return None;
    }
    let here = manifest.toml.get(ORGANIZATION).map(list::names).unwrap_or_default();
    if here.contains(&Some(slug.as_str())) {
        return None;
    }
    let files = input.further().filter(|file| file.holds == Holds::Organizations);
    // Most of ten thousand files need not be parsed.
    files.filter(|file| file.source.text().contains(slug.as_str())).find(|file| {
        let parsed = Document::parse(file.source.text(), file.source.name()).ok();
        let name = |document: Document<'_>| {
            let table = document.toml.get(ORGANIZATION).and_then(Item::as_table_like);
            table.and_then(list::name).map(str::to_owned)
        };
        parsed.and_then(name).as_deref() == Some(slug)
    })
}
