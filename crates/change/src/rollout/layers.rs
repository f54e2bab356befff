//! When the Kustomizations come and go that apply the directories of a tree.

use super::kustomization::{applies, waits};
use super::planner::Planner;
use super::schedule::{State, is_below};
use crate::diff::ObjectChange;

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
                        let last = users.filter_map(|user| self.schedule.first(user)).max();
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

    /// Returns whether a directory was not there before. A cluster may begin to apply one that is.
    fn fresh(&self, directory: &str) -> bool {
        !self.migration.old.files().keys().any(|path| is_below(path, directory))
    }

    /// Returns whether a directory is not there any more. A cluster may cease to apply one that is.
    fn spent(&self, directory: &str) -> bool {
        !self.migration.new.tree.files().keys().any(|path| is_below(path, directory))
    }
}
