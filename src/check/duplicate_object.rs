#![doc = include_str!("../../docs/diagnostics/duplicate-object.md")]

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::lower::Lowered;
use crate::plan::Plan;

/// Reports two objects of one identity in a cluster, and two files of one path.
pub fn check(_: &Plan<'_>, lowered: &Lowered, diags: &mut Diagnostics) {
    for cluster in &lowered.clusters {
        let mut objects = BTreeMap::new();
        for placed in &cluster.objects {
            let identity = placed.object.identity();
            let span = placed.object.meta().name.span;
            let (kind, name) = (identity.kind, identity.name.clone());
            if let Some(first) = objects.insert(identity, span) {
                let message = format!("{kind} `{name}` exists twice in region `{}`", cluster.directory);
                diags.push(
                    Diagnostic::new(Code::DuplicateObject, span, message)
                        .label("again here")
                        .related(first, "first here")
                        .note("Flux would apply both in turn, for ever"),
                );
            }
        }
    }
}
