#![doc = include_str!("../../../../docs/diagnostics/reserved-name.md")]

mod names;

use std::collections::BTreeSet;

use names::{reserved_organization, reserved_subdomain};

use crate::dns;
use crate::lower::Layer;
use crate::plan::Plan;
use crate::plan::placement::BUILT_IN;
use crate::plan::tenant::Organization;
use sovereign_language::manifest::DomainMode;
use sovereign_language::scalar::{Fqdn, Scalar as _};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Directories beside those of the regions.
const DIRECTORIES: [&str; 2] = [dns::DIRECTORY, "infrastructure"];

/// What Cilium calls a cluster that is in no mesh; it does not start under this name with an id (`cluster.id`).
const NO_MESH: &str = "default";

/// The namespace of the vCluster chart's source, which a release makes.
const OF_CHARTS: &str = "vcluster-system";

/// Reports a Sovereign's name that the pool keeps for itself, a region named like a directory of the tree or like a cluster
/// without a mesh, and an Organization, or a host of one, named like something of the platform.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
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
        if DIRECTORIES.contains(&name) || Layer::is_shared_directory(name) {
            let message = format!("`{name}` is a directory of every tree, so no region can have the name");
            diags.push(Diagnostic::new(Code::ReservedName, region.name.span, message));
        }
        if region.mesh.name.value == NO_MESH {
            let message = format!("`{NO_MESH}` is what Cilium calls a cluster that is in no mesh");
            diags.push(
                Diagnostic::new(Code::ReservedName, region.mesh.name.span, message)
                    .note("with a mesh id beside that name, its agents do not start")
                    .help("leave `mesh-name` out, or write another name"),
            );
        }
    }
    organizations(plan, diags);
}

/// Reports hosts of an Organization that are the Sovereign's own, or that the pool keeps for itself.
fn hosts(plan: &Plan<'_>, organization: &Organization<'_>, diags: &mut Diagnostics) {
    let own = |host: &str| {
        let host = Fqdn::parse(host).ok()?;
        let published =
            || plan.kit.blueprints.iter().find(|b| b.publishes_host(&host, &plan.fqdn.value).is_some());
        if host == plan.fqdn.value {
            return Some(("is the name of the Sovereign itself".to_owned(), plan.fqdn.span));
        }
        published().map(|b| (format!("is where `{}` answers", b.name.value), plan.fqdn.span))
    };
    let taken = |host: &str, span, (reason, related): (String, _)| {
        let message = format!("`{host}` {reason}, so no Organization can have the host");
        Diagnostic::new(Code::ReservedName, span, message).related(related, "the Sovereign's name")
    };
    if let Some(host) = organization.public_host() {
        let label = host.value.split('.').next().unwrap_or_default();
        if let Some(reason) = own(&host.value) {
            diags.push(taken(&host.value, host.span, reason).help("write another `subdomain`"));
        } else if reserved_subdomain(label) {
            let message = format!("`{label}` is reserved as a subdomain of the pool");
            diags.push(
                Diagnostic::new(Code::ReservedName, host.span, message)
                    .note("the platform's own hosts have names like this one")
                    .help("write another `subdomain`"),
            );
        }
    }
    let Some(domain) = &organization.written.domain else { return };
    let hosts = organization.applications().map(|(environment, application)| {
        (application.host(organization, environment, &plan.fqdn.value), application.name.span)
    });
    diags.extend(hosts.filter_map(|(host, span)| {
        let found = taken(&host, span, own(&host)?).related(domain.span, "below this domain");
        Some(found.help("write another `name`, or another `domain` of the Organization"))
    }));
}

fn organizations(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let of_blueprints = plan.kit.blueprints.iter().map(|blueprint| blueprint.namespace.value.as_str());
    let namespaces: BTreeSet<&str> = of_blueprints.chain(BUILT_IN).chain([OF_CHARTS]).collect();
    for organization in &plan.organizations {
        hosts(plan, organization, diags);
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
