//! What a live region keeps: its number with all that follows from it, and its ranges of addresses. None of it stands in
//! an object as such, so it is read from the lock.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::transition::Transition;
use sovereign_compile::plan::{RegionPlaces, naming, network, region};
use sovereign_compile::tree::RegionFacts;
use sovereign_language::scalar::Cidr;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// A region before and after.
struct Region<'a> {
    name: String,
    was: RegionFacts,
    is: RegionFacts,
    places: &'a RegionPlaces,
}

/// What changes of a region that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    /// The address of its control plane.
    ControlPlane,
    /// Its id in the mesh.
    MeshId,
}

/// Reports what changes of live regions: one finding for a number, and one for each range that changes by itself. Gives, by
/// region, what of it need not be said again of the objects that show it.
pub(super) fn check(transition: &Transition<'_>, diags: &mut Diagnostics) -> BTreeMap<String, Vec<Said>> {
    let mut said = BTreeMap::new();
    for region in regions(transition) {
        let mut of_region = Vec::new();
        if let Some(found) = region.number() {
            diags.push(found);
        }
        for (word, key, why) in RANGES {
            let Some((was, is)) = region.range(word) else { continue };
            if word == "network" {
                of_region.push(Said::ControlPlane);
            }
            if !region.follows(word, was) {
                let message = format!("the address range of {word} in `{}` cannot change", region.name);
                let found = Diagnostic::new(Code::ImmutableChange, region.span(word), message)
                    .note(format!("from {was} to {is}"))
                    .note(why);
                diags.push(found.help(format!("keep `{key} = \"{was}\"` in the table of the region")));
            }
        }
        if region.moves() && region.has_default_id() {
            of_region.push(Said::MeshId);
        }
        said.insert(region.name, of_region);
    }
    said
}

/// The word for each range, its key, and why it stays.
const RANGES: [(&str, &str, &str); 3] = [
    ("pods", "pod-cidr", TAKEN_ONCE),
    ("services", "service-cidr", TAKEN_ONCE),
    (
        "network",
        "network-cidr",
        "its machines have addresses of this range, and the other machines look for them there",
    ),
];
const TAKEN_ONCE: &str = "a cluster takes its ranges once, when it is made";

fn regions<'a>(transition: &'a Transition<'_>) -> Vec<Region<'a>> {
    let Ok(Some(old)) = transition.old.lock() else { return Vec::new() };
    let mut after = transition.new.tree.lock().regions();
    let both = old.regions().into_iter().filter_map(|(name, was)| {
        let places = transition.new.places.region.get(&name)?;
        Some(Region { is: after.remove(&name)?, name, was, places })
    });
    both.collect()
}

impl Region<'_> {
    /// Returns whether its number changes.
    fn moves(&self) -> bool {
        self.was.index.zip(self.is.index).is_some_and(|(was, is)| was != is)
    }

    /// Returns a range of addresses that changes.
    fn range(&self, word: &str) -> Option<(Cidr, Cidr)> {
        let find =
            |facts: &RegionFacts| facts.ranges().find(|(known, _)| *known == word).map(|(_, range)| range);
        find(&self.was).zip(find(&self.is)).filter(|(was, is)| was != is)
    }

    /// Returns what gives a range.
    fn span(&self, word: &str) -> sovereign_text::source::Span {
        match word {
            "pods" => self.places.pods,
            "services" => self.places.services,
            _ => self.places.network,
        }
    }

    /// Returns whether a range comes back with the number.
    fn follows(&self, word: &str, was: Cidr) -> bool {
        let allocated = self.was.index.and_then(network::allocate).map(|ranges| match word {
            "pods" => ranges.pods,
            "services" => ranges.services,
            _ => ranges.network,
        });
        self.moves() && allocated == Some(was) && self.span(word) == self.places.unwritten
    }

    /// Returns whether its id in the mesh comes back with the number.
    fn has_default_id(&self) -> bool {
        let default = self.was.index.map(region::mesh_id);
        default == self.was.mesh_id && self.places.mesh_id == self.places.unwritten
    }

    fn number(&self) -> Option<Diagnostic> {
        let (was, is) = self.was.index.zip(self.is.index).filter(|(was, is)| was != is)?;
        let message = format!("the number of region `{}` cannot change from {was} to {is}", self.name);
        let key = |index| naming::region_key(&self.name, index);
        let mut found = Diagnostic::new(Code::ImmutableChange, self.places.index, message).note(format!(
            "its key would be `{}` and not `{}`: what is at the provider has that name",
            key(is),
            key(was)
        ));
        let host = |range: Cidr| range.nth(2).map(|host: Ipv4Addr| host.to_string()).unwrap_or_default();
        if let Some((was, is)) = self.range("network") {
            let (was, is) = (host(was), host(is));
            found = found
                .note(format!("its machines would look for the control plane at {is}, and it is at {was}"));
        }
        if self.was.mesh_id != self.is.mesh_id
            || self.range("pods").is_some()
            || self.range("services").is_some()
        {
            found = found.note("its id in the mesh and its addresses would be others, too");
        }
        Some(found.help(format!("write `index = {was}` in the table of the region")))
    }
}
