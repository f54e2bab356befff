//! Why a blueprint runs in a region, or does not.

use super::Provenance;
use crate::plan::{Absence, Region, Why};
use sovereign_text::source::Span;

/// A blueprint, and where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Its name, with `bp-`.
    pub name: String,
    /// Where the blueprint itself is written.
    pub blueprint: Span,
    /// What becomes of it in each region that was asked for.
    pub regions: Vec<InRegion>,
}

/// What becomes of a blueprint in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InRegion {
    /// The region.
    pub region: String,
    /// Whether there is a release of it.
    pub runs: bool,
    /// Why, as a phrase.
    pub reason: String,
    /// What decided it.
    pub cause: Span,
    /// What switched its feature off, if there is a release and it does nothing.
    pub off: Option<Span>,
    /// The version of its chart, and what gives it.
    pub version: Option<(String, Span)>,
    /// What it waits for.
    pub waits_for: Vec<String>,
    /// What waits for it.
    pub waited_for_by: Vec<String>,
}

impl Provenance<'_> {
    /// Returns what becomes of a blueprint in each region, or in one of them; `None` if the kit does not know it.
    pub fn placement(&self, name: &str, region: Option<&str>) -> Option<Placement> {
        let blueprint = self.plan.kit.blueprint(name)?;
        let regions = self.plan.regions.iter();
        let regions = regions.filter(|it| region.is_none_or(|region| it.name.value.as_str() == region));
        let blueprint_place = blueprint.name.span;
        let regions = regions.map(|region| in_region(region, name, blueprint_place)).collect();
        Some(Placement { name: name.to_owned(), blueprint: blueprint_place, regions })
    }
}

fn in_region(region: &Region<'_>, name: &str, blueprint: Span) -> InRegion {
    let called = region.name.value.to_string();
    let Some(release) = region.release(name) else {
        let (reason, cause) = match region.absent.get(name) {
            Some(Absence::Off(span)) => ("it is switched off", *span),
            Some(Absence::Elsewhere(reason, span)) => (*reason, *span),
            None => ("nothing places it here", blueprint),
        };
        return InRegion {
            region: called,
            runs: false,
            reason: reason.to_owned(),
            cause,
            off: None,
            version: None,
            waits_for: Vec::new(),
            waited_for_by: Vec::new(),
        };
    };
    let waits = |other: &&crate::plan::Release<'_>| other.depends_on.iter().any(|on| on.value == name);
    let waiting = region.releases.iter().filter(waits);
    InRegion {
        region: called,
        runs: true,
        reason: reason(release.why).to_owned(),
        cause: release.why.span(),
        off: release.gate_off(),
        version: Some((release.version.value.to_string(), release.version.span)),
        waits_for: release.depends_on.iter().map(|on| on.value.clone()).collect(),
        waited_for_by: waiting.map(|other| other.blueprint.name.value.to_string()).collect(),
    }
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::Every(_) => "it runs in every region",
        Why::Primary(_) => "it runs in the primary, and this is it",
        Why::Secondary(_) => "it runs in secondaries, and this is one",
        Why::Pair(_) => "it belongs to a failover pair, and this is one half",
        Why::Vcluster(_) => "it brings a vCluster that the region has",
        Why::SwitchedOn(_) => "it is switched on",
    }
}
