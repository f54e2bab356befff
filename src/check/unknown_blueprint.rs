#![doc = include_str!("../../docs/diagnostics/unknown-blueprint.md")]

use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::grammar::name::BlueprintName;
use crate::plan::Plan;
use crate::source::Spanned;

/// Reports `[blueprint.*]` tables for blueprints that do not exist.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let known: Vec<_> = plan.kit.blueprints.iter().map(|blueprint| blueprint.name.value.bare()).collect();
    let regions = plan.regions.iter().filter_map(|region| region.written.blueprint.as_ref());
    for named in plan.written.blueprint.iter().chain(regions) {
        for (name, _) in &named.value.0 {
            if !known.contains(&name.value) && !diags.overflows(Code::UnknownBlueprint) {
                report(plan, name, (&known, diags));
            }
        }
    }
}

fn report(
    plan: &Plan<'_>,
    name: &Spanned<BlueprintName>,
    (known, diags): (&[BlueprintName], &mut Diagnostics),
) {
    let message = format!("there is no blueprint `{}` in kit {}", name.value, plan.kit.name);
    let found = Diagnostic::new(Code::UnknownBlueprint, name.span, message);
    diags.push(match suggest::nearest(name.value.as_str(), known.iter().map(BlueprintName::as_str)) {
        Some(near) => found.fix("a blueprint with a similar name exists", name.span, near.to_owned()),
        None => found.help(format!("`sovereign kit show {}` lists what there is", plan.kit.name)),
    });
}
