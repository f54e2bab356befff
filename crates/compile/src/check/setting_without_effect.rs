#![doc = include_str!("../../../../docs/diagnostics/setting-without-effect.md")]

mod led;
mod tables;
mod unread;

use std::collections::BTreeMap;

pub(crate) use unread::check as unread;

use crate::plan::{Absence, Plan, Region, inputs, reads};
use sovereign_language::kit::Condition;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};

/// Warns of what the plan has no use for, whoever would read it.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    of_registry(plan, diags);
    of_exports(plan, diags);
    led::check(plan, diags);
    of_inputs(plan, diags);
    of_shards(plan, diags);
    of_blueprints(plan, diags);
    of_blueprints_elsewhere(plan, diags);
    tables::check(plan, diags);
}

/// Warns of changes to blueprints that run nowhere.
fn of_blueprints(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let running = || plan.regions.iter().flat_map(|region| &region.releases).map(|release| release.blueprint);
    let everywhere = plan.written.blueprint.iter().flat_map(|named| &named.value.0);
    let known: BTreeMap<_, _> = plan.kit.blueprints.iter().map(|b| (b.name.value.bare(), b)).collect();
    for (name, _) in everywhere {
        let blueprint = known.get(&name.value).copied();
        let switched_off = plan.regions.iter().any(|region| {
            blueprint
                .is_some_and(|b| matches!(region.absent.get(b.name.value.as_str()), Some(Absence::Off(_))))
        });
        let runs = blueprint.is_some_and(|b| running().any(|other| std::ptr::eq(other, b)));
        if blueprint.is_some() && !runs && !switched_off {
            let message = format!(
                "`{}` runs in no region of this Sovereign, so this table changes nothing",
                name.value
            );
            diags.push(Diagnostic::new(Code::SettingWithoutEffect, name.span, message));
        }
    }
}

/// Warns of a region's own tables for blueprints that do not run there, but in another region.
fn of_blueprints_elsewhere(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let tables = region.written.blueprint.iter().flat_map(|named| &named.value.0);
        for (name, _) in tables {
            let blueprint = plan.kit.blueprints.iter().find(|b| b.name.value.bare() == name.value);
            let absence = blueprint.and_then(|b| region.absent.get(b.name.value.as_str()));
            if let Some(Absence::Elsewhere(reason, _)) = absence {
                let message = format!(
                    "`{}` does not run in `{}` ({reason}), so this table changes nothing",
                    name.value, region.name.value
                );
                diags.push(Diagnostic::new(Code::SettingWithoutEffect, name.span, message));
            }
        }
    }
}

/// Warns of inputs that nothing of the kit reads.
fn of_inputs(plan: &Plan<'_>, diags: &mut Diagnostics) {
    if plan.written.input.is_none() {
        return;
    }
    let blueprints = || plan.kit.blueprints.iter();
    let mut read: Vec<&str> = blueprints().flat_map(reads::names).chain(reads::of_objects(plan)).collect();
    read.sort_unstable();
    let conditions: Vec<_> = blueprints().flat_map(reads::conditions).flat_map(Condition::inputs).collect();
    for (name, _) in inputs::given(plan.written) {
        let by_expression = name.value.in_expressions();
        let is_part = |known: &&str| {
            known
                .strip_prefix(by_expression.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_read =
            read.iter().any(is_part) || conditions.iter().any(|(known, _)| known.value == name.value);
        if !is_read && plan.kit.extension.input(&name.value).is_some() {
            let message =
                format!("`input.{}` changes nothing: nothing of kit {} reads it", name.value, plan.kit.name);
            diags.push(Diagnostic::new(Code::SettingWithoutEffect, name.span, message));
        }
    }
}

/// Warns of policies that no registry is told.
fn of_registry(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut releases = plan.regions.iter().flat_map(|region| &region.releases);
    let told = plan.registry.as_ref().and_then(|registry| registry.told);
    if let Some(span) = told.filter(|_| !releases.any(|release| release.blueprint.registry_api.is_some())) {
        let message = "`registry` changes nothing: no blueprint that runs here has a registry's API";
        diags.push(Diagnostic::new(Code::SettingWithoutEffect, span, message));
    }
}

/// Warns of exports that no collector sends.
fn of_exports(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let collects = |region: &Region<'_>| region.releases.iter().any(|r| r.blueprint.collector.is_some());
    for export in plan.exports.iter().filter(|export| !export.is_refused) {
        let sent = |(place, region): (usize, &Region<'_>)| export.is_of(place) && collects(region);
        if !plan.regions.iter().enumerate().any(sent) {
            let message = format!(
                "nothing is sent to `{}`: no collector runs where it is asked for",
                export.name.value
            );
            diags.push(
                Diagnostic::new(Code::SettingWithoutEffect, export.name.span, message)
                    .help("leave `opentelemetry` on in a region of the export, and name a signal"),
            );
        }
    }
}

/// Warns of shards that have nothing to share.
fn of_shards(plan: &Plan<'_>, diags: &mut Diagnostics) {
    if let Some(shards) = plan.shards.filter(|_| plan.tenant_summaries.is_empty()) {
        let message = "`flux.shards` changes nothing but the number of controllers: there is no Organization";
        diags.push(Diagnostic::new(Code::SettingWithoutEffect, shards.span(), message));
    }
}
