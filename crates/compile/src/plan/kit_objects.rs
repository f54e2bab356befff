//! The objects that a kit of one's own has beside its releases, as they stand in one region.

use sovereign_language::kit::{ObjectFile, ObjectLayer};
use sovereign_text::node::Node;

use super::Release;

/// An object of a kit in a region.
#[derive(Debug)]
pub struct KitObject<'a> {
    /// The file that it stands in.
    pub file: &'a ObjectFile,
    /// Its place in that file, from 0.
    pub place: usize,
    /// Itself, with the values of its expressions.
    pub node: Node,
}

impl KitObject<'_> {
    /// Returns the layer that holds it.
    pub fn layer(&self) -> ObjectLayer {
        self.file.table.layer.map_or(ObjectLayer::Objects, |layer| layer.value)
    }

    /// Returns the text behind a path of keys.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.node.at(path)?.as_str()
    }
}

/// Returns whether the blueprint runs that a file belongs to, with its feature on; so do files that belong to none.
pub(super) fn is_served(file: &ObjectFile, releases: &[Release<'_>]) -> bool {
    file.table.blueprint.as_ref().is_none_or(|name| {
        let of_name = |release: &&Release<'_>| release.blueprint.name.value.bare() == name.value;
        releases.iter().find(of_name).is_some_and(|release| release.gate_off().is_none())
    })
}
