//! What the firewall of a region must let in, row by row with the reason.

use super::{Plan, Region};
use sovereign_language::scalar::{FirewallRule, Protocol};
use sovereign_text::node::{Node, Value};

/// The port of Cilium's WireGuard.
pub(crate) const WIREGUARD: FirewallRule = FirewallRule::one(Protocol::Udp, 51_871);

/// A row of the matrix.
#[derive(Debug)]
pub(crate) struct PortNeed {
    /// What must be let in.
    pub rule: FirewallRule,
    /// What stops without it.
    pub why: &'static str,
    applies: fn(&Plan<'_>, &Region<'_>) -> bool,
}

/// Every row. What leaves a region is open, and answers come back without a rule of their own.
pub(crate) static MATRIX: [PortNeed; 7] = [
    PortNeed {
        rule: FirewallRule::one(Protocol::Tcp, 53),
        why: "the Sovereign's own name servers answer for its zone, and large answers need TCP",
        applies: answers_names,
    },
    PortNeed {
        rule: FirewallRule::one(Protocol::Udp, 53),
        why: "the Sovereign's own name servers answer for its zone",
        applies: answers_names,
    },
    PortNeed {
        rule: FirewallRule::one(Protocol::Tcp, 80),
        why: "hosts are reached by HTTP, if only to be sent on to HTTPS",
        applies: |_, _| true,
    },
    PortNeed {
        rule: FirewallRule::one(Protocol::Tcp, 443),
        why: "hosts are reached by HTTPS",
        applies: |_, _| true,
    },
    PortNeed {
        rule: FirewallRule::one(Protocol::Tcp, 6443),
        why: "the Kubernetes API is reached here",
        applies: |_, _| true,
    },
    PortNeed {
        rule: FirewallRule::range(Protocol::Tcp, 30_000..=32_767),
        why: "the mesh's load balancer forwards to node ports at public addresses",
        applies: forwards_to_public_addresses,
    },
    PortNeed {
        rule: WIREGUARD,
        why: "regions reach each other by WireGuard over public addresses",
        applies: |plan, region| plan.is_in_mesh(region),
    },
];

impl PortNeed {
    /// Returns whether the firewall of a region must let it in.
    pub(crate) fn is_of(&self, plan: &Plan<'_>, region: &Region<'_>) -> bool {
        (self.applies)(plan, region)
    }
}

fn answers_names(plan: &Plan<'_>, region: &Region<'_>) -> bool {
    plan.serves_own_zone() && region.release("bp-powerdns").is_some()
}

impl Plan<'_> {
    /// Returns whether the network of a region joins it with the others.
    pub(crate) fn is_in_mesh(&self, region: &Region<'_>) -> bool {
        let on = network(region, &["clustermesh", "useAPIServer"]);
        self.regions.len() > 1 && on.is_some_and(|on| matches!(on.value, Value::Bool(true)))
    }
}

fn forwards_to_public_addresses(plan: &Plan<'_>, region: &Region<'_>) -> bool {
    let Some(annotation) = region.provider.value.cloud().private_ip_annotation else { return false };
    let private = network(region, &["clustermesh", "apiserver", "service", "annotations", annotation]);
    plan.is_in_mesh(region) && private.is_some_and(|private| private.as_str() == Some("false"))
}

/// Returns a value of the network's chart.
fn network<'p>(region: &'p Region<'_>, path: &[&str]) -> Option<&'p Node> {
    region.release("bp-cilium")?.values.at(&["cilium"])?.at(path)
}
