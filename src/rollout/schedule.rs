//! When each file of a tree takes its new shape.
//!
//! Whatever can go wrong with an order is decided here once: users go before what they stand on, what loses data goes
//! after what comes, an identity is free before another takes it, a cluster is there before others speak of it and
//! gone only after they have stopped.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Goal, Phase};
use crate::diff::events::IDENTITY;
use crate::diff::{Diff, ObjectChange};
use crate::dns;
use crate::knowledge::Knowledge;
use crate::lower::namespace::PRUNE;
use crate::lower::{Layer, Placed};
use crate::object::claim::REGION_LABEL;
use crate::prose;
use crate::provision;
use crate::render::LISTING;
use crate::source::Spanned;
use crate::transition::{Transition, identity_change, removal_order};
use crate::tree::{LOCK, TreePath};

/// The clusters of a Sovereign before and after.
pub struct Clusters {
    arriving: BTreeSet<String>,
    leaving: BTreeSet<String>,
    /// The leaving cluster that goes last, if none stays.
    last: Option<String>,
    /// Whether there was no tree at all.
    first_tree: bool,
}

impl Clusters {
    /// The clusters of a goal: directories with something for Flux itself.
    pub fn of(goal: Goal<'_>) -> Self {
        let (before, after) = (clusters(goal.old.files().keys()), clusters(goal.new.tree.files().keys()));
        let leaving: BTreeSet<String> = before.difference(&after).cloned().collect();
        let primary = goal.new.places.primary.clone().filter(|name| leaving.contains(name));
        Self {
            arriving: after.difference(&before).cloned().collect(),
            last: primary.or_else(|| leaving.first().cloned()).filter(|_| after.is_empty()),
            leaving,
            first_tree: goal.old.is_empty(),
        }
    }

    /// Those that are new.
    pub fn arriving(&self) -> impl Iterator<Item = &str> {
        self.arriving.iter().map(String::as_str)
    }

    /// Those that go.
    pub fn leaving(&self) -> impl Iterator<Item = &str> {
        self.leaving.iter().map(String::as_str)
    }

    fn stays(&self, cluster: &str) -> bool {
        !self.arriving.contains(cluster) && !self.leaving.contains(cluster)
    }

    /// When a leaving cluster leaves.
    fn leave(&self, cluster: &str) -> Phase {
        if self.last.as_deref() == Some(cluster) { Phase::Close } else { Phase::Leave }
    }

    /// When what speaks of all clusters, and shall speak of none that has left, takes its new shape.
    fn end(&self) -> Phase {
        match (&self.last, self.leaving.is_empty()) {
            (Some(_), _) => Phase::Close,
            (None, false) => Phase::Leave,
            (None, true) => Phase::Change,
        }
    }
}

/// The clusters that files speak to.
pub fn clusters<'a>(paths: impl Iterator<Item = &'a TreePath>) -> BTreeSet<String> {
    let own = |path: &TreePath| {
        let (cluster, below) = path.as_str().split_once('/')?;
        let is_cluster = below.split('/').next() == Some(Layer::FluxSystem.directory());
        is_cluster.then(|| cluster.to_owned())
    };
    paths.filter_map(own).collect()
}

/// Whether a release, a namespace or a cluster comes.
pub fn something_comes(diff: &Diff, clusters: &Clusters) -> bool {
    let is_home = |change: &&ObjectChange| matches!(change.id.kind.as_str(), "HelmRelease" | "Namespace");
    !clusters.arriving.is_empty()
        || diff.objects.iter().filter(is_home).any(|change| change.old.is_none() && change.new.is_some())
}

/// Whether a release or a namespace goes that has something to lose, from a cluster that stays.
pub fn something_is_lost(diff: &Diff, clusters: &Clusters, knowledge: &Knowledge) -> bool {
    diff.objects.iter().any(|change| {
        let at_risk = match change.id.kind.as_str() {
            "HelmRelease" => knowledge.risk(&change.id.name).is_some(),
            "Namespace" => true,
            _ => false,
        };
        at_risk && change.new.is_none() && clusters.stays(&change.id.cluster)
    })
}

/// A file at a phase.
#[derive(Debug)]
pub struct Turn {
    /// When.
    pub phase: Phase,
    /// What it then is.
    pub state: State,
}

/// What a file is from some phase on.
#[derive(Debug)]
pub enum State {
    /// It is not there.
    Absent,
    /// It is what the manifest gives.
    New,
    /// It holds this object, which the manifest gives with another path or without an annotation.
    Held(Box<Placed>),
    /// It holds this text.
    Text(String),
}

/// The turns of every file that changes, by path, each in order.
#[derive(Debug, Default)]
pub struct Schedule {
    turns: BTreeMap<TreePath, Vec<Turn>>,
}

impl Schedule {
    /// The schedule of one Sovereign. `careful` is set where something comes and something is lost, here or elsewhere.
    pub fn of(
        goal: Goal<'_>,
        (diff, clusters): (&Diff, &Clusters),
        (knowledge, careful): (&Knowledge, bool),
    ) -> Self {
        let transition =
            Transition { old: goal.old, new: goal.new, diff, knowledge, former: &[], is_part: true };
        let mut planner = Planner {
            goal,
            diff,
            clusters,
            removals: removals(&transition, careful),
            heirs: heirs(&transition),
            schedule: Self::default(),
        };
        planner.objects();
        planner.kustomizations();
        planner.untangle();
        planner.others();
        planner.readme();
        planner.schedule
    }

    /// Every phase in which a file takes another shape.
    pub fn phases(&self) -> impl Iterator<Item = Phase> {
        self.turns.values().flatten().map(|turn| turn.phase)
    }

    /// Every file that takes another shape.
    pub fn paths(&self) -> impl Iterator<Item = &TreePath> {
        self.turns.keys()
    }

    /// The last turn of a file up to a phase.
    pub fn state(&self, path: &TreePath, phase: Phase) -> Option<&State> {
        let turns = self.turns.get(path)?;
        turns.iter().rev().find(|turn| turn.phase <= phase).map(|turn| &turn.state)
    }

    fn add(&mut self, path: &TreePath, phase: Phase, state: State) {
        let turns = self.turns.entry(path.clone()).or_default();
        turns.push(Turn { phase, state });
        turns.sort_by_key(|turn| turn.phase);
    }

    /// When the last file goes.
    fn last_removal(&self) -> Option<Phase> {
        let gone = self.turns.values().flatten().filter(|turn| matches!(turn.state, State::Absent));
        gone.map(|turn| turn.phase).max()
    }

    /// When a file comes.
    fn comes(&self, path: &TreePath) -> Option<Phase> {
        let turns = self.turns.get(path)?;
        turns.iter().find(|turn| !matches!(turn.state, State::Absent)).map(|turn| turn.phase)
    }

    /// When a file goes.
    fn gone(&self, path: &TreePath) -> Option<Phase> {
        let turns = self.turns.get(path)?;
        turns.iter().find(|turn| matches!(turn.state, State::Absent)).map(|turn| turn.phase)
    }

    /// Keeps files that go until a phase.
    fn keep(&mut self, which: impl Fn(&TreePath) -> bool, phase: Phase) {
        let turns = self.turns.iter_mut().filter(|(path, _)| which(path)).flat_map(|(_, turns)| turns);
        for turn in turns.filter(|turn| matches!(turn.state, State::Absent)) {
            turn.phase = turn.phase.max(phase);
        }
    }

    /// Gives a file its new shape not before a phase. Says whether that changes anything.
    fn delay(&mut self, path: &TreePath, phase: Phase) -> bool {
        let turns = self.turns.get_mut(path).into_iter().flatten();
        let early = turns.filter(|turn| matches!(turn.state, State::New) && turn.phase < phase);
        let mut delayed = false;
        for turn in early {
            turn.phase = phase;
            delayed = true;
        }
        delayed
    }

    /// When the first file of a directory that was not there comes, or the last one that was goes.
    fn bound(&self, directory: &str, comes: bool) -> Option<Phase> {
        let inside = self.turns.iter().filter(|(path, _)| is_below(path, directory));
        let phases = inside.filter_map(|(_, turns)| {
            let turn = if comes { turns.first() } else { turns.last() }?;
            (matches!(turn.state, State::Absent) != comes).then_some(turn.phase)
        });
        if comes { phases.min() } else { phases.max() }
    }
}

/// When each object goes that leaves a cluster which stays.
fn removals(transition: &Transition<'_>, careful: bool) -> BTreeMap<TreePath, Phase> {
    let pairs = removal_order::pairs(transition);
    let mut ranks: BTreeMap<TreePath, u8> = BTreeMap::new();
    // Each round lets a chain of users grow by one; more rounds than releases means a cycle, which helm cannot have.
    for _ in 0..=pairs.len() {
        for (needed, users) in &pairs {
            let highest = users.iter().filter_map(|user| ranks.get(&user.old.as_ref()?.0)).max().copied();
            let rank = highest.unwrap_or_default().saturating_add(1);
            if let Some((path, _)) = &needed.old {
                ranks.insert(path.clone(), rank);
            }
        }
    }
    let ordered = !pairs.is_empty();
    let gone = transition.diff.objects.iter().filter(|change| change.new.is_none());
    let gone = gone.filter_map(|change| Some((change, &change.old.as_ref()?.0)));
    let mut phases: BTreeMap<TreePath, Phase> = gone
        .clone()
        .map(|(_, path)| {
            let rank = ranks.get(path).copied().unwrap_or_default();
            let phase = if careful || ordered { Phase::Remove(rank) } else { Phase::Change };
            (path.clone(), phase)
        })
        .collect();
    // A source and a namespace go with the last release of their cluster.
    for (change, path) in gone.filter(|(change, _)| is_home(change)) {
        let cluster = format!("{}/", change.id.cluster);
        let of_cluster = phases.iter().filter(|(path, _)| path.as_str().starts_with(&cluster));
        if let Some(last) = of_cluster.map(|(_, phase)| *phase).max() {
            phases.insert(path.clone(), last);
        }
    }
    phases
}

fn is_home(change: &ObjectChange) -> bool {
    matches!(change.id.kind.as_str(), "Namespace" | "HelmRepository")
}

/// The releases whose identity is free only after they, or others, have gone; without those whose change in one commit
/// is consented to.
fn heirs(transition: &Transition<'_>) -> BTreeSet<TreePath> {
    let consented = |change: &ObjectChange| {
        let place = |side: &Option<(TreePath, Json)>| {
            side.as_ref().map(|(_, json)| identity_change::place(&change.id.cluster, json))
        };
        let (from, to) = (place(&change.old), place(&change.new));
        from.zip(to).is_some_and(|(from, to)| transition.new.consents.moves(&from, &to))
    };
    let reborn = transition.changes("HelmRelease").filter(|change| {
        let both = change.old.is_some() && change.new.is_some();
        both && !consented(change) && IDENTITY.iter().any(|path| change.below(path).next().is_some())
    });
    let renamed = identity_change::heirs(transition).into_iter().map(|(_, heir)| heir);
    reborn.chain(renamed).filter_map(|change| Some(change.new.as_ref()?.0.clone())).collect()
}

/// Gives files their turns.
struct Planner<'a> {
    goal: Goal<'a>,
    diff: &'a Diff,
    clusters: &'a Clusters,
    removals: BTreeMap<TreePath, Phase>,
    heirs: BTreeSet<TreePath>,
    schedule: Schedule,
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
                    self.schedule.add(path, phase, State::Absent);
                }
                (Some((from, _)), Some((to, _))) => self.change(change, from, to),
                (None, None) => {}
            }
        }
    }

    fn arrival(&self, change: &ObjectChange, path: &TreePath) -> Phase {
        if claimed(change.new.as_ref()).is_some_and(|region| self.clusters.arriving.contains(region)) {
            return Phase::Arrive;
        }
        let shared = change.id.cluster == Layer::SovereignValues.directory();
        if self.clusters.arriving.contains(&change.id.cluster)
            || (shared && !self.clusters.arriving.is_empty())
        {
            Phase::Arrive
        } else if self.heirs.contains(path) {
            Phase::Return
        } else {
            Phase::Change
        }
    }

    fn departure(&self, change: &ObjectChange, path: &TreePath) -> Phase {
        let cluster = change.id.cluster.as_str();
        if let Some(region) =
            claimed(change.old.as_ref()).filter(|region| self.clusters.leaving.contains(*region))
        {
            return self.clusters.leave(region);
        }
        if cluster == Layer::SovereignValues.directory() {
            return self.clusters.end();
        }
        if self.clusters.leaving.contains(cluster) {
            let layer = ObjectChange::layer(change.old.as_ref());
            let drained = Layer::ALL.iter().any(|it| Some(it.directory()) == layer && it.is_drained());
            return if drained { Phase::Drain } else { self.clusters.leave(cluster) };
        }
        self.removals.get(path).copied().unwrap_or(Phase::Change)
    }

    fn change(&mut self, change: &ObjectChange, from: &TreePath, to: &TreePath) {
        if self.heirs.contains(to) {
            self.schedule.add(from, Phase::Remove(0), State::Absent);
            self.schedule.add(to, Phase::Return, State::New);
            return;
        }
        let layers = (ObjectChange::layer(change.old.as_ref()), ObjectChange::layer(change.new.as_ref()));
        let held = || self.placed(to).map(held);
        if layers.0 != layers.1
            && !change.is_held()
            && let Some(held) = held()
        {
            let before = Placed { path: from.clone(), ..held.clone() };
            self.schedule.add(from, Phase::Keep, State::Held(Box::new(before)));
            self.schedule.add(to, Phase::Change, State::Held(Box::new(held)));
            self.schedule.add(to, Phase::Settle, State::New);
        } else {
            self.schedule.add(to, Phase::Change, State::New);
        }
        if from != to {
            self.schedule.add(from, Phase::Change, State::Absent);
        }
    }

    fn placed(&self, path: &TreePath) -> Option<&Placed> {
        let lowered = &self.goal.new.lowered;
        let mut all = lowered.clusters.iter().flat_map(|cluster| &cluster.objects).chain(&lowered.shared);
        all.find(|placed| placed.path == *path)
    }

    /// Kustomizations come with the first file of their directory and go with the last. They apply each other, so
    /// those whose directories lie deepest go first.
    fn kustomizations(&mut self) {
        let mut changes: Vec<_> = self
            .diff
            .objects
            .iter()
            .filter_map(|change| Some((applies(change)?.to_owned(), change)))
            .collect();
        // `hel1/tenants/208` is applied from `hel1/tenants/2`, and that from `hel1/flux-system`.
        changes.sort_by_key(|(directory, _)| std::cmp::Reverse(directory.len()));
        for (directory, change) in changes {
            match (&change.old, &change.new) {
                (None, Some((path, _))) => {
                    let phase =
                        self.fresh(&directory).then(|| self.schedule.bound(&directory, true)).flatten();
                    let phase = phase.unwrap_or_else(|| self.arrival(change, path));
                    self.schedule.add(path, phase, State::New);
                }
                (Some((path, _)), None) => {
                    let phase =
                        self.spent(&directory).then(|| self.schedule.bound(&directory, false)).flatten();
                    let phase = phase.unwrap_or_else(|| self.departure(change, path));
                    self.schedule.add(path, phase, State::Absent);
                }
                (Some((from, _)), Some((to, _))) => self.change(change, from, to),
                (None, None) => {}
            }
        }
    }

    /// Kustomizations wait for each other by name: none goes while another still waits for it, and none begins to wait
    /// for another before that is there.
    fn untangle(&mut self) {
        let diff = self.diff;
        let all = || diff.objects.iter().filter_map(|change| Some((applies(change)?, change)));
        // Each round moves something by at least one phase, of which there are few.
        for _ in 0..=usize::from(u8::MAX) {
            let mut moved = false;
            for (directory, it) in all() {
                let here = |(_, other): &(&str, &ObjectChange)| other.id.cluster == it.id.cluster;
                match (&it.old, &it.new) {
                    (Some((path, _)), None) => {
                        let users = all()
                            .filter(here)
                            .filter_map(|(_, other)| waits(other.old.as_ref(), &it.id.name));
                        let last = users
                            .filter_map(|user| Some(self.schedule.turns.get(user)?.first()?.phase))
                            .max();
                        if let Some(last) = last.filter(|last| self.schedule.gone(path) < Some(*last)) {
                            self.schedule.keep(|other| other == path || is_below(other, directory), last);
                            moved = true;
                        }
                    }
                    (None, Some((path, _))) => {
                        let Some(comes) = self.schedule.comes(path) else { continue };
                        let users = all()
                            .filter(here)
                            .filter_map(|(_, other)| waits(other.new.as_ref(), &it.id.name));
                        for user in users {
                            moved |= self.schedule.delay(user, comes);
                        }
                    }
                    (Some(_), Some(_)) | (None, None) => {}
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Whether a directory was not there before. A cluster may begin to apply one that is.
    fn fresh(&self, directory: &str) -> bool {
        !self.goal.old.files().keys().any(|path| is_below(path, directory))
    }

    /// Whether a directory is not there any more. A cluster may cease to apply one that is.
    fn spent(&self, directory: &str) -> bool {
        !self.goal.new.tree.files().keys().any(|path| is_below(path, directory))
    }

    /// Files that are no objects: what makes the machines, the zone.
    fn others(&mut self) {
        let clusters = self.clusters;
        let known: BTreeSet<TreePath> = self.schedule.turns.keys().cloned().collect();
        for path in self.diff.files.keys().filter(|path| !known.contains(*path)) {
            let name = path.as_str();
            if name == LOCK || name == prose::README || name.ends_with(&format!("/{LISTING}")) {
                continue;
            }
            let comes = self.goal.new.tree.files().contains_key(path);
            let state = || if comes { State::New } else { State::Absent };
            let mut parts = name.split('/');
            let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let phase = match first {
                _ if clusters.first_tree => Phase::Arrive,
                provision::DIRECTORY if clusters.arriving.contains(second) => Phase::Arrive,
                provision::DIRECTORY if clusters.leaving.contains(second) => clusters.leave(second),
                provision::DIRECTORY if parts.next().is_none() => {
                    self.machines(path, state());
                    continue;
                }
                // A name goes when what it names has gone.
                dns::DIRECTORY if !comes => {
                    self.schedule.last_removal().max(Some(clusters.end())).unwrap_or(Phase::Change)
                }
                _ => Phase::Change,
            };
            self.schedule.add(path, phase, state());
        }
    }

    /// The list of all regions that OpenTofu reads: what stands in it has machines. So a region comes into it before
    /// any leaves.
    fn machines(&mut self, path: &TreePath, state: State) {
        let (comes, goes) = (!self.clusters.arriving.is_empty(), !self.clusters.leaving.is_empty());
        let texts = (self.goal.old.text(path), self.goal.new.tree.files().get(path));
        if let (true, true, (Some(old), Some(new))) = (comes, goes, texts)
            && let Some(both) = provision::of_both(old, new)
        {
            self.schedule.add(path, Phase::Arrive, State::Text(both));
            self.schedule.add(path, self.clusters.end(), state);
            return;
        }
        let phase = if comes { Phase::Arrive } else { self.clusters.end() };
        self.schedule.add(path, phase, state);
    }

    /// The README speaks of the whole, so it changes with the last step.
    fn readme(&mut self) {
        let Some(path) = TreePath::new(prose::README).filter(|path| self.diff.files.contains_key(path))
        else {
            return;
        };
        let phase = self.schedule.phases().max().unwrap_or(Phase::Change);
        self.schedule.add(&path, phase, State::New);
    }
}

/// The region whose machines a claim is about, in whichever cluster it stands.
fn claimed(side: Option<&(TreePath, Json)>) -> Option<&str> {
    let (_, json) = side?;
    let is_claim = ObjectChange::layer(side) == Some(Layer::Claims.directory());
    json.pointer("/metadata/labels")?.get(REGION_LABEL)?.as_str().filter(|_| is_claim)
}

/// The path of a side of a Kustomization, if it waits for the one of this name.
fn waits<'a>(side: Option<&'a (TreePath, Json)>, name: &str) -> Option<&'a TreePath> {
    let (path, json) = side?;
    let edges = json.pointer("/spec/dependsOn").and_then(Json::as_array)?;
    edges.iter().any(|edge| edge.get("name").and_then(Json::as_str) == Some(name)).then_some(path)
}

fn is_below(path: &TreePath, directory: &str) -> bool {
    path.as_str().strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// The directory below the root of the tree that a Flux Kustomization applies, if the object is one that applies
/// another directory than its own.
fn applies(change: &ObjectChange) -> Option<&str> {
    if change.id.group != "kustomize.toolkit.fluxcd.io" {
        return None;
    }
    let (path, json) = change.new.as_ref().or(change.old.as_ref())?;
    let directory = json.pointer("/spec/path").and_then(Json::as_str)?;
    // `./clusters/<fqdn>/<directory>`
    let below = directory.trim_start_matches("./").splitn(3, '/').nth(2)?;
    let own = path.as_str().rsplit_once('/').map(|(directory, _)| directory);
    (own != Some(below)).then_some(below)
}

/// The same object, with the annotation that keeps Flux from pruning it.
fn held(placed: &Placed) -> Placed {
    let mut placed = placed.clone();
    let meta = placed.object.meta_mut();
    let (key, value) = PRUNE;
    meta.annotations.retain(|(name, _)| *name != key);
    meta.annotations.push((key, Spanned::new(value.to_owned(), meta.name.span)));
    meta.annotations.sort_by_key(|(name, _)| *name);
    placed
}
