//! `sovereign plan`: which steps a change takes, in which order, and which of them are committed.

use git2::Oid;

use super::args::{Format, Plan as Args, PlanFormat};
use super::{Exit, Failure, Terminal, commit, report};
use crate::diag::Sources;
use crate::diff::human::Look;
use crate::git::{Known, Repository};
use crate::publish::{self, Manifest, steps};
use crate::rollout::{Goal, human, json, shown};
use crate::snapshot::Snapshot;
use crate::{Compiled, Diagnostics, Input, Kits, SourceMap, compile_whole, load, read};

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
    let maps: Vec<_> = sides.iter().map(|side| SourceMap { input: &side.input, kits: &kits }).collect();
    let mut sovereigns: Vec<(&dyn Sources, Diagnostics)> = Vec::with_capacity(sides.len());
    for (map, side) in maps.iter().zip(&sides) {
        sovereigns.push((map, side.diags.clone()));
    }
    let text = steps::standing(&repository, &kits, (base, &goals), |rollout, done| {
        let steps = shown::steps(rollout, done, &mut sovereigns, kits.knowledge());
        match args.format {
            PlanFormat::Human => human::render(rollout, &steps, Look { color: terminal.out_color }),
            PlanFormat::Json => json::render(rollout, &steps),
        }
    })?;
    terminal.out.write_all(text.as_bytes())?;
    let mut exit = Exit::Done;
    for (side, (_, diags)) in sides.iter().zip(&sovereigns) {
        report::print(diags, (&side.input, &kits), Format::Human, terminal)?;
        if diags.verdict().is_err() {
            exit = Exit::Found;
        }
    }
    Ok(exit)
}

/// Whether a manifest says at a commit what it says here, with the sources beside it.
fn is_at(repository: &Repository, base: Option<Oid>, manifest: &Manifest, here: &Input) -> bool {
    let there = publish::base::input(repository, manifest, base, &mut Diagnostics::new());
    there.is_ok_and(|there| read::digest(&there) == read::digest(here))
}

/// One Sovereign: what its manifest gives, and its tree at the base.
struct Side {
    input: Input,
    diags: Diagnostics,
    compiled: Compiled,
    old: Snapshot,
}
