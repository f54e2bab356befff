#![doc = include_str!("../../../../docs/diagnostics/stopped-controller.md")]

use std::collections::BTreeSet;

use crate::plan::Plan;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, Step, Value};

/// The keys by which charts say how many Pods of a workload run.
const REPLICAS: [&str; 2] = ["replicas", "replicaCount"];
/// The keys below which charts switch on what nothing works without: three of Flux, and that of a network (charts of
/// `flux2` and `cilium`).
const CONTROLLERS: [&str; 4] = ["helmController", "kustomizeController", "operator", "sourceController"];

/// Reports values that leave a workload without a Pod, in a release that runs controllers which everything stands on.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for region in &plan.regions {
        for release in region.releases.iter().filter(|release| release.blueprint.controller) {
            let name = release.blueprint.name.value.as_str();
            release.values.walk(&mut |path, node| {
                // One value of all regions is one mistake.
                if is_none(path, node) && seen.insert(node.cause) {
                    let message = format!("`{name}` would run without a Pod of one of its controllers");
                    diags.push(
                        Diagnostic::new(Code::StoppedController, node.cause, message)
                            .note("nothing is reconciled any more, and no condition says so: all stay as they were last")
                            .help("write 1 or more, or leave it out"),
                    );
                }
            });
        }
    }
}

fn is_none(path: &[Step<'_>], node: &Node) -> bool {
    match path {
        [.., Step::Key(key)] if REPLICAS.contains(key) => node.value == Value::Integer(0),
        [.., Step::Key(of), Step::Key("create" | "enabled")] => {
            CONTROLLERS.contains(of) && node.value == Value::Bool(false)
        }
        _ => false,
    }
}
