#![doc = include_str!("../../../../docs/diagnostics/outside-registry.md")]

use std::collections::BTreeSet;

use crate::host::{self, Home, Place};
use crate::lower::{Lowered, Placed};
use crate::plan::{Airgap, Plan, Region, mirror};
use crate::provision;
use sovereign_language::image;
use sovereign_language::scalar::VCLUSTER;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::Node;
use sovereign_text::source::Span;

/// Reports issuers of an air-gapped tree that sit outside.
pub(crate) fn issuers(plan: &Plan<'_>, _: &Lowered, diags: &mut Diagnostics) {
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

/// Reports hosts that the machines of an air-gapped Sovereign are told of before Flux runs.
pub(crate) fn machines(plan: &Plan<'_>, _: &Lowered, diags: &mut Diagnostics) {
    let Some(airgap) = &plan.airgap else { return };
    let (mut gap, home) = (Gap::new(plan, airgap), Home::of_platform(plan));
    provision::each(plan, &mut |_, variable, value| {
        host::of_node(variable, value, &mut |node, named| gap.judge(home, node, named, diags));
    });
    let state = provision::state::written(plan).and_then(|table| table.value.endpoint.as_ref());
    if let Some(endpoint) = state {
        let node = Node::new(endpoint.value.to_string(), endpoint.span);
        host::of_node("endpoint", &node, &mut |node, named| gap.judge(home, node, named, diags));
    }
}

/// Reports hosts in an air-gapped tree that cannot be reached from it.
pub(crate) fn check(plan: &Plan<'_>, _: Option<&Region<'_>>, objects: &[Placed], diags: &mut Diagnostics) {
    let Some(airgap) = &plan.airgap else { return };
    let mut gap = Gap::new(plan, airgap);
    for placed in objects {
        let home = Home::new(plan, placed);
        host::of_object(&placed.object, &mut |node, named| gap.judge(home, node, named, diags));
    }
}

/// What can be reached through the air gap, and what was said already.
struct Gap<'p, 'a> {
    plan: &'p Plan<'a>,
    airgap: &'p Airgap,
    inside: BTreeSet<&'p str>,
    seen: BTreeSet<(Span, String)>,
}

impl<'p, 'a> Gap<'p, 'a> {
    fn new(plan: &'p Plan<'a>, airgap: &'p Airgap) -> Self {
        let inside = airgap.hosts.iter().chain([&airgap.registry]).map(|host| host.value.name()).collect();
        Self { plan, airgap, inside, seen: BTreeSet::new() }
    }

    fn judge(&mut self, home: Home<'_, '_>, node: &Node, named: &str, diags: &mut Diagnostics) {
        if self.is_reached(home, node, named) || !self.seen.insert((node.cause, named.to_owned())) {
            return;
        }
        if !diags.overflows(Code::OutsideRegistry) {
            diags.push(self.report(node, named));
        }
    }

    fn is_reached(&self, home: Home<'_, '_>, node: &Node, named: &str) -> bool {
        let name = host::name(named).to_ascii_lowercase();
        // Where no URL could be read, the plan has a stand-in.
        let has_url = self.plan.written.gitops.as_ref().is_some_and(|gitops| gitops.value.url.is_some());
        let is_stand_in = node.cause == self.plan.gitops.url.span && !has_url;
        let is_issuer = self.plan.tls.is_acme() && name.ends_with("letsencrypt.org");
        is_stand_in || is_issuer || self.inside.contains(name.as_str()) || home.place(named) != Place::Outside
    }

    fn report(&self, node: &Node, named: &str) -> Diagnostic {
        let registry = &self.airgap.registry;
        let message =
            format!("`{}` cannot be reached through the air gap", sovereign_language::schema::shorten(named));
        let found = Diagnostic::new(Code::OutsideRegistry, node.cause, message)
            .related(registry.span, "everything comes from here");
        let namespace = host::name(named).split_once('.').filter(|(service, _)| *service == VCLUSTER);
        if namespace.is_some_and(|(_, namespace)| !namespace.contains('.')) {
            let found = found.note("an Organization reaches its own vCluster and no other one");
            return found.help("remove it, or write the name of one that is reached");
        }
        let is_said = node.as_str().is_some_and(|text| text.contains(named));
        let found = match named {
            image::HUB if !is_said => found.note("an image without a registry comes from Docker Hub"),
            _ => found,
        };
        let place = mirror::mirrored(named, registry.value.as_str());
        let from = place.map_or_else(
            || format!("write one inside, which for images is `{}`", registry.value),
            |place| format!("take it from `{place}`"),
        );
        found.help(format!("{from}, or add the host to `[airgap] hosts` if it is inside"))
    }
}
