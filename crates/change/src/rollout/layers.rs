//! When the Kustomizations come and go that apply the directories of a tree.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::kustomization::{applies, needs};
use super::planner::Planner;
use super::schedule::{State, is_below};
use crate::diff::ObjectChange;
use sovereign_compile::tree::TreePath;

impl Planner<'_> {
    /// Kustomizations come with the first file of their directory and go with the last. They apply each other, so
    /// those whose directories lie deepest go first.
    pub(super) fn kustomizations(&mut self) {
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
    pub(super) fn untangle(&mut self) {
        let all: Vec<(&str, &ObjectChange)> =
            self.diff.objects.iter().filter_map(|change| Some((applies(change)?, change))).collect();
        let before = Waiting::new(all.iter().filter_map(|(_, change)| Some((*change, change.old.as_ref()?))));
        let after = Waiting::new(all.iter().filter_map(|(_, change)| Some((*change, change.new.as_ref()?))));
        // Each round moves something by at least one phase, of which there are few.
        for _ in 0..=usize::from(u8::MAX) {
            let mut moved = false;
            for (directory, it) in &all {
                match (&it.old, &it.new) {
                    (Some((path, _)), None) => {
                        let last = before.users(it).iter().filter_map(|user| self.schedule.first(user)).max();
                        if let Some(last) = last.filter(|last| self.schedule.gone(path) < Some(*last)) {
                            self.schedule.keep(|other| other == path || is_below(other, directory), last);
                            moved = true;
                        }
                    }
                    (None, Some((path, _))) => {
                        let Some(comes) = self.schedule.comes(path) else { continue };
                        for user in after.users(it) {
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

    /// Returns whether a directory was not there before. A cluster may begin to apply one that is.
    fn fresh(&self, directory: &str) -> bool {
        !self.migration.old.has_below(directory)
    }

    /// Returns whether a directory is not there any more. A cluster may cease to apply one that is.
    fn spent(&self, directory: &str) -> bool {
        !self.migration.new.tree.has_below(directory)
    }
}

/// The Kustomizations of one side that wait for others, by cluster and by the name of what they wait for.
struct Waiting<'a> {
    users: BTreeMap<(&'a str, &'a str), Vec<&'a TreePath>>,
}

impl<'a> Waiting<'a> {
    fn new(sides: impl Iterator<Item = (&'a ObjectChange, &'a (TreePath, Json))>) -> Self {
        let mut users: BTreeMap<_, Vec<&TreePath>> = BTreeMap::new();
        for (change, (path, json)) in sides {
            let names: BTreeSet<&str> = needs(json).collect();
            for name in names {
                users.entry((change.id.cluster.as_str(), name)).or_default().push(path);
            }
        }
        Self { users }
    }

    /// Returns the paths of those that wait for one.
    fn users(&self, needed: &'a ObjectChange) -> &[&'a TreePath] {
        let place = (needed.id.cluster.as_str(), needed.id.name.as_str());
        self.users.get(&place).map(Vec::as_slice).unwrap_or_default()
    }
}
