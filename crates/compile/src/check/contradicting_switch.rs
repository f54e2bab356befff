#![doc = include_str!("../../../../docs/diagnostics/contradicting-switch.md")]

use std::collections::BTreeMap;

use crate::plan::{Plan, placement};
use sovereign_language::kit::Blueprint;
use sovereign_language::manifest::BlueprintTable;
use sovereign_language::scalar::BlueprintName;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// Reports blueprints that are switched in another way than the one that governs them, and kits in which it is not clear which
/// one that is.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    of_kit(plan, diags);
    let of_manifest = plan.written.blueprint.iter().map(|named| &named.value);
    let of_regions = plan.regions.iter().filter_map(|region| region.written.blueprint.as_ref());
    let tables = of_manifest.chain(of_regions.map(|named| &named.value));
    for (name, table) in tables.chain([&plan.kit.extension.tables]).flat_map(|named| &named.0) {
        of_table(plan, name, &table.value, diags);
    }
}

fn of_table(plan: &Plan<'_>, name: &Spanned<BlueprintName>, table: &BlueprintTable, diags: &mut Diagnostics) {
    let full = name.value.with_prefix();
    let Some((switch, governor)) = table.enabled.zip(plan.kit.governor(&full)) else { return };
    let states = placement::governed_states(plan, &full);
    let Some(other) = states.iter().find(|state| state.value != switch.value) else { return };
    let (word, opposite) = if switch.value { ("on", "off") } else { ("off", "on") };
    let message = format!(
        "`{}` is switched {word}, and follows the switch of `{}`, which is {opposite}",
        name.value,
        governor.name.value.bare()
    );
    let found = Diagnostic::new(Code::ContradictingSwitch, switch.span, message);
    let found = found.related(other.span, "decided here");
    let remedy = format!(
        "leave it out, or write `[blueprint.{}] enabled = {}`",
        governor.name.value.bare(),
        switch.value
    );
    diags.push(found.help(remedy));
}

/// Reports what would give a blueprint two switches.
fn of_kit(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut governed: BTreeMap<_, (&Blueprint, _)> = BTreeMap::new();
    for blueprint in &plan.kit.blueprints {
        for name in &blueprint.governs {
            let is_itself = name.value == blueprint.name.value;
            let governs_others =
                plan.kit.blueprint(name.value.as_str()).is_some_and(|other| !other.governs.is_empty());
            let found = |message: String| Diagnostic::new(Code::ContradictingSwitch, name.span, message);
            if is_itself {
                diags.push(found(format!("`{}` governs itself", name.value)).help("leave it out"));
            } else if governs_others {
                let message = format!("`{}` governs others, so nothing can govern it", name.value);
                diags.push(found(message).help("list here what that one governs"));
            } else if let Some((other, at)) = governed.insert(&name.value, (blueprint, name.span)) {
                let message = format!("`{}` is governed by `{}` already", name.value, other.name.value);
                diags.push(found(message).related(at, "here").help("leave it out in one of the two"));
            }
        }
    }
}
