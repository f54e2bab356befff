//! Text for people, by Tera: the README of a tree. Templates see typed facts only; nothing a user wrote is ever a
//! template.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::{Value as Json, json};
use tera::{Context, Tera};

use crate::dns::{Delegation, Delegator, Zone};
use crate::manual_checks::{self, ManualCheck};
use crate::plan::ports::{MATRIX, PortNeed, WIREGUARD};
use crate::plan::{Plan, Region, tenant};
use crate::provision::{self, VariableDefault};
use crate::secrets::{Provider, Secret};
use crate::tree::TreePath;
use sovereign_language::kit::Module;
use sovereign_language::manifest::{AcceptTable, SecretRef};
use sovereign_language::scalar::Env;

/// The file name of the README.
pub const README: &str = "README.md";
const TEMPLATE: &str = include_str!("prose/readme.md");
const FAREWELL: &str = include_str!("prose/farewell.md");

/// Returns the README of a tree: what it is, what runs where, what must be there first, how to change it.
pub fn readme(plan: &Plan<'_>, zone: &Zone, secrets: &[Secret]) -> String {
    let blueprints: Vec<_> =
        plan.kit.blueprints.iter().filter_map(|blueprint| row(plan, blueprint)).collect();
    let facts = json!({
        "name": plan.name.value.as_str(),
        "fqdn": plan.fqdn.value.as_str(),
        "env": plan.env.value.to_string(),
        "kit": plan.kit.name,
        "mode": plan.domain.mode.value.to_string(),
        "contract": plan.contract.value.to_string(),
        "repository": plan.gitops.url.value.as_str(),
        "branch": plan.gitops.branch.value.as_str(),
        "regions": plan.regions.iter().map(|r| region(r, plan.env.value)).collect::<Vec<_>>(),
        "reached": reached(plan),
        "wireguard": WIREGUARD.to_string(),
        "ports": ports(plan),
        "blueprints": blueprints,
        "delegation": delegation(plan, zone),
        "secrets": rows_of_secrets(plan, secrets),
        "quotas": plan.regions.iter().map(|r| json!({ "region": r.name.value.as_str(), "asks": manual_checks::quota(plan, r) })).collect::<Vec<_>>(),
        "registry": plan.airgap.as_ref().map(|airgap| airgap.registry.value.as_str()),
        "probes": manual_checks::list(plan).iter().map(probe).collect::<Vec<_>>(),
        "provisioning": provisioning(plan),
        "modules": modules(plan),
        "flags": flags(plan),
        "state": state(plan),
        "organizations": plan.tenant_summaries.len(),
        "shards": plan.shards.map(|shards| shards.all().count()),
        "branches": branches(plan),
        "accepted": accepted(plan),
        "environments": plan.tenant_summaries.iter().map(|summary| summary.envs.len()).sum::<usize>(),
    });
    filled(TEMPLATE, &facts)
}

/// Returns the README of a tree whose Sovereign goes: what no commit can take away.
pub(crate) fn farewell(plan: &Plan<'_>, zone: &Zone, root: &TreePath) -> String {
    let names = |is: &dyn Fn(&Region<'_>) -> bool| -> Vec<&str> {
        let regions = plan.regions.iter().filter(|region| is(region));
        regions.map(|region| region.name.value.as_str()).collect()
    };
    let facts = json!({
        "name": plan.name.value.as_str(),
        "fqdn": plan.fqdn.value.as_str(),
        "root": root.as_str(),
        "claimed": names(&|region| region.handed_over().is_some()),
        "made": names(&|region| provision::module(plan, region).is_some()),
        "others": names(&|region| region.handed_over().is_none() && provision::module(plan, region).is_none()),
        "delegation": delegation(plan, zone),
        "bucket": plan.storage.object.as_ref().map(|object| object.bucket.value.as_str()),
    });
    filled(FAREWELL, &facts)
}

/// Returns what a manifest accepts. A bar would end a cell of the table.
fn accepted(plan: &Plan<'_>) -> Vec<Json> {
    let tables = plan.written.accept.iter().flat_map(|list| &list.value);
    let row = |table: &AcceptTable| {
        let cell = |text: &str| text.replace('|', "\\|");
        Some(json!({
            "finding": table.finding.as_ref()?.value.0.name(),
            "at": cell(table.at.as_ref()?.value.as_str()),
            "file": table.file.as_ref().map(|file| cell(file.value.as_str())),
            "reason": cell(table.reason.as_ref()?.value.as_str()),
        }))
    };
    tables.filter_map(|table| row(&table.value)).collect()
}

fn filled(template: &str, facts: &Json) -> String {
    let context = Context::from_serialize(facts).unwrap_or_default();
    // The templates are part of the program and tests render them, so this cannot fail for a user's reasons.
    Tera::one_off(template, &context, false).unwrap_or_default()
}

/// Returns the branch of an application's repository that each environment of the Organizations is promoted from.
fn branches(plan: &Plan<'_>) -> Vec<Json> {
    let envs: BTreeSet<Env> =
        plan.tenant_summaries.iter().flat_map(|summary| &summary.envs).copied().collect();
    envs.into_iter().map(|env| json!({ "env": env.to_string(), "branch": tenant::branch(env) })).collect()
}

fn probe(probe: &ManualCheck) -> Json {
    json!({ "question": probe.question, "command": probe.command, "answer": probe.answer })
}

fn region(region: &Region<'_>, env: Env) -> Json {
    json!({
        "name": region.name.value.as_str(),
        "role": region.role.value.to_string(),
        "provider": region.provider.value.to_string(),
        "label": region.label.value,
        "key": region.key,
        "mesh_name": region.mesh.name.value,
        "mesh_id": region.mesh.id.value,
        "pods": region.pods.value.to_string(),
        "services": region.services.value.to_string(),
        "network": region.network.value.to_string(),
        "host_clusters": region.host_clusters(env),
        "location_codes": region.location_codes(env),
        "vclusters": region.vclusters.iter().map(|tier| tier.value.to_string()).collect::<Vec<_>>(),
        "releases": region.releases.len(),
        "id": format!("r{}", region.index),
    })
}

/// Returns how the zone above comes to know of the Sovereign's, and which records wait for an address.
fn delegation(plan: &Plan<'_>, zone: &Zone) -> Json {
    let delegation = Delegation::new(plan, zone);
    let who = match &delegation.writer {
        Delegator::PoolManager => "The pool domain manager writes".to_owned(),
        Delegator::Registrar { registrar, secret, key } => {
            format!("The API of {registrar} writes, with the token in the Secret `{secret}` (key `{key}`),")
        }
        Delegator::Person => "You write".to_owned(),
    };
    let missing = delegation.missing.iter().map(|(name, region, whole)| {
        let what = if *whole { "the record" } else { "one address of it" };
        json!({ "name": name.as_str(), "region": region, "what": what })
    });
    json!({
        "who": who,
        "parent": delegation.parent.as_str(),
        "lines": delegation.lines(),
        "signing": delegation.signing(),
        "notes": delegation.notes,
        "missing": missing.collect::<Vec<_>>(),
    })
}

/// Returns where each region of the mesh is reached by the others.
fn reached(plan: &Plan<'_>) -> Vec<Json> {
    let address = |address: Option<Ipv4Addr>| {
        address.map_or_else(|| "not known yet".to_owned(), |address| address.to_string())
    };
    let row = |region: &Region<'_>| {
        json!({
            "name": region.name.value.as_str(),
            "mesh_name": region.mesh.name.value,
            "mesh_id": region.mesh.id.value,
            "control_plane": address(region.public_control_plane_address().map(|address| address.value)),
            "load_balancer": address(region.load_balancer_address().map(|address| address.value)),
        })
    };
    plan.regions.iter().filter(|region| plan.is_in_mesh(region)).map(row).collect()
}

/// Returns what the firewalls let in, each row with the regions that need it.
fn ports(plan: &Plan<'_>) -> Vec<Json> {
    let row = |need: &PortNeed| {
        let needing = plan.regions.iter().filter(|region| need.is_of(plan, region));
        let names: Vec<_> = needing.map(|region| region.name.value.as_str()).collect();
        let regions = if names.len() == plan.regions.len() { vec!["every region"] } else { names };
        let needed = !regions.is_empty();
        needed.then(|| json!({ "rule": need.rule.to_string(), "regions": regions, "why": need.why }))
    };
    MATRIX.iter().filter_map(row).collect()
}

/// Returns a blueprint and its version in each region; `None` if it runs nowhere.
fn row(plan: &Plan<'_>, blueprint: &sovereign_language::kit::Blueprint) -> Option<Json> {
    let name = blueprint.name.value.as_str();
    let versions: Vec<_> = plan
        .regions
        .iter()
        .map(|region| {
            region.release(name).map_or_else(String::new, |release| release.version.value.to_string())
        })
        .collect();
    let runs = versions.iter().any(|version| !version.is_empty());
    runs.then(|| json!({ "slot": blueprint.slot.value.as_str(), "name": name, "versions": versions }))
}

/// Returns every Secret that somebody else makes, once for all regions that need it alike.
fn rows_of_secrets(plan: &Plan<'_>, secrets: &[Secret]) -> Vec<Json> {
    let mut rows: BTreeMap<(String, String, String, String), Vec<String>> = BTreeMap::new();
    for secret in secrets {
        let for_people = match secret.provider {
            Provider::Operator(_) | Provider::Nobody => "you",
            Provider::Completed(_) => "you, beside cloud-init",
            Provider::CloudInit => "cloud-init",
            Provider::Unsaid => "the chart, or you",
            // What a chart makes is there when its release is.
            Provider::Chart(_) | Provider::Reflector(_) => continue,
        };
        let list = |words: &BTreeSet<String>| words.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let keys = if let Provider::Completed(keys) = &secret.provider { keys } else { &secret.keys };
        let row = (for_people.to_owned(), secret.id(), list(keys), list(&secret.readers));
        rows.entry(row).or_default().push(secret.region.clone());
    }
    let row = |((maker, id, keys, readers), regions): (_, Vec<String>)| {
        let everywhere = regions.len() == plan.regions.len();
        let regions = if everywhere { "every".to_owned() } else { regions.join(", ") };
        json!({ "maker": maker, "id": id, "keys": keys, "readers": readers, "regions": regions })
    };
    let mut rows: Vec<_> = rows.into_iter().map(row).collect();
    // What a person makes comes first.
    rows.sort_by_key(|row| !row["maker"].as_str().is_some_and(|maker| maker.starts_with("you")));
    rows
}

/// Returns what each region's module is told, and what it still lacks.
fn provisioning(plan: &Plan<'_>) -> Vec<Json> {
    let row = |region: &Region<'_>| {
        let told = provision::tofu_vars(plan, region);
        json!({
            "region": region.name.value.as_str(),
            "claimed": region.handed_over().is_some(),
            "module": told.as_ref().map(|told| told.module.to_string()),
            "led_by": provision::run_leader(plan, region).map(|lead| lead.name.value.as_str()),
            "missing": told.map(|told| told.missing).unwrap_or_default(),
        })
    };
    plan.regions.iter().map(row).collect()
}

/// Returns the flags of k3s, each with the regions that have it.
fn flags(plan: &Plan<'_>) -> Vec<Json> {
    let mut rows: Vec<(String, &str, Vec<&str>)> = Vec::new();
    for region in &plan.regions {
        for flag in provision::k3s::flags(plan, region) {
            let (text, name) = (flag.text(), region.name.value.as_str());
            match rows.iter_mut().find(|(known, _, _)| *known == text) {
                Some((_, _, regions)) => regions.push(name),
                None => rows.push((text, flag.why, vec![name])),
            }
        }
    }
    let row = |(flag, why, regions): (String, &str, Vec<&str>)| {
        let regions = if regions.len() == plan.regions.len() { vec!["every region"] } else { regions };
        json!({ "flag": flag, "why": why, "regions": regions })
    };
    rows.into_iter().map(row).collect()
}

/// Returns where OpenTofu keeps its state, if a module makes machines and a table says so.
fn state(plan: &Plan<'_>) -> Option<Json> {
    plan.regions.iter().find(|region| provision::state::backend(plan, region).is_some())?;
    let table = &provision::state::written(plan)?.value;
    let secret = |secret: &SecretRef| secret.secret.as_ref().map(|name| name.value.to_string());
    Some(json!({
        "bucket": table.bucket.as_ref()?.value.to_string(),
        "endpoint": table.endpoint.as_ref()?.value.to_string(),
        "credentials": secret(&table.credentials.as_ref()?.value),
        "passphrase": secret(&table.passphrase.as_ref()?.value),
    }))
}

/// Returns what no file holds of the modules that make this Sovereign's machines.
fn modules(plan: &Plan<'_>) -> Vec<Json> {
    // Only the files that modules are run with.
    let leads = plan.regions.iter().filter(|region| provision::run_leader(plan, region).is_none());
    let told: Vec<_> = leads.filter_map(|region| provision::tofu_vars(plan, region)).collect();
    let used = |module: &&Module| told.iter().any(|told| told.module == **module);
    let is_told = |module: Module, name: &str| {
        told.iter().filter(|told| told.module == module).all(|told| told.values.contains_key(name))
    };
    let row = |module: &Module| {
        let names = |is: fn(&VariableDefault) -> bool| {
            let mut names: Vec<_> = provision::variables(*module)
                .filter(|variable| is(&variable.default))
                .map(|variable| variable.name)
                .collect();
            names.sort_unstable();
            names
        };
        json!({
            "name": module.to_string(),
            "required": names(|otherwise| *otherwise == VariableDefault::Secret { required: true }),
            "secrets": names(|otherwise| *otherwise == VariableDefault::Secret { required: false }),
            "later": names(|otherwise| *otherwise == VariableDefault::AtRunTime)
                .into_iter()
                .filter(|name| !is_told(*module, name))
                .collect::<Vec<_>>(),
        })
    };
    plan.kit.modules.iter().filter(used).map(row).collect()
}
