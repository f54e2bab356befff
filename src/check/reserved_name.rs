#![doc = include_str!("../../docs/diagnostics/reserved-name.md")]

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dns;
use crate::grammar::identity::{reserved_organization, reserved_subdomain};
use crate::lower::Layer;
use crate::manifest::DomainMode;
use crate::plan::Plan;
use crate::plan::release::BUILT_IN;

/// Directories beside those of the regions.
const DIRECTORIES: [&str; 2] = [dns::DIRECTORY, "infrastructure"];

/// The namespace of the vCluster chart's source, which a release makes.
const OF_CHARTS: &str = "vcluster-system";

/// Reports a Sovereign's name that the pool keeps for itself, a region named like a directory of the tree, and an
/// Organization named like something of the platform.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let name = &plan.name;
    if plan.domain.mode.value == DomainMode::Pool && reserved_subdomain(name.value.as_str()) {
        let message = format!("`{}` is reserved as a subdomain of the pool", name.value);
        diags.push(
            Diagnostic::new(Code::ReservedName, name.span, message)
                .related(plan.domain.mode.span, "in this mode the name becomes a subdomain")
                .note("the platform's own hosts have names like this one")
                .help("choose another name"),
        );
    }
    for region in &plan.regions {
        let name = region.name.value.as_str();
        if DIRECTORIES.contains(&name) || name == Layer::SovereignValues.directory() {
            let message = format!("`{name}` is a directory of every tree, so no region can have the name");
            diags.push(Diagnostic::new(Code::ReservedName, region.name.span, message));
        }
    }
    organizations(plan, diags);
}

fn organizations(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let of_blueprints = plan.kit.blueprints.iter().map(|blueprint| blueprint.namespace.value.as_str());
    let namespaces: BTreeSet<&str> = of_blueprints.chain(BUILT_IN).chain([OF_CHARTS]).collect();
    for organization in &plan.organizations {
        let slug = &organization.slug;
        let of_platform =
            || namespaces.contains(slug.value.as_str()).then_some("is a namespace of the platform");
        if let Some(reason) = reserved_organization(slug.value.as_str()).or_else(of_platform) {
            let message = format!("`{}` {reason}, so no Organization can have the name", slug.value);
            diags.push(
                Diagnostic::new(Code::ReservedName, slug.span, message)
                    .note("an Organization's name becomes a namespace and a part of other names")
                    .help("choose another slug"),
            );
        }
    }
}
