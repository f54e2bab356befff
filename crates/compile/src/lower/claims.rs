//! Claims, in the cluster of the primary: what Crossplane there shall make for the other regions.
//!
//! A claim that leaves the cluster takes machines, disks or addresses with it, so Flux is told to leave it alone; only
//! routes between networks come back by a commit.

use super::namespace::PRUNE;
use super::{Layer, Placed, origin, path, region_table};
use crate::object::claim::{
    Claim, ClusterParameters, LoadBalancerParameters, NodePoolParameters, NodeRole, PeeringParameters,
    REGION_LABEL, Reference, RegionParameters,
};
use crate::object::{Meta, Object};
use crate::plan::claims::Peering;
use crate::plan::{Plan, Region, naming};
use sovereign_language::kit::{ClaimFacts, kit_text};
use sovereign_language::manifest::{K3S_VERSION, NodePool};
use sovereign_language::scalar::BuildingBlock;
use sovereign_text::node::text;
use sovereign_text::source::{Span, Spanned};

/// The range of a network that holds the machines of one region: the default of the claim, and what the provider's
/// module makes.
const NETWORK_PREFIX: u8 = 16;

pub(super) fn lower(plan: &Plan<'_>, primary: &Region<'_>) -> Vec<Placed> {
    if !primary.is_primary() {
        return Vec::new();
    }
    let mut placed = Vec::new();
    for (region, facts) in plan.claimed() {
        let Some(here) = ClaimCtx::new(plan, primary, region, facts) else { continue };
        placed.extend(here.claims());
    }
    for peering in plan.peerings() {
        let Some(here) = ClaimCtx::new(plan, primary, peering.by, peering.facts) else { continue };
        placed.extend(here.peering(&peering));
    }
    placed
}

/// Where claims are written from: a region, and what is the same for all claims of its cloud.
struct ClaimCtx<'p, 'a> {
    plan: &'p Plan<'a>,
    primary: &'p Region<'a>,
    region: &'p Region<'a>,
    facts: &'a ClaimFacts,
    /// What caused the claims of the region.
    cause: Span,
    api_version: Spanned<String>,
    config: Spanned<String>,
    config_group: String,
    /// The namespace of Crossplane, where its claims stand.
    namespace: String,
}

impl<'p, 'a> ClaimCtx<'p, 'a> {
    fn new(
        plan: &'p Plan<'a>,
        primary: &'p Region<'a>,
        region: &'p Region<'a>,
        facts: &'a ClaimFacts,
    ) -> Option<Self> {
        let api_version = kit_text(facts.api_version.as_ref()?);
        let (group, _) = api_version.value.split_once('/')?;
        let namespace = primary.provider_of(group)?.blueprint.namespace.value.to_string();
        let provider = plan.kit.crossplane_provider(region.provider.value)?;
        let (config_group, _) = provider.api_version.as_ref()?.value.as_str().split_once('/')?;
        Some(Self {
            plan,
            primary,
            region,
            facts,
            cause: region.handed_over().unwrap_or(region.written.span),
            config: text(facts.config.as_ref()?),
            config_group: config_group.to_owned(),
            namespace,
            api_version,
        })
    }

    /// `hz-nbg-rtz-prod`, the host cluster that the machines are: the name of its claim, and the stem of all others.
    fn stem(&self, region: &Region<'_>) -> String {
        let (provider, code) = (region.provider.value, &region.code.value);
        naming::host_cluster(provider, code, BuildingBlock::Rtz, self.plan.env.value)
    }

    fn name(&self, suffix: &str) -> Spanned<String> {
        Spanned::new(format!("{}{suffix}", self.stem(self.region)), self.cause)
    }

    fn reference(&self, name: Spanned<String>) -> Reference {
        Reference { namespace: Spanned::new(self.namespace.clone(), name.span), name }
    }

    /// Returns the SSH key at the provider, as its module names it.
    fn ssh_key(&self) -> Spanned<String> {
        self.plan.fqdn.as_ref().map(|fqdn| format!("catalyst-{}", fqdn.dashed()))
    }

    fn claims(&self) -> Vec<Placed> {
        let written = self.region.written;
        let first = written.control_plane.as_ref();
        let further = first.map(|pool| count(pool).map(|count| count - 1));
        let mut claims = Vec::new();
        claims.extend(self.region_claim());
        claims.push(self.cluster());
        if let Some((pool, count)) = first.zip(further).filter(|(_, count)| count.value > 0) {
            claims.extend(self.pool(NodeRole::ControlPlane, pool, count));
        }
        if let Some(pool) = &written.workers {
            claims.extend(self.pool(NodeRole::Worker, pool, count(pool)));
        }
        claims.extend(self.load_balancer());
        claims
    }

    fn region_claim(&self) -> Option<Placed> {
        let written = self.region.written;
        let control_plane = written.control_plane.as_ref()?.value.size.clone()?;
        let worker = written.workers.as_ref().and_then(|pool| pool.value.size.clone());
        let parameters = RegionParameters {
            region: self.region.name.clone(),
            provider: self.region.provider,
            worker: worker.unwrap_or_else(|| control_plane.clone()),
            control_plane,
            ssh_key: self.ssh_key(),
            network: self.region.network.map(|range| range.widened(NETWORK_PREFIX)),
            subnet: self.region.network,
        };
        Some(self.kept(self.name("-region"), parameters))
    }

    fn cluster(&self) -> Placed {
        let provisioning = self.plan.written.provisioning.as_ref();
        let k3s_version = provisioning.and_then(|table| table.value.k3s_version.as_ref());
        let parameters = ClusterParameters {
            name: self.name(""),
            region: self.reference(self.name("-region")),
            k3s_version: k3s_version.map_or_else(|| Spanned::new(K3S_VERSION.to_owned(), self.cause), text),
            tags: self.tags(),
        };
        // It has the plain name, which files of two kinds cannot both have.
        let file = self.name("-cluster").value;
        self.placed(&file, self.lasting(self.name("")), parameters)
    }

    fn pool(&self, role: NodeRole, pool: &Spanned<NodePool>, replicas: Spanned<i64>) -> Option<Placed> {
        let name = self.name(match role {
            NodeRole::ControlPlane => "-control-plane",
            NodeRole::Worker => "-workers",
        });
        let parameters = NodePoolParameters {
            name: name.clone(),
            cluster: self.reference(self.name("")),
            size: pool.value.size.clone()?,
            replicas,
            role,
            region: self.region.name.clone(),
            ssh_key: self.ssh_key(),
            network: self.region.network_id().cloned(),
        };
        Some(self.kept(name, parameters))
    }

    fn load_balancer(&self) -> Option<Placed> {
        let listeners = self.facts.listeners.iter().flat_map(|list| &list.value).filter_map(|listener| {
            let listener = &listener.value;
            Some((listener.port?.map(|port| port.0), listener.target?.map(|port| port.0)))
        });
        let parameters = LoadBalancerParameters {
            name: self.name("-lb"),
            region_claim: self.reference(self.name("-region")),
            region: self.region.name.clone(),
            kind: kit_text(self.facts.load_balancer.as_ref()?),
            network: self.region.network_id().cloned(),
            listeners: listeners.collect(),
            cluster: self.name(""),
            fqdn: text(&self.plan.fqdn),
        };
        Some(self.kept(self.name("-lb"), parameters))
    }

    /// Once the numbers of both networks are known.
    fn peering(&self, peering: &Peering<'_, '_>) -> Option<Placed> {
        let side = |region: &Region<'_>| Some((region.network_id()?.clone(), region.network));
        let name = format!("{}-to-{}", self.stem(peering.a), peering.b.code.value);
        let name = Spanned::new(name, peering.span);
        let parameters = PeeringParameters { name: name.clone(), a: side(peering.a)?, b: side(peering.b)? };
        Some(self.placed(&parameters.name.value.clone(), self.meta(name), parameters))
    }

    /// Returns what the provider shows of every machine (domain section 2.4).
    fn tags(&self) -> Vec<(&'static str, Spanned<String>)> {
        let at = |value: String| Spanned::new(value, self.cause);
        vec![
            ("catalyst.openova.io/sovereign", text(&self.plan.fqdn)),
            ("openova.io/building-block", at(BuildingBlock::Rtz.to_string())),
            ("openova.io/cluster", self.name("")),
            ("openova.io/env-type", text(&self.plan.env)),
            ("openova.io/managed-by", at("crossplane".to_owned())),
            ("openova.io/provider", text(&self.region.provider)),
            ("openova.io/region", self.region.code.clone()),
        ]
    }

    fn meta(&self, name: Spanned<String>) -> Meta {
        let managed_by = Spanned::new("crossplane".to_owned(), name.span);
        let mut meta = Meta::namespaced(name, &self.namespace);
        meta.labels = vec![
            (REGION_LABEL.to_owned(), text(&self.region.name)),
            ("catalyst.openova.io/sovereign".to_owned(), text(&self.plan.fqdn)),
            ("openova.io/env-type".to_owned(), text(&self.plan.env)),
            ("openova.io/managed-by".to_owned(), managed_by),
        ];
        meta
    }

    /// Returns the metadata of a claim that stays in the cluster when it leaves the tree.
    fn lasting(&self, name: Spanned<String>) -> Meta {
        let mut meta = self.meta(name);
        meta.annotations = vec![(PRUNE.0, Spanned::new(PRUNE.1.to_owned(), meta.name.span))];
        meta
    }

    /// Returns a claim that stays in the cluster when it leaves the tree, in a file of its name.
    fn kept<P>(&self, name: Spanned<String>, parameters: P) -> Placed
    where
        Object: From<Claim<P>>,
    {
        let file = name.value.clone();
        self.placed(&file, self.lasting(name), parameters)
    }

    fn placed<P>(&self, file: &str, meta: Meta, parameters: P) -> Placed
    where
        Object: From<Claim<P>>,
    {
        let claim = Claim {
            meta,
            api_version: self.api_version.clone(),
            config: self.config.clone(),
            config_group: self.config_group.clone(),
            parameters,
        };
        Placed {
            path: path(self.primary, Layer::Claims, file),
            layer: Layer::Claims,
            origin: origin(&format!("{}, kit {}", region_table(self.region), self.plan.kit.name)),
            object: claim.into(),
        }
    }
}

/// Returns how many machines a pool has.
fn count(pool: &Spanned<NodePool>) -> Spanned<i64> {
    pool.value.count.map_or(Spanned::new(1, pool.span), |count| count.map(|count| count.0))
}
