#![doc = include_str!("../../../../docs/diagnostics/lossy-replication.md")]

use crate::plan::Plan;
use crate::plan::failover::Application;
use sovereign_language::manifest::Replication;
use sovereign_language::scalar::Objective;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// Reports applications that may lose nothing and whose data follows later, or not at all.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let applications = plan.failover.iter().flat_map(|failover| &failover.applications);
    for application in applications.filter(|application| application.has_continuum()) {
        let nothing_lost = application.rpo.as_ref().filter(|rpo| rpo.value.seconds() == 0);
        if let Some(found) = nothing_lost.and_then(|rpo| lossy(plan, application, rpo)) {
            diags.push(found);
        }
    }
}

fn lossy(plan: &Plan<'_>, application: &Application<'_>, rpo: &Spanned<Objective>) -> Option<Diagnostic> {
    let (name, zero) = (&application.name.value, &rpo.value);
    if let Some(raft) = application.raft {
        let message = format!("a Raft transition cannot keep the rpo of {zero} of `{name}`");
        return Some(
            Diagnostic::new(Code::LossyReplication, rpo.span, message)
                .label("nothing may be lost")
                .related(raft.span, "promoted from a snapshot: what was written after it is lost")
                .help("promise the time between two snapshots at least, such as `rpo = \"15m\"`"),
        );
    }
    if let Some(database) = application.database {
        let mode = database.mode.filter(|mode| mode.value == Replication::Async)?;
        let message = format!("replication in mode `async` cannot keep the rpo of {zero} of `{name}`");
        return Some(
            Diagnostic::new(Code::LossyReplication, mode.span, message)
                .label("what the standby did not get yet is lost")
                .related(rpo.span, "nothing may be lost")
                .fix("to lose nothing, write", mode.span, format!("\"{}\"", Replication::Sync)),
        );
    }
    // What stores nothing loses nothing.
    let blueprint = application.blueprint.as_ref()?;
    plan.kit.blueprint(blueprint.value.as_str()).filter(|blueprint| blueprint.stateful)?;
    let message = format!("nothing replicates the data of `{name}`, which has an rpo of {zero}");
    Some(
        Diagnostic::new(Code::LossyReplication, rpo.span, message)
            .label("nothing may be lost")
            .related(blueprint.span, format!("`{}` keeps data in its own region", blueprint.value))
            .help(
                "add `database = { mode = \"sync\" }` if its data is in a database pair, or leave `rpo` out",
            ),
    )
}
