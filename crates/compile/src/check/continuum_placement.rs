#![doc = include_str!("../../../../docs/diagnostics/continuum-placement.md")]

use crate::plan::failover::{Application, Failover};
use sovereign_language::manifest::Placement;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::{Span, Spanned};

/// Reports keys of an application that its placement has no use for: one finding for each.
pub(crate) fn check(plan: &crate::plan::Plan<'_>, diags: &mut Diagnostics) {
    let Some(failover) = &plan.failover else { return };
    for application in &failover.applications {
        let placement = application.placement.value;
        if placement != Placement::ActiveHotstandby {
            for (key, span) in of_hot_standby(application) {
                report(failover, application, key, span, Placement::ActiveHotstandby, diags);
            }
        }
        let regions = application.written.regions.as_ref().filter(|_| placement != Placement::ActiveActive);
        if let Some(regions) = regions {
            report(failover, application, "regions", regions.span, Placement::ActiveActive, diags);
        }
    }
}

/// Returns the keys that speak of standbys and of the controller that moves the application.
fn of_hot_standby(application: &Application<'_>) -> Vec<(&'static str, Span)> {
    fn at<T>(key: &'static str, value: Option<&Spanned<T>>) -> Option<(&'static str, Span)> {
        value.map(|value| (key, value.span))
    }
    let table = application.written;
    [
        at("namespace", table.namespace.as_ref()),
        at("continuum", table.continuum.as_ref()),
        at("standbys", table.standbys.as_ref()),
        at("database", table.database.as_ref()),
        at("raft", table.raft.as_ref()),
        at("auto-failover", table.auto_failover.as_ref()),
        at("witness", table.witness.as_ref()),
        at("lease", table.lease.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn report(
    failover: &Failover<'_>,
    application: &Application<'_>,
    key: &str,
    span: Span,
    wanted: Placement,
    diags: &mut Diagnostics,
) {
    let name = &application.name.value;
    let placement = application.placement.value;
    let message = format!("`{key}` means something for `{wanted}` only, and `{name}` is `{placement}`");
    let found = Diagnostic::new(Code::ContinuumPlacement, span, message);
    let found = if application.written.placement.is_some() {
        found.related(application.placement.span, format!("`{name}` is `{placement}` by this"))
    } else if failover.mode.span == failover.span {
        found.note(format!(
            "neither `placement` nor `failover.mode` is written, and the default is `{placement}`"
        ))
    } else {
        found.related(failover.mode.span, "without a `placement` of its own, this is its placement")
    };
    diags.push(found.help(format!("write `placement = \"{wanted}\"` in its table, or remove `{key}`")));
}
