//! The paths of what is written: how an `[[accept]]` names the place of a finding.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sovereign_language::input::{Holds, Input};
use sovereign_language::schema::Parsed;
use sovereign_text::node::path_text;
use sovereign_text::source::{SourceId, Span};

/// The paths of the values of a manifest and of the blueprints beside it.
#[derive(Clone, Debug, Default)]
pub struct Written {
    paths: Vec<(Span, String)>,
    /// The files beside the manifest, by their paths from there.
    files: BTreeMap<SourceId, String>,
}

/// How an `[[accept]]` names a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenAt<'w> {
    /// The file, if it is not the manifest.
    pub file: Option<&'w str>,
    /// The path of the innermost value that holds the place.
    pub at: &'w str,
}

impl Written {
    /// Returns the paths of an input. Those of Organizations in files of their own are left out: there may be thousands.
    pub(crate) fn new(input: &Input) -> Self {
        let mut written = Self::default();
        let further = input.further().filter(|file| file.holds == Holds::Blueprints);
        written.files = further.map(|file| (file.source.id(), file.path.to_owned())).collect();
        for source in [input.manifest()].into_iter().chain(input.holding(Holds::Blueprints)) {
            let Some(tree) = Parsed::new(source).tree() else { continue };
            tree.walk(&mut |path, node| {
                if !path.is_empty() {
                    written.paths.push((node.cause, path_text(path)));
                }
            });
        }
        written
    }

    /// Returns how the innermost value that holds a place is named.
    pub fn at(&self, place: Span) -> Option<WrittenAt<'_>> {
        let holding = self.paths.iter().filter(|(span, _)| span.contains(place));
        // A list of tables and its first table begin with one header.
        let (_, at) = holding.min_by_key(|(span, path)| (span.end - span.start, Reverse(path.len())))?;
        Some(WrittenAt { file: self.files.get(&place.source).map(String::as_str), at })
    }
}
