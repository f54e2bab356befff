//! What runs nowhere any more.

use super::Lost;
use crate::plan::Plan;
use sovereign_language::kit::Blueprint;

/// A blueprint that runs in lost regions only.
#[derive(Clone, Debug)]
pub struct Gone<'p> {
    /// The blueprint.
    pub blueprint: &'p Blueprint,
    /// The regions where it ran, as places in [`Plan::regions`].
    pub regions: Vec<usize>,
}

/// Returns the blueprints that run in lost regions only, by slot.
pub(super) fn list<'p>(plan: &'p Plan<'_>, lost: &Lost) -> Vec<Gone<'p>> {
    let gone = plan.kit.blueprints.iter().filter_map(|blueprint| {
        let name = blueprint.name.value.as_str();
        let runs = plan.regions.iter().enumerate().filter(|(_, region)| region.release(name).is_some());
        let regions: Vec<_> = runs.map(|(place, _)| place).collect();
        let is_gone = !regions.is_empty() && regions.iter().all(|region| lost.has(*region));
        is_gone.then_some(Gone { blueprint, regions })
    });
    gone.collect()
}
