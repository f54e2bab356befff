//! The names that expressions in blueprints may use, each with the place that its value comes from. `docs/kits.md` lists
//! them; a test holds the list and this file together.

use std::fmt::Display;

use super::{Plan, Region, machines};
use sovereign_language::manifest::{Issuer, KeycloakTopology, Placement};
use sovereign_text::node::{Map, Node, Value};
use sovereign_text::source::{Span, Spanned};

/// The chart's default when no workers are asked for: the control plane takes the workloads.
const WORKER_LIMIT: i64 = 10;

/// Facts about the Sovereign that do not change when a region is added at the end.
pub(crate) fn of_sovereign(plan: &Plan<'_>) -> Node {
    let cause = plan.name.span;
    let contact = plan.written.sovereign.as_ref().and_then(|table| table.value.organization.as_ref());
    let contact = contact.map(|contact| &contact.value);
    let pair = plan.pair();
    let mut facts = record(
        cause,
        [
            ("null", Node::new(Value::Null, cause)),
            ("name", shown(&plan.name)),
            ("env", shown(&plan.env)),
            ("fqdn", shown(&plan.fqdn)),
            ("fqdn_dashed", plan.fqdn.as_ref().map(sovereign_language::scalar::Fqdn::dashed).into()),
            ("kit", Node::new(plan.kit.name.clone(), plan.kit_span)),
            (
                "organization",
                record(
                    cause,
                    [
                        ("name", shown_or("", contact.and_then(|contact| contact.name.as_ref()), cause)),
                        ("email", shown_or("", contact.and_then(|contact| contact.email.as_ref()), cause)),
                    ],
                ),
            ),
            ("domain", domain(plan)),
            (
                "gitops",
                record(
                    plan.gitops.url.span,
                    [("url", shown(&plan.gitops.url)), ("branch", shown(&plan.gitops.branch))],
                ),
            ),
            ("tls", tls(plan)),
            ("identity", identity(plan)),
            ("storage", storage(plan)),
            ("registry", registry(plan)),
            ("failover", failover(plan)),
            ("cnpg", record(cause, [("instances", database_instances(plan))])),
            ("primary", label(plan, plan.primary())),
            (
                "pair",
                record(
                    cause,
                    [
                        ("primary", label(plan, pair.and_then(|pair| plan.regions.get(pair.primary)))),
                        ("replica", label(plan, pair.and_then(|pair| plan.regions.get(pair.replica)))),
                    ],
                ),
            ),
            ("replica", label(plan, plan.replica())),
        ],
    );
    if let Some(airgap) = &plan.airgap {
        facts.set(&["airgap", "registry"], shown(&airgap.registry));
    }
    if plan.inputs.as_map().is_some_and(|inputs| !inputs.is_empty()) {
        facts.set(&["input"], plan.inputs.clone());
    }
    facts
}

/// Returns the Sovereign's facts and those of one region.
pub(crate) fn of_region(plan: &Plan<'_>, place: usize, region: &Region<'_>, sovereign: &Node) -> Node {
    let cause = region.written.span;
    let pair = plan.pair();
    let peer = pair.and_then(|pair| pair.peer(place)).and_then(|peer| plan.regions.get(peer));
    let [size, count, limit] = workers(region);
    let address = region.control_plane_address().map(|address| address.to_string());
    let api_host = shown_or("", machines::api_host(plan, region).as_ref(), region.network.span);
    let mut facts = sovereign.clone();
    let own = record(
        cause,
        [
            ("name", shown(&region.name)),
            ("key", Node::new(region.key.clone(), region.name.span)),
            ("role", shown(&region.role)),
            ("label", shown(&region.label)),
            ("code", shown(&region.code)),
            ("provider", shown(&region.provider)),
            ("mesh_name", shown(&region.mesh.name)),
            ("mesh_id", region.mesh.id.into()),
            ("side", Node::new(pair.map_or("replica", |pair| pair.side(place)), cause)),
            ("raft_role", Node::new(raft_role(plan, place), cause)),
            ("peers", Node::new(peer.iter().map(|peer| shown(&peer.mesh.name)).collect::<Vec<_>>(), cause)),
            ("pod_cidr", shown(&region.pods)),
            ("service_cidr", shown(&region.services)),
            ("network_cidr", shown(&region.network)),
            ("control_plane_address", Node::new(address.unwrap_or_default(), region.network.span)),
            ("api_host", api_host),
            ("suffix", Node::new(region.suffix(), region.name.span)),
            ("load_balancer_location", shown(&region.name)),
            ("worker_size", size),
            ("worker_count", count),
            ("worker_limit", limit),
            ("observed", observed(region)),
        ],
    );
    facts.set(&["region"], own);
    facts
}

/// Returns the Sovereign's facts and the list of its regions; only for values that stand outside a region's directory.
pub(crate) fn of_all_regions(plan: &Plan<'_>) -> Node {
    let region = |region: &Region<'_>| {
        record(
            region.written.span,
            [
                ("name", shown(&region.name)),
                ("key", Node::new(region.key.clone(), region.name.span)),
                ("code", shown(&region.code)),
                ("label", shown(&region.label)),
                ("role", shown(&region.role)),
                ("provider", shown(&region.provider)),
            ],
        )
    };
    let mut facts = of_sovereign(plan);
    let regions: Vec<_> = plan.regions.iter().map(region).collect();
    facts.set(&["regions"], Node::new(regions, cause_of_regions(plan)));
    let names: Vec<_> = plan.regions.iter().map(|region| shown(&region.name)).collect();
    facts.set(&["region_names"], Node::new(names, cause_of_regions(plan)));
    let requests: Vec<_> = plan.regions.iter().map(request).collect();
    facts.set(&["region_requests"], Node::new(requests, cause_of_regions(plan)));
    facts
}

/// Returns a region as the platform asks for one (domain section 1.2).
fn request(region: &Region<'_>) -> Node {
    let cause = region.written.span;
    let control_plane = region.written.control_plane.as_ref().and_then(|pool| pool.value.size.as_ref());
    let [size, count, _] = workers(region);
    record(
        cause,
        [
            ("provider", shown(&region.provider)),
            ("cloudRegion", shown(&region.name)),
            ("controlPlaneSize", shown_or("", control_plane, cause)),
            ("workerSize", size),
            ("workerCount", count),
        ],
    )
}

/// Returns a mapping of facts.
fn record<const N: usize>(cause: Span, facts: [(&'static str, Node); N]) -> Node {
    Node::new(Map::of_unique(facts), cause)
}

/// Returns what a value shows itself as.
fn shown<T: Display>(value: &Spanned<T>) -> Node {
    Node::new(value.value.to_string(), value.span)
}

/// Returns what a value shows itself as, or what stands for one that is not given, with the cause of that.
fn shown_or<T: Display>(default: &'static str, value: Option<&Spanned<T>>, cause: Span) -> Node {
    value.map_or_else(|| Node::new(default, cause), shown)
}

/// Returns the list of regions: the cause of what follows from their number.
fn cause_of_regions(plan: &Plan<'_>) -> Span {
    plan.written.region.as_ref().map_or(plan.written.span, |regions| regions.span)
}

/// Returns how many instances a database has: one for each region that it can be lost with, and two are enough.
fn database_instances(plan: &Plan<'_>) -> Node {
    Node::new(if plan.regions.len() > 1 { 2 } else { 1 }, cause_of_regions(plan))
}

fn label(plan: &Plan<'_>, region: Option<&Region<'_>>) -> Node {
    let cause = cause_of_regions(plan);
    record(cause, [("label", shown_or("", region.map(|region| &region.label), cause))])
}

/// Returns the size of the machines that take the workloads, how many workers there are, and how many there may be.
fn workers(region: &Region<'_>) -> [Node; 3] {
    let written = region.written;
    let (workers, control_plane) = (written.workers.as_ref(), written.control_plane.as_ref());
    let size = workers.or(control_plane).and_then(|pool| pool.value.size.as_ref());
    let count = workers.map_or(Spanned::new(0, written.span), |pool| {
        pool.value.count.map_or(Spanned::new(1, pool.span), |count| count.map(|count| count.0))
    });
    [shown_or("", size, written.span), count.into(), count.map(|count| count.max(WORKER_LIMIT)).into()]
}

/// Returns what is known of a region only after provisioning, as far as it is given.
fn observed(region: &Region<'_>) -> Node {
    let known = observations(region).into_iter().filter_map(|(name, value)| Some((name, value?)));
    Node::new(Map::of_unique(known.collect::<Vec<_>>()), region.written.span)
}

/// Returns the names of facts about a region that are known only after provisioning, and are not given.
pub(super) fn unknown(region: &Region<'_>) -> Vec<String> {
    let unknown = observations(region).into_iter().filter(|(_, value)| value.is_none());
    unknown.map(|(name, _)| format!("region.observed.{name}")).collect()
}

/// Returns the facts that are known only after provisioning, by their names below `region.observed`.
fn observations(region: &Region<'_>) -> [(&'static str, Option<Node>); 3] {
    let observed = region.written.observed.as_ref().map(|observed| &observed.value);
    let id = observed.and_then(|observed| observed.deployment_id.as_ref());
    [
        ("load_balancer_address", region.load_balancer_address().as_ref().map(shown)),
        ("control_plane_address", region.public_control_plane_address().as_ref().map(shown)),
        ("deployment_id", id.map(shown)),
    ]
}

/// Returns what a region is to the application that fails over by Raft.
fn raft_role(plan: &Plan<'_>, place: usize) -> &'static str {
    let mut applications = plan.failover.iter().flat_map(|failover| &failover.applications);
    let raft = applications.find(|application| application.raft.is_some());
    if raft.is_some_and(|application| application.primary.region == place) { "primary" } else { "secondary" }
}

/// Returns whether standbys stand ready, and what their database is like.
fn failover(plan: &Plan<'_>) -> Node {
    let mode = plan.topology();
    let pdm = plan.failover.as_ref().and_then(|failover| failover.authorities.first());
    let pdm = shown_or("", pdm.map(|authority| &authority.endpoint), mode.span);
    let hot_standby = mode.map(Placement::keeps_standbys).into();
    let mut facts = record(mode.span, [("hot_standby", hot_standby), ("pdm_url", pdm)]);
    let database = plan.failover.as_ref().and_then(|failover| failover.database());
    if let Some(table) = database.and_then(|(application, _)| application.database) {
        let class = table.storage_class.as_ref().or(plan.storage.class.as_ref());
        let instances = table.instances.map(|instances| instances.map(|instances| instances.0));
        // What is not given is what the chart has (domain section 5.5), written out.
        let database = record(
            table.span,
            [
                ("mode", shown_or("sync", table.mode.as_ref(), table.span)),
                ("instances", instances.unwrap_or(Spanned::new(3, table.span)).into()),
                ("size", shown_or("100Gi", table.size.as_ref(), table.span)),
                ("storage_class", shown_or("", class, table.span)),
                ("database", shown_or("app", table.database.as_ref(), table.span)),
                ("owner", shown_or("app", table.owner.as_ref(), table.span)),
            ],
        );
        facts.set(&["database"], database);
    }
    facts
}

/// Returns the zones that the Sovereign's own is delegated from, with the registrar where its API is used.
pub(crate) fn parent_zones(plan: &Plan<'_>) -> Node {
    let cause = plan.domain.parent.span;
    let mut zone =
        record(cause, [("name", shown(&plan.domain.parent)), ("role", Node::new("primary", cause))]);
    if let Some((registrar, _)) = &plan.domain.registrar {
        zone.set(&["registrar"], shown(registrar));
    }
    Node::new(vec![zone], cause)
}

/// Returns where PowerDNS answers. Zones of a pool live in the pool's; a customer's own zone, and everything behind an air gap, in
/// the Sovereign's (docs/decisions.md, 42).
pub(crate) fn powerdns_api(plan: &Plan<'_>) -> Node {
    if plan.serves_own_zone() {
        return Node::new("http://powerdns.powerdns.svc.cluster.local:8081", plan.domain.mode.span);
    }
    plan.domain.pool.api.clone().into()
}

fn domain(plan: &Plan<'_>) -> Node {
    let domain = &plan.domain;
    let mut facts = record(domain.mode.span, [("mode", shown(&domain.mode))]);
    if let Some((registrar, credentials)) = &domain.registrar {
        let credentials = record(
            credentials.span,
            [
                ("secret", shown_or("", credentials.secret.as_ref(), credentials.span)),
                ("key", shown_or("token", credentials.key.as_ref(), credentials.span)),
            ],
        );
        facts.set(&["registrar"], shown(registrar));
        facts.set(&["credentials"], credentials);
    }
    facts.set(&["parent_zones"], parent_zones(plan));
    facts.set(&["powerdns_api"], powerdns_api(plan));
    facts
}

fn tls(plan: &Plan<'_>) -> Node {
    let (tls, issuer) = (&plan.tls, plan.tls.issuer);
    record(
        issuer.span,
        [
            ("issuer", Node::new(tls.wildcard_issuer(), issuer.span)),
            ("ingress_issuer", Node::new(tls.ingress_issuer(), issuer.span)),
            ("acme", Node::new(tls.is_acme(), issuer.span)),
            ("acme_server", Node::new(tls.acme_server(), issuer.span)),
            ("staging", Node::new(issuer.value == Issuer::LetsEncryptStaging, issuer.span)),
        ],
    )
}

fn identity(plan: &Plan<'_>) -> Node {
    let identity = &plan.identity;
    let cause = identity.keycloak.span;
    let shared = identity.keycloak.map(|topology| topology == KeycloakTopology::SharedSovereign);
    let mut facts = record(cause, [("realm", Node::new(identity.realm(), cause)), ("shared", shared.into())]);
    if let Some(federation) = &identity.federation {
        let (federation, cause) = (&federation.value, federation.span);
        let secret = federation.client_secret.as_ref().map(|secret| &secret.value);
        let federation = record(
            cause,
            [
                ("provider", shown_or("", federation.provider.as_ref(), cause)),
                ("issuer", shown_or("", federation.issuer.as_ref(), cause)),
                ("client_id", shown_or("", federation.client_id.as_ref(), cause)),
                ("secret", shown_or("", secret.and_then(|secret| secret.secret.as_ref()), cause)),
                ("key", shown_or("client-secret", secret.and_then(|secret| secret.key.as_ref()), cause)),
            ],
        );
        facts.set(&["federation"], federation);
    }
    facts
}

fn registry(plan: &Plan<'_>) -> Node {
    let mut facts = record(plan.written.span, []);
    if let Some(scanner) = plan.registry.as_ref().and_then(|registry| registry.scanner) {
        let scanner = record(
            scanner.span,
            [("severities", scanner.severities().into()), ("ignore_unfixed", scanner.ignore_unfixed.into())],
        );
        facts.set(&["scanner"], scanner);
    }
    facts
}

fn storage(plan: &Plan<'_>) -> Node {
    let (storage, cause) = (&plan.storage, plan.written.span);
    // Without `[storage] object` it is the Secret that must exist (domain table of Secrets that must exist).
    let secret = storage.object.as_ref().map(|object| &object.secret);
    let mut facts = record(cause, [("object_secret", shown_or("object-storage", secret, cause))]);
    if let Some(class) = &storage.class {
        facts.set(&["class"], shown(class));
    }
    if let Some(object) = &storage.object {
        let object = record(
            object.bucket.span,
            [
                ("endpoint", shown(&object.endpoint)),
                ("bucket", shown(&object.bucket)),
                ("region", shown(&object.region)),
            ],
        );
        facts.set(&["object"], object);
    }
    if let Some(backup) = &storage.backup {
        let retention = backup.retention.as_ref().map(|retention| format!("{}h", retention.hours()));
        let backup = record(
            backup.schedule.span,
            [
                ("schedule", backup.schedule.as_ref().map(|schedule| schedule.cron().to_owned()).into()),
                ("ttl", retention.into()),
            ],
        );
        facts.set(&["backup"], backup);
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

    /// The names of the values below a fact.
    fn leaves(name: &str, fact: &Node, names: &mut BTreeSet<String>) {
        let Some(map) = fact.as_map() else {
            names.insert(name.to_owned());
            return;
        };
        for (key, value) in map.iter() {
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
        leaves("", &of_region(&plan, 0, region, &of_sovereign(&plan)), &mut given);
        leaves("", &of_all_regions(&plan), &mut given);
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
