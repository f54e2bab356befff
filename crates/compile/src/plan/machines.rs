//! Who makes the machines of a region, and how many of its control plane there are.

use std::net::Ipv4Addr;

use super::{Plan, Region};
use sovereign_language::kit::Module;
use sovereign_text::source::Spanned;

/// Returns the module that makes the machines of a region; `None` where the kit has none for its cloud, and
/// where Crossplane makes the region.
pub fn module(plan: &Plan<'_>, region: &Region<'_>) -> Option<Module> {
    plan.kit.module(region.provider.value).filter(|_| region.handed_over().is_none())
}

/// Returns the regions that a module makes, as it counts them: the primary first.
pub(crate) fn made_by<'p, 'a>(plan: &'p Plan<'a>, by: Module) -> Vec<&'p Region<'a>> {
    let mut regions: Vec<_> = plan.regions.iter().filter(|region| module(plan, region) == Some(by)).collect();
    regions.sort_by_key(|region| (!region.is_primary(), region.index));
    regions
}

/// Returns the region whose file the module of a region is run with: the first that it makes, or the region
/// itself, if each has a run of its own.
pub fn lead<'p, 'a>(plan: &'p Plan<'a>, region: &'p Region<'a>) -> Option<&'p Region<'a>> {
    let by = module(plan, region)?;
    if by.makes_one() { Some(region) } else { made_by(plan, by).into_iter().next() }
}

/// Returns the region that leads another one's run; `None` for one that has, or leads, a run of its own.
pub(crate) fn run_leader<'p, 'a>(plan: &'p Plan<'a>, region: &'p Region<'a>) -> Option<&'p Region<'a>> {
    lead(plan, region).filter(|lead| lead.index != region.index)
}

/// Returns how many machines of the control plane are made in a region, which is not what it asks for where
/// its module cannot be told.
pub fn control_planes(plan: &Plan<'_>, region: &Region<'_>) -> Spanned<i64> {
    match module(plan, region).zip(run_leader(plan, region)) {
        Some((module, lead)) => asked(lead).map(|first| module.control_planes_beside(first)),
        None => asked(region),
    }
}

fn asked(region: &Region<'_>) -> Spanned<i64> {
    let count = region.written.control_plane.as_ref().and_then(|pool| pool.value.count);
    count.map_or(Spanned::new(1, region.written.span), |count| count.map(|count| count.0))
}

/// Returns where a machine of a region reaches the API server: at the address of the one control plane, or of itself where
/// there are several. k3s answers on every machine at port 6444, and leads to those that live.
pub(crate) fn api_host(plan: &Plan<'_>, region: &Region<'_>) -> Option<Spanned<Ipv4Addr>> {
    let count = control_planes(plan, region);
    if count.value > 1 {
        return Some(count.map(|_| Ipv4Addr::LOCALHOST));
    }
    Some(Spanned::new(region.control_plane_address()?, region.network.span))
}
