#![doc = include_str!("../../../../docs/diagnostics/chart-twice.md")]

use std::collections::BTreeSet;

use crate::plan::{Plan, Release};
use sovereign_language::lock::{self, EmbeddedLock};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// How many charts are named.
const SHOWN: usize = 4;

/// Reports charts that two releases of a cluster bring: both are of it, or one brings the other's as a part that no
/// value switches off. What the embedded kits pin, a test holds.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    // Once for a line, whatever the number of regions.
    let mut seen = BTreeSet::new();
    for region in &plan.regions {
        for release in &region.releases {
            if let Some(other) = region.releases.iter().find(|other| is_same(release, other)) {
                let span = release.blueprint.chart.span;
                diags.extend(seen.insert(span).then(|| same(release, other)));
            }
            let span = release.version.span;
            if span.source.is_input() && !seen.contains(&span) {
                let lock =
                    lock::embedded(release.blueprint.chart.value.as_str(), release.version.value.as_str());
                let within: BTreeSet<_> =
                    lock.into_iter().flat_map(EmbeddedLock::unswitched_subcharts).collect();
                let charts = region.releases.iter().map(|other| other.blueprint.chart.value.as_str());
                let twice: BTreeSet<_> = charts.filter(|chart| within.contains(chart)).collect();
                if !twice.is_empty() && seen.insert(span) {
                    diags.push(contained(release, twice));
                }
            }
        }
    }
}

/// Returns whether a release that a user adds is of the chart of another one; of two that they add, the later one is.
fn is_same(release: &Release<'_>, other: &Release<'_>) -> bool {
    let (ours, theirs) = (release.blueprint, other.blueprint);
    let is_later = !theirs.span.source.is_input() || theirs.slot.value.as_str() < ours.slot.value.as_str();
    ours.name.value != theirs.name.value
        && ours.chart.value == theirs.chart.value
        && ours.span.source.is_input()
        && is_later
}

fn same(release: &Release<'_>, other: &Release<'_>) -> Diagnostic {
    let (name, second) = (&release.blueprint.name.value, &other.blueprint.name.value);
    let chart = &release.blueprint.chart;
    let message = format!("`{name}` and `{second}` install one chart, {}, into one cluster", chart.value);
    Diagnostic::new(Code::ChartTwice, chart.span, message)
        .related(other.blueprint.name.span, "the other release")
        .note(COLLIDES)
        .help("leave out one of the two, or accept this where all objects of the chart lie in its namespace")
}

fn contained(release: &Release<'_>, twice: BTreeSet<&str>) -> Diagnostic {
    let (name, version) = (&release.blueprint.name.value, &release.version.value);
    let charts = suggest::list(twice, SHOWN);
    let message =
        format!("`{name}` {version} brings charts with it that are releases of their own: {charts}");
    Diagnostic::new(Code::ChartTwice, release.version.span, message)
        .note(COLLIDES)
        .help("write a version of the chart without them, or switch those releases off")
}

/// What happens.
const COLLIDES: &str = "what has no namespace, such as definitions and roles, has one name in both, and Helm refuses \
                        what another release owns";
