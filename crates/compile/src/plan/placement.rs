//! Which blueprint runs in which region, why, and with which values.

mod objects;
mod switch;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use switch::governed_states;
use switch::is_switchable;

use super::failover::Pair;
use super::region::Namespace;
use super::release::{Absence, Release, Why};
use super::{KitObject, Plan, Reconciliation, Region, Shards, facts, machines, mirror};
use sovereign_language::expression::{Expressions, LeftOut, Scope, Work};
use sovereign_language::kit::{Blueprint, Choices, Runs, Text, ValueSource};
use sovereign_language::manifest::{BlueprintTable, PodSecurity, Role};
use sovereign_language::scalar::{BlueprintName, BpName, Scalar as _};
use sovereign_language::schema::Named;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Map, Node, Value, text};
use sovereign_text::source::{Span, Spanned};

/// Fills the releases and namespaces of every region, and the values that speak of all regions.
pub(super) fn place<'a>(plan: &mut Plan<'a>, expressions: &Expressions<'a>, diags: &mut Diagnostics) {
    let sovereign = facts::of_sovereign(plan);
    let mut filled = Vec::with_capacity(plan.regions.len());
    for (place, region) in plan.regions.iter().enumerate() {
        let facts = facts::of_region(plan, place, region, &sovereign).to_json();
        let scope = Scope::new(facts, facts::unknown(region));
        let mut placement = Placement { plan, place, region, expressions, scope, left_out: Vec::new() };
        let mut releases = Vec::new();
        let mut absent = BTreeMap::new();
        for blueprint in &plan.kit.blueprints {
            match placement.decide(blueprint) {
                Ok(why) => releases.push(placement.release(blueprint, why, diags)),
                Err(absence) => {
                    absent.insert(blueprint.name.value.as_str(), absence);
                }
            }
        }
        let objects = placement.objects(&releases, diags);
        placement.warn_of_missing_facts(diags);
        let mut namespaces = namespaces(&releases);
        if region.is_primary() {
            add_namespaces_of_failover(plan, &mut namespaces);
        }
        filled.push(Filled { releases, absent, objects, namespaces });
    }
    plan.sovereign_values = sovereign_values(plan, &filled, expressions, diags);
    for (region, filled) in plan.regions.iter_mut().zip(filled) {
        region.releases = filled.releases;
        region.absent = filled.absent;
        region.objects = filled.objects;
        region.namespaces = filled.namespaces;
    }
}

/// What was decided of a region.
struct Filled<'a> {
    releases: Vec<Release<'a>>,
    absent: BTreeMap<&'a str, Absence>,
    objects: Vec<KitObject<'a>>,
    namespaces: Vec<Namespace>,
}

fn sovereign_values<'a>(
    plan: &Plan<'a>,
    filled: &[Filled<'a>],
    expressions: &Expressions<'_>,
    diags: &mut Diagnostics,
) -> Vec<(&'a Blueprint, Node)> {
    let scope = Scope::new(facts::of_all_regions(plan).to_json(), Vec::new());
    let mut done = BTreeSet::new();
    let mut list = Vec::new();
    for release in filled.iter().flat_map(|filled| &filled.releases) {
        let Some(values) = &release.blueprint.sovereign_values else { continue };
        if done.insert(release.blueprint.name.value.as_str()) {
            let mut values = expressions.evaluate(values, &scope, &mut Work::default(), diags);
            values.sort();
            list.push((release.blueprint, values));
        }
    }
    list
}

/// Blueprints that a region has to switch on by a table of its own. Shows as the line that does it.
#[derive(Clone, Debug)]
pub struct Switches<'a>(BTreeSet<&'a str>);

impl std::fmt::Display for Switches<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bare = self.0.iter().map(|name| name.strip_prefix("bp-").unwrap_or(name));
        let tables: Vec<_> = bare.map(|name| format!("{name}.enabled = true")).collect();
        write!(f, "blueprint = {{ {} }}", tables.join(", "))
    }
}

impl<'a> Plan<'a> {
    /// Returns what a region has to switch on before a blueprint works there: that one and all that it waits
    /// for. `None` if no table brings it there.
    pub fn switches(&self, region: &Region<'_>, name: &str) -> Option<Switches<'a>> {
        let mut open = vec![name];
        let mut switches = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(blueprint) = self.kit.blueprint(name).filter(|_| region.idle(name).is_some()) else {
                continue;
            };
            let elsewhere = blueprint.provider.is_some_and(|only| only.value != region.provider.value);
            let anywhere = matches!(blueprint.runs.value, Runs::Every | Runs::Primary);
            if elsewhere || !anywhere || blueprint.vcluster.is_some() {
                return None;
            }
            if switches.insert(blueprint.name.value.as_str()) {
                open.extend(blueprint.depends_on.iter().map(|edge| edge.value.as_str()));
            }
        }
        Some(Switches(switches))
    }
}

/// Returns the blueprints that the kit lets one wait for, without those that a table lets it be independent of.
fn edges<'b>(
    blueprint: &'b Blueprint,
    tables: &[&BlueprintTable],
) -> impl Iterator<Item = &'b Spanned<BpName>> {
    let lists = tables.iter().filter_map(|table| table.independent_of.as_ref());
    let dropped: BTreeSet<_> =
        lists.flat_map(|list| &list.value).map(|name| name.value.as_str().to_owned()).collect();
    blueprint.depends_on.iter().filter(move |edge| !dropped.contains(edge.value.bare().as_str()))
}

/// Returns the objects that a table takes further values from.
fn further_sources(table: &BlueprintTable) -> impl Iterator<Item = ValueSource> {
    let sources = table.values_from.iter().flat_map(|list| &list.value);
    sources.filter_map(|Spanned { value: source, .. }| {
        Some(ValueSource {
            kind: source.kind?,
            name: text(source.name.as_ref()?),
            key: text(source.values_key.as_ref()?),
            target: source.target_path.as_ref().map(text),
            optional: source.optional,
        })
    })
}

struct Placement<'p, 'a> {
    plan: &'p Plan<'a>,
    /// The place of the region in the plan.
    place: usize,
    region: &'p Region<'a>,
    expressions: &'p Expressions<'a>,
    scope: Scope,
    /// Values that were left out, by fact, each with the blueprint.
    left_out: Vec<(&'a Blueprint, LeftOut)>,
}

impl<'a> Placement<'_, 'a> {
    /// Returns the tables that speak of a blueprint: that of a kit of one's own, the Sovereign's, then the region's.
    fn tables(&self, blueprint: &Blueprint) -> Vec<&'a BlueprintTable> {
        let bare = blueprint.name.value.bare();
        let find = |named: &'a Named<BlueprintName, BlueprintTable>| {
            named.0.iter().find(|(name, _)| name.value == bare).map(|(_, table)| &table.value)
        };
        let written = |named: &'a Option<Spanned<Named<_, _>>>| find(&named.as_ref()?.value);
        let of_kit = find(&self.plan.kit.extension.tables);
        let of_manifest = [&self.plan.written.blueprint, &self.region.written.blueprint];
        of_kit.into_iter().chain(of_manifest.into_iter().filter_map(written)).collect()
    }

    fn decide(&self, blueprint: &Blueprint) -> Result<Why, Absence> {
        if let Some(provider) = blueprint.provider.filter(|p| p.value != self.region.provider.value) {
            return Err(Absence::Elsewhere("it runs on another cloud only", provider.span));
        }
        let enabled = self.enabled(blueprint);
        // The switch of a gated blueprint is its gate: the release stays, with an explicit flag. Without what it waits
        // for it would stay for ever unready, so it goes with that.
        let goes = is_switchable(blueprint) || self.waits_in_vain(blueprint);
        if let Some(off) = enabled.filter(|on| !on.value && goes) {
            return Err(Absence::Off(off.span));
        }
        let of_database = blueprint.runs.value == Runs::Pair && self.database().is_some();
        if blueprint.on_demand && enabled.is_none() && !of_database {
            return Err(Absence::Elsewhere("nothing brings it in", blueprint.runs.span));
        }
        if let Some(tier) = blueprint.vcluster {
            let here = self.region.vclusters.iter().find(|t| t.value == tier.value);
            return here.map(|tier| Why::Vcluster(tier.span)).ok_or(Absence::Elsewhere(
                "the region does not have that vCluster",
                self.region.written.span,
            ));
        }
        let role = self.region.role;
        let asked = self.asks_here(blueprint);
        match blueprint.runs.value {
            Runs::Every => Ok(enabled.map_or(Why::Every(blueprint.runs.span), |on| Why::SwitchedOn(on.span))),
            Runs::Primary if role.value == Role::Primary => Ok(Why::Primary(role.span)),
            // A secondary may ask for it by a table of its own, as a standby of an application needs it.
            Runs::Primary => asked
                .map(Why::SwitchedOn)
                .ok_or(Absence::Elsewhere("it runs in the primary only", blueprint.runs.span)),
            Runs::Secondary if role.value == Role::Secondary => Ok(Why::Secondary(role.span)),
            Runs::Secondary => Err(Absence::Elsewhere("it runs in secondaries only", blueprint.runs.span)),
            Runs::Pair if self.in_pair() => {
                Ok(Why::Pair(self.plan.pair().map_or(role.span, |pair| pair.span)))
            }
            Runs::Pair => {
                Err(Absence::Elsewhere("it runs in the two regions of a failover pair", blueprint.runs.span))
            }
        }
    }

    /// Returns the two regions of the database that fails over.
    fn database(&self) -> Option<Pair> {
        self.plan.failover.as_ref().and_then(|failover| failover.database()).map(|(_, pair)| pair)
    }

    fn in_pair(&self) -> bool {
        self.plan.pair().is_some_and(|pair| pair.has(self.place))
    }

    fn choices(&self, blueprint: &Blueprint) -> Choices<'_> {
        let failover = self.plan.failover.as_ref();
        let raft = failover.and_then(|failover| failover.raft(blueprint.name.value.as_str()));
        let here = |pair: Option<Pair>| pair.filter(|pair| pair.has(self.place)).map(|pair| pair.span);
        Choices {
            database: Some(is_given(self.plan, here(self.database()))),
            raft: Some(is_given(self.plan, here(raft.map(|(_, pair)| pair)))),
            ..choices(self.plan, self.region)
        }
    }

    fn release(&mut self, blueprint: &'a Blueprint, why: Why, diags: &mut Diagnostics) -> Release<'a> {
        let tables = self.tables(blueprint);
        let version = tables.iter().rev().find_map(|table| table.version.clone());
        let further =
            tables.iter().filter_map(|table| table.depends_on.as_ref()).flat_map(|list| &list.value);
        let further = further.map(|d| d.as_ref().map(|name| name.with_prefix().as_str().to_owned()));
        let kit_edges = edges(blueprint, &tables);
        let kit_edges = kit_edges.map(|edge| edge.as_ref().map(|name| name.as_str().to_owned()));
        let depends_on = kit_edges.chain(further).chain(self.vcluster_edge(blueprint)).collect();
        let mut work = Work::default();
        let values = self.values(blueprint, &tables, &mut work, diags);
        let mut values_from = self.values_from(blueprint, &mut work, diags);
        values_from.extend(tables.iter().flat_map(|table| further_sources(table)));
        self.left_out.extend(work.left_out().into_iter().map(|item| (blueprint, item)));
        Release {
            blueprint,
            why,
            version: version.unwrap_or_else(|| blueprint.version.clone()),
            depends_on,
            reconciliation: Reconciliation::new(blueprint, &tables),
            values,
            values_from,
            has_sovereign_values: blueprint.sovereign_values.is_some(),
            changed_by: tables,
        }
    }

    /// Returns the release of the vCluster that a blueprint is installed into, if it runs here.
    fn vcluster_edge(&self, blueprint: &Blueprint) -> Option<Spanned<String>> {
        let tier = blueprint.into.as_ref()?.value.vcluster?;
        self.region.vclusters.iter().find(|here| here.value == tier.value)?;
        let brings = |b: &&Blueprint| b.vcluster.is_some_and(|brought| brought.value == tier.value);
        let vcluster = self.plan.kit.blueprints.iter().find(brings)?;
        Some(Spanned::new(vcluster.name.value.as_str().to_owned(), tier.span))
    }

    /// Kit values, overlays, the gate, exports, the manifest's values: each laid over the one before.
    fn values(
        &self,
        blueprint: &'a Blueprint,
        tables: &[&BlueprintTable],
        work: &mut Work,
        diags: &mut Diagnostics,
    ) -> Node {
        let choices = self.choices(blueprint);
        let mut values = self.expressions.evaluate(&blueprint.values, &self.scope, work, diags);
        for overlay in &blueprint.overlays {
            let holds = overlay.when.as_ref().is_some_and(|when| when.value.holds(&choices));
            if let Some(over) = overlay.values.as_ref().filter(|_| holds) {
                let over = self.expressions.evaluate(&over.value.0, &self.scope, work, diags);
                values.merge(over);
            }
        }
        if let Some(gate) = &blueprint.gate {
            let state = self.enabled(blueprint).or_else(|| self.gate_of(blueprint));
            if let (Some(path), Some(state)) = (&gate.value, state) {
                values.set(&path.value.keys(), state.into());
            }
        }
        let exports = blueprint
            .collector
            .as_ref()
            .and_then(|path| Some((path, super::observability::values(&self.plan.exports_of(self.place))?)));
        if let Some((path, exports)) = exports {
            let mut over = Node::new(Map::new(), exports.cause);
            over.set(&path.value.keys(), exports);
            values.merge(over);
        }
        if let Some(airgap) = &self.plan.airgap {
            mirror::rewrite(&mut values, &airgap.registry);
        }
        // Users' values come last and are taken literally, under an air gap too: a rule looks at their hosts.
        for table in tables {
            if let Some(over) = &table.values {
                values.merge(over.value.0.clone());
            }
            for path in table.unset.iter().flat_map(|list| &list.value) {
                values.set(&path.value.keys(), Node::new(Value::Null, path.span));
            }
        }
        values.sort();
        values
    }

    fn values_from(
        &self,
        blueprint: &Blueprint,
        work: &mut Work,
        diags: &mut Diagnostics,
    ) -> Vec<ValueSource> {
        let choices = self.choices(blueprint);
        let applies = |when: &Option<Spanned<sovereign_language::kit::Condition>>| {
            when.as_ref().is_none_or(|when| when.value.holds(&choices))
        };
        let text = |text: &Spanned<Text>| text.as_ref().map(|text| text.as_str().to_owned());
        let mut list = Vec::new();
        for source in blueprint.values_from.iter().filter(|source| applies(&source.when)) {
            let (Some(kind), Some(name), Some(key)) = (source.kind, &source.name, &source.values_key) else {
                continue;
            };
            let node = Node::new(name.value.as_str().to_owned(), name.span);
            let node = Node::new(Map::of_unique([("valuesFrom", node)]), name.span);
            let evaluated = Expressions::compile([&node], &self.plan.kit.extension.input_names, diags);
            let evaluated = evaluated.evaluate(&node, &self.scope, work, diags);
            // What has no name yet is left out until it has one.
            let Some(evaluated) = evaluated.at(&["valuesFrom"]).and_then(Node::as_str) else { continue };
            list.push(ValueSource {
                kind,
                name: Spanned::new(evaluated.to_owned(), name.span),
                key: text(key),
                target: source.target_path.as_ref().map(|t| t.as_ref().map(|t| t.as_str().to_owned())),
                optional: source.optional,
            });
        }
        list
    }

    fn warn_of_missing_facts(self, diags: &mut Diagnostics) {
        if self.left_out.is_empty() {
            return;
        }
        let facts: BTreeSet<_> = self.left_out.iter().map(|(_, item)| item.fact.as_str()).collect();
        let name = self.region.name.value.as_str();
        let keys = facts.iter().map(|fact| format!("`observed.{fact}`")).collect::<Vec<_>>().join(", ");
        let message = format!("region `{name}` does not say {keys}, so values are left out");
        let mut found = Diagnostic::new(Code::MissingObservedFact, self.region.name.span, message);
        for (blueprint, item) in &self.left_out {
            let (blueprint, path, fact) = (blueprint.name.value.as_str(), &item.path, &item.fact);
            found = found.note(format!("`{path}` of {blueprint} waits for `observed.{fact}`"));
        }
        diags.push(found.help("add `observed = { … }` to the region once it is provisioned"));
    }
}

/// Returns the choices that conditions of blueprints are held against, but for those that differ by blueprint.
pub(super) fn choices<'p>(plan: &'p Plan<'_>, region: &Region<'_>) -> Choices<'p> {
    let storage = &plan.storage;
    let scanner = plan.registry.as_ref().and_then(|registry| registry.scanner);
    let is_given = |place: Option<Span>| Some(is_given(plan, place));
    Choices {
        identity: Some(plan.identity.keycloak),
        tls: Some(plan.tls.issuer),
        domain: Some(plan.domain.mode),
        provider: Some(region.provider),
        airgap: is_given(plan.airgap.as_ref().map(|airgap| airgap.registry.span)),
        object_storage: is_given(storage.object.as_ref().map(|object| object.bucket.span)),
        backup: is_given(storage.backup.as_ref().map(|backup| backup.schedule.span)),
        federation: is_given(plan.identity.federation.as_ref().map(|federation| federation.span)),
        scanner: is_given(scanner.map(|scanner| scanner.span)),
        storage_class: is_given(storage.class.as_ref().map(|class| class.span)),
        failover: plan.failover.as_ref().map(|failover| failover.mode),
        shards: is_given(plan.shards.map(Shards::span)),
        cancels_health_checks: Some(Spanned::new(plan.kit.flux.cancels_health_checks(), plan.kit_span)),
        further_region: Some(Spanned::new(region.is_further(), region.name.span)),
        several_control_planes: Some(machines::control_planes(plan, region).map(|count| count > 1)),
        database: is_given(None),
        raft: is_given(None),
        inputs: &plan.inputs,
    }
}

/// Returns whether something is given, at its place if it is.
fn is_given(plan: &Plan<'_>, place: Option<Span>) -> Spanned<bool> {
    Spanned::new(place.is_some(), place.unwrap_or(plan.written.span))
}

/// Namespaces that Kubernetes makes itself. Declaring `kube-system` twice once stalled every new Sovereign.
pub(crate) const BUILT_IN: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Returns every namespace that the releases of a region are installed into, once, at the highest level that one of
/// them needs.
fn namespaces(releases: &[Release<'_>]) -> Vec<Namespace> {
    let mut list: BTreeMap<&str, Namespace> = BTreeMap::new();
    for release in releases {
        let blueprint = release.blueprint;
        let name = &blueprint.namespace;
        // A namespace in a vCluster is none of the cluster; Helm makes it there.
        if BUILT_IN.contains(&name.value.as_str()) || blueprint.into.is_some() {
            continue;
        }
        let asked = release.changed_by.iter().rev().find_map(|table| table.pod_security);
        let level = asked.or(blueprint.pod_security);
        let level = level.unwrap_or(Spanned::new(PodSecurity::Privileged, name.span));
        let entry = list.entry(name.value.as_str()).or_insert_with(|| Namespace {
            name: name.clone(),
            level,
            by_chart: false,
            vcluster: None,
        });
        if level.value < entry.level.value {
            entry.level = level;
        }
        entry.by_chart |= blueprint.creates_namespace;
        entry.vcluster = entry.vcluster.or(blueprint.vcluster.map(|tier| tier.value));
    }
    // Flux's own namespace holds every Flux object, whatever the kit installs into it.
    if let (None, Some(first), Ok(name)) =
        (list.get("flux-system"), releases.first(), sovereign_language::scalar::Label::parse("flux-system"))
    {
        let span = first.blueprint.namespace.span;
        let level = Spanned::new(PodSecurity::Privileged, span);
        let name = Spanned::new(name, span);
        list.insert("flux-system", Namespace { name, level, by_chart: false, vcluster: None });
    }
    list.into_values().collect()
}

/// The namespaces of Continuums and of the pair of databases that no release of the region is installed into. They hold
/// no Pods of the platform, so they are not privileged.
fn add_namespaces_of_failover(plan: &Plan<'_>, namespaces: &mut Vec<Namespace>) {
    let Some(failover) = &plan.failover else { return };
    let moved = failover.applications.iter().filter(|application| application.has_continuum());
    let pairs = plan.kit.blueprints.iter().filter(|b| b.pair.is_some() && failover.database().is_some());
    let names = moved.map(|application| &application.namespace).chain(pairs.map(|pair| &pair.namespace));
    for name in names {
        // That of an Organization stands with it.
        let known = namespaces.iter().any(|namespace| namespace.name.value == name.value)
            || plan.summary(name.value.as_str()).is_some();
        if known || BUILT_IN.contains(&name.value.as_str()) {
            continue;
        }
        let level = Spanned::new(PodSecurity::Baseline, name.span);
        namespaces.push(Namespace { name: name.clone(), level, by_chart: false, vcluster: None });
    }
    namespaces.sort_by(|a, b| a.name.value.cmp(&b.name.value));
}
