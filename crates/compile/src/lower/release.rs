//! Releases: a HelmRepository and a HelmRelease for each, in files named by slot.

use super::sovereign_values::{KEY, config_map};
use super::{Layer, Placed, origin, path, region_table};
use crate::object::{FLUX_NAMESPACE, HelmRelease, HelmRepository, Meta};
use crate::plan::{Plan, Region, Release, mirror};
use sovereign_language::kit::{ReleaseLayer, ValueSource, ValuesKind};
use sovereign_text::node::text;
use sovereign_text::source::Spanned;

pub(super) fn sources(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let placed = |release: &Release<'_>| Placed {
        path: path(region, Layer::Sources, &file(release)),
        layer: Layer::Sources,
        // No change of a blueprint's table changes where its chart comes from.
        origin: origin(&format!("{}, {}", region_table(region), home(plan, release))),
        object: repository(plan, release).into(),
    };
    region.releases.iter().map(placed).collect()
}

/// Returns where the chart of a release comes from: the repository that its blueprint names, or the kit's.
fn repository(plan: &Plan<'_>, release: &Release<'_>) -> HelmRepository {
    let (of_kit, extension) = (&plan.kit.repository, &plan.kit.extension);
    let named = release.blueprint.repository.as_ref().and_then(|name| extension.repository(&name.value));
    let named = named.and_then(|named| Some((named, named.url.as_ref()?)));
    let interval = named.and_then(|(named, _)| named.interval.as_ref()).unwrap_or(&of_kit.interval);
    let secret = named.map_or(Some(&of_kit.secret), |(named, _)| named.secret.as_ref());
    HelmRepository {
        meta: Meta::namespaced(text(&release.blueprint.name), FLUX_NAMESPACE),
        url: mirror::pulled(plan.airgap.as_ref(), text(named.map_or(&of_kit.url, |(_, url)| url))),
        interval: text(interval),
        secret: secret.map(text),
    }
}

pub(super) fn releases(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let placed = |release: &Release<'_>| {
        let layer = layer(release);
        Placed {
            path: path(region, layer, &file(release)),
            layer,
            origin: origin(&cause(plan, region, release)),
            object: object(plan, release).into(),
        }
    };
    region.releases.iter().map(placed).collect()
}

fn object(plan: &Plan<'_>, release: &Release<'_>) -> HelmRelease {
    let blueprint = release.blueprint;
    let mut meta = Meta::namespaced(text(&blueprint.name), FLUX_NAMESPACE);
    let how = release.reconciliation.clone();
    meta.labels = how.labels.into_iter().collect();
    let mut values_from = release.values_from.clone();
    if release.has_sovereign_values {
        values_from.push(ValueSource {
            kind: Spanned::new(ValuesKind::ConfigMap, blueprint.span),
            name: Spanned::new(config_map(blueprint), blueprint.span),
            key: Spanned::new(KEY.to_owned(), blueprint.span),
            target: None,
            optional: None,
        });
    }
    HelmRelease {
        meta,
        interval: how.interval,
        timeout: how.timeout,
        into: blueprint.into.as_ref().map(|into| into.value.clone()),
        release_name: text(&blueprint.release),
        target_namespace: text(&blueprint.namespace),
        depends_on: release.depends_on.clone(),
        chart: text(&blueprint.chart),
        version: text(&release.version),
        source: text(&blueprint.name),
        signed_with: plan.airgap.as_ref().and_then(|airgap| airgap.signatures.as_ref()).map(text),
        install: how.install,
        upgrade: how.upgrade,
        suspend: how.suspend,
        drift_detection: blueprint.drift_detection.as_ref().map(text),
        values_from,
        values: release.values.clone(),
    }
}

/// Returns the layer of a release.
pub(crate) fn layer(release: &Release<'_>) -> Layer {
    match (release.blueprint.vcluster, release.blueprint.layer) {
        (Some(_), _) => Layer::Vclusters,
        (None, ReleaseLayer::Foundation) => Layer::Foundation,
        (None, ReleaseLayer::Releases) => Layer::Releases,
        (None, ReleaseLayer::Platform) => Layer::Platform,
    }
}

/// `13-catalyst-platform`.
fn file(release: &Release<'_>) -> String {
    let blueprint = release.blueprint;
    format!("{}-{}", blueprint.slot.value.as_str(), blueprint.name.value.bare())
}

/// Returns the table that caused a release: the blueprint's own where it has one, the region's otherwise.
fn cause(plan: &Plan<'_>, region: &Region<'_>, release: &Release<'_>) -> String {
    let (blueprint, origin) = (release.blueprint, home(plan, release));
    if release.changed_by.is_empty() {
        format!("{}, {origin}", region_table(region))
    } else {
        format!("{}, [blueprint.{}], {origin}", region_table(region), blueprint.name.value.bare())
    }
}

/// Returns where the blueprint of a release stands.
fn home(plan: &Plan<'_>, release: &Release<'_>) -> String {
    let blueprint = release.blueprint;
    let name = blueprint.name.value.as_str();
    let source = blueprint.span.source;
    if source.is_input() && !plan.kit.extension.has(source) {
        format!("{name} of a [[blueprint-source]]")
    } else {
        format!("{name} of kit {}", plan.kit.name)
    }
}
