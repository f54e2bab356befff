//! The objects that a kit of one's own has beside its releases: each in a file named by that of the kit.

use super::{Layer, Placed, origin, path};
use crate::object::OfKit;
use crate::plan::{KitObject, Plan, Region};
use sovereign_language::kit::ObjectLayer;

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let placed = |object: &KitObject<'_>| {
        let layer = match object.layer() {
            ObjectLayer::Objects => Layer::Objects,
            ObjectLayer::Gateway => Layer::Gateway,
            ObjectLayer::Policies => Layer::Policies,
        };
        let number = if object.place == 0 { String::new() } else { format!("-{}", object.place + 1) };
        // The layers have files of their own.
        let file = format!("kit-{}{number}", object.file.stem());
        Some(Placed {
            path: path(region, layer, &file),
            layer,
            origin: origin(&format!("{}.yaml of kit {}", object.file.stem(), plan.kit.name)),
            object: super::Object::OfKit(Box::new(OfKit::new(object.node.clone())?)),
        })
    };
    region.objects.iter().filter_map(placed).collect()
}
