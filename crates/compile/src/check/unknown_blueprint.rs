#![doc = include_str!("../../../../docs/diagnostics/unknown-blueprint.md")]

use crate::plan::Plan;
use sovereign_language::scalar::BlueprintName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::source::Spanned;

/// Reports `[blueprint.*]` tables for blueprints that do not exist, and applications that are served by one.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let known: Vec<_> = plan.kit.blueprints.iter().map(|blueprint| blueprint.name.value.bare()).collect();
    let regions = plan.regions.iter().filter_map(|region| region.written.blueprint.as_ref());
    let tables = plan.written.blueprint.iter().chain(regions).flat_map(|named| &named.value.0);
    for (name, _) in tables.chain(&plan.kit.extension.tables.0) {
        report(plan, name, &known, str::to_owned, diags);
    }
    for name in plan.kit.blueprints.iter().flat_map(|blueprint| &blueprint.governs) {
        let bare = name.as_ref().map(sovereign_language::scalar::BpName::bare);
        report(plan, &bare, &known, |near| format!("\"bp-{near}\""), diags);
    }
    let objects = plan.kit.extension.objects.iter();
    for name in objects.filter_map(|file| file.table.blueprint.as_ref()) {
        report(plan, name, &known, |near| format!("\"{near}\""), diags);
    }
    let applications = plan.failover.iter().flat_map(|failover| &failover.applications);
    for name in applications.filter_map(|application| application.written.blueprint.as_ref()) {
        report(plan, name, &known, |near| format!("\"{near}\""), diags);
    }
}

/// Reports a name that is not known; a near one is written the way that its place asks for.
fn report(
    plan: &Plan<'_>,
    name: &Spanned<BlueprintName>,
    known: &[BlueprintName],
    write: fn(&str) -> String,
    diags: &mut Diagnostics,
) {
    if known.contains(&name.value) || diags.overflows(Code::UnknownBlueprint) {
        return;
    }
    let message = format!("there is no blueprint `{}` in kit {}", name.value, plan.kit.name);
    let found = Diagnostic::new(Code::UnknownBlueprint, name.span, message);
    diags.push(match suggest::nearest(name.value.as_str(), known.iter().map(BlueprintName::as_str)) {
        Some(near) => found.fix("a blueprint with a similar name exists", name.span, write(near)),
        None => found.help(format!("`sovereign kit show {}` lists what there is", plan.kit.name)),
    });
}
