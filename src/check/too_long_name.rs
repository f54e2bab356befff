#![doc = include_str!("../../docs/diagnostics/too-long-name.md")]

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::grammar::dns::Fqdn;
use crate::grammar::name::ReleaseName;
use crate::plan::Plan;
use crate::source::Spanned;

/// Helm's limit for a release name: the names of its objects must leave room for a suffix.
const RELEASE: usize = 53;
/// Kubernetes' limit for a label value.
const LABEL_VALUE: usize = 63;
/// Cilium's limit for the name of a cluster in the mesh.
const MESH_NAME: usize = 32;

/// Reports names that are too long for where they end up.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
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

fn limit(name: &Spanned<&str>, most: usize, why: &str, diags: &mut Diagnostics) {
    let length = name.value.chars().count();
    if length > most {
        let shown = crate::shape::shorten(name.value);
        let message = format!("`{shown}` has {length} characters; at most {most} are possible");
        diags.push(Diagnostic::new(Code::TooLongName, name.span, message).note(why));
    }
}
