//! What is lost, whatever loses it: a change of values, or what happens to a cluster. Said first, and once for clusters in which
//! it is the same.

use super::events::What;
use super::sections::{self, Happening};
use super::{Diff, Loss, groups};
use sovereign_text::source::Span;

/// Something that is lost.
#[derive(Debug)]
pub(super) struct Lost {
    /// What, in one sentence.
    pub(super) words: String,
    /// What caused it.
    pub(super) causes: Vec<Span>,
}

/// Losses by changes of values that differ in their clusters only.
struct Alike<'d> {
    first: &'d Loss,
    clusters: Vec<&'d str>,
    causes: Vec<Span>,
}

impl Alike<'_> {
    fn said(self) -> Lost {
        Lost { words: self.first.words_of(&self.clusters.join(", ")), causes: self.causes }
    }
}

/// Returns what is lost: by changes of values, then by what happens to clusters.
pub(super) fn collect(diff: &Diff) -> Vec<Lost> {
    let mut of_values: Vec<Alike<'_>> = Vec::new();
    for loss in &diff.losses {
        if let Some(alike) = of_values.iter_mut().find(|alike| alike.first.is_like(loss)) {
            alike.clusters.push(&loss.cluster);
            alike.causes.extend(loss.cause);
        } else {
            let (clusters, causes) = (vec![loss.cluster.as_str()], loss.cause.into_iter().collect());
            of_values.push(Alike { first: loss, clusters, causes });
        }
    }
    let mut lost: Vec<Lost> = of_values.into_iter().map(Alike::said).collect();
    for (_, section) in sections::by_clusters(&diff.clusters, |event| event.risk.is_some()) {
        let clusters = section.name();
        lost.extend(section.happenings.into_iter().map(|Happening { event, causes }| {
            let whole = matches!(event.what, What::ClusterRemoved { .. });
            let subject = if whole { clusters.clone() } else { format!("`{}` of {clusters}", event.subject) };
            let risk = event.risk.map_or_else(String::new, |risk| format!(", at risk: {}", risk.phrase()));
            Lost { words: format!("{subject}: {}{risk}", groups::words(&event.what)), causes }
        }));
    }
    lost
}
