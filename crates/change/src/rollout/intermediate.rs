//! A tree on the way: each file as it is to be at a phase, and the listings that follow from which files are there.

use std::collections::{BTreeMap, BTreeSet};

use super::clusters::{self, Clusters};
use super::schedule::{Schedule, State};
use super::{Migration, Phase};
use sovereign_compile::Compiled;
use sovereign_compile::lower::{Cluster, Lowered, Placed};
use sovereign_compile::render::{self, LISTING};
use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_text::yaml;

/// Returns the tree of a goal after a phase, with the objects that are in it as the manifest gives them.
pub(crate) fn compiled(
    migration: Migration<'_>,
    schedule: &Schedule,
    clusters: &Clusters,
    phase: Phase,
) -> Compiled {
    let blender = Blender { migration, schedule, phase };
    let mut files = blender.files();
    blender.list(&mut files);
    let standing = clusters.standing(files.keys(), phase);
    let tree = migration.new.tree.with_files(files, &standing);
    Compiled {
        lowered: blender.lowered(tree.files()),
        tree,
        consents: migration.new.consents.clone(),
        absent: migration.new.absent.clone(),
        kit: migration.new.kit.clone(),
        places: migration.new.places.clone(),
        given: migration.new.given.clone(),
        told: migration.new.told.clone(),
        written: migration.new.written.clone(),
    }
}

struct Blender<'a> {
    migration: Migration<'a>,
    schedule: &'a Schedule,
    phase: Phase,
}

impl Blender<'_> {
    /// Returns every file but the lock and the listings.
    fn files(&self) -> BTreeMap<TreePath, String> {
        let new = self.migration.new.tree.files();
        let owned = self.migration.old.lock().ok().flatten();
        let owned_paths = owned.iter().flat_map(|lock| lock.files().keys());
        let paths: BTreeSet<&TreePath> = owned_paths.chain(new.keys()).collect();
        // What a hand has changed is given up or refused by now; it never becomes ours.
        let edited = owned.map(|lock| self.migration.old.edited(lock)).unwrap_or_default();
        let edited: BTreeSet<TreePath> = edited.into_iter().collect();
        let paths = paths.into_iter().filter(|path| path.as_str() != LOCK && listed(path).is_none());
        let text = |path: &TreePath| match self.schedule.state(path, self.phase) {
            Some(State::Absent) => None,
            Some(State::New) => new.get(path).cloned(),
            Some(State::Held(placed)) => Some(document(placed)),
            Some(State::Text(text)) => Some(text.clone()),
            None if edited.contains(path) => new.get(path).cloned(),
            None => self.migration.old.text(path).map(str::to_owned),
        };
        paths.filter_map(|path| Some((path.clone(), text(path)?))).collect()
    }

    /// Adds a listing to each directory that has one before or after, if something is in it.
    fn list(&self, files: &mut BTreeMap<TreePath, String>) {
        let (old, new) = (self.migration.old.files(), self.migration.new.tree.files());
        let (before, after) = (by_directory(old.keys()), by_directory(files.keys()));
        let mut listings = BTreeMap::new();
        for path in old.keys().chain(new.keys()) {
            let Some((directory, names)) = listed(path).and_then(|it| after.get_key_value(it)) else {
                continue;
            };
            let as_it_was = self.migration.old.text(path).filter(|_| before.get(directory) == Some(names));
            let text = as_it_was.map_or_else(
                || render::listing(directory, names, self.migration.new.kit.span),
                str::to_owned,
            );
            listings.insert(path.clone(), text);
        }
        files.extend(listings);
    }

    /// Returns the objects of the tree that are as the manifest gives them, and those that are held. What
    /// still is as it was is not among them: it does not change.
    fn lowered(&self, files: &BTreeMap<TreePath, String>) -> Lowered {
        let new = self.migration.new.tree.files();
        let is_there = |placed: &&Placed| files.get(&placed.path) == new.get(&placed.path);
        let held: Vec<&Placed> = self
            .schedule
            .paths()
            .filter_map(|path| match self.schedule.state(path, self.phase)? {
                State::Held(placed) => Some(&**placed),
                State::Absent | State::New | State::Text(_) => None,
            })
            .collect();
        let objects = |directory: &str, of_new: &[Placed]| {
            let below = |placed: &&&Placed| placed.path.as_str().split('/').next() == Some(directory);
            of_new.iter().filter(is_there).chain(held.iter().filter(below).copied()).cloned().collect()
        };
        let lowered = &self.migration.new.lowered;
        let mut clusters: Vec<Cluster> = lowered
            .clusters
            .iter()
            .map(|cluster| Cluster {
                directory: cluster.directory.clone(),
                objects: objects(&cluster.directory, &cluster.objects),
            })
            .collect();
        let known: BTreeSet<String> = clusters.iter().map(|cluster| cluster.directory.clone()).collect();
        let present = clusters::clusters(files.keys());
        clusters.retain(|cluster| present.contains(&cluster.directory));
        let leaving = present.into_iter().filter(|name| !known.contains(name));
        clusters.extend(leaving.map(|directory| Cluster { objects: objects(&directory, &[]), directory }));
        Lowered { clusters, shared: lowered.shared.iter().filter(is_there).cloned().collect() }
    }
}

/// Returns the directory of a listing.
fn listed(path: &TreePath) -> Option<&str> {
    path.as_str().strip_suffix(LISTING)?.strip_suffix('/')
}

/// Returns the names of files by their directory, sorted as the paths are; without listings.
fn by_directory<'a>(paths: impl Iterator<Item = &'a TreePath>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut directories: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (directory, name) in paths.filter_map(|path| path.as_str().rsplit_once('/')) {
        if name != LISTING {
            directories.entry(directory).or_default().push(name);
        }
    }
    directories
}

fn document(placed: &Placed) -> String {
    yaml::document(&placed.origin, &placed.object.node())
}
