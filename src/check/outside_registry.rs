#![doc = include_str!("../../docs/diagnostics/outside-registry.md")]

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::host::{self, Place};
use crate::lower::{Lowered, Placed};
use crate::node::Node;
use crate::plan::tenant::VCLUSTER;
use crate::plan::{Airgap, Plan, Region};

/// Reports issuers of an air-gapped tree that sit outside.
pub fn issuers(plan: &Plan<'_>, _: &Lowered, diags: &mut Diagnostics) {
    let Some(airgap) = &plan.airgap else { return };
    if plan.tls.is_acme() {
        let message = "an air-gapped Sovereign cannot reach Let's Encrypt";
        let written = plan.written.tls.as_ref().and_then(|tls| tls.value.issuer);
        let found = match written {
            Some(issuer) => Diagnostic::new(Code::OutsideRegistry, issuer.span, message)
                .related(airgap.registry.span, "the air gap"),
            None => Diagnostic::new(Code::OutsideRegistry, airgap.registry.span, message)
                .label("the air gap")
                .note("without `[tls] issuer` the certificates come from Let's Encrypt"),
        };
        diags.push(found.help("write `issuer = \"corporate-ca\"` and the `ca` in `[tls]`"));
    }
}

/// Reports hosts in an air-gapped tree that cannot be reached from it.
pub fn check(plan: &Plan<'_>, _: Option<&Region<'_>>, objects: &[Placed], diags: &mut Diagnostics) {
    let Some(airgap) = &plan.airgap else { return };
    let inside: BTreeSet<&str> =
        airgap.hosts.iter().chain([&airgap.registry]).map(|host| host.value.name()).collect();
    let mut seen = BTreeSet::new();
    let has_url = plan.written.gitops.as_ref().is_some_and(|gitops| gitops.value.url.is_some());
    for object in objects.iter().map(|placed| &placed.object) {
        host::of_object(object, &mut |node, named| {
            // Where no URL could be read, the plan has a stand-in.
            let stand_in = node.cause == plan.gitops.url.span && !has_url;
            let known = stand_in || reachable(plan, &inside, named);
            if known || !seen.insert((node.cause, named.to_owned())) || diags.overflows(Code::OutsideRegistry)
            {
                return;
            }
            diags.push(report(airgap, named, node));
        });
    }
}

fn report(airgap: &Airgap, host: &str, node: &Node) -> Diagnostic {
    let message = format!("`{}` cannot be reached through the air gap", crate::shape::shorten(host));
    Diagnostic::new(Code::OutsideRegistry, node.cause, message)
        .related(airgap.registry.span, "everything comes from here")
        .help(format!(
            "take it from `{}`, or add the host to `[airgap] hosts` if it is inside",
            airgap.registry.value
        ))
}

fn reachable(plan: &Plan<'_>, inside: &BTreeSet<&str>, named: &str) -> bool {
    let name = named.split(':').next().unwrap_or_default();
    let acme = plan.tls.is_acme() && name.ends_with("letsencrypt.org");
    let of_tenant = matches!(name.split_once('.'), Some((VCLUSTER, slug)) if plan.resident(slug).is_some());
    acme || of_tenant
        || inside.contains(name)
        || host::is_private(name)
        || host::place(named, plan.fqdn.value.as_str()) != Place::Outside
}
