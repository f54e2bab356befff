//! What a manifest does not say, and what stands there instead: values with a cause like all others.

use std::fmt::Display;

use crate::plan::{Plan, Region};
use sovereign_text::source::{Span, Spanned};

/// A value that nobody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritten {
    /// The key that would give it: `region[sin].pod-cidr`.
    pub key: String,
    /// The value.
    pub value: String,
    /// What it follows from.
    pub cause: Span,
    /// Why it is this.
    pub reason: String,
}

impl Unwritten {
    fn new<T: Display>(key: String, value: &Spanned<T>, reason: impl Into<String>) -> Self {
        Self { key, value: value.value.to_string(), cause: value.span, reason: reason.into() }
    }
}

/// Returns the defaults that a plan took.
pub(super) fn of(plan: &Plan<'_>) -> Vec<Unwritten> {
    let mut taken = of_sovereign(plan);
    plan.regions.iter().for_each(|region| of_region(plan, region, &mut taken));
    taken
}

fn of_sovereign(plan: &Plan<'_>) -> Vec<Unwritten> {
    let written = plan.written;
    let mut taken = Vec::new();
    let mut take = |is_written: bool, default: Unwritten| {
        if !is_written {
            taken.push(default);
        }
    };
    let of = |key: &str, value: &dyn Display, cause, reason: &str| Unwritten {
        key: key.to_owned(),
        value: value.to_string(),
        cause,
        reason: reason.to_owned(),
    };
    let sovereign = written.sovereign.as_ref().map(|table| &table.value);
    take(
        sovereign.is_some_and(|table| table.env.is_some()),
        of(
            "sovereign.env",
            &plan.env.value,
            plan.env.span,
            "a Sovereign is for production unless it says otherwise",
        ),
    );
    let domain = written.domain.as_ref().map(|table| &table.value);
    take(
        domain.is_some_and(|table| table.fqdn.is_some()),
        of(
            "domain.fqdn",
            &plan.fqdn.value,
            plan.fqdn.span,
            "the name of the Sovereign below its parent domain",
        ),
    );
    let gitops = written.gitops.as_ref().map(|table| &table.value);
    let has = |given: fn(&sovereign_language::manifest::GitopsTable) -> bool| gitops.is_some_and(given);
    let Plan { gitops, tls, identity, contract, .. } = plan;
    let default = "the default of the language";
    take(
        has(|table| table.branch.is_some()),
        of("gitops.branch", &gitops.branch.value, gitops.branch.span, default),
    );
    take(
        has(|table| table.interval.is_some()),
        of("gitops.interval", &gitops.interval.value, gitops.interval.span, default),
    );
    take(
        has(|table| table.timeout.is_some()),
        of("gitops.timeout", &gitops.timeout.value, gitops.timeout.span, default),
    );
    take(
        written.tls.as_ref().is_some_and(|table| table.value.issuer.is_some()),
        of("tls.issuer", &tls.issuer.value, tls.issuer.span, default),
    );
    take(
        written.identity.as_ref().is_some_and(|table| table.value.keycloak.is_some()),
        of("identity.keycloak", &identity.keycloak.value, identity.keycloak.span, default),
    );
    take(
        written.topology.as_ref().is_some_and(|table| table.value.contract.is_some()),
        of("topology.contract", &contract.value, contract.span, default),
    );
    taken
}

fn of_region(plan: &Plan<'_>, region: &Region<'_>, taken: &mut Vec<Unwritten>) {
    let (written, index) = (region.written, region.index);
    let name = region.name.value.as_str();
    let key = |key: &str| format!("region[{name}].{key}");
    let number = format!("allocated by the number of the region, {index}");
    let mut take = |is_written: bool, default: Unwritten| {
        if !is_written {
            taken.push(default);
        }
    };
    let counted = "the primary is 0, and the others count on in the order of the file";
    take(written.index.is_some(), Unwritten::new(key("index"), &Spanned::new(index, written.span), counted));
    let first = "the first region is the primary unless one says that it is";
    take(written.role.is_some(), Unwritten::new(key("role"), &region.role, first));
    let known = format!("the code of {name} at {}", region.provider.value);
    take(written.code.is_some(), Unwritten::new(key("code"), &region.code, known));
    let id = "the number of the region and one: the mesh has no id 0";
    take(written.mesh_id.is_some(), Unwritten::new(key("mesh-id"), &region.mesh.id, id));
    let mesh = "the name of the Sovereign and the code of the region";
    take(written.mesh_name.is_some(), Unwritten::new(key("mesh-name"), &region.mesh.name, mesh));
    take(written.pod_cidr.is_some(), Unwritten::new(key("pod-cidr"), &region.pods, number.as_str()));
    take(
        written.service_cidr.is_some(),
        Unwritten::new(key("service-cidr"), &region.services, number.as_str()),
    );
    take(written.network_cidr.is_some(), Unwritten::new(key("network-cidr"), &region.network, number));
    let contract =
        format!("the contract `{}` gives a region of its place these vClusters", plan.contract.value);
    for tier in &region.vclusters {
        take(written.vclusters.is_some(), Unwritten::new(key("vclusters"), tier, contract.as_str()));
    }
}
