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
    /// The blueprint whose switch is also its own, and where that one says so.
    pub governed_by: Option<(String, Span)>,
    /// The blueprints whose switch is also its own.
    pub governs: Vec<String>,
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
        let governor = self.plan.kit.governor(&blueprint.name.value).and_then(|governor| {
            let says = governor.governs.iter().find(|governed| governed.value == blueprint.name.value)?;
            Some((governor.name.value.to_string(), says.span))
        });
        Some(Placement {
            name: name.to_owned(),
            blueprint: blueprint_place,
            governed_by: governor,
            governs: blueprint.governs.iter().map(|governed| governed.value.to_string()).collect(),
            regions,
        })
    }

    /// Returns the blueprints that a place switches off, whether they go or stay without their feature, each with its region.
    pub(super) fn switched_off(&self, is_here: &dyn Fn(Span) -> bool) -> Vec<(String, String)> {
        let mut off = Vec::new();
        for region in &self.plan.regions {
            let absent = region.absent.iter().filter_map(|(name, absence)| match absence {
                Absence::Off(span) => Some(((*name).to_owned(), *span)),
                Absence::Elsewhere(..) => None,
            });
            let idle = region
                .releases
                .iter()
                .filter_map(|release| Some((release.blueprint.name.value.to_string(), release.gate_off()?)));
            let here = absent.chain(idle).filter(|(_, span)| is_here(*span));
            off.extend(here.map(|(name, _)| (name, region.name.value.to_string())));
        }
        off
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
