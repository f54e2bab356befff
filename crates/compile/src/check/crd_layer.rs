#![doc = include_str!("../../../../docs/diagnostics/crd-layer.md")]

use std::collections::BTreeSet;

use crate::lower::{Layer, Lowered, Placed, release};
use crate::object::Need;
use crate::plan::{Plan, Region, Release};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Reports custom resources that are applied with the release that brings their definition.
pub(crate) fn check(_: &Plan<'_>, region: Option<&Region<'_>>, objects: &[Placed], diags: &mut Diagnostics) {
    let Some(region) = region else { return };
    let layers: BTreeSet<Layer> = region.releases.iter().map(release::layer).collect();
    for placed in objects.iter().filter(|placed| layers.contains(&placed.layer)) {
        for need in placed.object.needs() {
            let Need::Definitions(group) = need else { continue };
            let provider = region.provider_of(&group).filter(|p| release::layer(p) == placed.layer);
            if let Some(provider) = provider {
                let name = &provider.blueprint.name.value;
                let message = format!(
                    "{} stands in the layer of `{name}`, which brings its definition",
                    placed.object.kind()
                );
                diags.push(Diagnostic::new(Code::CrdLayer, placed.object.meta().name.span, message).note(
                    "Flux checks a layer as a whole before it applies it, so nothing of it would be applied",
                ));
            }
        }
    }
}

/// Reports releases of blueprint sources that render custom resources without waiting for the release that brings
/// their definition.
pub(crate) fn releases(plan: &Plan<'_>, _: &Lowered, diags: &mut Diagnostics) {
    for region in &plan.regions {
        for release in region.releases.iter().filter(|release| release.blueprint.span.source.is_input()) {
            unordered(region, release, diags);
        }
    }
}

fn unordered(region: &Region<'_>, release: &Release<'_>, diags: &mut Diagnostics) {
    let groups = release.blueprint.requires.as_ref().and_then(|facts| facts.crds.as_ref());
    for group in groups.into_iter().flat_map(|groups| &groups.value) {
        let Some(provider) = region.provider_of(group.value.as_str()) else {
            let message = format!("no release of region `{}` brings `{}`", region.name.value, group.value);
            diags.push(
                Diagnostic::new(Code::CrdLayer, group.span, message)
                    .note("without its definition a custom resource is refused, and the release with it")
                    .help("add a blueprint with the group in `provides.crds`, or remove it from `requires.crds`"),
            );
            continue;
        };
        let name = provider.blueprint.name.value.as_str();
        if !waits_for(region, release, name) {
            let message = format!(
                "`{}` uses `{}` but does not wait for `{name}`",
                release.blueprint.name.value, group.value
            );
            diags.push(
                Diagnostic::new(Code::CrdLayer, group.span, message)
                    .related(provider.blueprint.name.span, "brings the definitions")
                    .help(format!("add `{name}` to `depends-on`")),
            );
        }
    }
}

/// Returns whether a release waits for another one, directly or through others.
pub(super) fn waits_for(region: &Region<'_>, release: &Release<'_>, name: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = release.depends_on.iter().map(|edge| edge.value.as_str()).collect();
    while let Some(next) = open.pop() {
        if next == name {
            return true;
        }
        if seen.insert(next) {
            let below = region.release(next).into_iter().flat_map(|release| &release.depends_on);
            open.extend(below.map(|edge| edge.value.as_str()));
        }
    }
    false
}
