//! What will happen to each cluster: the reviewer's summary.
//!
//! Reads the object-level diff by what Flux and Helm do with each field: a new version is an upgrade, another
//! release name is an uninstallation, a removed Namespace is prevented by its annotation. Nothing here judges;
//! the rules of [`transition`](crate::transition) do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::objects::{FieldChange, ObjectChange, Step, stays};
use crate::snapshot::Snapshot;
use sovereign_compile::Compiled;
use sovereign_compile::lower::Layer;
use sovereign_compile::object::Object;
use sovereign_compile::provision;
use sovereign_language::kit::{Catalog, Risk};
use sovereign_text::source::Span;

/// What will happen to one cluster.
#[derive(Clone, Debug)]
pub struct ClusterEvents {
    /// The directory of the cluster.
    pub cluster: String,
    /// What happens, worst first.
    pub events: Vec<Event>,
    /// The layers in which something changes, in order.
    pub layers: Vec<String>,
    /// The releases that Flux works on again: those that change, and those that wait for one that changes.
    pub restarts: BTreeSet<String>,
}

/// One thing that will happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What it happens to: `bp-harbor`, `Namespace harbor`.
    pub subject: String,
    /// What happens.
    pub what: What,
    /// What may be lost.
    pub risk: Option<Risk>,
    /// What caused it in the new input.
    pub cause: Option<Span>,
}

/// Kinds of events, worst first.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The whole cluster leaves the tree.
    ClusterRemoved {
        /// How many releases ran there.
        releases: usize,
        /// Those of them that have something to lose.
        at_risk: Vec<String>,
    },
    /// The release is uninstalled.
    Deleted {
        /// The version that ran.
        version: String,
    },
    /// The release is uninstalled and installed again under another identity.
    Reinstalled {
        /// The field that makes the identity, its value before and after.
        changes: Vec<(String, String, String)>,
    },
    /// The object leaves the tree and stays in the cluster: its annotations keep Flux from pruning it.
    LeftBehind,
    /// Another object leaves the tree.
    Removed,
    /// The chart goes back to an older version.
    Downgraded {
        /// The version before.
        from: String,
        /// The version after.
        to: String,
    },
    /// The chart goes to a newer version.
    Upgraded {
        /// The version before.
        from: String,
        /// The version after.
        to: String,
    },
    /// The object goes to another layer.
    Moved {
        /// The layer before.
        from: String,
        /// The layer after.
        to: String,
    },
    /// Helm values change.
    ValuesChanged {
        /// The paths below `values`, with what stands there.
        values: Vec<ValueChange>,
    },
    /// Variables of a module change.
    VariablesChanged {
        /// The variables.
        values: Vec<ValueChange>,
    },
    /// The release waits for others than before.
    DependenciesChanged {
        /// New edges.
        added: Vec<String>,
        /// Edges that go.
        removed: Vec<String>,
    },
    /// Other fields change.
    Changed {
        /// Their paths, with what stands there.
        values: Vec<ValueChange>,
    },
    /// The whole cluster is new.
    ClusterAdded {
        /// How many releases it begins with.
        releases: usize,
    },
    /// The release is new.
    Installed {
        /// Its version.
        version: String,
    },
    /// Another object is new.
    Added,
}

/// A value that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueChange {
    /// Its path.
    pub path: Vec<Step>,
    /// What stood there.
    pub old: Option<Json>,
    /// What will stand there.
    pub new: Option<Json>,
}

impl ValueChange {
    /// Returns the change of a field, its path without so many first steps.
    fn of(field: &FieldChange, skip: usize) -> Self {
        let path = field.steps.get(skip..).unwrap_or_default().to_vec();
        Self { path, old: field.old.clone(), new: field.new.clone() }
    }
}

impl What {
    /// Returns its word in every format for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::ClusterRemoved { .. } => "cluster-removed",
            Self::Deleted { .. } => "deleted",
            Self::Reinstalled { .. } => "reinstalled",
            Self::LeftBehind => "left-behind",
            Self::Removed => "removed",
            Self::Downgraded { .. } => "downgraded",
            Self::Upgraded { .. } => "upgraded",
            Self::Moved { .. } => "moved",
            Self::VariablesChanged { .. } => "variables-changed",
            Self::ValuesChanged { .. } => "values-changed",
            Self::DependenciesChanged { .. } => "dependencies-changed",
            Self::Changed { .. } => "changed",
            Self::ClusterAdded { .. } => "cluster-added",
            Self::Installed { .. } => "installed",
            Self::Added => "added",
        }
    }

    /// Returns the values that change, if it is about values.
    pub(super) fn values_mut(&mut self) -> Option<&mut Vec<ValueChange>> {
        match self {
            Self::ValuesChanged { values } | Self::VariablesChanged { values } | Self::Changed { values } => {
                Some(values)
            }
            Self::ClusterRemoved { .. }
            | Self::Deleted { .. }
            | Self::Reinstalled { .. }
            | Self::LeftBehind
            | Self::Removed
            | Self::Downgraded { .. }
            | Self::Upgraded { .. }
            | Self::Moved { .. }
            | Self::DependenciesChanged { .. }
            | Self::ClusterAdded { .. }
            | Self::Installed { .. }
            | Self::Added => None,
        }
    }

    fn rank(&self) -> usize {
        match self {
            Self::ClusterRemoved { .. } => 0,
            Self::Deleted { .. } => 1,
            Self::Reinstalled { .. } => 2,
            Self::LeftBehind => 3,
            Self::Removed => 4,
            Self::Downgraded { .. } => 5,
            Self::Upgraded { .. } => 6,
            Self::Moved { .. } => 7,
            Self::VariablesChanged { .. } => 8,
            Self::ValuesChanged { .. } => 9,
            Self::DependenciesChanged { .. } => 10,
            Self::Changed { .. } => 11,
            Self::ClusterAdded { .. } => 12,
            Self::Installed { .. } => 13,
            Self::Added => 14,
        }
    }
}

/// The fields that make the identity of a Helm release: another value in one is another release to Helm
/// (helm-controller's API: release name, target and storage namespace, chart name).
pub(crate) const IDENTITY: [&[&str]; 4] = [
    &["spec", "releaseName"],
    &["spec", "targetNamespace"],
    &["spec", "storageNamespace"],
    &["spec", "chart", "spec", "chart"],
];
const VERSION: [&str; 4] = ["spec", "chart", "spec", "version"];

/// Returns what happens to each cluster, in the order of the tree.
pub(super) fn collect(
    objects: &[ObjectChange],
    variables: &[ObjectChange],
    old: &Snapshot,
    new: &Compiled,
    catalog: &Catalog,
) -> Vec<ClusterEvents> {
    // The list of all regions repeats what the files of the regions say.
    let variables = || variables.iter().filter(|change| change.id.cluster != provision::DIRECTORY);
    let all = objects.iter().chain(variables());
    let mut names: BTreeSet<&str> = all.map(|change| change.id.cluster.as_str()).collect();
    let order: Vec<_> = new.lowered.clusters.iter().map(|cluster| cluster.directory.as_str()).collect();
    let mut list: Vec<_> = order.into_iter().filter(|name| names.remove(name)).collect();
    list.extend(names);
    list.into_iter()
        .map(|name| {
            let changes: Vec<_> = objects.iter().filter(|change| change.id.cluster == name).collect();
            let was = old.has_below(name);
            let is = Layer::is_shared_directory(name)
                || new.lowered.clusters.iter().any(|cluster| cluster.directory == name);
            let mut of_cluster = cluster(name, &changes, was, is, new, catalog);
            of_cluster
                .events
                .extend(variables().filter(|change| change.id.cluster == name).map(of_variables));
            of_cluster.events.sort_by(|a, b| (a.what.rank(), &a.subject).cmp(&(b.what.rank(), &b.subject)));
            of_cluster
        })
        .collect()
}

fn cluster(
    name: &str,
    changes: &[&ObjectChange],
    was: bool,
    is: bool,
    new: &Compiled,
    catalog: &Catalog,
) -> ClusterEvents {
    let mut events = Vec::new();
    let shared = Layer::is_shared_directory(name);
    let releases = || changes.iter().filter(|change| change.id.kind == "HelmRelease");
    let cause = changes.first().and_then(|change| change.cause);
    let whole = |what, risk| Event { subject: name.to_owned(), what, risk, cause };
    if was && !is {
        let risks: Vec<_> =
            releases().filter_map(|change| Some((&change.id.name, catalog.risk(&change.id.name)?))).collect();
        let at_risk = risks.iter().map(|(name, _)| (*name).clone()).collect();
        let risk = risks.iter().map(|(_, risk)| *risk).min();
        events.push(whole(What::ClusterRemoved { releases: releases().count(), at_risk }, risk));
    } else if !was && is && !shared {
        let table = new.places.region.get(name).map(|places| places.table);
        let event = whole(What::ClusterAdded { releases: releases().count() }, None);
        events.push(Event { cause: table.or(cause), ..event });
    } else {
        events.extend(changes.iter().flat_map(|change| of_object(change, catalog)));
    }
    let touched: BTreeSet<&str> = changes
        .iter()
        .flat_map(|change| {
            [ObjectChange::layer(change.old.as_ref()), ObjectChange::layer(change.new.as_ref())]
        })
        .flatten()
        .collect();
    let known = Layer::ALL.iter().map(|layer| layer.directory());
    let layers = known.filter(|layer| touched.contains(layer)).map(str::to_owned).collect();
    ClusterEvents { cluster: name.to_owned(), events, layers, restarts: restarts(name, changes, new) }
}

/// Returns the releases that change, and those that wait for them, directly or through others.
fn restarts(name: &str, changes: &[&ObjectChange], new: &Compiled) -> BTreeSet<String> {
    let Some(cluster) = new.lowered.clusters.iter().find(|cluster| cluster.directory == name) else {
        return readers(changes, new);
    };
    let releases = changes.iter().filter(|change| change.id.kind == "HelmRelease" && change.new.is_some());
    let mut reached: BTreeSet<String> = releases.map(|change| change.id.name.clone()).collect();
    let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for placed in &cluster.objects {
        if let Object::HelmRelease(release) = &placed.object {
            for edge in &release.depends_on {
                waiting.entry(&edge.value).or_default().push(&release.meta.name.value);
            }
        }
    }
    let mut open: Vec<String> = reached.iter().cloned().collect();
    while let Some(next) = open.pop() {
        for behind in waiting.get(next.as_str()).into_iter().flatten() {
            if reached.insert((*behind).to_owned()) {
                open.push((*behind).to_owned());
            }
        }
    }
    reached
}

/// Returns the releases of any cluster that read a ConfigMap which changes.
fn readers(changes: &[&ObjectChange], new: &Compiled) -> BTreeSet<String> {
    let objects = new.lowered.clusters.iter().flat_map(|cluster| &cluster.objects);
    let reads =
        |name: &str| changes.iter().any(|change| change.id.kind == "ConfigMap" && change.id.name == name);
    let reader = |placed: &sovereign_compile::lower::Placed| {
        let Object::HelmRelease(release) = &placed.object else { return None };
        let is_reader = release.values_from.iter().any(|from| reads(&from.name.value));
        is_reader.then(|| release.meta.name.value.clone())
    };
    objects.filter_map(reader).collect()
}

fn of_variables(change: &ObjectChange) -> Event {
    let values = change.fields.iter().map(|field| ValueChange::of(field, 0)).collect();
    let cause = change.fields.iter().find_map(|field| field.cause).or(change.cause);
    let subject = change.id.cluster.clone();
    Event { subject, what: What::VariablesChanged { values }, risk: None, cause }
}

fn of_object(change: &ObjectChange, catalog: &Catalog) -> Vec<Event> {
    // A source comes and goes with its release, which is what a reviewer looks for.
    if change.id.kind == "HelmRepository" && (change.old.is_none() || change.new.is_none()) {
        return Vec::new();
    }
    let is_release = change.id.kind == "HelmRelease";
    let subject = subject(change);
    let event = |what, risk| Event { subject: subject.clone(), what, risk, cause: change.cause };
    match (&change.old, &change.new) {
        (Some((_, old)), None) if is_release => {
            let risk = catalog.risk(&change.id.name);
            vec![event(What::Deleted { version: text(old, &VERSION) }, risk)]
        }
        (Some((_, old)), None) if stays(old) => vec![event(What::LeftBehind, None)],
        (Some(_), None) => {
            let risk = (change.id.kind == "Namespace").then_some(Risk::Namespace);
            vec![event(What::Removed, risk)]
        }
        (None, Some((_, new))) if is_release => {
            vec![event(What::Installed { version: text(new, &VERSION) }, None)]
        }
        (None, Some(_)) => vec![event(What::Added, None)],
        (Some((_, old)), Some((_, new))) => {
            let mut events = Vec::new();
            let layers = (ObjectChange::layer(change.old.as_ref()), ObjectChange::layer(change.new.as_ref()));
            if let (Some(from), Some(to)) = layers
                && from != to
            {
                events.push(event(What::Moved { from: from.to_owned(), to: to.to_owned() }, None));
            }
            events.extend(of_fields(change, old, new, catalog));
            events
        }
        (None, None) => Vec::new(),
    }
}

fn of_fields(change: &ObjectChange, old: &Json, new: &Json, catalog: &Catalog) -> Vec<Event> {
    let subject = subject(change);
    let mut events = Vec::new();
    let mut rest: Vec<&FieldChange> = change.fields.iter().collect();
    let mut take = |path: &[&str]| {
        let (taken, left): (Vec<_>, Vec<_>) = rest.iter().partition(|field| field.is_below(path));
        rest = left;
        taken
    };
    let is_release = change.id.kind == "HelmRelease";
    let mut of_release = |path: &[&str]| if is_release { take(path) } else { Vec::new() };
    let cause = |fields: &[&FieldChange]| fields.iter().find_map(|field| field.cause);
    let identity: Vec<_> = IDENTITY.iter().flat_map(|path| of_release(path)).collect();
    if !identity.is_empty() {
        let words = |json: &Option<Json>| json.as_ref().and_then(Json::as_str).unwrap_or("—").to_owned();
        let changes = identity.iter().map(|f| (f.path(), words(&f.old), words(&f.new))).collect();
        let (what, risk) = (What::Reinstalled { changes }, catalog.risk(&change.id.name));
        events.push(Event { subject: subject.clone(), what, risk, cause: cause(&identity) });
    }
    let version = of_release(&VERSION);
    if !version.is_empty() {
        let (from, to) = (text(old, &VERSION), text(new, &VERSION));
        let what =
            if is_older(&to, &from) { What::Downgraded { from, to } } else { What::Upgraded { from, to } };
        events.push(Event { subject: subject.clone(), what, risk: None, cause: cause(&version) });
    }
    let values = of_release(&["spec", "values"]);
    if !values.is_empty() {
        let what =
            What::ValuesChanged { values: values.iter().map(|field| ValueChange::of(field, 2)).collect() };
        events.push(Event { subject: subject.clone(), what, risk: None, cause: cause(&values) });
    }
    let edges = take(&["spec", "dependsOn"]);
    if !edges.is_empty() {
        let what = dependencies(&edges);
        events.push(Event { subject: subject.clone(), what, risk: None, cause: cause(&edges) });
    }
    if !rest.is_empty() {
        let what = What::Changed { values: rest.iter().map(|field| ValueChange::of(field, 0)).collect() };
        events.push(Event { subject, what, risk: None, cause: cause(&rest) });
    }
    events
}

/// Returns the edges that come and go; one whose fields change does both.
fn dependencies(edges: &[&FieldChange]) -> What {
    let name = |field: &&FieldChange| match field.steps.get(2) {
        Some(Step::Name(name)) => name.clone(),
        Some(Step::Key(_) | Step::Index(_)) | None => "—".to_owned(),
    };
    let names = |test: fn(&FieldChange) -> bool| {
        let fields = edges.iter().copied().filter(|field| test(field));
        fields.map(|field| name(&field)).collect::<BTreeSet<_>>().into_iter().collect()
    };
    What::DependenciesChanged {
        added: names(|field| field.new.is_some()),
        removed: names(|field| field.old.is_some()),
    }
}

/// `bp-harbor` for a release, `acme/vcluster` for an Organization's, `Namespace harbor` for everything else.
fn subject(change: &ObjectChange) -> String {
    if let Some(tenant) = change.tenant() {
        format!("{tenant}/{}", change.id.name)
    } else if change.id.kind == "HelmRelease" {
        change.id.name.clone()
    } else {
        format!("{} {}", change.id.kind, change.id.name)
    }
}

fn text(json: &Json, path: &[&str]) -> String {
    let value = path.iter().try_fold(json, |json, key| json.get(key));
    value.and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// Returns whether one version comes before another; versions that cannot be compared do not.
pub(crate) fn is_older(version: &str, than: &str) -> bool {
    match (semver::Version::parse(version), semver::Version::parse(than)) {
        (Ok(version), Ok(than)) => version < than,
        (Ok(_) | Err(_), _) => false,
    }
}
