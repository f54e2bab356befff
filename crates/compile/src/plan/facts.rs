//! The names that expressions in blueprints may use, as JSON. `docs/kits.md` lists them; a test holds the list
//! and this file together.

use serde_json::{Map, Value as Json, json};

use super::{Plan, Region};
use sovereign_language::expression::Scope;

/// The chart's default when no workers are asked for: the control plane takes the workloads.
const WORKER_LIMIT: i64 = 10;

/// Facts about the Sovereign that do not change when a region is added at the end.
pub(super) fn of_sovereign(plan: &Plan<'_>) -> Map<String, Json> {
    let fqdn = plan.fqdn.value.as_str();
    let organization = plan.written.sovereign.as_ref().and_then(|s| s.value.organization.as_ref());
    let organization = organization.map(|organization| &organization.value);
    let mut facts = json!({
        "null": null,
        "name": plan.name.value.as_str(),
        "env": plan.env.value.to_string(),
        "fqdn": fqdn,
        "fqdn_dashed": plan.fqdn.value.dashed(),
        "kit": plan.kit.name,
        "organization": {
            "name": organization.and_then(|o| o.name.as_ref()).map(|n| n.value.as_str()).unwrap_or_default(),
            "email": organization.and_then(|o| o.email.as_ref()).map(|e| e.value.as_str()).unwrap_or_default(),
        },
        "domain": domain(plan),
        "gitops": { "url": plan.gitops.url.value.as_str(), "branch": plan.gitops.branch.value.as_str() },
        "tls": {
            "issuer": plan.tls.wildcard_issuer(),
            "ingress_issuer": plan.tls.ingress_issuer(),
            "acme": plan.tls.is_acme(),
            "acme_server": plan.tls.acme_server(),
            "staging": plan.tls.issuer.value == sovereign_language::manifest::Issuer::LetsEncryptStaging,
        },
        "identity": identity(plan),
        "storage": storage(plan),
        "registry": registry(plan),
        "failover": failover(plan),
        "cnpg": { "instances": if plan.regions.len() > 1 { 2 } else { 1 } },
        "primary": { "label": plan.primary().map(|r| r.label.value.as_str()).unwrap_or_default() },
        "pair": {
            "primary": { "label": label(plan, plan.pair().map(|pair| pair.primary)) },
            "replica": { "label": label(plan, plan.pair().map(|pair| pair.replica)) },
        },
        "replica": { "label": plan.replica().map(|r| r.label.value.as_str()).unwrap_or_default() },
    });
    if let Some(airgap) = &plan.airgap {
        facts["airgap"] = json!({ "registry": airgap.registry.value.as_str() });
    }
    if let Json::Object(facts) = facts { facts } else { Map::new() }
}

/// Returns the Sovereign's facts and those of one region.
pub(super) fn of_region(
    plan: &Plan<'_>,
    place: usize,
    region: &Region<'_>,
    sovereign: &Map<String, Json>,
) -> Scope {
    let written = region.written;
    let control_plane = written.control_plane.as_ref().map(|pool| &pool.value);
    let workers = written.workers.as_ref().map(|pool| &pool.value);
    let size = workers.or(control_plane).and_then(|pool| pool.size.as_ref());
    let count = workers.map_or(0, |pool| pool.count.map_or(1, |count| count.value.0));
    let observed = observed(region);
    let (known, absent): (Vec<_>, Vec<_>) = observed.into_iter().partition(|fact| fact.value.is_some());
    let known: Map<_, _> = known.into_iter().map(|fact| (fact.name.to_owned(), fact.value.into())).collect();
    let pair = plan.pair();
    let peer = pair.and_then(|pair| pair.peer(place)).and_then(|peer| plan.regions.get(peer));
    let mut facts = sovereign.clone();
    facts.insert(
        "region".into(),
        json!({
            "name": region.name.value.as_str(),
            "key": region.key,
            "role": region.role.value.to_string(),
            "label": region.label.value,
            "code": region.code.value,
            "provider": region.provider.value.to_string(),
            "mesh_name": region.mesh.name.value,
            "mesh_id": region.mesh.id.value,
            "side": pair.map_or("replica", |pair| pair.side(place)),
            "raft_role": raft_role(plan, place),
            "peers": peer.map(|peer| peer.mesh.name.value.as_str()).into_iter().collect::<Vec<_>>(),
            "pod_cidr": region.pods.value.to_string(),
            "service_cidr": region.services.value.to_string(),
            "network_cidr": region.network.value.to_string(),
            "control_plane_address": region.control_plane_address().map(|a| a.to_string()).unwrap_or_default(),
            "load_balancer_location": region.name.value.as_str(),
            "worker_size": size.map(|size| size.value.as_str()).unwrap_or_default(),
            "worker_count": count,
            "worker_limit": count.max(WORKER_LIMIT),
            "observed": known,
        }),
    );
    let absent = absent.into_iter().map(|fact| format!("region.observed.{}", fact.name)).collect();
    Scope::new(Json::Object(facts), absent)
}

/// A fact that is known only after provisioning.
struct Observed {
    /// Its name below `region.observed`.
    name: &'static str,
    value: Option<String>,
}

fn observed(region: &Region<'_>) -> [Observed; 3] {
    let table = region.written.observed.as_ref().map(|observed| &observed.value);
    let load_balancer = table.and_then(|o| o.load_balancer_address.as_ref()).map(|a| a.value.to_string());
    let control_plane = table.and_then(|o| o.control_plane_address.as_ref()).map(|a| a.value.to_string());
    let deployment = table.and_then(|o| o.deployment_id.as_ref()).map(|id| id.value.as_str().to_owned());
    [
        Observed { name: "load_balancer_address", value: load_balancer },
        Observed { name: "control_plane_address", value: control_plane },
        Observed { name: "deployment_id", value: deployment },
    ]
}

/// Returns the Sovereign's facts and the list of its regions; only for values that stand outside a region's directory.
pub(super) fn of_all_regions(plan: &Plan<'_>) -> Scope {
    let mut facts = of_sovereign(plan);
    let region = |region: &Region<'_>| {
        json!({
            "name": region.name.value.as_str(),
            "key": region.key,
            "code": region.code.value,
            "label": region.label.value,
            "role": region.role.value.to_string(),
            "provider": region.provider.value.to_string(),
        })
    };
    facts.insert("regions".into(), plan.regions.iter().map(region).collect());
    let names = plan.regions.iter().map(|region| region.name.value.as_str());
    facts.insert("region_names".into(), names.collect());
    Scope::new(Json::Object(facts), Vec::new())
}

/// Returns what a region is to the application that fails over by Raft.
fn raft_role(plan: &Plan<'_>, place: usize) -> &'static str {
    let mut applications = plan.failover.iter().flat_map(|failover| &failover.applications);
    let raft = applications.find(|application| application.raft.is_some());
    if raft.is_some_and(|application| application.primary.region == place) { "primary" } else { "secondary" }
}

fn label(plan: &Plan<'_>, place: Option<usize>) -> String {
    place
        .and_then(|place| plan.regions.get(place))
        .map_or_else(String::new, |region| region.label.value.clone())
}

/// Returns whether standbys stand ready, and what their database is like.
fn failover(plan: &Plan<'_>) -> Json {
    let mut facts = json!({ "hot_standby": plan.topology().value.keeps_standbys() });
    let database = plan.failover.as_ref().and_then(|failover| failover.database());
    if let Some(table) = database.and_then(|(application, _)| application.database) {
        let text = |given: Option<String>, default: &str| given.unwrap_or_else(|| default.to_owned());
        let class = table.storage_class.as_ref().or(plan.storage.class.as_ref());
        // What is not given is what the chart has (domain section 5.5), written out.
        facts["database"] = json!({
            "mode": text(table.mode.map(|mode| mode.value.to_string()), "sync"),
            "instances": table.instances.map_or(3, |instances| instances.value.0),
            "size": text(table.size.as_ref().map(|size| size.value.to_string()), "100Gi"),
            "storage_class": text(class.map(|class| class.value.to_string()), ""),
            "database": text(table.database.as_ref().map(|name| name.value.to_string()), "app"),
            "owner": text(table.owner.as_ref().map(|name| name.value.to_string()), "app"),
        });
    }
    facts
}

/// Returns the zones that the Sovereign's own is delegated from, with the registrar where its API is used.
pub(crate) fn parent_zones(plan: &Plan<'_>) -> Json {
    let mut zone = json!({ "name": plan.domain.parent.value, "role": "primary" });
    if let Some((registrar, _)) = &plan.domain.registrar {
        zone["registrar"] = registrar.value.to_string().into();
    }
    json!([zone])
}

/// Returns where PowerDNS answers. Pool zones live in OpenOva's; a customer's own zone, and everything behind an air gap, in
/// the Sovereign's (docs/decisions.md, 42).
pub(crate) fn powerdns_api(plan: &Plan<'_>) -> &'static str {
    if plan.serves_own_zone() {
        "http://powerdns.powerdns.svc.cluster.local:8081"
    } else {
        "https://pdns.openova.io"
    }
}

fn domain(plan: &Plan<'_>) -> Json {
    let domain = &plan.domain;
    let mut facts = json!({ "mode": domain.mode.value.to_string() });
    if let Some((registrar, credentials)) = &domain.registrar {
        facts["registrar"] = registrar.value.to_string().into();
        facts["credentials"] = json!({
            "secret": credentials.secret.as_ref().map(|s| s.value.as_str()).unwrap_or_default(),
            "key": credentials.key.as_ref().map_or("token", |key| key.value.as_str()),
        });
    }
    facts["parent_zones"] = parent_zones(plan);
    facts["powerdns_api"] = powerdns_api(plan).into();
    facts
}

fn identity(plan: &Plan<'_>) -> Json {
    let identity = &plan.identity;
    let shared = identity.keycloak.value == sovereign_language::manifest::KeycloakTopology::SharedSovereign;
    let mut facts = json!({ "realm": identity.realm(), "shared": shared });
    if let Some(federation) = &identity.federation {
        let federation = &federation.value;
        let secret = federation.client_secret.as_ref().map(|secret| &secret.value);
        facts["federation"] = json!({
            "provider": federation.provider.map(|p| p.value.to_string()).unwrap_or_default(),
            "issuer": federation.issuer.as_ref().map(|i| i.value.as_str()).unwrap_or_default(),
            "client_id": federation.client_id.as_ref().map(|c| c.value.as_str()).unwrap_or_default(),
            "secret": secret.and_then(|s| s.secret.as_ref()).map(|s| s.value.as_str()).unwrap_or_default(),
            "key": secret.and_then(|s| s.key.as_ref()).map_or("client-secret", |k| k.value.as_str()),
        });
    }
    facts
}

fn registry(plan: &Plan<'_>) -> Json {
    let scanner = plan.registry.as_ref().and_then(|registry| registry.scanner);
    scanner.map_or_else(
        || json!({}),
        |scanner| {
            let (severities, fixed) = (scanner.severities(), scanner.ignore_unfixed);
            json!({ "scanner": { "severities": severities, "ignore_unfixed": fixed } })
        },
    )
}

fn storage(plan: &Plan<'_>) -> Json {
    let storage = &plan.storage;
    let mut facts = json!({ "object_secret": storage.object_secret() });
    if let Some(class) = &storage.class {
        facts["class"] = class.value.as_str().into();
    }
    if let Some(object) = &storage.object {
        facts["object"] = json!({
            "endpoint": object.endpoint.value.as_str(),
            "bucket": object.bucket.value.as_str(),
            "region": object.region.value.as_str(),
        });
    }
    if let Some(backup) = &storage.backup {
        facts["backup"] = json!({
            "schedule": backup.schedule.value.cron(),
            "ttl": format!("{}h", backup.retention.value.hours()),
        });
    }
    facts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use sovereign_language::expression::NAMES;
    use sovereign_language::kit::Kits;
    use sovereign_text::diag::Diagnostics;
    use sovereign_text::source::Source;

    /// A manifest that gives every fact there is.
    const EVERYTHING: &str = r#"
kit = "2026.05"
sovereign = { name = "nizwa", organization = { name = "Nizwa Labs", email = "platform@nizwa.example" } }
domain = { mode = "byo-api", fqdn = "nizwa.example", registrar = "ovh", credentials = { secret = "registrar" } }
gitops.url = "https://git.nizwa.example/platform/sovereigns"
identity.federation = { provider = "azure-sso", issuer = "https://sso.example", client-id = "a", client-secret = { secret = "sso" } }
airgap.registry = "harbor.nizwa.example"
registry.scanner = {}

[storage]
class = "fast"
object = { endpoint = "https://s3.nizwa.example", bucket = "nizwa", region = "here", credentials = { secret = "s3" } }
backup.schedule = "daily"

[[region]]
name = "fsn1"
provider = "hetzner"
control-plane.size = "cpx32"
observed = { load-balancer-address = "203.0.113.10", control-plane-address = "203.0.113.11", deployment-id = "0123456789abcdef" }

[[region]]
name = "hel1"
provider = "hetzner"
control-plane.size = "cpx32"

[[failover.application]]
name = "shop"
database.mode = "sync"
"#;

    /// The names of the values below a JSON value.
    fn leaves(name: &str, value: &Json, names: &mut BTreeSet<String>) {
        let Json::Object(map) = value else {
            names.insert(name.to_owned());
            return;
        };
        for (key, value) in map {
            let dot = if name.is_empty() { "" } else { "." };
            leaves(&format!("{name}{dot}{key}"), value, names);
        }
    }

    #[test]
    fn the_documentation_lists_every_fact() {
        let mut diags = Diagnostics::new();
        let source = Source::manifest("sovereign.toml", EVERYTHING.into()).expect("text");
        let document = sovereign_language::manifest::decode(&source, &mut diags).expect("a document");
        let kit = Kits::embedded().open("2026.05", &[], &mut diags).expect("a kit");
        let plan = crate::plan::resolve(&document, &kit, &mut diags).expect("a plan");
        let region = plan.regions.first().expect("a region");
        let mut given = BTreeSet::new();
        leaves("", of_region(&plan, 0, region, &of_sovereign(&plan)).facts(), &mut given);
        leaves("", of_all_regions(&plan).facts(), &mut given);
        assert_eq!(given, NAMES.iter().map(|name| (*name).to_owned()).collect());

        let text = include_str!("../../../../docs/kits.md");
        let table =
            text.split_once("| Name | Type | What it is |").and_then(|(_, rest)| rest.split_once("\n\n"));
        let rows = table.map(|(rows, _)| rows).unwrap_or_default().lines().skip(2);
        let names =
            rows.filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split('`').skip(1).step_by(2));
        let listed: BTreeSet<_> = names.map(str::to_owned).collect();
        assert_eq!(listed, given);
    }
}
