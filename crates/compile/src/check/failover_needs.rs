#![doc = include_str!("../../../../docs/diagnostics/failover-needs.md")]

use crate::plan::failover::{Application, Failover, Pair};
use crate::plan::{Absence, Plan};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};

/// The failover controller: what makes something of a Continuum.
const CONTROLLER: &str = "bp-continuum";
/// How many applications are named.
const SHOWN: usize = 3;

/// Reports what an application with hot standbys needs and has not: a witness, the controller, and what
/// carries its data.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let Some(failover) = &plan.failover else { return };
    let moved = failover.applications.iter().filter(|application| application.has_continuum());
    // Without a standby nothing is moved, and nothing else is missing; that it has none is another rule's.
    let moved: Vec<_> = moved.filter(|application| !application.others.is_empty()).collect();
    witness(plan, failover, &moved, diags);
    controller(plan, failover, &moved, diags);
    for application in moved {
        database(plan, application, diags);
        raft(plan, application, diags);
    }
}

fn names(applications: &[&Application<'_>]) -> String {
    suggest::list(applications.iter().map(|application| application.name.value.as_str()), SHOWN)
}

fn witness(plan: &Plan<'_>, failover: &Failover<'_>, moved: &[&Application<'_>], diags: &mut Diagnostics) {
    let common = plan.written.failover.as_ref().is_some_and(|table| table.value.states("witness"));
    let lacks = |application: &&&Application<'_>| !common && !application.written.states("witness");
    let lack: Vec<_> = moved.iter().filter(lacks).copied().collect();
    if lack.is_empty() {
        return;
    }
    let message = format!("no witness says which region holds the lease of {}", names(&lack));
    let found =
        Diagnostic::new(Code::FailoverNeeds, failover.span, message).label("no `witness` in this table");
    let example = "witness = { kind = \"dns-quorum\", resolvers = [\"8.8.8.8\", \"1.1.1.1\", \"9.9.9.9\"] }";
    diags.push(found.help(format!("write `{example}` in `[failover]`")));
}

fn controller(plan: &Plan<'_>, failover: &Failover<'_>, moved: &[&Application<'_>], diags: &mut Diagnostics) {
    let (Some(first), Some(primary)) = (moved.first(), plan.primary()) else { return };
    let whom = names(moved);
    if plan.kit.blueprint(CONTROLLER).is_none() {
        let message = format!("kit {} has no `{CONTROLLER}`, which moves {whom}", plan.kit.name);
        let found = Diagnostic::new(Code::FailoverNeeds, first.placement.span, message);
        diags.push(
            found
                .related(plan.kit_span, "the kit")
                .help("choose a kit with a failover controller, such as 2026.05"),
        );
        return;
    }
    let Some(absence) = primary.idle(CONTROLLER) else { return };
    let message = format!("`{CONTROLLER}` is off, and nothing else moves {whom}");
    let needs = format!("`{}` needs it", first.name.value);
    diags.push(match absence {
        Absence::Off(span) if span.source.is_input() => Diagnostic::new(Code::FailoverNeeds, span, message)
            .label("switched off here")
            .related(first.placement.span, needs)
            .help("leave it on, or give the application another placement"),
        // The kit's own default holds: the mode does not turn it.
        Absence::Off(_) => {
            let mode = failover.mode;
            Diagnostic::new(Code::FailoverNeeds, mode.span, message)
                .label(format!("the mode is `{}`", mode.value))
                .related(first.placement.span, needs)
                .help("write `mode = \"active-hotstandby\"`, or `[blueprint.continuum] enabled = true`")
        }
        Absence::Elsewhere(why, span) => {
            Diagnostic::new(Code::FailoverNeeds, first.placement.span, message).related(span, why)
        }
    });
}

fn database(plan: &Plan<'_>, application: &Application<'_>, diags: &mut Diagnostics) {
    let Some(written) = &application.written.database else { return };
    let Some(pair) = application.pair(written.span) else { return };
    // The kit has one pair; that another application has it already is another rule's.
    let owner = plan.failover.as_ref().and_then(Failover::database);
    if owner.is_some_and(|(owner, _)| !std::ptr::eq(owner, application)) {
        return;
    }
    let Some(blueprint) = plan.kit.pair() else {
        let name = &application.name.value;
        let message = format!("kit {} has no pair of databases for `{name}`", plan.kit.name);
        let found =
            Diagnostic::new(Code::FailoverNeeds, written.span, message).related(plan.kit_span, "the kit");
        diags.push(found.help("choose a kit with bp-cnpg-pair, such as 2026.05, or remove `database`"));
        return;
    };
    carrier(plan, application, blueprint.name.value.as_str(), pair, diags);
}

fn raft(plan: &Plan<'_>, application: &Application<'_>, diags: &mut Diagnostics) {
    let raft = application.written.raft.as_ref().and_then(|raft| application.pair(raft.span));
    if let (Some(pair), Some(blueprint)) = (raft, &application.blueprint) {
        carrier(plan, application, blueprint.value.as_str(), pair, diags);
    }
}

/// Reports what carries an application's data and does nothing in one of the two regions, or in both.
fn carrier(
    plan: &Plan<'_>,
    application: &Application<'_>,
    blueprint: &str,
    pair: Pair,
    diags: &mut Diagnostics,
) {
    let regions = [pair.primary, pair.replica].into_iter().filter_map(|place| plan.regions.get(place));
    let idle: Vec<_> = regions.filter_map(|region| Some((region, region.idle(blueprint)?))).collect();
    let Some((region, absence)) = idle.first() else { return };
    let here = suggest::list(idle.iter().map(|(region, _)| region.name.value.as_str()), 2);
    let name = &application.name.value;
    let message = format!("`{blueprint}` does nothing in {here}, but carries the data of `{name}`");
    diags.push(match absence {
        Absence::Off(span) => Diagnostic::new(Code::FailoverNeeds, *span, message)
            .label("switched off here")
            .related(pair.span, format!("the data of `{name}`"))
            .fix("switch it on", *span, "true"),
        Absence::Elsewhere(why, span) => {
            let found = Diagnostic::new(Code::FailoverNeeds, pair.span, message).related(*span, *why);
            match plan.switches(region, blueprint) {
                Some(switches) => {
                    found.help(format!("write `{switches}` in the `[[region]]` table of {here}"))
                }
                None => found,
            }
        }
    });
}
