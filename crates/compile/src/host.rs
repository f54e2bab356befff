//! Hosts: which ones a text names, and whether they are the Sovereign's own.

mod domain;
mod shape;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::lower::Placed;
use crate::object::{FLUX_NAMESPACE, Hosts, Object, WitnessConfig};
use crate::plan::Plan;
use crate::plan::placement::BUILT_IN;
use sovereign_language::image;
use sovereign_text::key_hint;
use sovereign_text::node::Node;

/// Where Cloudflare's key-value store answers (domain appendix C).
const CLOUDFLARE: &str = "api.cloudflare.com";

/// Where a host is, seen from a Sovereign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The Sovereign's own name and what is below it, its domain, its addresses, and those of private networks.
    Own,
    /// Inside the cluster.
    Cluster,
    /// Anywhere else.
    Outside,
}

/// A Sovereign, or an Organization on it, as a place to see hosts from.
#[derive(Clone, Copy, Debug)]
pub struct Home<'p, 'a> {
    plan: &'p Plan<'a>,
    slug: Option<&'p str>,
}

impl<'p, 'a> Home<'p, 'a> {
    /// Returns the platform, from which the namespaces of all Organizations are seen.
    pub(crate) fn of_platform(plan: &'p Plan<'a>) -> Self {
        Self { plan, slug: None }
    }

    /// Returns an Organization, which sees its own namespace and those of the platform, but no other's: which
    /// others there are must not decide what becomes of it. Namespaces that a failover brings depend on it
    /// too, so they are not asked.
    fn of_organization(plan: &'p Plan<'a>, slug: &'p str) -> Self {
        Self { plan, slug: Some(slug) }
    }

    /// Whoever an object of the tree is of.
    pub fn new(plan: &'p Plan<'a>, placed: &'p Placed) -> Self {
        placed.owner().map_or_else(|| Self::of_platform(plan), |slug| Self::of_organization(plan, slug))
    }

    /// Returns where a host is, with or without a port.
    pub fn place(&self, host: &str) -> Place {
        let name = name(host).to_ascii_lowercase();
        if let Ok(address) = name.parse::<IpAddr>() {
            let is_own = is_private(address) || self.has_address(address);
            return if is_own { Place::Own } else { Place::Outside };
        }
        let below = |domain: &str| {
            name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        // The domain that its name is in is no host, but values name it.
        if below(self.plan.fqdn.value.as_str()) || name == self.plan.domain.parent.value {
            return Place::Own;
        }
        let in_cluster = match name.split_once('.') {
            None => true,
            Some((service, namespace)) if self.has_namespace(namespace) || is_pod(service, namespace) => true,
            Some(_) => below("svc") || below("cluster.local"),
        };
        if in_cluster { Place::Cluster } else { Place::Outside }
    }

    fn has_address(&self, address: IpAddr) -> bool {
        let observed = self.plan.regions.iter().filter_map(|region| region.written.observed.as_ref());
        let mut addresses = observed.flat_map(|observed| {
            let observed = &observed.value;
            [&observed.load_balancer_address, &observed.control_plane_address].into_iter().flatten()
        });
        addresses.any(|own| IpAddr::from(own.value.addr()) == address)
    }

    fn has_namespace(&self, name: &str) -> bool {
        let mut releases = self.plan.regions.iter().flat_map(|region| &region.releases);
        let is_of_tenant = self.slug.map_or_else(|| self.plan.summary(name).is_some(), |own| own == name);
        is_of_tenant
            || name == FLUX_NAMESPACE
            || BUILT_IN.contains(&name)
            || releases.any(|release| release.blueprint.namespace.value.as_str() == name)
            || self.has_application(name)
    }

    /// Returns whether an Organization has an application of this name: inside a vCluster each may have a
    /// namespace of its own.
    fn has_application(&self, name: &str) -> bool {
        let organization = self.slug.and_then(|slug| self.plan.organization(slug));
        organization.is_some_and(|organization| {
            organization.applications().any(|(_, application)| application.name.value.as_str() == name)
        })
    }
}

/// Returns whether two labels are a Pod of a StatefulSet and its headless Service, which a chart calls alike:
/// `openbao-0.openbao-internal`.
fn is_pod(pod: &str, service: &str) -> bool {
    let Some((set, ordinal)) = pod.rsplit_once('-') else { return false };
    let is_ordinal = !ordinal.is_empty() && ordinal.bytes().all(|b| b.is_ascii_digit());
    let is_of_set = service
        .strip_prefix(set)
        .is_some_and(|rest| rest.is_empty() || (rest.starts_with('-') && !rest.contains('.')));
    is_ordinal && is_of_set
}

/// Returns a host without its port.
pub fn name(host: &str) -> &str {
    if host.parse::<Ipv6Addr>().is_ok() { host } else { host.split(':').next().unwrap_or_default() }
}

/// Returns whether an address is one that no router of the internet knows.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let is_shared = matches!(address.octets(), [100, 64..=127, ..]);
            let is_near = address.is_private() || address.is_link_local() || address.is_loopback();
            is_near || is_shared || address.is_multicast() || address.is_broadcast() || is_this(address)
        }
        // Global unicast is 2000::/3.
        IpAddr::V6(address) => address.octets()[0] >> 5 != 1,
    }
}

/// `0.0.0.0/8`, which stands for any address or for none.
fn is_this(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [0, ..])
}

/// Visits every host that an object names, with the value that names it.
pub fn of_object(object: &Object, see: &mut dyn FnMut(&Node, &str)) {
    match object.hosts() {
        Hosts::Nowhere => return,
        Hosts::Anywhere => of_node("", &object.node(), see),
        Hosts::Below(path) => {
            let key = path.last().copied().unwrap_or_default();
            object.node().at(path).into_iter().for_each(|below| of_node(key, below, see));
        }
    }
    if let Object::Continuum(continuum) = object
        && let WitnessConfig::CloudflareKv { account, .. } = &continuum.witness_config
    {
        // The controller knows where that is; no value says it.
        see(&account.clone().into(), CLOUDFLARE);
    }
}

/// Visits every host that a value tree behind a key names.
pub(crate) fn of_node(key: &str, node: &Node, see: &mut dyn FnMut(&Node, &str)) {
    key_hint::texts(key, node, &mut |key, node| {
        for host in node.as_str().into_iter().flat_map(|text| hosts(key, text)) {
            see(node, host);
        }
    });
    image::in_tree(key, node, &mut |found| see(found.registry, &found.image.registry));
}

/// Returns the hosts that a text behind a key names, with their ports.
pub fn hosts<'a>(key: &'a str, text: &'a str) -> Vec<&'a str> {
    // Most texts of a tree are words without either, and none of those is a host that a dot or a scheme tells.
    if !text.contains(['.', ':']) {
        return Vec::new();
    }
    key_hint::words(key, text).into_iter().filter_map(shape::host).collect()
}
