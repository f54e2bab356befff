#![doc = include_str!("../../../../docs/diagnostics/unguarded-shard.md")]

use crate::object::FLUX_RELEASE;
use crate::plan::{Plan, Region, Shards};
use sovereign_language::scalar::UNSHARDED;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, Value};

/// The values of bp-flux that hold further arguments of Flux's own controllers.
const ARGUMENTS: [[&str; 4]; 3] =
    [arguments("sourceController"), arguments("kustomizeController"), arguments("helmController")];

const fn arguments(controller: &str) -> [&str; 4] {
    ["flux2", controller, "container", "additionalArgs"]
}

/// Reports regions where Flux's own controllers would work on what belongs to a shard: two controllers that install one
/// release undo each other's work.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(shards) = plan.shards else { return };
    for region in &plan.regions {
        of_region(region, shards, diags);
    }
}

fn of_region(region: &Region<'_>, shards: Shards, diags: &mut Diagnostics) {
    let name = &region.name;
    let Some(flux) = region.release(FLUX_RELEASE) else {
        let message = format!("region `{}` has shards and lacks `{FLUX_RELEASE}`", name.value);
        diags.push(
            Diagnostic::new(Code::UnguardedShard, shards.span(), message)
                .related(name.span, "the region")
                .note("without it nothing tells Flux's own controllers to leave the shards' objects alone")
                .help(format!("leave `{FLUX_RELEASE}` on, or remove `shards`")),
        );
        return;
    };
    for path in ARGUMENTS {
        let given = flux.values.at(&path);
        if given.is_some_and(is_guarded) {
            continue;
        }
        let key = path.join(".");
        let message = format!("`{key}` lets one of Flux's own controllers work on the shards' objects too");
        let found = Diagnostic::new(
            Code::UnguardedShard,
            given.map_or(flux.version.span, |node| node.cause),
            message,
        )
        .related(shards.span(), "the shards")
        .help(format!("add `\"{UNSHARDED}\"` to that list"));
        diags.push(found);
    }
}

fn is_guarded(arguments: &Node) -> bool {
    matches!(&arguments.value, Value::List(list) if list.iter().any(|item| item.as_str() == Some(UNSHARDED)))
}
