//! Manifests that take several steps: they go before their trees, and whoever stages more than one step jumps over others.

use std::path::PathBuf;

use super::{Manifest, Side, Staged};
use crate::cli::again::Again;
use crate::cli::args::Format;
use crate::cli::{Exit, Failure, Terminal, report};
use sovereign_change::diff::diff;
use sovereign_change::rollout::PhasePlan;
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::tree::{LOCK, TreePath};
use sovereign_store::publish::Step;
use sovereign_store::publish::steps::{self, Together};

impl Staged<'_> {
    /// Judges those that take several steps, as `plan` and `commit` of all of them would, and marks them as judged. Whoever
    /// is on the way with one of them, or is the new home of what leaves one, is taken along, whether anything staged concerns
    /// it or not.
    pub(super) fn in_order<'m>(
        &self,
        manifests: &'m [Manifest],
        sides: &mut Vec<Side<'m>>,
        all: &mut Vec<Step>,
        terminal: &mut Terminal<'_>,
    ) -> Result<Exit, Failure> {
        let head = self.repository.head()?;
        for step in all.iter_mut() {
            self.way(step);
        }
        let plans = steps::under_way_with(self.repository, head, all)?;
        // An Organization that goes may come in a Sovereign of which nothing is staged.
        let consents = |step: &Step| {
            step.migration().is_some_and(|migration| {
                !migration.new.consents.is_empty() && !migration.old.holds(&migration.new.tree)
            })
        };
        let may_move = all.iter().any(consents);
        for manifest in manifests {
            let Some(root) = &manifest.root else { continue };
            let is_on_the_way = plans.iter().any(|roots| roots.contains(root.as_str()));
            let is_there = sides.iter().any(|side| side.manifest.path == manifest.path);
            if is_there || !(is_on_the_way || may_move) {
                continue;
            }
            let (side, mut step) = self.side(manifest)?;
            self.way(&mut step);
            let takes =
                is_on_the_way || all.iter().any(|other| other.phases_ahead.moves_to(&step.phases_ahead));
            if step.compiled.is_some() && takes {
                sides.push(Side { is_judged: true, ..side });
                all.push(step);
            }
        }
        if let Some(joint) = steps::joint(self.repository, head, all)? {
            for (side, step) in sides.iter_mut().zip(all.iter()).filter(|(side, _)| !side.is_judged) {
                report::print(&step.diags, &step.input, &self.kits, Format::Human, terminal)?;
                side.is_judged = true;
            }
            writeln!(
                terminal.err,
                "error: {joint}\nhelp: let all of them be without errors, and named if any is; \
                 or change this one, which begins a new plan from here"
            )?;
            return Ok(Exit::Found);
        }
        let mut exit = Exit::Done;
        for group in steps::together(self.repository, &self.kits, head, all)? {
            if self.group(group, sides, all, terminal)? != Exit::Done {
                exit = Exit::Found;
            }
        }
        Ok(exit)
    }

    /// Counts the steps of a change.
    fn way(&self, step: &mut Step) {
        let changes = step.migration().filter(|migration| !migration.old.holds(&migration.new.tree));
        let catalog = self.kits.catalog();
        let way = changes.map(|migration| {
            PhasePlan::new(migration, &diff(migration.old, migration.new, catalog), catalog)
        });
        step.phases_ahead = way.unwrap_or_default();
    }

    /// Each tree has to be the committed one, or exactly that of the next step, which is held against the transition rules.
    fn group(
        &self,
        group: Together,
        sides: &mut [Side<'_>],
        all: &mut [Step],
        terminal: &mut Terminal<'_>,
    ) -> Result<Exit, Failure> {
        let (mut files, mut astray, mut moved, mut exit) = (Vec::new(), Vec::new(), false, Exit::Done);
        for (place, next) in group.places.iter().zip(group.next) {
            let (Some(side), Some(step)) = (sides.get_mut(*place), all.get_mut(*place)) else { continue };
            files.push(PathBuf::from(&side.manifest.path));
            let (root, stays) = (next.tree.root().clone(), is_untouched(&step.old, &side.tree));
            if !stays && side.tree.holds(&next.tree) {
                moved = true;
                step.compiled = Some(next);
                step.judge_part(&self.kits);
            } else if !stays {
                astray.push(root);
            }
            if !std::mem::replace(&mut side.is_judged, true) || !stays {
                report::print(&step.diags, &step.input, &self.kits, Format::Human, terminal)?;
            }
            if step.diags.verdict().is_err() {
                exit = Exit::Found;
            }
        }
        let names: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
        let takes = if files.len() == 1 { "takes" } else { "take" };
        let done =
            if group.done == 0 { String::new() } else { format!(", {} of them committed", group.done) };
        let takes = format!("{} {takes} {} steps{done}", names.join(" and "), group.of);
        let (again, next) = (Again::of_hook(&files), group.done + 1);
        let (plan, commit) = (again.plan(None), again.step(next));
        if !astray.is_empty() {
            let roots: Vec<_> = astray.iter().map(TreePath::as_str).collect();
            writeln!(
                terminal.err,
                "error: {takes}, and the staged tree {} is neither the committed one nor that of step {next}\n\
                 help: leave the tree out of this commit (git restore --staged --worktree {}): then `{plan}` \
                 shows the steps, and `{commit}` makes the next; or pass over this with git commit --no-verify",
                roots.join(" and "),
                roots.join(" ")
            )?;
            return Ok(Exit::Found);
        }
        if !moved {
            let trees =
                if files.len() == 1 { "its tree stays as it is" } else { "their trees stay as they are" };
            writeln!(
                terminal.err,
                "note: {takes}, so {trees} in this commit; `{plan}` shows them, and `{commit}` makes the next"
            )?;
        }
        Ok(exit)
    }
}

/// Returns whether what is ours in a tree is staged as it is committed. Files of others may come and go.
fn is_untouched(old: &Snapshot, staged: &Snapshot) -> bool {
    let (Ok(lock), Some(ledger)) = (old.lock(), TreePath::new(LOCK)) else { return old == staged };
    let mut ours = lock.iter().flat_map(|lock| lock.files().keys()).chain([&ledger]);
    ours.all(|path| old.files().get(path) == staged.files().get(path))
}
