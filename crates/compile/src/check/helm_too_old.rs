#![doc = include_str!("../../../../docs/diagnostics/helm-too-old.md")]

use std::collections::BTreeSet;

use crate::plan::{Plan, Release};
use sovereign_language::lock::{self, EmbeddedLock};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// Reports charts of other versions than the kit pins, and of blueprint sources, whose templates use functions that
/// Flux's Helm does not have. It parses all templates of a chart, whichever values switch them off.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let flux = plan.kit.flux;
    let helm = flux.helm();
    let mut seen = BTreeSet::new();
    for release in plan.regions.iter().flat_map(|region| &region.releases) {
        let Some(span) = chosen_by_user(release).filter(|span| !seen.contains(span)) else { continue };
        let (chart, version) = (release.blueprint.chart.value.as_str(), release.version.value.as_str());
        let functions = lock::embedded(chart, version).into_iter().flat_map(EmbeddedLock::newer_functions);
        let mut newer = functions.filter(|(_, since)| parse(since).is_some_and(|since| since > helm));
        if let Some((function, since)) = newer.next() {
            seen.insert(span);
            let (major, minor) = helm;
            let message = format!(
                "{chart} {version} uses `{function}` of Helm {since}; Flux {flux} has Helm {major}.{minor}"
            );
            diags.push(
                Diagnostic::new(Code::HelmTooOld, span, message)
                    .note("Helm parses every template of a chart, so the release would never be installed")
                    .help("write a version of the chart that does without, or take a kit with a newer Flux"),
            );
        }
    }
}

/// Returns where a user says which chart it is. What the embedded kits pin, a test holds.
fn chosen_by_user(release: &Release<'_>) -> Option<Span> {
    Some(release.version.span).filter(|span| span.source.is_input())
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
