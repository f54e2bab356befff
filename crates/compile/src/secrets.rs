//! Secrets that the tree refers to and does not hold: which, with which keys, who reads them and who makes them.
//!
//! This is the one list. The README of a tree, `sovereign secrets` and the rule `unprovided-secret`
//! read it.

pub mod checklist;
mod cloud_init;
pub mod external;
pub mod json;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};

use crate::lower::{Lowered, Placed, gateway};
use crate::object::{Application, ClusterIssuer, FLUX_NAMESPACE, Object, Vcluster};
use crate::plan::{Plan, Region, Release, TenantSummary};
use crate::provision;
use sovereign_language::kit::{Blueprint, ValuesKind};
use sovereign_text::diag::suggest;
use sovereign_text::node::{Map, Node, Step, Value};
use sovereign_text::source::Spanned;

/// The blueprint that copies Secrets between namespaces.
pub(crate) const REFLECTOR: &str = "bp-reflector";

/// What Crossplane of April logs in with. No cloud-init writes it (docs/decisions.md, 32).
const BY_HAND: Id<'static> = ("crossplane-system", "hcloud-credentials");

/// Namespace and name.
pub type Id<'a> = (&'a str, &'a str);

/// A Secret of one cluster.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The region.
    pub region: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The keys that are read; empty where they are not known.
    pub keys: BTreeSet<String>,
    /// Who reads it: blueprints, and kinds and names of objects.
    pub readers: BTreeSet<String>,
    /// Who makes it.
    pub provider: Provider,
    /// Whether Flux needs it before it can read or install anything.
    pub comes_first: bool,
}

/// Who makes a Secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// A person: the key of the manifest that names it, or why nothing else makes it.
    Operator(String),
    /// Cloud-init, before Flux runs.
    CloudInit,
    /// Cloud-init, but for these keys, which a person adds.
    Completed(BTreeSet<String>),
    /// The chart of a blueprint.
    Chart(String),
    /// bp-reflector, from the one that the chart of a blueprint makes.
    Reflector(String),
    /// Values name it; whether the chart makes it or expects it, only the chart says.
    Unsaid,
    /// Nobody that is known of.
    Nobody,
}

impl Provider {
    /// Returns who it is, as a phrase.
    pub fn phrase(&self) -> String {
        match self {
            Self::Operator(key) => format!("you: {key}"),
            Self::CloudInit => "cloud-init".to_owned(),
            Self::Completed(keys) => {
                format!("cloud-init, and you: add {}", suggest::list(keys.iter().map(String::as_str), 8))
            }
            Self::Chart(blueprint) => blueprint.clone(),
            Self::Reflector(blueprint) => format!("bp-reflector, from {blueprint}'s"),
            Self::Unsaid => "the chart, or you: its values name it".to_owned(),
            Self::Nobody => "nobody that is known of".to_owned(),
        }
    }

    /// Returns whether a person has to do something.
    pub fn is_person(&self) -> bool {
        matches!(self, Self::Operator(_) | Self::Completed(_))
    }

    /// Returns the word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Operator(_) | Self::Completed(_) => "operator",
            Self::CloudInit => "cloud-init",
            Self::Chart(_) => "chart",
            Self::Reflector(_) => "reflector",
            Self::Unsaid => "unsaid",
            Self::Nobody => "nobody",
        }
    }
}

impl Secret {
    /// `namespace/name`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Returns every Secret that the tree refers to and does not hold, by region in the order of the file, then by name.
pub fn collect(plan: &Plan<'_>, lowered: &Lowered) -> Vec<Secret> {
    listed(plan, lowered, &[])
}

/// Returns the same with those that parameters of applications name. The tree's README does not have these:
/// what stands in the file of one Organization changes no file of the platform.
pub fn with_applications(plan: &Plan<'_>, lowered: &Lowered) -> Vec<Secret> {
    let objects = lowered.clusters.iter().flat_map(|cluster| &cluster.objects);
    let applications: Vec<_> = objects.filter_map(application).collect();
    listed(plan, lowered, &applications)
}

fn application(placed: &Placed) -> Option<&Application> {
    if let Object::Application(application) = &placed.object { Some(application) } else { None }
}

fn listed(plan: &Plan<'_>, lowered: &Lowered, applications: &[&Application]) -> Vec<Secret> {
    let mut all = Vec::new();
    for (region, cluster) in plan.regions.iter().zip(&lowered.clusters) {
        let (providers, name) = (Providers::new(plan, region), region.name.value.to_string());
        let mut list = List { providers, region: name, found: BTreeMap::new() };
        for object in cluster.objects.iter().map(|placed| &placed.object) {
            list.object(object);
        }
        for summary in plan.tenant_summaries.iter().filter(|_| region.is_primary()) {
            list.summary(summary);
        }
        for release in &region.releases {
            list.release(release);
        }
        let is_here = |label: &Spanned<String>| label.value == region.label.value;
        for application in applications.iter().filter(|application| application.regions.iter().any(is_here)) {
            list.application(application);
        }
        all.extend(list.found.into_values());
    }
    all
}

/// Who makes which Secret in one cluster, and with which keys.
pub struct Providers {
    made: BTreeMap<(String, String), Provider>,
    /// All keys of a Secret, where they are known.
    keys: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Providers {
    /// Returns the providers of a region.
    pub fn new(plan: &Plan<'_>, region: &Region<'_>) -> Self {
        let mut providers = Self { made: BTreeMap::new(), keys: BTreeMap::new() };
        let module = provision::module(plan, region);
        let by_hand = module.map_or_else(
            || "no cloud-init runs here".to_owned(),
            |module| format!("cloud-init of {module} does not write it"),
        );
        for id in cloud_init::written().map(|written| written.id).chain([BY_HAND]) {
            providers.add(id, Provider::Operator(by_hand.clone()), []);
        }
        for release in &region.releases {
            providers.of_blueprint(release.blueprint, region.release(REFLECTOR).is_some());
        }
        providers.of_tables(region);
        providers.of_tree(plan, region);
        // What the manifest names goes before: the name of a chart's Secret may be chosen on purpose.
        for (namespace, name, key) in named_by_the_manifest(plan) {
            providers.add((&namespace, &name), Provider::Operator(key.to_owned()), []);
        }
        // Except for what is there before anybody can make it.
        for written in module.into_iter().flat_map(cloud_init::written_by) {
            providers.add(written.id, Provider::CloudInit, written.keys.iter().copied());
        }
        providers
    }

    fn of_blueprint(&mut self, blueprint: &Blueprint, reflects: bool) {
        let name = blueprint.name.value.as_str();
        let keys = |of: Id<'_>| {
            let same = blueprint.provided_secrets().find(|secret| secret.id.value.parts().1 == of.1);
            same.into_iter().flat_map(|secret| &secret.keys).map(|key| key.value.as_str())
        };
        for id in blueprint.made_secrets().map(|id| id.value.parts()) {
            self.add(id, Provider::Chart(name.to_owned()), keys(id));
        }
        for id in blueprint.reflected_secrets().map(|id| id.value.parts()).filter(|_| reflects) {
            self.add(id, Provider::Reflector(name.to_owned()), keys(id));
        }
        for secret in blueprint.required_secrets().filter(|secret| secret.by.is_some()) {
            self.add(secret.id.value.parts(), Provider::Operator(format!("{name} says so")), []);
        }
    }

    /// What tables of the manifest take values from, unless a chart makes it.
    fn of_tables(&mut self, region: &Region<'_>) {
        let tables = region.releases.iter().flat_map(|release| &release.changed_by);
        let sources = tables.flat_map(|table| &table.values_from).flat_map(|list| &list.value);
        let secrets =
            sources.filter(|source| source.value.kind.is_some_and(|kind| kind.value == ValuesKind::Secret));
        for name in secrets.filter_map(|source| source.value.name.as_ref()) {
            let id = (FLUX_NAMESPACE, name.value.as_str());
            if self.provider(id).is_none() {
                self.add(id, Provider::Operator("blueprint.values-from".to_owned()), []);
            }
        }
    }

    /// What objects of the tree make: the Certificate of the Gateway, and the vClusters of Organizations.
    fn of_tree(&mut self, plan: &Plan<'_>, region: &Region<'_>) {
        if let Some((by, secret)) = gateway::certified(plan, region) {
            self.add((gateway::NAMESPACE, &secret.value), Provider::Chart(by.to_owned()), []);
        }
        let place = plan.regions.iter().position(|known| known.name.value == region.name.value);
        let is_here = |summary: &&TenantSummary| place.is_some_and(|place| summary.regions.contains(&place));
        for summary in plan.tenant_summaries.iter().filter(|summary| summary.has_vcluster).filter(is_here) {
            let slug = summary.slug.value.as_str();
            self.add((slug, Vcluster::KUBECONFIG), Provider::Chart(format!("the vCluster of {slug}")), []);
        }
    }

    fn add<'k>(
        &mut self,
        (namespace, name): Id<'_>,
        provider: Provider,
        keys: impl IntoIterator<Item = &'k str>,
    ) {
        let id = (namespace.to_owned(), name.to_owned());
        let keys: BTreeSet<_> = keys.into_iter().map(str::to_owned).collect();
        self.made.insert(id.clone(), provider);
        if keys.is_empty() {
            self.keys.remove(&id);
        } else {
            self.keys.insert(id, keys);
        }
    }

    /// Returns who makes a Secret.
    pub fn provider(&self, (namespace, name): Id<'_>) -> Option<&Provider> {
        self.made.get(&(namespace.to_owned(), name.to_owned()))
    }

    /// Returns all keys of a Secret, where they are known.
    pub fn keys(&self, (namespace, name): Id<'_>) -> Option<&BTreeSet<String>> {
        self.keys.get(&(namespace.to_owned(), name.to_owned()))
    }

    /// Returns everything that somebody makes.
    pub fn ids(&self) -> impl Iterator<Item = Id<'_>> {
        self.made.keys().map(|(namespace, name)| (namespace.as_str(), name.as_str()))
    }
}

/// Returns the Secrets that the manifest names, with the key that names each: a person makes them.
fn named_by_the_manifest(plan: &Plan<'_>) -> Vec<(String, String, &'static str)> {
    let namespace_of = |blueprint: &str| {
        plan.kit.blueprint(blueprint).map_or_else(String::new, |found| found.namespace.value.to_string())
    };
    let mut named = Vec::new();
    let mut add = |namespace: String, name: &str, key| named.push((namespace, name.to_owned(), key));
    if let Some(secret) = &plan.gitops.secret {
        add(FLUX_NAMESPACE.to_owned(), secret.value.as_str(), "gitops.credentials");
    }
    if let Some(ca) = &plan.tls.ca {
        add(ClusterIssuer::SECRETS.to_owned(), ca.value.as_str(), "tls.ca");
    }
    if let Some(object) = &plan.storage.object {
        add(FLUX_NAMESPACE.to_owned(), object.secret.value.as_str(), "storage.object.credentials");
    }
    if let Some((_, credentials)) = &plan.domain.registrar {
        let secret = credentials.secret.as_ref().map(|secret| secret.value.as_str());
        add(namespace_of("bp-catalyst-platform"), secret.unwrap_or_default(), "domain.credentials");
    }
    if let Some(federation) = &plan.identity.federation {
        let reference = federation.value.client_secret.as_ref();
        let secret = reference.and_then(|reference| reference.value.secret.as_ref());
        let secret = secret.map(|secret| secret.value.as_str()).unwrap_or_default();
        add(namespace_of("bp-keycloak"), secret, "identity.federation.client-secret");
    }
    // What a kit asks for may be read by values of a release, which Flux looks for in its own namespace.
    let inputs = plan.inputs.as_map().into_iter().flat_map(Map::iter);
    for secret in inputs.filter_map(|(_, input)| input.at(&["secret"])?.as_str()) {
        add(FLUX_NAMESPACE.to_owned(), secret, "input");
    }
    let collector = plan.kit.blueprints.iter().find(|blueprint| blueprint.collector.is_some());
    for export in &plan.exports {
        for (what, reference, _) in export.files() {
            let namespace = collector.map_or_else(String::new, |found| found.namespace.value.to_string());
            let secret = reference.value.secret.as_ref().map_or("", |secret| secret.value.as_str());
            let key = if what == "ca" { "observability.export.ca" } else { "observability.export.token" };
            add(namespace, secret, key);
        }
    }
    if let Some(failover) = &plan.failover {
        for authority in &failover.authorities {
            if let Some((secret, _)) = &authority.api {
                add(crate::plan::failover::NAMESPACE.to_owned(), secret.value.as_str(), "failover.pdm.api");
            }
        }
        for application in &failover.applications {
            let witness = application.witness.as_ref().map(|witness| &witness.value);
            if let Some(crate::plan::failover::Witness::CloudflareKv { token: (secret, _), .. }) = witness {
                let namespace = application.namespace.value.to_string();
                add(namespace, secret.value.as_str(), "failover.witness.token");
            }
        }
    }
    for summary in &plan.tenant_summaries {
        if let Some((secret, _)) = &summary.client_secret {
            let namespace = summary.slug.value.to_string();
            add(namespace, secret, "organization.identity.federation-config.client-secret");
        }
    }
    named
}

/// What is known of one reference: who reads which keys.
struct Reference<'a> {
    id: Id<'a>,
    keys: Vec<&'a str>,
    reader: String,
    /// Who makes the Secret if nobody is known to.
    otherwise: Provider,
    comes_first: bool,
}

struct List {
    providers: Providers,
    region: String,
    found: BTreeMap<(String, String), Secret>,
}

impl List {
    fn add(&mut self, reference: Reference<'_>) {
        let (namespace, name) = reference.id;
        if name.is_empty() {
            return;
        }
        let secret = self.found.entry((namespace.to_owned(), name.to_owned())).or_insert_with(|| Secret {
            region: self.region.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            keys: BTreeSet::new(),
            readers: BTreeSet::new(),
            provider: self.providers.provider(reference.id).cloned().unwrap_or(reference.otherwise),
            comes_first: false,
        });
        if reference.keys.is_empty() {
            // Who does not say what it reads may read all that cloud-init would write.
            let known = cloud_init::written().find(|written| written.id == reference.id);
            secret.keys.extend(known.iter().flat_map(|written| written.keys).map(|key| (*key).to_owned()));
        }
        secret.keys.extend(reference.keys.iter().map(|key| (*key).to_owned()));
        secret.readers.insert(reference.reader);
        secret.comes_first |= reference.comes_first;
        let known = self.providers.keys(reference.id).filter(|_| secret.provider == Provider::CloudInit);
        let lacking: BTreeSet<_> = known.map_or_else(BTreeSet::new, |known| &secret.keys - known);
        if !lacking.is_empty() {
            secret.provider = Provider::Completed(lacking);
        }
    }

    /// The Secrets that an object reads.
    fn object(&mut self, object: &Object) {
        for used in object.secrets() {
            self.add(Reference {
                id: (used.namespace, used.name),
                keys: used.keys,
                reader: reader(object),
                otherwise: Provider::Nobody,
                comes_first: used.comes_first,
            });
        }
    }

    /// The Secret with which an Organization signs in at its identity provider.
    fn summary(&mut self, summary: &TenantSummary) {
        let Some((name, key)) = &summary.client_secret else { return };
        let slug = summary.slug.value.as_str();
        self.add(Reference {
            id: (slug, name),
            keys: vec![key],
            reader: format!("Organization {slug}"),
            otherwise: Provider::Nobody,
            comes_first: false,
        });
    }

    /// The Secrets that the chart of a release reads: what its blueprint says, and what its values name.
    fn release(&mut self, release: &Release<'_>) {
        let blueprint = release.blueprint;
        let reader = blueprint.name.value.as_str();
        for secret in blueprint.required_secrets() {
            self.add(Reference {
                id: secret.id.value.parts(),
                keys: secret.keys.iter().map(|key| key.value.as_str()).collect(),
                reader: reader.to_owned(),
                otherwise: Provider::Nobody,
                comes_first: false,
            });
        }
        let namespace = blueprint.namespace.value.as_str();
        release.values.walk(&mut |path, node| {
            for (name, keys) in named_in_values(path, node) {
                let (id, reader) = ((namespace, name), reader.to_owned());
                self.add(Reference { id, keys, reader, otherwise: Provider::Unsaid, comes_first: false });
            }
        });
    }

    /// The Secrets that the parameters of an application name. Its chart finds them in the namespace of the Application.
    fn application(&mut self, application: &Application) {
        let (Some(namespace), Some(parameters)) =
            (&application.meta.namespace, &application.written.parameters)
        else {
            return;
        };
        let by = Provider::Operator("parameters of an application name it".to_owned());
        parameters.value.0.walk(&mut |path, node| {
            for (name, keys) in named_in_values(path, node) {
                let reader = format!("Application {}", application.meta.name.value);
                let id = (namespace.value.as_str(), name);
                self.add(Reference { id, keys, reader, otherwise: by.clone(), comes_first: false });
            }
        });
    }
}

/// Returns the Secrets that a value names by a key that charts and Pods have for it, each with the keys that it reads:
/// `existingSecret`, a table `…secretRef` or `…secretKeyRef`, a list `imagePullSecrets`, the `secret` of a volume, and what
/// Grafana's chart has: `envFromSecret`, `envFromSecrets` and `extraSecretMounts`.
fn named_in_values<'a>(path: &[Step<'_>], node: &'a Node) -> Vec<(&'a str, Vec<&'a str>)> {
    let Some(Step::Key(key)) = path.last() else { return Vec::new() };
    if matches!(*key, "existingSecret" | "envFromSecret") {
        return node.as_str().map(|name| (name, Vec::new())).into_iter().collect();
    }
    let lists = [
        ("imagePullSecrets", "name", &[".dockerconfigjson"][..]),
        ("envFromSecrets", "name", &[]),
        ("extraSecretMounts", "secretName", &[]),
    ];
    if let Some((_, name, keys)) = lists.into_iter().find(|(list, ..)| list == key) {
        let named = |item: &'a Node| item.as_str().or_else(|| item.as_map()?.get(name)?.as_str());
        return list(node).iter().filter_map(named).map(|name| (name, keys.to_vec())).collect();
    }
    let Some(map) = node.as_map() else { return Vec::new() };
    let word = |map: &'a Map, key| map.get(key).and_then(Node::as_str);
    let named = if *key == "secret" {
        let items = map.get("items").map_or(&[][..], list);
        let keys = items.iter().filter_map(|item| word(item.as_map()?, "key"));
        word(map, "secretName").map(|name| (name, keys.collect()))
    } else if key.ends_with("ecretRef") || key.ends_with("ecretKeyRef") {
        word(map, "name").map(|name| (name, word(map, "key").into_iter().collect()))
    } else {
        None
    };
    named.into_iter().collect()
}

fn list(node: &Node) -> &[Node] {
    if let Value::List(items) = &node.value { items } else { &[] }
}

/// Returns who reads the Secrets of an object, as a phrase. All sources of charts read the same.
fn reader(object: &Object) -> String {
    let name = &object.meta().name.value;
    if matches!(object, Object::HelmRelease(_)) {
        name.clone()
    } else if matches!(object, Object::HelmRepository(_)) {
        "every HelmRepository".to_owned()
    } else {
        format!("{} {name}", object.kind())
    }
}
