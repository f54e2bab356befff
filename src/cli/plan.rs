//! `sovereign plan`: which steps a change takes, in which order, and which of them are committed.

use git2::Oid;

use super::again::Again;
use super::args::{Format, Plan as Args, PlanFormat};
use super::{Exit, Failure, Terminal, commit, report};
use sovereign_change::rollout::{human, json};
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::{compile_with_objects, read};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::git::{self, GitError, Known, Repository};
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_store::publish::{self, Manifest, Step, ownership, steps};
use sovereign_text::diag::{Diagnostics, Sources};
use sovereign_text::look::Look;

/// Runs the command.
///
/// # Errors
/// A file or the repository cannot be read, or there is no such branch.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let repository = Repository::open(&args.repository)?;
    let kits = Kits::embedded();
    let base = base(&repository, args.branch.as_deref())?;
    let Some(sides) = sides(args, &repository, base, &kits, terminal)? else { return Ok(Exit::Found) };
    let mut exit = Exit::Done;
    if let Some(joint) = steps::joint(&repository, base, &sides)? {
        writeln!(terminal.err, "error: {joint}\nhelp: name all of them, as in the steps before")?;
        return Ok(Exit::Found);
    }
    let migrations: Vec<_> = sides.iter().filter_map(Step::migration).collect();
    let maps: Vec<_> = sides.iter().map(|side| SourceMap { input: &side.input, kits: &kits }).collect();
    let mut sovereigns: Vec<(&dyn Sources, Diagnostics)> = Vec::with_capacity(sides.len());
    for (map, side) in maps.iter().zip(&sides) {
        sovereigns.push((map, side.diags.clone()));
    }
    let again = Again::of_plan(args);
    let command = |step: usize| again.step(step);
    let text = steps::standing(&repository, &kits, base, &migrations, |rollout, done| {
        let done: Vec<_> = done.iter().map(|commit| git::short(*commit)).collect();
        let report = sovereign_change::rollout::steps(rollout, &done, &mut sovereigns, kits.catalog());
        match args.format {
            PlanFormat::Human => {
                human::render(rollout, &report, &command, Look { color: terminal.out_color })
            }
            PlanFormat::Json => json::render(rollout, &report, &command),
        }
    })?;
    terminal.out.write_all(text.as_bytes())?;
    for (side, (_, diags)) in sides.iter().zip(&sovereigns) {
        report::print(diags, &side.input, &kits, Format::Human, terminal)?;
        if diags.verdict().is_err() {
            exit = Exit::Found;
        }
        // No step is made while one of these stands in the way.
        let mut conflict = Vec::new();
        ownership::of_step(side, false, &mut conflict);
        for conflict in conflict {
            writeln!(terminal.err, "error: {conflict}")?;
            exit = Exit::Found;
        }
    }
    Ok(exit)
}

/// Returns the commit that the trees are read from; `None` before the first one.
fn base(repository: &Repository, branch: Option<&str>) -> Result<Option<Oid>, Failure> {
    let base = repository.branch(branch)?.commit;
    match branch {
        Some(branch) if base.is_none() && repository.head()?.is_some() => Err(GitError::Missing {
            what: format!("branch `{branch}`"),
            help: "`git branch` lists those that there are".to_owned(),
        }
        .into()),
        Some(_) | None => Ok(base),
    }
}

/// Returns what each manifest gives, with its tree at the base; `None` after a report.
fn sides(
    args: &Args,
    repository: &Repository,
    base: Option<Oid>,
    kits: &Kits,
    terminal: &mut Terminal<'_>,
) -> Result<Option<Vec<Step>>, Failure> {
    let mut sides = Vec::with_capacity(args.files.len());
    for file in &args.files {
        let mut diags =
            if args.deny.is_some() { Diagnostics::denying_warnings() } else { Diagnostics::new() };
        let manifest = commit::manifest(repository, file);
        let input = if file.exists() {
            let input = load::load_with(file, &terminal.places.kits, &mut diags)?;
            if matches!(manifest, Manifest::InRepository(_))
                && !is_at(repository, base, &manifest, &terminal.places.kits, &input)
            {
                writeln!(
                    terminal.err,
                    "note: {} is not committed as it is here, and `sovereign commit --step` compiles what is: \
                     commit it first",
                    file.display()
                )?;
            }
            input
        } else {
            publish::input(repository, &manifest, base, &terminal.places.kits, &mut diags)?
        };
        let compiled = diags.verdict().and_then(|()| compile_with_objects(&input, kits, &mut diags));
        let Ok(compiled) = compiled else {
            report::print(&diags, &input, kits, Format::Human, terminal)?;
            return Ok(None);
        };
        let old = match base {
            Some(base) => {
                repository.snapshot_beside(base, compiled.tree.root(), &Known::new(&compiled.tree))?
            }
            None => Snapshot::default(),
        };
        sides.push(Step::compiled(input, diags, Some(compiled), old));
    }
    Ok(Some(sides))
}

/// Returns whether a manifest says at a commit what it says here, with the sources beside it.
fn is_at(
    repository: &Repository,
    base: Option<Oid>,
    manifest: &Manifest,
    cache: &KitCache,
    here: &Input,
) -> bool {
    let there = publish::input(repository, manifest, base, cache, &mut Diagnostics::new());
    there.is_ok_and(|there| read::digest(&there) == read::digest(here))
}
