#![doc = include_str!("../../../../docs/diagnostics/too-long-name.md")]

use crate::plan::Plan;
use crate::plan::tenant::Organization;
use sovereign_language::scalar::{Fqdn, ReleaseName};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// Helm's limit for a release name: the names of its objects must leave room for a suffix.
const RELEASE: usize = 53;
/// Kubernetes' limit for a label value.
const LABEL_VALUE: usize = 63;
/// Cilium's limit for the name of a cluster in the mesh.
const MESH_NAME: usize = 32;
/// The DNS' limit for a name (RFC 1035, section 3.1: 255 octets, of which the text lacks two).
const HOST: usize = 253;

/// Reports names that are too long for where they end up.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let fqdn = plan.fqdn.as_ref().map(Fqdn::as_str);
    // A tighter limit than those of DNS, for a part and for the whole of a name.
    limit(&fqdn, LABEL_VALUE, "it is the value of the label `catalyst.openova.io/sovereign`", diags);
    for region in &plan.regions {
        let mesh = region.mesh.name.as_ref().map(String::as_str);
        limit(&mesh, MESH_NAME, "Cilium's cluster mesh takes no longer name; give `mesh-name`", diags);
        let label = region.label.as_ref().map(String::as_str);
        limit(&label, LABEL_VALUE, "it is the value of the node label `openova.io/region`", diags);
        for release in &region.releases {
            let name = release.blueprint.release.as_ref().map(ReleaseName::as_str);
            limit(&name, RELEASE, "Helm takes no longer release name", diags);
        }
    }
    plan.organizations.iter().for_each(|organization| hosts(plan, organization, diags));
    for organization in
        plan.organizations.iter().filter(|organization| organization.plan.value.has_vcluster())
    {
        for (_, application) in organization.applications() {
            let name = Spanned::new(application.synced_name(), application.name.span);
            let name = name.as_ref().map(String::as_str);
            limit(&name, LABEL_VALUE, "a Service of the vCluster has this name in the host cluster", diags);
        }
    }
}

/// Reports hosts of an Organization that are no names of the DNS: the longest below its own domain, and the one of its public
/// Service. Below the Sovereign's own name there is room for all.
fn hosts(plan: &Plan<'_>, organization: &Organization<'_>, diags: &mut Diagnostics) {
    let hosts = organization.applications().map(|(environment, application)| {
        (application.host(organization, environment, &plan.fqdn.value), application.name.span)
    });
    let longest = hosts.max_by_key(|(host, _)| host.len());
    if let (Some((host, span)), Some(domain)) = (longest, &organization.written.domain) {
        let host = Spanned::new(host, domain.span);
        diags
            .extend(host_of(&host).map(|found| found.related(span, "this application has the longest host")));
    }
    diags.extend(organization.public_host().as_ref().and_then(host_of));
}

fn host_of(host: &Spanned<String>) -> Option<Diagnostic> {
    let found = too_long(&host.as_ref().map(String::as_str), HOST, "it is a host, and would have no record")?;
    Some(found.help("shorten the domain: the DNS takes 63 characters in a label and 253 in the whole name"))
}

fn limit(name: &Spanned<&str>, most: usize, why: &str, diags: &mut Diagnostics) {
    diags.extend(too_long(name, most, why));
}

fn too_long(name: &Spanned<&str>, most: usize, why: &str) -> Option<Diagnostic> {
    let length = name.value.chars().count();
    let shown = sovereign_language::schema::shorten(name.value);
    let message = format!("`{shown}` has {length} characters; at most {most} are possible");
    (length > most).then(|| Diagnostic::new(Code::TooLongName, name.span, message).note(why))
}
