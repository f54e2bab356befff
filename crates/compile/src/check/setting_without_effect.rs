#![doc = include_str!("../../../../docs/diagnostics/setting-without-effect.md")]

use std::collections::BTreeMap;

use crate::plan::release::value_trees;
use crate::plan::{Absence, Plan, Region};
use crate::provision::{self, RegionCtx};
use sovereign_language::kit::{Blueprint, Condition, Module};
use sovereign_language::manifest::{Issuer, KeycloakTopology};
use sovereign_language::scalar::CONTROL_PLANES;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Span;

/// A setting: where it was written, its name, the fact that expressions read, and the condition that overlays have.
struct Setting {
    span: Span,
    name: &'static str,
    fact: &'static str,
    condition: fn(&Condition) -> bool,
}

/// Warns of settings that nothing in the kit reads, and of changes to blueprints that run nowhere.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
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
    for region in &plan.regions {
        if let Some((module, lead)) = provision::module(plan, region).zip(provision::run_leader(plan, region))
        {
            of_led_region(plan, region, lead, module, diags);
        }
    }
    of_shards(plan, diags);
    of_blueprints_elsewhere(plan, diags);
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

/// Warns of what modules are told and none of them has a variable for.
fn of_modules(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let module = |region: &Region<'_>| provision::module(plan, region);
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
            let is_read = || {
                let of_claims = key == "k3s-version" && plan.claimed().next().is_some();
                let mut modules = plan.regions.iter().filter_map(module);
                of_claims || modules.any(|module| provision::variable_named(module, variable).is_some())
            };
            if let Some(span) = span.filter(|_| !is_read()) {
                unread(span, &format!("provisioning.{key}"), "in these regions");
            }
        }
    }
    for region in &plan.regions {
        let table = region.written.huawei.as_ref();
        let is_read =
            module(region).is_some_and(|m| provision::variable_named(m, "huawei_project_id").is_some());
        if let Some(table) = table.filter(|_| !is_read) {
            unread(table.span, "huawei", "in this region");
        }
    }
}

/// Warns of what a region asks for and its module is told once for all regions, as the first of them says.
fn of_led_region(
    plan: &Plan<'_>,
    region: &Region<'_>,
    lead: &Region<'_>,
    module: Module,
    diags: &mut Diagnostics,
) {
    let warn = |span: Span, message: String, said: Span| {
        let found = Diagnostic::new(Code::SettingWithoutEffect, span, message);
        found.related(said, format!("`{module}` runs with the file of this region"))
    };
    let (made, name) = (provision::control_planes(plan, region), &region.name.value);
    let asked = provision::machines(region.written.control_plane.as_ref());
    // Any other number is a mistake, here or in the first region, and reported as one.
    let are_right = [asked, made].iter().all(|count| CONTROL_PLANES.contains(count));
    if let Some(pool) = region.written.control_plane.as_ref().filter(|_| asked != made && are_right) {
        let span = pool.value.count.map_or(pool.span, |count| count.span);
        let machines = if made == 1 { "one machine" } else { &format!("{made} machines") };
        let message =
            format!("`{module}` makes {machines} of the control plane in `{name}`, whatever stands here");
        let found = warn(span, message, lead.name.span);
        let help = if made == 1 { "leave out `count`".to_owned() } else { format!("write `count = {made}`") };
        diags.push(found.note("the list of regions that it gets has no such number").help(help));
    }
    let value = |variable: &str, region: &Region<'_>| {
        provision::variable_named(module, variable)?
            .value(&RegionCtx { plan, region })
            .map(|value| value.to_json())
    };
    let differs = |variable: &str| value(variable, region) != value(variable, lead);
    let table = region.written.huawei.as_ref().map(|table| &table.value);
    let keys = [
        ("project", "huawei_project_id", table.and_then(|t| t.project.as_ref()).map(|v| v.span)),
        ("region", "huawei_region", table.and_then(|t| t.region.as_ref()).map(|v| v.span)),
        ("zone", "huawei_az", table.and_then(|t| t.zone.as_ref()).map(|v| v.span)),
        ("image", "image_id", table.and_then(|t| t.image.as_ref()).map(|v| v.span)),
        ("insecure", "huawei_insecure", table.and_then(|t| t.insecure).map(|v| v.span)),
        ("debug-ssh", "debug_ssh_remote_cidr", table.and_then(|t| t.debug_ssh.as_ref()).map(|v| v.span)),
    ];
    for (key, variable, span) in keys {
        if let Some(span) = span.filter(|_| differs(variable)) {
            let message =
                format!("`huawei.{key}` changes nothing: `{module}` has one `{variable}` for all regions");
            diags.push(
                warn(span, message, lead.name.span).help("write it in that region, or the same in both"),
            );
        }
    }
    let is_named = table.is_none_or(|table| table.region.is_none()) && differs("huawei_region");
    if is_named {
        let of_lead = value("huawei_region", lead).and_then(|v| v.as_str().map(str::to_owned));
        let message = format!(
            "`{module}` makes `{name}` in `{}`, since it has one `huawei_region` for all regions",
            of_lead.unwrap_or_default()
        );
        diags.push(warn(region.name.span, message, lead.name.span));
    }
}

/// Warns of shards that have nothing to share.
fn of_shards(plan: &Plan<'_>, diags: &mut Diagnostics) {
    if let Some(shards) = plan.shards.filter(|_| plan.tenant_summaries.is_empty()) {
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
