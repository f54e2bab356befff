//! From a tree that exists to the manifest that gives it back, with a proof object by object.
//!
//! Takes the files of a tree as they are ([`Existing`]), gives an [`Import`]: a manifest, blueprints of one's own for releases that no
//! kit has, what was assumed, what could not be said, and how each object of the tree compares with the one that the manifest
//! gives. The manifest is fitted: compiled, compared, corrected by what differs, until nothing more can be said.

mod draft;
mod existing;
pub mod human;
pub mod json;
mod patch;
mod proof;
mod toml;

use std::collections::BTreeMap;

pub use existing::Existing;
pub use proof::{Difference, Proof, Standing, Verdict};

use draft::Draft;
use sovereign_compile::compile_with_objects;
use sovereign_language::input::{DirectoryError, Input, ReadDirectory};
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

/// How often the manifest is corrected: releases first, then what a switched blueprint brings, then what was refused.
const ROUNDS: usize = 24;
/// The directory of blueprints of one's own, beside the manifest.
pub const BLUEPRINTS: &str = "blueprints";

/// What comes of an import.
#[derive(Debug)]
pub struct Import {
    /// The manifest.
    pub manifest: String,
    /// The blueprints of one's own, by the name of their file in [`BLUEPRINTS`].
    pub blueprints: BTreeMap<String, String>,
    /// What the tree does not say, and what stands in the manifest instead.
    pub assumed: Vec<String>,
    /// What the language could not say, or refused.
    pub unsaid: Vec<String>,
    /// How the objects compare; `None` where no manifest compiles, and `unsaid` says why.
    pub proof: Option<Proof>,
}

/// Returns the manifest that gives a tree back, as far as one can.
pub fn import(existing: &Existing, kits: &Kits) -> Import {
    let mut draft = Draft::new(existing, kits);
    // What compiled last, and how it compares.
    let mut last = None;
    for _ in 0..ROUNDS {
        let (manifest, blueprints) = (draft.manifest(), draft.blueprints());
        let input = input(&manifest, &blueprints);
        let mut diags = Diagnostics::new();
        let Ok(compiled) = compile_with_objects(&input, kits, &mut diags) else {
            if draft.give_up(&diags, &input, kits) {
                continue;
            }
            break;
        };
        draft.fit(existing, &compiled);
        let is_settled = (draft.manifest(), draft.blueprints()) == (manifest.clone(), blueprints.clone());
        last = Some((manifest, blueprints, Proof::new(existing, &compiled)));
        if is_settled {
            break;
        }
    }
    let (manifest, blueprints, proof) = match last {
        Some((manifest, blueprints, proof)) => (manifest, blueprints, Some(proof)),
        None => (draft.manifest(), draft.blueprints(), None),
    };
    Import { manifest, blueprints, assumed: draft.assumed, unsaid: draft.unsaid, proof }
}

/// Returns a manifest with blueprints beside it.
fn input(manifest: &str, blueprints: &BTreeMap<String, String>) -> Input {
    let bytes = manifest.as_bytes().to_vec();
    let source = Source::manifest("sovereign.toml", bytes).unwrap_or_else(|(_, source)| source);
    Input::gather(source, &Beside(blueprints))
}

/// The blueprints of a draft, as a directory.
struct Beside<'a>(&'a BTreeMap<String, String>);

impl ReadDirectory for Beside<'_> {
    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        if path != BLUEPRINTS {
            return Err(DirectoryError::NotThere);
        }
        Ok(self.0.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect())
    }
}
