//! Decides when each file of a tree takes its new shape.
//!
//! Whatever can go wrong with an order is decided here once: users go before what they stand on, what loses data goes
//! after what comes, an identity is free before another takes it, a cluster is there before others speak of it and
//! gone only after they have stopped.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::clusters::{Clusters, claimed};
use super::kustomization::applies;
use super::schedule::{Schedule, State};
use super::{Migration, Phase, order};
use crate::diff::{Diff, ObjectChange};
use crate::transition::Transition;
use sovereign_compile::lower::{Layer, PRUNE, Placed};
use sovereign_compile::object::{CarriedOver, Object, is_local};
use sovereign_compile::tree::TreePath;
use sovereign_compile::{dns, prose, provision};
use sovereign_language::kit::Catalog;
use sovereign_text::source::Spanned;

/// Returns the schedule of one Sovereign. `careful` is set where something is lost that may come elsewhere.
pub(super) fn schedule(
    migration: Migration<'_>,
    diff: &Diff,
    clusters: &Clusters,
    catalog: &Catalog,
    careful: bool,
) -> Schedule {
    let transition =
        Transition { old: migration.old, new: migration.new, diff, catalog, former: &[], is_part: true };
    let mut planner = Planner {
        migration,
        diff,
        clusters,
        removals: order::removals(&transition, careful),
        loosened: order::loosened(&transition),
        heirs: order::heirs(&transition),
        successors: successors(migration, clusters),
        schedule: Schedule::default(),
    };
    planner.objects();
    planner.edges();
    planner.kustomizations();
    planner.untangle();
    planner.others();
    planner.readme();
    planner.schedule
}

/// Returns what Organizations have in another primary, by the names of files: buckets may differ between clusters.
fn successors<'a>(migration: Migration<'a>, clusters: &Clusters) -> BTreeMap<&'a str, &'a Placed> {
    let is_new = |name: &str| clusters.handover().is_some_and(|handover| handover.to == name);
    let there = migration.new.lowered.clusters.iter().filter(|cluster| is_new(&cluster.directory));
    let tenants = there.flat_map(|cluster| &cluster.objects).filter(|it| it.layer == Layer::Tenants);
    tenants.map(|placed| (file(&placed.path), placed)).collect()
}

fn file(path: &TreePath) -> &str {
    path.as_str().rsplit('/').next().unwrap_or_default()
}

/// Gives files their turns.
pub(super) struct Planner<'a> {
    pub(super) migration: Migration<'a>,
    pub(super) diff: &'a Diff,
    clusters: &'a Clusters,
    removals: BTreeMap<TreePath, Phase>,
    loosened: BTreeSet<TreePath>,
    heirs: BTreeSet<TreePath>,
    /// What Organizations have in another primary.
    successors: BTreeMap<&'a str, &'a Placed>,
    pub(super) schedule: Schedule,
}

impl Planner<'_> {
    /// Objects, without the Kustomizations that apply others.
    fn objects(&mut self) {
        for change in self.diff.objects.iter().filter(|change| applies(change).is_none()) {
            match (&change.old, &change.new) {
                (None, Some((path, _))) => {
                    let phase = self.arrival(change, path);
                    self.schedule.add(path, phase, State::New);
                }
                (Some((path, _)), None) => {
                    let phase = self.departure(change, path);
                    if self.is_handed_over(change) {
                        self.release(change, path);
                    }
                    self.schedule.add(path, phase, State::Absent);
                }
                (Some((from, _)), Some((to, _))) => self.change(change, from, to),
                (None, None) => {}
            }
        }
    }

    /// Returns whether an object of an Organization leaves the old primary and comes in the new one. As long
    /// as the platform of the old one runs, it uninstalls what is deleted there.
    fn is_handed_over(&self, change: &ObjectChange) -> bool {
        self.successor(change).is_some()
    }

    /// Returns what comes in the new primary for an object that leaves the old one.
    fn successor(&self, change: &ObjectChange) -> Option<&Placed> {
        let hands_over = self.clusters.handover().is_some_and(|handover| handover.from == change.id.cluster);
        let is_tenants = ObjectChange::layer(change.old.as_ref()) == Some(Layer::Tenants.directory());
        if !hands_over || !is_tenants || is_local(&change.id.kind) {
            return None;
        }
        self.successors.get(file(&change.old.as_ref()?.0)).copied()
    }

    /// An object that leaves the tree without leaving its cluster.
    fn release(&mut self, change: &ObjectChange, path: &TreePath) {
        let Some((_, was)) = change.old.as_ref().filter(|_| !change.was_held()) else { return };
        let Some(kept) = self.successor(change).map(|heir| self.kept(path, was, heir)) else { return };
        self.schedule.add(path, Phase::Change, State::Held(Box::new(kept)));
    }

    /// Returns an object of the old tree, with the annotation that keeps Flux from pruning it.
    fn kept(&self, path: &TreePath, was: &Json, heir: &Placed) -> Placed {
        let (key, value) = PRUNE;
        let object = Object::CarriedOver(Box::new(CarriedOver::annotated(was, &heir.object, key, value)));
        let head = self.migration.old.text(path).and_then(|text| text.lines().next()).unwrap_or_default();
        let origin = head.trim_start_matches("# ").to_owned();
        Placed { path: path.clone(), layer: heir.layer, object, origin }
    }

    /// A release does not begin to wait for one that comes later: until then it stays as it is, or away.
    fn edges(&mut self) {
        let diff = self.diff;
        let releases = || diff.objects.iter().filter(|change| change.id.kind == "HelmRelease");
        loop {
            let comes_late = |change: &&ObjectChange| {
                let path = change.new.as_ref().filter(|_| change.old.is_none()).map(|(path, _)| path);
                path.and_then(|path| self.schedule.comes(path)) == Some(Phase::Return)
            };
            let late = releases().filter(comes_late);
            let late: BTreeSet<_> = late.map(|it| (it.id.cluster.as_str(), it.id.name.as_str())).collect();
            if late.is_empty() {
                return;
            }
            let mut moved = false;
            for user in releases() {
                let Some((path, _)) = &user.new else { continue };
                let waits = |needed: &str| late.contains(&(user.id.cluster.as_str(), needed));
                if needs(user.new.as_ref()).any(waits) && self.schedule.delay(path, Phase::Return) {
                    let was = user.old.as_ref().map(|(was, _)| was).filter(|was| *was != path);
                    self.schedule.keep(|other| Some(other) == was, Phase::Return);
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    pub(super) fn arrival(&self, change: &ObjectChange, path: &TreePath) -> Phase {
        if change
            .new
            .as_ref()
            .and_then(claimed)
            .is_some_and(|region| self.clusters.arriving().contains(region))
        {
            return Phase::Arrive;
        }
        if self.is_once(change) {
            return Phase::Follow;
        }
        let shared = Layer::is_shared_directory(&change.id.cluster);
        if self.clusters.arriving().contains(&change.id.cluster)
            || (shared && !self.clusters.arriving().is_empty())
        {
            Phase::Arrive
        } else if self.heirs.contains(path) {
            Phase::Return
        } else {
            Phase::Change
        }
    }

    pub(super) fn departure(&self, change: &ObjectChange, path: &TreePath) -> Phase {
        let cluster = change.id.cluster.as_str();
        if let Some(region) =
            change.old.as_ref().and_then(claimed).filter(|region| self.clusters.leaving().contains(*region))
        {
            return self.clusters.leave(region);
        }
        if Layer::is_shared_directory(cluster) {
            return self.clusters.end();
        }
        let layer = ObjectChange::layer(change.old.as_ref());
        let hands_over = self.clusters.handover().is_some_and(|handover| handover.from == cluster);
        if (hands_over && layer == Some(Layer::Failover.directory())) || self.is_handed_over(change) {
            return Phase::Switch;
        }
        if self.clusters.leaving().contains(cluster) {
            let drained = layer.and_then(Layer::of_directory).is_some_and(Layer::is_drained);
            return if drained { Phase::Drain } else { self.clusters.leave(cluster) };
        }
        if self.loosened.contains(path) {
            return Phase::Loosen;
        }
        self.removals.get(path).copied().unwrap_or(Phase::Change)
    }

    /// Returns whether an object comes in another primary that does its work in one cluster only: two that
    /// move applications, or make what Organizations have, would do it twice.
    fn is_once(&self, change: &ObjectChange) -> bool {
        let layer = ObjectChange::layer(change.new.as_ref());
        let takes_over = self.clusters.handover().is_some_and(|handover| handover.to == change.id.cluster);
        let is_single = layer.and_then(Layer::of_directory).is_some_and(Layer::is_single);
        takes_over && is_single && !is_local(&change.id.kind)
    }

    /// When something changes that is there before and after: what speaks of the primary with the names of that.
    fn changes(&self, change: &ObjectChange) -> Phase {
        let shared = Layer::is_shared_directory(&change.id.cluster);
        let speaks = shared || change.id.kind == "HelmRelease";
        if speaks && self.clusters.handover().is_some() { Phase::Switch } else { Phase::Change }
    }

    pub(super) fn change(&mut self, change: &ObjectChange, from: &TreePath, to: &TreePath) {
        if self.heirs.contains(to) {
            self.schedule.add(from, Phase::Remove(0), State::Absent);
            self.schedule.add(to, Phase::Return, State::New);
            return;
        }
        let layers = (ObjectChange::layer(change.old.as_ref()), ObjectChange::layer(change.new.as_ref()));
        if layers.0 == layers.1 {
            self.schedule.add(to, self.changes(change), State::New);
        } else {
            self.moves(change, from, to);
        }
        if from != to {
            let phase = if layers.0 == layers.1 { self.changes(change) } else { Phase::Change };
            self.schedule.add(from, phase, State::Absent);
        }
    }

    /// An object that another Kustomization will apply: it is kept from being pruned while it has two of them.
    fn moves(&mut self, change: &ObjectChange, from: &TreePath, to: &TreePath) {
        let Some(placed) = self.placed(to).cloned() else {
            return self.schedule.add(to, Phase::Change, State::New);
        };
        if let Some((_, was)) = change.old.as_ref().filter(|_| !change.was_held()) {
            let kept = self.kept(from, was, &placed);
            self.schedule.add(from, Phase::Keep, State::Held(Box::new(kept)));
        }
        if change.will_be_held() {
            self.schedule.add(to, Phase::Change, State::New);
        } else {
            self.schedule.add(to, Phase::Change, State::Held(Box::new(held(&placed))));
            self.schedule.add(to, Phase::Settle, State::New);
        }
    }

    fn placed(&self, path: &TreePath) -> Option<&Placed> {
        let lowered = &self.migration.new.lowered;
        let mut all = lowered.clusters.iter().flat_map(|cluster| &cluster.objects).chain(&lowered.shared);
        all.find(|placed| placed.path == *path)
    }

    /// Files that are no objects: what makes the machines, the zone.
    fn others(&mut self) {
        let clusters = self.clusters;
        for path in self.diff.files.keys() {
            if order::follows(path) || self.schedule.first(path).is_some() {
                continue;
            }
            let comes = self.migration.new.tree.files().contains_key(path);
            let state = || if comes { State::New } else { State::Absent };
            let mut parts = path.as_str().split('/');
            let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let phase = match first {
                _ if clusters.is_first_tree() => Phase::Arrive,
                provision::DIRECTORY if clusters.arriving().contains(second) => Phase::Arrive,
                provision::DIRECTORY if clusters.leaving().contains(second) => clusters.forget(),
                provision::DIRECTORY if parts.next().is_none() => {
                    self.machines(path, state());
                    continue;
                }
                // A name goes when what it names has gone.
                dns::DIRECTORY if !comes => {
                    self.schedule.last_removal().max(Some(clusters.end())).unwrap_or(Phase::Change)
                }
                dns::DIRECTORY | provision::DIRECTORY if clusters.handover().is_some() => Phase::Switch,
                _ => Phase::Change,
            };
            self.schedule.add(path, phase, state());
        }
    }

    /// The list of all regions that OpenTofu reads: what stands in it has machines. So a region comes into it before
    /// any leaves, roles go over with the names, and a list that vanishes stays as long as machines can be destroyed
    /// with it.
    fn machines(&mut self, path: &TreePath, state: State) {
        let clusters = self.clusters;
        let (comes, goes) = (!clusters.arriving().is_empty(), !clusters.leaving().is_empty());
        let turns = [(comes, Phase::Arrive), (clusters.handover().is_some(), Phase::Switch)];
        let turns: Vec<_> = turns.into_iter().filter_map(|(is_due, phase)| is_due.then_some(phase)).collect();
        let last = match (&state, goes) {
            (State::Absent, true) => clusters.forget(),
            (_, true) => clusters.end(),
            (_, false) => turns.last().copied().unwrap_or(Phase::Change),
        };
        let old = self.migration.old.text(path).unwrap_or(provision::NOTHING);
        let new = self.migration.new.tree.files().get(path).map_or(provision::NOTHING, String::as_str);
        let mut stands = old.to_owned();
        for phase in turns.into_iter().filter(|phase| *phase < last) {
            let both = provision::of_both(old, new, clusters.primary(phase), |name| clusters.number(name));
            if let Some(both) = both.filter(|both| *both != stands) {
                self.schedule.add(path, phase, State::Text(both.clone()));
                stands = both;
            }
        }
        self.schedule.add(path, last, state);
    }

    /// The README speaks of the whole, so it changes with the last step; but it lists what must be there before a new
    /// region can run, and so comes with the first one.
    fn readme(&mut self) {
        let Some(path) = TreePath::new(prose::README).filter(|path| self.diff.files.contains_key(path))
        else {
            return;
        };
        let last = self.schedule.phases().max().unwrap_or(Phase::Change);
        let phase = if self.clusters.arriving().is_empty() { last } else { Phase::Arrive };
        self.schedule.add(&path, phase, State::New);
    }
}

/// Returns what a release waits for.
fn needs(side: Option<&(TreePath, Json)>) -> impl Iterator<Item = &str> {
    let edges = side.and_then(|(_, json)| json.pointer("/spec/dependsOn")).and_then(Json::as_array);
    edges.into_iter().flatten().filter_map(|edge| edge.get("name").and_then(Json::as_str))
}

/// Returns the same object, with the annotation that keeps Flux from pruning it.
fn held(placed: &Placed) -> Placed {
    let mut placed = placed.clone();
    let meta = placed.object.meta_mut();
    let (key, value) = PRUNE;
    meta.annotations.retain(|(name, _)| *name != key);
    meta.annotations.push((key, Spanned::new(value.to_owned(), meta.name.span)));
    meta.annotations.sort_by_key(|(name, _)| *name);
    placed
}
