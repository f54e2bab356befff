//! Shards: for each its controllers, and the source that they take the chart of vClusters from.

use super::tenants::CHARTS;
use super::{Layer, Placed, origin, path};
use crate::object::{
    Controller, ControllerService, FLUX_NAMESPACE, FluxController, HelmRepository, Meta, Object, Vcluster,
};
use crate::plan::{Plan, Region, mirror};
use sovereign_language::scalar::Shard;
use sovereign_text::node::text;
use sovereign_text::source::Spanned;

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let mut placed = Vec::new();
    for shard in plan.shards.iter().flat_map(|shards| shards.all()) {
        let place = |layer, file: &str, object: Object| Placed {
            path: path(region, layer, &format!("{}-{file}", shard.value)),
            layer,
            origin: origin("[flux] shards"),
            object,
        };
        placed
            .extend(source(region, &shard).map(|source| place(Layer::ShardSources, "charts", source.into())));
        for kind in FluxController::ALL {
            let meta = meta(shard.map(|shard| kind.name_in(shard)), FLUX_NAMESPACE, shard);
            if kind == FluxController::Source {
                let service = ControllerService { meta: meta.clone() };
                placed.push(place(Layer::Shards, "service", service.into()));
            }
            let image = image(plan, kind);
            let cancels_health_checks = plan.kit.flux.cancels_health_checks();
            let controller = Controller { meta, kind, shard, image, cancels_health_checks };
            placed.push(place(Layer::Shards, kind.name(), controller.into()));
        }
    }
    placed
}

fn meta(name: Spanned<String>, namespace: &str, shard: Spanned<Shard>) -> Meta {
    Meta { shard: Some(shard), ..Meta::namespaced(name, namespace) }
}

/// Returns the image of a controller, from the registry where there is an air gap.
fn image(plan: &Plan<'_>, kind: FluxController) -> Spanned<String> {
    let of_kit = &plan.kit.controllers;
    let written = text(match kind {
        FluxController::Source => &of_kit.source,
        FluxController::Kustomize => &of_kit.kustomize,
        FluxController::Helm => &of_kit.helm,
    });
    mirror::pulled(plan.airgap.as_ref(), written)
}

/// Returns the HelmRepository that bp-vcluster-helmrepo brings, once more for a shard; `None` where the region lacks that
/// release, which a rule reports.
fn source(region: &Region<'_>, shard: &Spanned<Shard>) -> Option<HelmRepository> {
    let values = &region.release(CHARTS)?.values;
    let value = |key| {
        let node = values.at(&["vclusterHelmRepo", key])?;
        Some(Spanned::new(node.as_str()?.to_owned(), node.cause))
    };
    Some(HelmRepository {
        meta: meta(Vcluster::source_of(shard), Vcluster::SOURCES, *shard),
        url: value("url")?,
        interval: value("interval")?,
        secret: None,
    })
}
