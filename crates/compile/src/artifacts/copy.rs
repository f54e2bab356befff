//! One line for everything that can be copied: where it comes from, a tab, and where the tree wants it.

use super::Artifacts;

/// Returns the lines, sorted.
pub fn render(artifacts: &Artifacts) -> String {
    let mut lines: Vec<_> = artifacts
        .list
        .keys()
        .filter(|artifact| artifact.is_copied())
        .filter_map(|artifact| {
            let upstream = artifact.at(artifact.upstream.as_deref()?);
            Some(format!("{upstream}\t{}\n", artifact.at(&artifact.wanted)))
        })
        .collect();
    lines.sort();
    lines.concat()
}
