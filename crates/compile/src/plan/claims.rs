//! What Crossplane makes, and OpenTofu does not: regions that say so, and private networks that are joined.
//!
//! Crossplane works in the cluster of the primary, so that region itself is never among them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, Region};
use sovereign_language::cloud::{NetworkId, Provider};
use sovereign_language::kit::ClaimFacts;
use sovereign_language::manifest::Maker;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// Two regions whose private networks are joined. Which of them is `a` follows from their names, so that the order of
/// tables changes nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peering<'p, 'a> {
    /// The one.
    pub a: &'p Region<'a>,
    /// The other one.
    pub b: &'p Region<'a>,
    /// The one of the two that says so, first in the file.
    pub by: &'p Region<'a>,
    /// Where it does.
    pub span: Span,
    /// What the claims of their cloud accept.
    pub facts: &'a ClaimFacts,
}

impl Region<'_> {
    /// Returns where the manifest says that Crossplane makes this region, if it does.
    pub(crate) fn handed_over(&self) -> Option<Span> {
        let maker = self.written.managed_by.filter(|maker| maker.value == Maker::Crossplane);
        maker.map(|maker| maker.span)
    }

    /// Returns the number of the private network, if it is known by now.
    pub fn network_id(&self) -> Option<&Spanned<NetworkId>> {
        self.written.observed.as_ref()?.value.network_id.as_ref()
    }
}

impl<'a> Plan<'a> {
    /// Returns the regions that Crossplane makes, in the order of the file, each with what the claims of its cloud accept.
    pub fn claimed(&self) -> impl Iterator<Item = (&Region<'a>, &'a ClaimFacts)> {
        let handed_over = self.regions.iter().filter(|r| r.handed_over().is_some() && !r.is_primary());
        handed_over.filter_map(|region| Some((region, self.kit.claims(region.provider.value)?)))
    }

    /// Returns every pair of regions that one of the two calls its peer, once.
    pub(crate) fn peerings(&self) -> Vec<Peering<'_, 'a>> {
        let mut pairs = BTreeMap::new();
        for region in &self.regions {
            for peer in region.written.peers.iter().flat_map(|peers| &peers.value) {
                let Some(other) = self.regions.iter().find(|other| other.name.value == peer.value) else {
                    continue;
                };
                let Some(facts) = self.kit.claims(region.provider.value) else { continue };
                let (name, other_name) = (region.name.value.as_str(), other.name.value.as_str());
                if name == other_name || region.provider.value != other.provider.value {
                    continue;
                }
                let (a, b) = if name < other_name { (region, other) } else { (other, region) };
                let key = (a.name.value.as_str(), b.name.value.as_str());
                pairs.entry(key).or_insert(Peering { a, b, by: region, span: peer.span, facts });
            }
        }
        pairs.into_values().collect()
    }

    /// Returns whether Crossplane in a region works with a cloud: that of the region itself, and in the
    /// primary also those of the claims there.
    pub(crate) fn works_with(&self, region: &Region<'_>, cloud: Provider) -> bool {
        let claims = || {
            let regions = self.claimed().map(|(region, _)| region.provider.value);
            let networks = self.peerings().into_iter().map(|peering| peering.a.provider.value);
            regions.chain(networks).any(|claimed| claimed == cloud)
        };
        region.provider.value == cloud || (region.is_primary() && claims())
    }
}

/// Warns of regions that do not say the number of their network, where a claim waits for it.
pub(super) fn warn_of_missing_networks(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut waiting: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for (region, _) in plan.claimed() {
        let what = "`networkId` of its machines and its load balancer".to_owned();
        waiting.entry(region.index).or_default().insert(what);
    }
    for Peering { a, b, .. } in plan.peerings() {
        for (region, other) in [(a, b), (b, a)] {
            let what = format!("the PeeringClaim with `{}`", other.name.value);
            waiting.entry(region.index).or_default().insert(what);
        }
    }
    for region in plan.regions.iter().filter(|region| region.network_id().is_none()) {
        let Some(what) = waiting.get(&region.index) else { continue };
        let name = &region.name.value;
        let message = format!("region `{name}` does not say `observed.network-id`, so claims lack it");
        let found = Diagnostic::new(Code::MissingObservedFact, region.name.span, message);
        let noted = what.iter().fold(found, |found, what| found.note(format!("{what} waits for it")));
        diags.push(noted.help(
            "add it to `observed` once the network is there: `status.networkId` of the RegionClaim, or the \
             provider's console",
        ));
    }
}
