//! Regions with everything that follows from their number and their table: role, codes, labels, mesh, networks,
//! vClusters.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{Plan, Release, naming, network};
use crate::plan::release::Absence;
use sovereign_language::cloud::Provider;
use sovereign_language::manifest::{Contract, PodSecurity, RegionTable, Role, Tier};
use sovereign_language::scalar::{BuildingBlock, Cidr, Env, Label, RegionName};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// How many regions there can be: the ids of the cluster mesh.
const MOST: usize = 255;

/// One region, which is one cluster.
#[derive(Debug)]
pub struct Region<'a> {
    /// What was written.
    pub written: &'a RegionTable,
    /// Its number: 0 for the primary, then in the order of the file, as the modules count that make the machines. A live region
    /// keeps it while others come and go: key, networks and mesh id follow from it.
    pub index: usize,
    /// The provider's own name; also the directory.
    pub name: Spanned<RegionName>,
    /// The cloud.
    pub provider: Spanned<Provider>,
    /// What it is to the others.
    pub role: Spanned<Role>,
    /// The short code.
    pub code: Spanned<String>,
    /// The one-letter code.
    pub letter: char,
    /// The canonical label of its nodes, the value of `openova.io/region`.
    pub label: Spanned<String>,
    /// The key: `hel1`, `nbg1-1`.
    pub key: String,
    /// Its place in the cluster mesh.
    pub mesh: Mesh,
    /// The range of Pod addresses.
    pub pods: Spanned<Cidr>,
    /// The range of Service addresses.
    pub services: Spanned<Cidr>,
    /// The range of machine addresses.
    pub network: Spanned<Cidr>,
    /// Its vClusters.
    pub vclusters: Vec<Spanned<Tier>>,
    /// What runs here, by slot.
    pub releases: Vec<Release<'a>>,
    /// What does not run here, and why, by name with `bp-`.
    pub absent: BTreeMap<&'a str, Absence>,
    /// The objects that the kit has here beside its releases.
    pub objects: Vec<super::KitObject<'a>>,
    /// The namespaces that the tree declares here, by name.
    pub namespaces: Vec<Namespace>,
}

/// A place in the cluster mesh.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// The name of the cluster.
    pub name: Spanned<String>,
    /// The id of the cluster.
    pub id: Spanned<i64>,
}

/// A namespace of a cluster.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name, with what caused it.
    pub name: Spanned<Label>,
    /// The pod-security level.
    pub level: Spanned<PodSecurity>,
    /// Whether a chart renders it, so that the tree must not.
    pub by_chart: bool,
    /// Whether it holds a vCluster.
    pub vcluster: Option<Tier>,
}

impl Region<'_> {
    /// Returns whether this is the primary.
    pub(crate) fn is_primary(&self) -> bool {
        self.role.value == Role::Primary
    }

    /// Returns the release of this name, with `bp-`.
    pub fn release(&self, name: &str) -> Option<&Release<'_>> {
        self.releases.iter().find(|release| release.blueprint.name.value.as_str() == name)
    }

    /// Returns why a blueprint does nothing here: it does not run, or its feature is off. `None` if it works.
    pub(crate) fn idle(&self, name: &str) -> Option<Absence> {
        match self.release(name) {
            Some(release) => release.gate_off().map(Absence::Off),
            None => self.absent.get(name).cloned(),
        }
    }

    /// Returns the release that brings the definitions of an API group.
    pub(crate) fn provider_of(&self, group: &str) -> Option<&Release<'_>> {
        self.releases.iter().find(|release| release.blueprint.crd_groups().any(|g| g.as_str() == group))
    }

    /// Returns whether one of its vClusters stands for a building block.
    pub(crate) fn has_block(&self, block: BuildingBlock) -> bool {
        self.vclusters.iter().any(|tier| tier.value.block() == block)
    }

    /// Returns the names of its host clusters: one for each building block that a vCluster of the region brings. The
    /// building block of the vCluster `mgmt` is `mgt` (docs/decisions.md, 4).
    pub(crate) fn host_clusters(&self, env: Env) -> Vec<String> {
        let blocks = self.vclusters.iter().map(|tier| tier.value.block());
        blocks.map(|block| naming::host_cluster(self.provider.value, &self.code.value, block, env)).collect()
    }

    /// Returns the location codes of those building blocks, as they stand in DNS names.
    pub(crate) fn location_codes(&self, env: Env) -> Vec<String> {
        let blocks = self.vclusters.iter().map(|tier| tier.value.block());
        blocks.map(|block| naming::location_code(self.provider.value, self.letter, block, env)).collect()
    }

    /// Returns the public address of the load balancer, if it is known by now.
    pub fn load_balancer_address(&self) -> Option<Spanned<Ipv4Addr>> {
        let observed = &self.written.observed.as_ref()?.value;
        observed.load_balancer_address.map(|address| address.map(sovereign_language::scalar::Ipv4::addr))
    }

    /// Returns the public address of the control plane, if it is known by now.
    pub(crate) fn public_control_plane_address(&self) -> Option<Spanned<Ipv4Addr>> {
        let observed = &self.written.observed.as_ref()?.value;
        observed.control_plane_address.map(|address| address.map(sovereign_language::scalar::Ipv4::addr))
    }

    /// Returns whether its number is another one than 0. The region of number 0 has the plain names outside of the clusters, as a
    /// Sovereign of one region has them; each other one has names of its own, since it keeps its number for ever.
    pub(crate) fn is_further(&self) -> bool {
        self.index > 0
    }

    /// Returns what makes a name outside of the cluster the region's own: nothing, or `-<name>`.
    pub(crate) fn suffix(&self) -> String {
        if self.is_further() { format!("-{}", self.name.value) } else { String::new() }
    }

    /// Returns the address at which the control plane is reached inside the region: the second of its network.
    pub fn control_plane_address(&self) -> Option<Ipv4Addr> {
        self.network.value.nth(2)
    }
}

/// Returns every region that has a name and a cloud.
pub(super) fn resolve<'a>(plan: &Plan<'a>, diags: &mut Diagnostics) -> Vec<Region<'a>> {
    let Some(tables) = &plan.written.region else { return Vec::new() };
    if let Some(over) = tables.value.get(MOST) {
        let message = format!("a Sovereign has at most {MOST} regions; this has {}", tables.value.len());
        let found = Diagnostic::new(Code::MeshId, over.span, message);
        diags.push(found.label("one too many").note("Cilium's cluster mesh has 255 ids"));
        return Vec::new();
    }
    let tables: Vec<_> = tables.value.iter().map(|table| &table.value).collect();
    let chosen = tables.iter().position(|table| table.role.is_some_and(|role| role.value == Role::Primary));
    let primary = chosen.unwrap_or(0);
    let several = tables.len() > 1;
    let written: Vec<_> = tables
        .iter()
        .map(|table| table.index.and_then(|index| usize::try_from(index.value.0).ok()))
        .collect();
    let numbers = numbers(&written, primary);
    let regions = tables.iter().zip(numbers).enumerate().filter_map(|(place, (table, index))| {
        let role = table.role.unwrap_or(Spanned::new(
            if place == primary { Role::Primary } else { Role::Secondary },
            table.span,
        ));
        one(plan, table, index, role, several, diags)
    });
    regions.collect()
}

/// Returns the number of each region: what it says, or else one more than the highest before it. The modules
/// take the first of their list for the primary, so that one comes before all others, wherever it stands in
/// the file; the others keep its order.
fn numbers(written: &[Option<usize>], primary: usize) -> Vec<usize> {
    let mut numbers = vec![0; written.len()];
    let mut next = 0;
    let others = (0..written.len()).filter(|place| *place != primary);
    for place in std::iter::once(primary).chain(others) {
        let number = written.get(place).copied().flatten().unwrap_or(next);
        if let Some(slot) = numbers.get_mut(place) {
            *slot = number;
        }
        next = next.max(number + 1);
    }
    numbers
}

fn one<'a>(
    plan: &Plan<'a>,
    table: &'a RegionTable,
    index: usize,
    role: Spanned<Role>,
    several: bool,
    diags: &mut Diagnostics,
) -> Option<Region<'a>> {
    let name = table.name.clone()?;
    let provider = table.provider?;
    let known = provider.value.cloud().region(name.value.as_str());
    // Where the tables have no code and none is given, a rule reports it; go on with the name itself.
    let code = match (&table.code, known) {
        (Some(code), _) => code.as_ref().map(|code| code.as_str().to_owned()),
        (None, Some(known)) => Spanned::new(known.code.to_owned(), name.span),
        (None, None) => Spanned::new(name.value.as_str().to_owned(), name.span),
    };
    let letter = match (&table.letter, known) {
        (Some(letter), _) => letter.value.letter(),
        (None, Some(known)) => known.letter,
        (None, None) => 'x',
    };
    let primary = role.value == Role::Primary;
    let (pods, services, network) = ranges(table, index, diags)?;
    let id = table.mesh_id.map_or_else(|| Spanned::new(mesh_id(index), table.span), |id| id.map(|id| id.0));
    let mesh_name = match &table.mesh_name {
        Some(name) => name.as_ref().map(|name| name.as_str().to_owned()),
        None => Spanned::new(naming::mesh_name(plan.name.value.as_str(), &code.value), table.span),
    };
    let label = naming::node_label(provider.value, name.value.as_str(), &code.value);
    Some(Region {
        written: table,
        index,
        label: Spanned::new(label, code.span),
        key: naming::region_key(name.value.as_str(), index),
        mesh: Mesh { name: mesh_name, id },
        pods,
        services,
        network,
        vclusters: vclusters(plan.contract, table, primary, several),
        name,
        provider,
        role,
        code,
        letter,
        releases: Vec::new(),
        absent: BTreeMap::new(),
        objects: Vec::new(),
        namespaces: Vec::new(),
    })
}

/// Returns the id in the mesh of the region with a number, where none is given.
pub fn mesh_id(index: usize) -> i64 {
    i64::try_from(index + 1).unwrap_or(i64::MAX)
}

type ThreeRanges = (Spanned<Cidr>, Spanned<Cidr>, Spanned<Cidr>);

fn ranges(table: &RegionTable, index: usize, diags: &mut Diagnostics) -> Option<ThreeRanges> {
    let allocated = network::allocate(index);
    let mut range = |given: Option<&Spanned<Cidr>>, key: &str, allocated: Option<Cidr>| {
        if let Some(given) = given {
            return Some(*given);
        }
        if allocated.is_none() {
            let most = network::MOST_REGIONS;
            let message = format!("`{key}` is missing: only {most} regions can be allocated by their number");
            diags.push(Diagnostic::new(Code::MissingRegionValue, table.span, message));
        }
        allocated.map(|cidr| Spanned::new(cidr, table.span))
    };
    let pods = range(table.pod_cidr.as_ref(), "pod-cidr", allocated.map(|r| r.pods));
    let services = range(table.service_cidr.as_ref(), "service-cidr", allocated.map(|r| r.services));
    let network = range(table.network_cidr.as_ref(), "network-cidr", allocated.map(|r| r.network));
    Some((pods?, services?, network?))
}

/// Returns the vClusters of a region: those it lists, or those of the contract.
fn vclusters(
    contract: Spanned<Contract>,
    table: &RegionTable,
    primary: bool,
    several: bool,
) -> Vec<Spanned<Tier>> {
    if let Some(list) = &table.vclusters {
        return list.value.clone();
    }
    let tiers: &[Tier] = match contract.value {
        Contract::None => &[],
        Contract::Symmetric => &[Tier::Mgmt, Tier::Dmz, Tier::Rtz],
        // A Sovereign of one region has all three, since tenants need an RTZ (docs/decisions.md, 2).
        Contract::A4 if !several => &[Tier::Mgmt, Tier::Dmz, Tier::Rtz],
        Contract::A4 if primary => &[Tier::Mgmt, Tier::Dmz],
        Contract::A4 => &[Tier::Dmz, Tier::Rtz],
    };
    let cause = cause_of_contract(contract, table.span);
    tiers.iter().map(|tier| Spanned::new(*tier, cause)).collect()
}

/// Returns the line that chose the contract, or the region's table where the default holds.
fn cause_of_contract(contract: Spanned<Contract>, table: Span) -> Span {
    if contract.span.start == 0 { table } else { contract.span }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_is_first_and_the_others_keep_their_order() {
        let numbered = |primary| numbers(&[None; 4], primary);
        assert_eq!(numbered(0), [0, 1, 2, 3]);
        assert_eq!(numbered(2), [1, 2, 0, 3]);
        assert_eq!(numbered(3), [1, 2, 3, 0]);
        // What is written holds, and what is not goes on from there.
        assert_eq!(numbers(&[None, Some(2), None], 0), [0, 2, 3]);
        assert_eq!(numbers(&[Some(1), Some(2), None], 1), [1, 2, 3]);
    }
}
