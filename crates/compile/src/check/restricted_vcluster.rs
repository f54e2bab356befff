#![doc = include_str!("../../../../docs/diagnostics/restricted-vcluster.md")]

use crate::plan::Plan;
use sovereign_language::manifest::PodSecurity;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// What the vCluster chart runs that `restricted` refuses (measured upstream: the StatefulSet never starts).
const REFUSED: &str = "the `syncer` container of the vCluster StatefulSet runs as root and with a writable root \
                       file system, and so does its `vcluster-copy` init container";

/// Reports vCluster namespaces at the level `restricted`.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        for namespace in &region.namespaces {
            let (Some(tier), PodSecurity::Restricted) = (namespace.vcluster, namespace.level.value) else {
                continue;
            };
            let message = format!(
                "namespace `{}` holds the vCluster `{tier}`, which `restricted` refuses",
                namespace.name.value
            );
            diags.push(
                Diagnostic::new(Code::RestrictedVcluster, namespace.level.span, message).note(REFUSED).fix(
                    "write",
                    namespace.level.span,
                    "\"baseline\"",
                ),
            );
        }
    }
}
