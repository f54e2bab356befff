//! The objects that a kit of one's own has beside its releases, as they stand in one region.

use sovereign_language::kit::{ObjectFile, ObjectLayer, Runs};
use sovereign_language::manifest::Role;
use sovereign_text::node::Node;
use sovereign_text::source::{Span, Spanned};

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

/// Why the objects of a file stand in a region, or do not: a phrase, and what decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) words: &'static str,
    pub(crate) cause: Span,
}

/// Says whether the objects of a file stand in a region of this role with these releases, and why.
pub(crate) fn place(
    file: &ObjectFile,
    role: Spanned<Role>,
    in_pair: bool,
    releases: &[Release<'_>],
) -> Result<Reason, Reason> {
    let table = &file.table;
    let named = table.file.as_ref().map_or(role.span, |file| file.span);
    let reason = |words, cause| Reason { words, cause };
    let (runs, cause) = table.runs.map_or((Runs::Every, named), |runs| (runs.value, runs.span));
    let elsewhere = match runs {
        Runs::Primary if role.value != Role::Primary => Some("they stand in the primary only"),
        Runs::Secondary if role.value != Role::Secondary => Some("they stand in secondaries only"),
        Runs::Pair if !in_pair => Some("they stand in the two regions of a failover pair"),
        Runs::Every | Runs::Primary | Runs::Secondary | Runs::Pair => None,
    };
    if let Some(words) = elsewhere {
        return Err(reason(words, cause));
    }
    if let Some(name) = &table.blueprint {
        let of_name = |release: &&Release<'_>| release.blueprint.name.value.bare() == name.value;
        let Some(release) = releases.iter().find(of_name) else {
            return Err(reason("the blueprint that they belong to does not run here", name.span));
        };
        return match release.gate_off() {
            Some(off) => Err(reason("the blueprint that they belong to is switched off", off)),
            None => Ok(reason("the blueprint that they belong to runs here", name.span)),
        };
    }
    Ok(reason("they stand wherever the kit says", cause))
}
