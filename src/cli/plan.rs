//! `sovereign plan`: which steps a change takes, in which order, and which of them are committed.

use git2::Oid;

use super::args::{Format, Plan as Args, PlanFormat};
use super::{Exit, Failure, Terminal, commit, report};
use crate::diff::diff;
use crate::diff::human::Look;
use crate::git::{Known, Repository, short};
use crate::publish::{self, Manifest, steps};
use crate::rollout::{Goal, Rollout, human, json};
use crate::snapshot::Snapshot;
use crate::transition::{self, Transition};
use crate::{Compiled, Diagnostics, Input, Kits, SourceMap, compile_whole, load};

/// Runs the command.
///
/// # Errors
/// A file or the repository cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let repository = Repository::open(&args.repository)?;
    let kits = Kits::embedded();
    let base = repository.branch(args.branch.as_deref())?.commit;
    let mut sides = Vec::with_capacity(args.files.len());
    for file in &args.files {
        let mut diags =
            if args.deny.is_some() { Diagnostics::denying_warnings() } else { Diagnostics::new() };
        let manifest = commit::manifest(&repository, file);
        let input = if file.exists() {
            let input = load::load(file, &mut diags)?;
            if matches!(manifest, Manifest::InRepository(_)) && !is_at(&repository, base, &manifest, &input) {
                writeln!(
                    terminal.err,
                    "note: {} is not committed as it is here, and `sovereign commit --step` compiles what is: \
                     commit it first",
                    file.display()
                )?;
            }
            input
        } else {
            publish::base::input(&repository, &manifest, base, &mut diags)?
        };
        let compiled = diags.verdict().and_then(|()| compile_whole(&input, &kits, &mut diags));
        let Ok(compiled) = compiled else {
            report::print(&diags, (&input, &kits), Format::Human, terminal)?;
            return Ok(Exit::Found);
        };
        let old = match base {
            Some(base) => {
                repository.snapshot_beside(base, compiled.tree.root(), &Known::of(&compiled.tree))?
            }
            None => Snapshot::default(),
        };
        sides.push(Side { input, diags, compiled, old });
    }
    let goals: Vec<_> = sides.iter().map(|side| Goal { old: &side.old, new: &side.compiled }).collect();
    let (text, found) = steps::standing(&repository, &kits, (base, &goals), |rollout, done| {
        shown(rollout, done, (&sides, &kits), (args.format, terminal))
    })?;
    terminal.out.write_all(text.as_bytes())?;
    let mut exit = Exit::Done;
    for (side, diags) in sides.iter().zip(found) {
        report::print(&diags, (&side.input, &kits), Format::Human, terminal)?;
        if diags.verdict().is_err() {
            exit = Exit::Found;
        }
    }
    Ok(exit)
}

/// Whether a manifest says at a commit what it says here, with the sources beside it.
fn is_at(repository: &Repository, base: Option<Oid>, manifest: &Manifest, here: &Input) -> bool {
    let there = publish::base::input(repository, manifest, base, &mut Diagnostics::new());
    there.is_ok_and(|there| there.digest() == here.digest())
}

/// One Sovereign: what its manifest gives, and its tree at the base.
struct Side {
    input: Input,
    diags: Diagnostics,
    compiled: Compiled,
    old: Snapshot,
}

/// The steps as text, and what the transition rules find in those that are not done.
fn shown(
    rollout: &Rollout<'_>,
    done: &[Oid],
    (sides, kits): (&[Side], &Kits),
    (format, terminal): (PlanFormat, &Terminal<'_>),
) -> (String, Vec<Diagnostics>) {
    let maps: Vec<_> = sides.iter().map(|side| SourceMap { input: &side.input, kits }).collect();
    let mut found: Vec<_> = sides.iter().map(|side| side.diags.clone()).collect();
    let mut steps = Vec::new();
    for (index, &phase) in rollout.phases().iter().enumerate() {
        let commit = done.get(index).copied().map(short);
        let mut changes = Vec::new();
        if commit.is_none() {
            let stages = rollout.after(index).into_iter().zip(rollout.after(index + 1));
            for ((before, after), (sources, diags)) in stages.zip(maps.iter().zip(&mut found)) {
                let (old, Some(new)) = (before.snapshot(), after.compiled()) else { continue };
                let diff = diff(&old, new, kits.knowledge());
                let knowledge = kits.knowledge();
                let step = Transition { old: &old, new, diff: &diff, knowledge, former: &[], is_part: true };
                transition::check(&step, diags);
                if !diff.is_empty() {
                    changes.push(human::Change { diff, sources });
                }
            }
        }
        steps.push(human::Step { phase, commit, changes });
    }
    let text = match format {
        PlanFormat::Human => human::render(rollout, &steps, Look { color: terminal.out_color }),
        PlanFormat::Json => json::render(rollout, &steps),
    };
    (text, found)
}
