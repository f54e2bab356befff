//! Who acts when a region is lost: the failover controller, or else the promoter of a database pair.

use super::Lost;
use crate::plan::{Plan, Region, Release};
use sovereign_text::node::Value;

/// The blueprint of the failover controller.
const CONTROLLER: &str = "bp-continuum";

/// The failover controller after a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// It runs in this region.
    Lives(usize),
    /// It ran in this region, which is lost.
    Lost(usize),
    /// It runs nowhere.
    Off,
}

impl Controller {
    /// Returns the controller of the primary region: it works on the Continuums of its own cluster, and they stand there.
    pub(super) fn new(plan: &Plan<'_>, lost: &Lost) -> Self {
        let mut regions = plan.regions.iter().enumerate();
        let Some((place, primary)) = regions.find(|(_, region)| region.is_primary()) else {
            return Self::Off;
        };
        if !primary.release(CONTROLLER).is_some_and(is_on) {
            return Self::Off;
        }
        if lost.has(place) { Self::Lost(place) } else { Self::Lives(place) }
    }
}

/// Returns whether the gate of a release is open in its final values; a release without one is on.
fn is_on(release: &Release<'_>) -> bool {
    let gate = release.blueprint.gate.as_ref().and_then(|gate| gate.value.as_ref());
    let Some(gate) = gate else { return true };
    matches!(release.values.at(&gate.value.keys()).map(|node| &node.value), Some(Value::Bool(true)))
}

/// Where the promoter of a pair has its settings, in the values of the pair.
const PROMOTER: [&str; 3] = ["cnpgPair", "replica", "autoPromote"];
/// The times that add up until a replica is promoted, each with what the chart does without it: the next look at the
/// primary, how long the primary must be gone, and how long Flux may take to render the promotion.
const PROMOTER_TIMES: [(&str, u64); 3] =
    [("intervalSeconds", 10), ("primaryDownHoldSeconds", 120), ("promoteRenderWaitSeconds", 90)];

/// Returns how long the promoter of the database pair in a region takes at most, in seconds; `None` if none runs there.
pub(super) fn promoter(region: &Region<'_>) -> Option<u64> {
    let release = region.releases.iter().find(|release| release.blueprint.pair.is_some())?;
    let setting = |key: &str| {
        let [chart, half, promoter] = PROMOTER;
        release.values.at(&[chart, half, promoter, key]).map(|node| &node.value)
    };
    if !is_on(release) || matches!(setting("enabled"), Some(Value::Bool(false))) {
        return None;
    }
    let time = |(key, default): (&str, u64)| match setting(key) {
        Some(Value::Integer(seconds)) => u64::try_from(*seconds).unwrap_or(default),
        _ => default,
    };
    Some(PROMOTER_TIMES.into_iter().map(time).fold(0, u64::saturating_add))
}
