#![doc = include_str!("../../../../docs/diagnostics/flux-mismatch.md")]

use crate::object::FLUX_RELEASE;
use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports a kit of one's own that says another Flux than its bp-flux installs, as far as that is known: the chart of the kit that
/// it extends installs that kit's Flux.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(flux) = &plan.kit.extension.flux else { return };
    let (chart, version) = &flux.base_chart;
    let installs_base = |release: &&crate::plan::Release<'_>| {
        release.blueprint.name.value.as_str() == FLUX_RELEASE
            && release.blueprint.repository.is_none()
            && (release.blueprint.chart.value.as_str(), release.version.value.as_str()) == (chart, version)
    };
    let mut releases = plan.regions.iter().flat_map(|region| &region.releases);
    let Some(release) = releases.find(installs_base) else { return };
    let message =
        format!("{chart} {version} installs Flux {}, and the kit says {}", flux.base, flux.version.value);
    let chosen = Some(release.version.span).filter(|span| span.source.is_input());
    let mut found = Diagnostic::new(Code::FluxMismatch, chosen.unwrap_or(flux.version.span), message)
        .note(format!("controllers of Flux {} do not start with arguments that they do not know", flux.base))
        .help("take a chart of bp-flux that installs that version: `[blueprint.flux] version`, or a file of its own in the kit");
    if chosen.is_some() {
        found = found.related(flux.version.span, "what the kit says");
    }
    diags.push(found);
}
