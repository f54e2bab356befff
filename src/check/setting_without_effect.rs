#![doc = include_str!("../../docs/diagnostics/setting-without-effect.md")]

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::kit::{Blueprint, Condition};
use crate::manifest::{Issuer, KeycloakTopology, Placement};
use crate::plan::Plan;
use crate::plan::failover::Application;
use crate::plan::release::value_trees;
use crate::source::Span;

/// A setting: where it was written, its name, the fact that expressions read, and the condition that overlays have.
struct Setting {
    span: Span,
    name: &'static str,
    fact: &'static str,
    condition: fn(&Condition) -> bool,
}

/// Warns of settings that nothing in the kit reads, of changes to blueprints that run nowhere, and of keys of another
/// placement.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for application in plan.failover.iter().flat_map(|failover| &failover.applications) {
        if knows_placement(plan, application) {
            of_other_placement(application, diags);
        }
    }
    let running = || plan.regions.iter().flat_map(|region| &region.releases).map(|release| release.blueprint);
    for setting in settings(plan) {
        if !running().any(|blueprint| reads(blueprint, &setting)) {
            let message =
                format!("`{}` changes nothing: no blueprint of kit {} reads it", setting.name, plan.kit.name);
            diags.push(Diagnostic::new(Code::SettingWithoutEffect, setting.span, message));
        }
    }
    let everywhere = plan.written.blueprint.iter().flat_map(|named| &named.value.0);
    let known: BTreeMap<_, _> = plan.kit.blueprints.iter().map(|b| (b.name.value.bare(), b)).collect();
    for (name, _) in everywhere {
        let blueprint = known.get(&name.value).copied();
        let switched_off = plan.regions.iter().any(|region| {
            blueprint.is_some_and(|b| {
                matches!(region.absent.get(b.name.value.as_str()), Some(crate::plan::Absence::Off(_)))
            })
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

/// Whether the placement is the one that was meant: nothing that decides it was written and could not be read.
fn knows_placement(plan: &Plan<'_>, application: &Application<'_>) -> bool {
    let table = application.written;
    let mode = plan.written.failover.as_ref().map(|table| &table.value);
    let mode_unread = mode.is_some_and(|table| table.mode.is_none() && table.states("mode"));
    table.placement.is_some() || !(table.states("placement") || mode_unread || plan.lacks_regions())
}

/// Warns of keys that say how to be moved where nothing moves, and where else to run where it is moved.
fn of_other_placement(application: &Application<'_>, diags: &mut Diagnostics) {
    let table = application.written;
    let keys = [
        ("standbys", table.standbys.as_ref().map(|list| list.span), Placement::ActiveHotstandby),
        ("database", table.database.as_ref().map(|table| table.span), Placement::ActiveHotstandby),
        ("raft", table.raft.as_ref().map(|table| table.span), Placement::ActiveHotstandby),
        ("regions", table.regions.as_ref().map(|list| list.span), Placement::ActiveActive),
    ];
    let placement = application.placement;
    for (key, span, of) in keys {
        let Some(span) = span.filter(|_| of != placement.value) else { continue };
        let name = &application.name.value;
        let message = format!("`{key}` changes nothing: the placement of `{name}` is `{}`", placement.value);
        let found = Diagnostic::new(Code::SettingWithoutEffect, span, message);
        let found = match table.placement {
            Some(placement) => found.fix("remove it, or write", placement.span, format!("\"{of}\"")),
            None => found.help(format!("remove it, or add `placement = \"{of}\"`")),
        };
        diags.push(found);
    }
}

fn settings(plan: &Plan<'_>) -> Vec<Setting> {
    let mut list = Vec::new();
    let identity = &plan.identity;
    if identity.keycloak.value == KeycloakTopology::SharedSovereign {
        let condition = |when: &Condition| when.identity.is_some();
        list.push(Setting {
            span: identity.keycloak.span,
            name: "identity.keycloak",
            fact: "identity.",
            condition,
        });
    }
    if let Some(federation) = &identity.federation {
        let condition = |when: &Condition| when.federation.is_some();
        list.push(Setting {
            span: federation.span,
            name: "identity.federation",
            fact: "identity.federation",
            condition,
        });
    }
    if plan.tls.issuer.value == Issuer::LetsEncryptStaging {
        let condition = |when: &Condition| when.tls.is_some();
        list.push(Setting { span: plan.tls.issuer.span, name: "tls.issuer", fact: "tls.", condition });
    }
    if let Some(class) = &plan.storage.class {
        let condition = |when: &Condition| when.storage_class.is_some();
        list.push(Setting { span: class.span, name: "storage.class", fact: "storage.class", condition });
    }
    if let Some(object) = &plan.storage.object {
        let condition = |when: &Condition| when.object_storage.is_some();
        list.push(Setting {
            span: object.bucket.span,
            name: "storage.object",
            fact: "storage.object.",
            condition,
        });
    }
    if let Some(backup) = &plan.storage.backup {
        let condition = |when: &Condition| when.backup.is_some();
        list.push(Setting {
            span: backup.schedule.span,
            name: "storage.backup",
            fact: "storage.backup",
            condition,
        });
    }
    list
}

fn reads(blueprint: &Blueprint, setting: &Setting) -> bool {
    let conditions = blueprint.overlays.iter().filter_map(|overlay| overlay.when.as_ref());
    if conditions.map(|when| &when.value).any(setting.condition) {
        return true;
    }
    let mut found = false;
    for tree in value_trees(blueprint) {
        tree.walk(&mut |_, node| {
            found |= node.as_str().is_some_and(|text| text.contains("{{") && text.contains(setting.fact));
        });
    }
    found
}
