//! `sovereign plan`: which steps a change takes, in which order, and which of them are committed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::Oid;

use super::again::Again;
use super::args::{Format, Plan as Args, PlanFormat};
use super::{Exit, Failure, Terminal, commit, many, report};
use sovereign_change::rollout::{human, json};
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::{compile_with_objects, read};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::git::{self, GitError, Known, Repository};
use sovereign_store::kit_cache::KitCache;
use sovereign_store::load;
use sovereign_store::publish::{self, Manifest, Step, Today, ownership, steps};
use sovereign_text::diag::{Diagnostics, Sources};
use sovereign_text::look::Look;
use sovereign_text::parallel;

/// Runs the command.
///
/// # Errors
/// A file or the repository cannot be read, or there is no such branch.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let Some(found) = args.manifests.find(terminal)? else { return Ok(Exit::Usage) };
    if many::refuse_twins(&found, terminal)? {
        return Ok(Exit::Found);
    }
    let files = found.files;
    let repository = Repository::open(&args.repository)?;
    let kits = Arc::clone(&terminal.kits);
    let base = base(&repository, args.branch.as_deref())?;
    let Some(sides) = sides(&files, args, base, terminal)? else { return Ok(Exit::Found) };
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
    let again = Again::of_plan(args, &files);
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
    files: &[PathBuf],
    args: &Args,
    base: Option<Oid>,
    terminal: &mut Terminal<'_>,
) -> Result<Option<Vec<Step>>, Failure> {
    let (kits, places) = (Arc::clone(&terminal.kits), terminal.places);
    let mut outcome = Ok(Some(Vec::with_capacity(files.len())));
    parallel::each(
        files,
        |file| side(file, args, base, &kits, &places.kits),
        |file, side| {
            if let Ok(sides) = &mut outcome {
                match side.and_then(|side| side.told(file, &kits, terminal)) {
                    Ok(Some(side)) => {
                        if let Some(sides) = sides {
                            sides.push(side);
                        }
                    }
                    Ok(None) => *sides = None,
                    Err(failure) => outcome = Err(failure),
                }
            }
        },
    );
    outcome
}

/// What a manifest gives.
struct Side {
    step: Step,
    /// Whether the manifest on disk says what it says at the base.
    is_committed: bool,
}

impl Side {
    /// Says what a person should know of it. Gives nothing if the manifest has errors.
    fn told(self, file: &Path, kits: &Kits, terminal: &mut Terminal<'_>) -> Result<Option<Step>, Failure> {
        if !self.is_committed {
            writeln!(
                terminal.err,
                "note: {} is not committed as it is here, and `sovereign commit --step` compiles what is: commit it first",
                file.display()
            )?;
        }
        if self.step.compiled.is_none() {
            report::print(&self.step.diags, &self.step.input, kits, Format::Human, terminal)?;
            return Ok(None);
        }
        Ok(Some(self.step))
    }
}

/// Returns what a manifest gives, with its tree at the base.
fn side(file: &Path, args: &Args, base: Option<Oid>, kits: &Kits, cache: &KitCache) -> Result<Side, Failure> {
    let repository = Repository::open(&args.repository)?;
    let mut diags = if args.deny.is_some() { Diagnostics::denying_warnings() } else { Diagnostics::new() };
    let manifest = commit::manifest(&repository, file);
    let (input, is_committed) = if file.exists() {
        let input = load::load(file, cache, &mut diags)?;
        let is_inside = matches!(manifest, Manifest::InRepository(_));
        let is_committed = !is_inside || is_at(&repository, base, &manifest, cache, &input);
        (input, is_committed)
    } else {
        (publish::input(&repository, &manifest, base, cache, &mut diags)?, true)
    };
    let compiled = diags.verdict().and_then(|()| compile_with_objects(&input, kits, &mut diags)).ok();
    let mut old = match (base, &compiled) {
        (Some(base), Some(compiled)) => {
            repository.snapshot_beside(base, compiled.tree.root(), &Known::new(&compiled.tree))?
        }
        (None, _) | (_, None) => Snapshot::default(),
    };
    // So that findings point at the lines that changed.
    if let (Some(commit), Some(compiled), Manifest::InRepository(path)) = (base, &compiled, &manifest)
        && !old.holds(&compiled.tree)
    {
        let today = Today { repository: &repository, commit, path, input: &input };
        publish::input_changes(today, &old, cache)?.into_iter().for_each(|changes| old.know(changes));
    }
    Ok(Side { step: Step::compiled(input, diags, compiled, old), is_committed })
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
