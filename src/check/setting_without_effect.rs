#![doc = include_str!("../../docs/diagnostics/setting-without-effect.md")]

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::grammar::location::Provider;
use crate::kit::{Blueprint, Condition};
use crate::manifest::{Issuer, KeycloakTopology};
use crate::plan::release::value_trees;
use crate::plan::{Plan, Region};
use crate::source::Span;

/// A setting: where it was written, its name, the fact that expressions read, and the condition that overlays have.
struct Setting {
    span: Span,
    name: &'static str,
    fact: &'static str,
    condition: fn(&Condition) -> bool,
}

/// Warns of settings that nothing in the kit reads, and of changes to blueprints that run nowhere.
pub fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let running = || plan.regions.iter().flat_map(|region| &region.releases).map(|release| release.blueprint);
    for setting in settings(plan) {
        if !running().any(|blueprint| reads(blueprint, &setting)) {
            let message =
                format!("`{}` changes nothing: no blueprint of kit {} reads it", setting.name, plan.kit.name);
            diags.push(Diagnostic::new(Code::SettingWithoutEffect, setting.span, message));
        }
    }
    of_registry(plan, diags);
    of_exports(plan, diags);
    of_modules(plan, diags);
    of_shards(plan, diags);
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

/// Warns of policies that no registry is told.
fn of_registry(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let mut releases = plan.regions.iter().flat_map(|region| &region.releases);
    let told = plan.registry.as_ref().and_then(crate::plan::registry::Registry::told);
    if let Some(span) = told.filter(|_| !releases.any(|release| release.blueprint.registry_api.is_some())) {
        let message = "`registry` changes nothing: no blueprint that runs here has a registry's API";
        diags.push(Diagnostic::new(Code::SettingWithoutEffect, span, message));
    }
}

/// Warns of exports that no collector sends.
fn of_exports(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let collects = |region: &Region<'_>| region.releases.iter().any(|r| r.blueprint.collector.is_some());
    for export in &plan.exports {
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

/// Warns of what modules are told and none of them has a variable for.
fn of_modules(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let module = |region: &Region<'_>| plan.kit.module(region.provider.value);
    let mut unread = |span: Span, key: &str, regions: &str| {
        let message =
            format!("`{key}` changes nothing: no module of kit {} reads it {regions}", plan.kit.name);
        diags.push(Diagnostic::new(Code::SettingWithoutEffect, span, message));
    };
    if let Some(table) = &plan.written.provisioning {
        let table = &table.value;
        let keys = [
            (table.k3s_version.as_ref().map(|v| v.span), "k3s-version", "k3s_version"),
            (table.ssh_allowed_cidrs.as_ref().map(|v| v.span), "ssh-allowed-cidrs", "ssh_allowed_cidrs"),
            (table.unattended_upgrades.map(|v| v.span), "unattended-upgrades", "enable_unattended_upgrades"),
            (table.fail2ban.map(|v| v.span), "fail2ban", "enable_fail2ban"),
            (table.api.as_ref().map(|v| v.span), "api", "catalyst_api_url"),
            (table.hetzner_project.as_ref().map(|v| v.span), "hetzner-project", "hcloud_project_id"),
        ];
        for (span, key, variable) in keys {
            let is_read = || plan.regions.iter().filter_map(module).any(|module| module.has(variable));
            if let Some(span) = span.filter(|_| !is_read()) {
                unread(span, &format!("provisioning.{key}"), "in these regions");
            }
        }
    }
    for region in &plan.regions {
        let table = region.written.huawei.as_ref();
        let is_read = module(region).is_some_and(|module| module.cloud() == Provider::Huawei);
        if let Some(table) = table.filter(|_| !is_read) {
            unread(table.span, "huawei", "in this region");
        }
    }
}

/// Warns of shards that have nothing to share.
fn of_shards(plan: &Plan<'_>, diags: &mut Diagnostics) {
    if let Some(shards) = plan.shards.filter(|_| plan.residents.is_empty()) {
        let message = "`flux.shards` changes nothing but the number of controllers: there is no Organization";
        diags.push(Diagnostic::new(Code::SettingWithoutEffect, shards.span(), message));
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
    if let Some(scanner) = plan.registry.as_ref().and_then(|registry| registry.scanner) {
        let condition = |when: &Condition| when.scanner.is_some();
        list.push(Setting {
            span: scanner.span,
            name: "registry.scanner",
            fact: "registry.scanner",
            condition,
        });
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
