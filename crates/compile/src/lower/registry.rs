//! The policies of the registry: the bodies of calls to its API in a ConfigMap, and a CronJob that sends them.
//!
//! A Harbor of the platform takes them in no other way. Its chart has one value for settings, `configureUserSettings`, and
//! what is set there can be set by no call any more: not single sign-on either, which bp-harbor sets by one.

use serde_json::{Value as Json, json};

use super::{Layer, Placed, origin, path};
use crate::object::{ConfigMap, CronJob, Meta, Object};
use crate::plan::registry::Registry;
use crate::plan::{Plan, Region, mirror};
use sovereign_language::kit::RegistryApi;
use sovereign_language::manifest::{Creators, KeepTable, ProjectTable};
use sovereign_language::scalar::{Retention, VolumeSize};
use sovereign_text::node::text;
use sovereign_text::source::{Span, Spanned};

/// What both objects are called.
const NAME: &str = "registry-policies";
/// The script that makes the calls.
const SCRIPT: (&str, &str) = ("tell.sh", include_str!("registry.sh"));
/// Every hour, away from the minute that the words of schedules stand for: a schedule that is told again begins anew.
const EVERY_HOUR: &str = "7 * * * *";
/// When images are deleted that no rule keeps, unless the manifest says otherwise.
const DAILY: &str = "17 2 * * *";

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    let Some((registry, cause)) =
        plan.registry.as_ref().and_then(|registry| Some((registry, registry.told?)))
    else {
        return Vec::new();
    };
    let here = region.releases.iter().map(|release| release.blueprint);
    let apis = here.filter_map(|blueprint| Some((blueprint, blueprint.registry_api.as_ref()?)));
    apis.flat_map(|(blueprint, api)| {
        let meta = Meta::namespaced(Spanned::new(NAME.to_owned(), cause), blueprint.namespace.value.as_str());
        let policies = ConfigMap { meta: meta.clone(), data: bodies(registry, cause) };
        let placed = |file: &str, object: Object| Placed {
            path: path(region, Layer::Policies, file),
            layer: Layer::Policies,
            object,
            origin: origin("[registry]"),
        };
        let job = job(plan, meta, api).map(|job| placed("cronjob", job.into()));
        job.into_iter().chain([placed("configmap", policies.into())])
    })
    .collect()
}

fn job(plan: &Plan<'_>, meta: Meta, api: &RegistryApi) -> Option<CronJob> {
    let (secret, key, image) = (api.secret.as_ref()?, api.key.as_ref()?, api.image.as_ref()?);
    Some(CronJob {
        meta,
        schedule: EVERY_HOUR,
        script: SCRIPT.0,
        image: mirror::pulled(plan.airgap.as_ref(), text(image)),
        api: api.service.as_ref()?.as_ref().map(sovereign_language::reference::ServiceId::url),
        password: (secret.as_ref().map(|secret| secret.parts().1.to_owned()), text(key)),
    })
}

/// Returns the files that the script reads, by name.
fn bodies(registry: &Registry<'_>, cause: Span) -> Vec<(String, Spanned<String>)> {
    let file = |name: String, body: &Json, span| (name, Spanned::new(format!("{body:#}\n"), span));
    let mut files = vec![(SCRIPT.0.to_owned(), Spanned::new(SCRIPT.1.to_owned(), cause))];
    if let Some((body, span)) = configurations(registry) {
        files.push(file("configurations.json".to_owned(), &body, span));
    }
    if let Some(schedule) = &registry.written.garbage_collection {
        let body = json!({
            "schedule": { "type": "Custom", "cron": schedule.value.cron_with_seconds() },
            "parameters": { "delete_untagged": true },
        });
        files.push(file("system.gc.schedule.json".to_owned(), &body, schedule.span));
    }
    for table in registry.projects() {
        let Some(name) = &table.name else { continue };
        files.push(file(format!("project.{}.json", name.value), &project(table), name.span));
        if let Some(keep) = &table.keep {
            files.push(file(format!("retention.{}.json", name.value), &retention(&keep.value), keep.span));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

/// Settings of the registry as a whole. Only what is given is told.
fn configurations(registry: &Registry<'_>) -> Option<(Json, Span)> {
    let table = registry.written;
    let mut body = json!({});
    let mut spans = Vec::new();
    if let Some(creators) = table.creators {
        let word = match creators.value {
            Creators::Administrators => "adminonly",
            Creators::Everyone => "everyone",
        };
        body["project_creation_restriction"] = word.into();
        spans.push(creators.span);
    }
    if let Some(quota) = &table.quota {
        body["quota_per_project_enable"] = true.into();
        body["storage_per_project"] = bytes(&quota.value).into();
        spans.push(quota.span);
    }
    if let Some(lifetime) = &table.robot_lifetime {
        body["robot_token_duration"] = days(&lifetime.value).into();
        spans.push(lifetime.span);
    }
    Some((body, spans.into_iter().min()?))
}

/// Returns the body that makes a project, which is also the one that changes it: then the quota in it is
/// passed over. Harbor leaves alone what `metadata` lacks, and gives a new project its own defaults, so only
/// what is given is told.
fn project(table: &ProjectTable) -> Json {
    let mut metadata = json!({});
    let flags = [
        ("public", table.public),
        ("auto_scan", table.scan_on_push),
        ("enable_content_trust_cosign", table.require_signature),
    ];
    for (key, flag) in flags {
        if let Some(flag) = flag {
            metadata[key] = flag.value.to_string().into();
        }
    }
    if let Some(severity) = table.prevent_vulnerable {
        metadata["prevent_vul"] = "true".into();
        metadata["severity"] = severity.value.to_string().into();
    }
    let mut body = json!({ "metadata": metadata });
    if let Some(name) = &table.name {
        body["project_name"] = name.value.as_str().into();
    }
    if let Some(quota) = &table.quota {
        body["storage_limit"] = bytes(&quota.value).into();
    }
    body
}

/// Returns the rules of what is kept. The script puts the number of the project into `ref`.
fn retention(keep: &KeepTable) -> Json {
    let rule = |template: &str, count: u64| {
        json!({
            "action": "retain",
            "template": template,
            "params": { template: count },
            "tag_selectors": [
                { "kind": "doublestar", "decoration": "matches", "pattern": "**", "extras": "{\"untagged\":true}" },
            ],
            "scope_selectors": {
                "repository": [{ "kind": "doublestar", "decoration": "repoMatches", "pattern": "**" }],
            },
        })
    };
    let last = keep.last.map(|last| ("latestPushedK", last.value.0.unsigned_abs()));
    let pushed = keep.pushed_within.as_ref().map(|time| ("nDaysSinceLastPush", days(&time.value)));
    let pulled = keep.pulled_within.as_ref().map(|time| ("nDaysSinceLastPull", days(&time.value)));
    let rules = [last, pushed, pulled].into_iter().flatten().map(|(template, count)| rule(template, count));
    let cron = keep.schedule.as_ref().map(|schedule| schedule.value.cron_with_seconds());
    let cron = cron.unwrap_or_else(|| format!("0 {DAILY}"));
    json!({
        "algorithm": "or",
        "rules": rules.collect::<Vec<_>>(),
        "trigger": { "kind": "Schedule", "settings": { "cron": cron } },
        "scope": { "level": "project", "ref": 0 },
    })
}

fn days(time: &Retention) -> u64 {
    time.hours().div_ceil(24)
}

fn bytes(size: &VolumeSize) -> u64 {
    u64::try_from(size.quantity().milli() / 1000).unwrap_or(u64::MAX)
}
