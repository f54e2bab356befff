#![doc = include_str!("../../../../docs/diagnostics/unmade-service.md")]

use std::collections::{BTreeMap, BTreeSet};

use crate::host;
use crate::plan::placement::BUILT_IN;
use crate::plan::{Absence, Plan, Region, Release};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics, suggest};
use sovereign_text::node::{Map, Node, Value};
use sovereign_text::source::Span;

/// How many Services are named.
const SHOWN: usize = 4;

/// Reports hosts in Helm values that are Services which nothing makes in that cluster.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let elsewhere = elsewhere(plan);
    // Once for a line and a host, with every region that it concerns.
    let mut found: BTreeMap<(Span, String), (Lack<'_>, &str, Vec<&str>)> = BTreeMap::new();
    for region in &plan.regions {
        let cluster = Cluster::new(plan, region);
        for release in &region.releases {
            let name = release.blueprint.name.value.as_str();
            hosts("", &release.values, &mut |node, host| {
                let Some((namespace, service)) = service(host) else { return };
                let is_of_user = node.cause.source.is_input();
                let lack = cluster.lack((namespace, service), is_of_user, &elsewhere);
                if let Some(lack) = lack {
                    let entry = found.entry((node.cause, host.to_owned()));
                    entry.or_insert((lack, name, Vec::new())).2.push(region.name.value.as_str());
                }
            });
        }
    }
    for ((span, host), (lack, reader, regions)) in found {
        let regions = suggest::list(regions, 3);
        let message =
            format!("nothing makes the Service behind `{host}` in {regions}, where `{reader}` asks it");
        let found = Diagnostic::new(Code::UnmadeService, span, message);
        diags.push(match lack {
            Lack::Elsewhere(blueprint, why) => found
                .note(format!("`{blueprint}` makes it, and {why}"))
                .help("name a host that is reached from every region, or run both in one"),
            Lack::Namespace => found.help("name a Service of this cluster: `name.namespace.svc`"),
            Lack::Name(known) => found.help(format!("that namespace has {known}")),
        });
    }
}

/// Namespace and name.
type Id<'a> = (&'a str, &'a str);

/// Why nothing answers.
enum Lack<'a> {
    /// A blueprint that does not run here makes it.
    Elsewhere(&'a str, &'static str),
    /// Nothing is installed into that namespace.
    Namespace,
    /// All Services of that namespace are known, and it is none of them.
    Name(String),
}

/// Returns who makes each Service, of all blueprints of the kit.
fn elsewhere<'a>(plan: &'a Plan<'_>) -> BTreeMap<Id<'a>, &'a str> {
    let blueprints = plan.kit.blueprints.iter();
    let services = blueprints.flat_map(|blueprint| {
        blueprint.services().map(|service| (service.value.parts(), blueprint.name.value.as_str()))
    });
    services.collect()
}

/// What answers in a region.
struct Cluster<'p, 'a> {
    plan: &'p Plan<'a>,
    region: &'p Region<'a>,
    made: BTreeSet<Id<'p>>,
    /// The namespaces of which all Services are known.
    known: BTreeSet<&'p str>,
}

impl<'p, 'a> Cluster<'p, 'a> {
    fn new(plan: &'p Plan<'a>, region: &'p Region<'a>) -> Self {
        let services = region.releases.iter().flat_map(|release| release.blueprint.services());
        let (mut known, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        for release in &region.releases {
            let namespace = release.blueprint.namespace.value.as_str();
            if is_known(release) {
                known.insert(namespace)
            } else {
                unknown.insert(namespace)
            };
        }
        known.retain(|namespace| !unknown.contains(namespace));
        Self { plan, region, made: services.map(|service| service.value.parts()).collect(), known }
    }

    fn lack<'k>(&self, id: Id<'_>, is_of_user: bool, all: &BTreeMap<Id<'k>, &'k str>) -> Option<Lack<'k>> {
        let namespace = id.0;
        if self.made.contains(&id) {
            return None;
        }
        if let Some((_, blueprint)) = all.get_key_value(&id) {
            // Where a release waits for what is switched off, another rule has spoken.
            let why = match self.region.absent.get(*blueprint)? {
                Absence::Elsewhere(why, _) => why,
                Absence::Off(_) if is_of_user => "is switched off",
                Absence::Off(_) => return None,
            };
            return Some(Lack::Elsewhere(blueprint, why));
        }
        // What the kit itself names without saying who makes it, a test holds.
        if !is_of_user {
            return None;
        }
        let is_there = BUILT_IN.contains(&namespace)
            || self.region.namespaces.iter().any(|known| known.name.value.as_str() == namespace)
            || self.plan.summary(namespace).is_some();
        if !is_there {
            return Some(Lack::Namespace);
        }
        let known = || self.made.iter().filter(|made| made.0 == namespace).map(|made| made.1);
        self.known.contains(namespace).then(|| Lack::Name(suggest::list(known(), SHOWN)))
    }
}

/// Returns whether all Services of a release are known: the kit lists them, and it is installed as the kit says.
fn is_known(release: &Release<'_>) -> bool {
    let as_in_kit = release.changed_by.iter().all(|table| table.values.is_none() && table.version.is_none());
    as_in_kit && release.blueprint.services().next().is_some() && !release.blueprint.images.is_empty()
}

/// Returns namespace and name of the Service that a host is; a Pod of it may stand before.
fn service(host: &str) -> Option<Id<'_>> {
    let name = host::name(host);
    let (id, rest) = name.split_once(".svc")?;
    let is_end = rest.is_empty() || matches!(rest, ".cluster.local" | ".cluster.local." | ".");
    let (before, namespace) = id.rsplit_once('.').filter(|_| is_end)?;
    Some((namespace, before.rsplit('.').next()?))
}

/// Visits the hosts of values that end in `svc`, but for what is switched off.
fn hosts(key: &str, node: &Node, see: &mut dyn FnMut(&Node, &str)) {
    match &node.value {
        Value::String(text) if text.contains(".svc") => {
            for host in host::hosts(key, text) {
                see(node, host);
            }
        }
        Value::List(items) => items.iter().for_each(|item| hosts(key, item, see)),
        Value::Map(map) if !is_off(map) => map.iter().for_each(|(key, node)| hosts(key, node, see)),
        Value::Null
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Map(_) => {}
    }
}

fn is_off(map: &Map) -> bool {
    map.get("enabled").is_some_and(|enabled| matches!(enabled.value, Value::Bool(false)))
}

#[cfg(test)]
mod tests {
    use super::service;

    #[test]
    fn a_host_of_a_cluster_is_a_namespace_and_a_name() {
        assert_eq!(service("valkey.cache.svc"), Some(("cache", "valkey")));
        assert_eq!(service("valkey.cache.svc.cluster.local:6379"), Some(("cache", "valkey")));
        assert_eq!(
            service("bao-0.bao-internal.openbao.svc.cluster.local"),
            Some(("openbao", "bao-internal"))
        );
        assert_eq!(service("svc"), None);
        assert_eq!(service("cache.svc"), None);
        assert_eq!(service("www.svcs.example.com"), None);
    }
}
