#![doc = include_str!("../../../../docs/diagnostics/observed-address.md")]

use std::collections::BTreeMap;

use crate::plan::{Plan, Region};
use sovereign_language::scalar::Ipv4;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// Reports observed addresses that nobody reaches, and those of two regions at once. A load balancer and a control plane may be
/// one machine.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<Ipv4, Observed<'_>> = BTreeMap::new();
    for observed in plan.regions.iter().enumerate().flat_map(|(place, region)| observed(place, region)) {
        if let Some(block) = observed.address.value.unroutable() {
            let message = format!("`{}` of `{}` is for {block}", observed.key, observed.region.name.value);
            diags.push(
                Diagnostic::new(Code::ObservedAddress, observed.address.span, message)
                    .note("DNS records, health checks and the mesh would lead there")
                    .help(
                        "write the address that the provisioner reports, or leave it out until it is known",
                    ),
            );
            continue;
        }
        match seen.get(&observed.address.value) {
            Some(first) if first.place != observed.place => diags.push(twice(first, &observed)),
            Some(_) => {}
            None => {
                seen.insert(observed.address.value, observed);
            }
        }
    }
}

/// An observed address.
struct Observed<'p> {
    /// The place of its region in the plan.
    place: usize,
    region: &'p Region<'p>,
    key: &'static str,
    address: &'p Spanned<Ipv4>,
}

fn observed<'p>(place: usize, region: &'p Region<'p>) -> impl Iterator<Item = Observed<'p>> {
    let table = region.written.observed.as_ref().map(|table| &table.value);
    let load_balancer = table.and_then(|table| table.load_balancer_address.as_ref());
    let control_plane = table.and_then(|table| table.control_plane_address.as_ref());
    let keys = [("load-balancer-address", load_balancer), ("control-plane-address", control_plane)];
    keys.into_iter()
        .filter_map(move |(key, address)| Some(Observed { place, region, key, address: address? }))
}

fn twice(first: &Observed<'_>, again: &Observed<'_>) -> Diagnostic {
    let name = |observed: &Observed<'_>| observed.region.name.value.to_string();
    let message =
        format!("{} is an address of `{}` and of `{}`", again.address.value, name(first), name(again));
    Diagnostic::new(Code::ObservedAddress, again.address.span, message)
        .label("again here")
        .related(first.address.span, "first here")
        .note("what is meant for one region would go to the other one")
        .help("write the address that the provisioner reports for this region")
}
