//! Where the objects stand that a kit has beside its releases, and why not elsewhere.

use super::Provenance;
use crate::plan::kit_objects;
use sovereign_language::kit::ObjectFile;
use sovereign_text::node::path_text;
use sovereign_text::source::{SourceId, Span};

/// A file of objects, and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objects {
    /// Its name: `shop-edge.yaml`.
    pub name: String,
    /// Where `kit.toml` names it.
    pub named: Span,
    /// What becomes of its objects in each region that was asked for.
    pub regions: Vec<ObjectsInRegion>,
}

/// What becomes of the objects of a file in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectsInRegion {
    /// The region.
    pub region: String,
    /// Whether they stand there.
    pub stand: bool,
    /// Why, as a phrase.
    pub reason: String,
    /// What decided it.
    pub cause: Span,
    /// The files of the tree that hold them.
    pub files: Vec<String>,
}

/// Returns the places of a file of objects, each with what it is called: `spec.listeners[0].port`, behind the number of the
/// object where there are several.
pub(super) fn places(file: &ObjectFile) -> (Option<SourceId>, Vec<(Span, String)>) {
    let objects = file.objects.as_deref().unwrap_or_default();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        let number = if objects.len() > 1 { format!("[{number}]") } else { String::new() };
        object.walk(&mut |path, node| {
            let path = path_text(path);
            let dot = if number.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
            places.push((node.cause, format!("{number}{dot}{path}")));
        });
    }
    (objects.first().map(|object| object.cause.source), places)
}

impl Provenance<'_> {
    /// Returns the files of objects of the kit.
    pub(super) fn object_files(&self) -> impl Iterator<Item = &ObjectFile> {
        self.plan.kit.extension.objects.iter()
    }

    /// Returns what becomes of the objects of a file, asked for by its name with or without the end, in each region or in one of
    /// them; `None` if the kit names no such file.
    pub(super) fn objects_of(&self, question: &str, region: Option<&str>) -> Option<Objects> {
        let stem = question.strip_suffix(".yaml").unwrap_or(question);
        let file = self.object_files().find(|file| file.stem() == stem)?;
        let named = file.table.file.as_ref()?.span;
        let regions = self.plan.regions.iter().enumerate();
        let regions = regions.filter(|(_, it)| region.is_none_or(|region| it.name.value.as_str() == region));
        let regions = regions.map(|(place, region)| {
            let in_pair = self.plan.pair().is_some_and(|pair| pair.has(place));
            let decided = kit_objects::place(file, region.role, in_pair, &region.releases);
            let stand = decided.is_ok();
            let reason = decided.unwrap_or_else(|reason| reason);
            let files = self
                .files()
                .into_values()
                .filter(|it| it.region == Some(place) && it.because.is_some_and(|because| because == named));
            ObjectsInRegion {
                region: region.name.value.to_string(),
                stand,
                reason: reason.words.to_owned(),
                cause: reason.cause,
                files: files.map(|it| it.path).collect(),
            }
        });
        Some(Objects { name: format!("{stem}.yaml"), named, regions: regions.collect() })
    }

    /// Returns where `kit.toml` names the file that a place of an object is in.
    pub(super) fn named_for(&self, place: Span) -> Option<Span> {
        let is_in = |file: &&ObjectFile| {
            file.objects.iter().flatten().any(|object| object.cause.source == place.source)
        };
        self.object_files().find(is_in)?.table.file.as_ref().map(|name| name.span)
    }
}
