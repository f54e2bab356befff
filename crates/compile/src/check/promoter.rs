#![doc = include_str!("../../../../docs/diagnostics/promoter.md")]

use std::collections::BTreeMap;

use crate::plan::failover::{Application, Failover};
use crate::plan::{Plan, Release};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::Value;
use sovereign_text::source::Span;

/// Reports stateful pairs that nobody promotes, and those that two would promote.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let releases = || plan.regions.iter().flat_map(|region| &region.releases);
    for release in releases().filter(|release| release.blueprint.pair.is_some()) {
        if !plan.failover.as_ref().is_some_and(asks_for_database) {
            diags.push(nobody(release));
        }
    }
    let Some(failover) = &plan.failover else { return };
    one_pair(failover, diags);
    one_raft(failover, diags);
    for application in moved(failover) {
        if let (Some(database), Some(raft)) = (application.database, application.raft) {
            let message = format!("`{}` would be promoted in two ways", application.name.value);
            diags.push(
                Diagnostic::new(Code::Promoter, raft.span, message)
                    .label("by a Raft transition")
                    .related(database.span, "by its database pair")
                    .help("keep the one that holds its data"),
            );
        }
    }
    diags.extend(releases().filter_map(|release| own_continuum(failover, release)));
}

/// Returns the applications that the controller moves.
fn moved<'f, 'a>(failover: &'f Failover<'a>) -> impl Iterator<Item = &'f Application<'a>> {
    failover.applications.iter().filter(|application| application.has_continuum())
}

fn asks_for_database(failover: &Failover<'_>) -> bool {
    moved(failover).any(|application| application.database.is_some())
}

fn nobody(release: &Release<'_>) -> Diagnostic {
    let name = &release.blueprint.name.value;
    let asked = release.changed_by.iter().rev().find_map(|table| table.enabled);
    let span = asked.map_or(release.blueprint.name.span, |on| on.span);
    Diagnostic::new(Code::Promoter, span, format!("nobody promotes `{name}` when its primary is lost"))
        .label("switched on here")
        .note("no application with hot standbys has it as its database")
        .help("write `database = { mode = \"sync\" }` in a `[[failover.application]]`, which brings it in")
}

/// Reports further applications with a database: the pair blueprint is one release in a cluster.
fn one_pair(failover: &Failover<'_>, diags: &mut Diagnostics) {
    let twins = failover.twins();
    // A table that is there twice is another rule's.
    let again = |one: &Application<'_>| twins.iter().any(|(_, again)| std::ptr::eq(*again, one));
    let databases = moved(failover).filter(|application| !again(application));
    let mut databases = databases.filter_map(|application| Some((application, application.database?.span)));
    let Some((owner, first)) = databases.next() else { return };
    for (application, span) in databases {
        let message = format!(
            "`{}` cannot have a database pair: the one there is belongs to `{}`",
            application.name.value, owner.name.value
        );
        diags.push(
            Diagnostic::new(Code::Promoter, span, message)
                .related(first, "the pair")
                .note("two applications that move apart would each promote another half")
                .help("keep `database` in one of the two"),
        );
    }
}

/// Reports further applications that would promote the same Raft cluster.
fn one_raft(failover: &Failover<'_>, diags: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for application in moved(failover) {
        let Some(raft) = application.raft else { continue };
        let pod = raft.pod.as_ref().map(|pod| pod.value.to_string());
        let pods = pod.or_else(|| raft.pod_selector.as_ref().map(|selector| selector.value.to_string()));
        let (Some(namespace), Some(pods)) = (&raft.namespace, pods) else { continue };
        let first = *seen.entry((&namespace.value, pods)).or_insert(application);
        let apart = !std::ptr::eq(first, application) && first.name.value != application.name.value;
        if let Some(of_first) = first.raft.filter(|_| apart) {
            let (first, second) = (&first.name.value, &application.name.value);
            let message = format!("`{first}` and `{second}` would promote the same Raft cluster");
            diags.push(
                Diagnostic::new(Code::Promoter, raft.span, message)
                    .related(of_first.span, format!("`{first}` promotes it already"))
                    .help("keep `raft` in one of the two"),
            );
        }
    }
}

/// Returns a chart that writes a Continuum beside the one of the tree.
fn own_continuum(failover: &Failover<'_>, release: &Release<'_>) -> Option<Diagnostic> {
    let blueprint = release.blueprint;
    let path = &blueprint.continuum.as_ref()?.value;
    let switch = release.values.at(&path.keys()).filter(|switch| switch.value == Value::Bool(true))?;
    let (application, span) = promoted_by(failover, release)?;
    let (blueprint, application) = (&blueprint.name.value, &application.name.value);
    let message = format!("the chart of `{blueprint}` would write a second Continuum");
    Some(
        Diagnostic::new(Code::Promoter, switch.cause, message)
            .related(span, format!("`{application}` has one"))
            .note("each would promote without the other")
            .fix("write", switch.cause, "false"),
    )
}

/// Returns the application that a release is promoted with, and the line that says so.
fn promoted_by<'f>(failover: &'f Failover<'_>, release: &Release<'_>) -> Option<(&'f Application<'f>, Span)> {
    let of_pair = release.blueprint.pair.as_ref().and_then(|_| failover.database());
    let promoted = of_pair.or_else(|| failover.raft(release.blueprint.name.value.as_str()));
    promoted.map(|(application, pair)| (application, pair.span))
}
