#![doc = include_str!("../../../../docs/diagnostics/duplicate-node-port.md")]

use std::collections::BTreeMap;

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, Step, Value};
use sovereign_text::source::Span;

/// Who has a port of the nodes.
struct Owner<'p> {
    what: &'p str,
    span: Span,
}

/// Reports ports of the nodes that Helm values ask for and that another release, or the Gateway, has. A release may name one
/// twice: for TCP and for UDP.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let mut owners = of_load_balancers(plan);
        for release in &region.releases {
            let what = release.blueprint.name.value.as_str();
            release.values.walk(&mut |path, node| {
                let Some(port) = node_port(path, node) else { return };
                let owner = Owner { what, span: node.cause };
                match owners.get(&port) {
                    Some(first) if first.what != what => diags.push(report(port, first, &owner)),
                    Some(_) => {}
                    None => {
                        owners.insert(port, owner);
                    }
                }
            });
        }
    }
}

/// Returns the ports that load balancers lead to: the Gateway's, the same at every provider.
fn of_load_balancers<'p>(plan: &'p Plan<'_>) -> BTreeMap<i64, Owner<'p>> {
    let claims = plan.kit.crossplane_providers.iter().filter_map(|provider| provider.claims.as_ref());
    let listeners = claims.filter_map(|claims| claims.value.listeners.as_ref()).flat_map(|list| &list.value);
    let targets = listeners.filter_map(|listener| listener.value.target.as_ref());
    targets.map(|target| (target.value.0, Owner { what: "the load balancer", span: target.span })).collect()
}

/// Returns the port that a value asks for: `nodePort = 30053`, or an item of `nodePorts`.
fn node_port(path: &[Step<'_>], node: &Node) -> Option<i64> {
    let is_port = matches!(path, [.., Step::Key("nodePort")] | [.., Step::Key("nodePorts"), Step::Key(_)]);
    let Value::Integer(port) = node.value else { return None };
    // Zero, as an empty text, leaves the choice to the cluster.
    (is_port && port != 0).then_some(port)
}

fn report(port: i64, first: &Owner<'_>, again: &Owner<'_>) -> Diagnostic {
    // What a kit says stays; a person's is the one to change.
    let (wrong, other) = if first.span.source.is_input() && !again.span.source.is_input() {
        (first, again)
    } else {
        (again, first)
    };
    let message = format!("port {port} of the nodes belongs to {}", other.what);
    Diagnostic::new(Code::DuplicateNodePort, wrong.span, message)
        .label(format!("asked for by {}", wrong.what))
        .related(other.span, format!("for {}", other.what))
        .note("a cluster has each port once; the API server refuses the second Service")
        .help("write another one, or leave it out: then the cluster chooses one that is free")
}
