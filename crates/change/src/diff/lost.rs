//! What is lost, whatever loses it: a change of values, or what happens to a cluster. Said first, and once for clusters in which
//! it is the same.

use super::events::What;
use super::sections::{self, Happening};
use super::{Diff, groups};
use sovereign_text::source::Span;

/// Something that is lost.
#[derive(Debug)]
pub(super) struct Lost {
    /// What, in one sentence.
    pub(super) words: String,
    /// What caused it.
    pub(super) causes: Vec<Span>,
}

/// Returns what is lost: by changes of values, then by what happens to clusters.
pub(super) fn collect(diff: &Diff) -> Vec<Lost> {
    let mut of_values: Vec<((&str, &str, &str), Vec<&str>, Lost)> = Vec::new();
    for loss in &diff.losses {
        let subject = loss.subject.strip_suffix(&format!(" of {}", loss.cluster));
        let key = (subject.unwrap_or(&loss.subject), loss.change.as_str(), loss.lost);
        match of_values.iter_mut().find(|(other, ..)| *other == key && subject.is_some()) {
            Some((_, clusters, lost)) => {
                clusters.push(&loss.cluster);
                lost.causes.extend(loss.cause);
                lost.words = format!("{} of {}: {}, {}", key.0, clusters.join(", "), loss.change, loss.lost);
            }
            None => {
                let lost = Lost { words: loss.words(), causes: loss.cause.into_iter().collect() };
                of_values.push((key, vec![&loss.cluster], lost));
            }
        }
    }
    let mut lost: Vec<Lost> = of_values.into_iter().map(|(_, _, lost)| lost).collect();
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
