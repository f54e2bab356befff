//! Findings that are the same in several clusters, each said once.

use std::collections::BTreeMap;

use sovereign_text::diag::{Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Span;

/// As many clusters are written out.
const SHOWN: usize = 6;

/// Findings whose messages end with the cluster that they are about.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// By place and message, which lacks the cluster: what is the same in all else, with the clusters.
    found: BTreeMap<(Span, String), Vec<Finding>>,
}

/// A finding whose message lacks its end, and the clusters that it is about.
type Finding = (Diagnostic, Vec<String>);

impl Alike {
    /// Takes a finding about a cluster, which its message ends before.
    pub(super) fn push(&mut self, finding: Diagnostic, cluster: &str) {
        let alike = self.found.entry((finding.primary.span, finding.message.clone())).or_default();
        match alike.iter_mut().find(|(other, _)| *other == finding) {
            Some((_, clusters)) => clusters.push(cluster.to_owned()),
            None => alike.push((finding, vec![cluster.to_owned()])),
        }
    }

    /// Reports them.
    pub(super) fn report(self, diags: &mut Diagnostics) {
        for (mut finding, clusters) in self.found.into_values().flatten() {
            let names = suggest::list(clusters.iter().map(String::as_str), SHOWN);
            finding.message = format!("{} {names}", finding.message);
            diags.push(finding);
        }
    }
}
