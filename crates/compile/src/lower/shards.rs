//! Shards: for each its controllers, and the source that they take the chart of vClusters from.

use super::tenants::CHARTS;
use super::{Layer, Placed, origin, path};
use crate::object::controller::{Controller, ControllerService, Kind};
use crate::object::tenant::Vcluster;
use crate::object::{FLUX_NAMESPACE, HelmRepository, Meta, Object, text};
use crate::plan::{Plan, Region, Shard, mirror};
use sovereign_text::source::Spanned;

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let mut placed = Vec::new();
    for shard in plan.shards.iter().flat_map(|shards| shards.all()) {
        let place = |layer, file: &str, object| Placed {
            path: path(region, layer, &format!("{}-{file}", shard.value)),
            layer,
            origin: origin("[flux] shards"),
            object,
        };
        placed.extend(source(region, &shard).map(|object| place(Layer::ShardSources, "charts", object)));
        for kind in Kind::ALL {
            let meta = meta(shard.map(|shard| kind.name_in(shard)), FLUX_NAMESPACE, shard);
            if kind == Kind::Source {
                let service = ControllerService { meta: meta.clone() };
                placed.push(place(Layer::Shards, "service", Object::ControllerService(service)));
            }
            let image = image(plan, kind);
            let controller = Controller { meta, kind, shard, image };
            placed.push(place(Layer::Shards, kind.name(), Object::Controller(Box::new(controller))));
        }
    }
    placed
}

fn meta(name: Spanned<String>, namespace: &str, shard: Spanned<Shard>) -> Meta {
    Meta { shard: Some(shard), ..Meta::namespaced(name, namespace) }
}

/// The image of a controller, from the registry where there is an air gap.
fn image(plan: &Plan<'_>, kind: Kind) -> Spanned<String> {
    let of_kit = &plan.kit.controllers;
    let written = text(match kind {
        Kind::Source => &of_kit.source,
        Kind::Kustomize => &of_kit.kustomize,
        Kind::Helm => &of_kit.helm,
    });
    mirror::pulled(plan.airgap.as_ref(), written)
}

/// The HelmRepository that bp-vcluster-helmrepo brings, once more for a shard; `None` where the region lacks that
/// release, which a rule reports.
fn source(region: &Region<'_>, shard: &Spanned<Shard>) -> Option<Object> {
    let values = &region.release(CHARTS)?.values;
    let value = |key| {
        let node = values.at(&["vclusterHelmRepo", key])?;
        Some(Spanned::new(node.as_str()?.to_owned(), node.cause))
    };
    Some(Object::HelmRepository(HelmRepository {
        meta: meta(Vcluster::source_of(shard), Vcluster::SOURCES, *shard),
        url: value("url")?,
        interval: value("interval")?,
        secret: None,
    }))
}
