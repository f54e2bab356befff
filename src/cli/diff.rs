//! `sovereign diff`: what a manifest would change against a commit, the index, a directory, another manifest or kit.

use std::path::Path;
use std::sync::Arc;

use git2::Oid;

use super::args::{Depth, Diff as Args, DiffFormat, Format};
use super::many::{Join, Many};
use super::{Exit, Failure, Terminal, report};
use sovereign_change::consent;
use sovereign_change::diff::{Diff, human, json, markdown};
use sovereign_change::rollout::{self, Migration, Phase, PhasePlan, Rollout};
use sovereign_change::snapshot::Snapshot;
use sovereign_change::transition;
use sovereign_compile::tree::TreePath;
use sovereign_compile::{Compiled, compile_with_objects};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_language::manifest::KitChoice;
use sovereign_store::git::memory::Memory;
use sovereign_store::git::{GitError, Known, Repository};
use sovereign_store::publish::Today;
use sovereign_store::publish::part::{self, Recollection};
use sovereign_store::{load, publish};
use sovereign_text::diag::{Diagnostics, Sources};
use sovereign_text::look::Look;
use sovereign_text::source::{Source, Spanned};

/// Runs the command.
///
/// # Errors
/// A file or the repository cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let join = match args.format {
        DiffFormat::Human => Join::Titles,
        DiffFormat::Markdown => Join::Markdown,
        DiffFormat::Json => Join::Json,
    };
    let many = Many { findings: args.findings, join, words, quiet: false };
    many.run(&args.manifests, terminal, |file, terminal| one(file, args, terminal))
}

/// Returns what is said of manifests for which the command ends so.
fn words(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "without changes",
        Exit::Found => "with changes",
        Exit::Usage => "with errors",
        Exit::Environment => "failed",
    }
}

/// Compares the tree of one manifest.
fn one(file: &Path, args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let kits = Arc::clone(&terminal.kits);
    let mut diags = if args.deny.is_some() { Diagnostics::denying_warnings() } else { Diagnostics::new() };
    let input = load::load(file, &terminal.places.kits, &mut diags)?;
    let sources = SourceMap { input: &input, kits: &kits };
    let Some(mut sides) = Sides::new(Asked { file, args }, &input, &kits, &mut diags, terminal)? else {
        return Ok(Exit::Usage);
    };
    let former = former(Asked { file, args }, &sides.old, &sides.new)?;
    let diff = sovereign_change::diff::diff(&sides.old, &sides.new, kits.catalog());
    let way = PhasePlan::new(sides.migration(), &diff, kits.catalog());
    // What is committed step by step is judged so.
    if way.phases.len() > 1 {
        sides.complete(Asked { file, args }, &input, &kits)?;
        sides.learn_causes(Asked { file, args }, &input, terminal)?;
        let mut sovereigns: [(&dyn Sources, Diagnostics); 1] = [(&sources, diags)];
        let rollout = Rollout::new(vec![sides.migration()], kits.catalog());
        rollout::steps(&rollout, &[], &mut sovereigns, kits.catalog());
        [(_, diags)] = sovereigns;
    } else {
        let known = diags.clone();
        transition::judge(&sides.old, &sides.new, kits.catalog(), &former, false, &mut diags);
        if diags.verdict().is_err() && sides.learn_causes(Asked { file, args }, &input, terminal)? {
            diags = known;
            transition::judge(&sides.old, &sides.new, kits.catalog(), &former, false, &mut diags);
        }
    }
    let note = several(&way.phases);
    let consents = consent::needed(&diags);
    let text = match args.format {
        DiffFormat::Human => {
            let look = Look { color: terminal.out_color };
            let text = text(&diff, args.depth, &sources, look);
            let after = human::consents(&consents, look) + &note.unwrap_or_default();
            if args.depth == Depth::Summary { text + &after } else { text }
        }
        DiffFormat::Markdown => markdown::render(&diff, &sources, note.as_deref(), &consents),
        DiffFormat::Json => {
            let phases: Vec<_> = way.phases.iter().map(|phase| phase.word()).collect();
            json::render(&diff, &sources, &phases, &consents)
        }
    };
    terminal.out.write_all(text.as_bytes())?;
    report::print(&diags, &input, &kits, args.findings, terminal)?;
    Ok(match (diags.verdict(), diff.is_empty()) {
        (Err(_), _) => Exit::Usage,
        (Ok(()), true) => Exit::Done,
        (Ok(()), false) => Exit::Found,
    })
}

/// Returns what to say of a change that takes more than one commit.
fn several(phases: &[Phase]) -> Option<String> {
    let words: Vec<_> = phases.iter().map(|phase| phase.word()).collect();
    (phases.len() > 1).then(|| {
        format!(
            "takes {} steps, each a commit of its own ({}): `sovereign plan` shows them, and an ordinary commit is refused\n",
            phases.len(),
            words.join(", ")
        )
    })
}

fn text(diff: &Diff, depth: Depth, sources: &SourceMap<'_>, look: Look) -> String {
    match depth {
        Depth::Summary => human::summary(diff, sources, look),
        Depth::Objects => human::objects(diff, sources, look),
        Depth::Text => human::text(diff, look),
    }
}

/// A manifest, and what it is to be compared with.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) file: &'a Path,
    pub(super) args: &'a Args,
}

impl Asked<'_> {
    fn repository(&self) -> Result<Repository, GitError> {
        Repository::open(self.args.repository.as_deref().unwrap_or_else(|| beside(self.file)))
    }
}

/// The two sides of a comparison.
pub(super) struct Sides {
    pub(super) old: Snapshot,
    pub(super) new: Compiled,
}

impl Sides {
    /// Returns what the manifest gives, and what it is compared with, without the files that a repository
    /// remembers to be the same; `None` after a report.
    pub(super) fn new(
        asked: Asked<'_>,
        input: &Input,
        kits: &Kits,
        diags: &mut Diagnostics,
        terminal: &mut Terminal<'_>,
    ) -> Result<Option<Self>, Failure> {
        let place = Place::new(asked);
        let at = place.as_ref().ok().and_then(Option::as_ref);
        let memory = at.and_then(|place| part::memory(&place.repository, input));
        let remembrance = memory.as_ref().and_then(Memory::recall);
        let recollection = at.zip(memory.as_ref()).and_then(|(place, memory)| {
            Recollection::new(&place.repository, place.commit, memory, remembrance.as_ref()).ok()
        });
        let part = diags.verdict().and_then(|()| part::compile(recollection.as_ref(), input, kits, diags));
        let Ok(part) = part else {
            report::print(diags, input, kits, Format::Human, terminal)?;
            return Ok(None);
        };
        let old = match place? {
            Some(Place { repository, commit: Some(commit) }) => {
                Some(part::old_side(&repository, commit, &part, recollection.as_ref())?)
            }
            Some(Place { commit: None, .. }) => Some(Snapshot::default()),
            None => old_side(asked, input, kits, &part.compiled, terminal)?,
        };
        Ok(old.map(|old| Self { old, new: part.compiled }))
    }

    fn migration(&self) -> Migration<'_> {
        Migration { old: &self.old, new: &self.new }
    }

    /// Learns what the manifest says otherwise than the one that the old tree was written for, so that findings point at the
    /// lines that changed. Gives whether anything is known.
    fn learn_causes(
        &mut self,
        asked: Asked<'_>,
        input: &Input,
        terminal: &Terminal<'_>,
    ) -> Result<bool, Failure> {
        let Some(Place { repository, commit: Some(commit) }) = Place::new(asked)? else { return Ok(false) };
        let path = repository.relative(asked.file).map(|path| path.to_string_lossy().into_owned());
        let Some(path) = path else { return Ok(false) };
        let today = Today { repository: &repository, commit, path: &path, input };
        let Some(changes) = publish::input_changes(today, &self.old, &terminal.places.kits)? else {
            return Ok(false);
        };
        self.old.know(changes);
        Ok(true)
    }

    /// Takes in the files that were left out: a step on the way is made of all of them.
    fn complete(&mut self, asked: Asked<'_>, input: &Input, kits: &Kits) -> Result<(), Failure> {
        if self.new.tree.is_whole() {
            return Ok(());
        }
        let Ok(new) = compile_with_objects(input, kits, &mut Diagnostics::new()) else { return Ok(()) };
        if let Some(Place { repository, commit: Some(commit) }) = Place::new(asked)? {
            self.old = repository.snapshot_beside(commit, new.tree.root(), &Known::new(&new.tree))?;
            self.new = new;
        }
        Ok(())
    }
}

/// The commit that is compared with; `None` before the first one.
struct Place {
    repository: Repository,
    commit: Option<Oid>,
}

impl Place {
    /// Finds the commit, if it is one that is compared with.
    fn new(asked: Asked<'_>) -> Result<Option<Self>, Failure> {
        let args = asked.args;
        if args.manifest.is_some() || args.kit.is_some() || args.directory.is_some() || args.staged {
            return Ok(None);
        }
        let repository = asked.repository()?;
        let commit = match &args.against {
            Some(revision) => Some(repository.resolve(revision)?),
            None => repository.head()?,
        };
        Ok(Some(Self { repository, commit }))
    }
}

/// Returns the side to compare with, where that is no commit; `None` after a report.
fn old_side(
    asked: Asked<'_>,
    input: &Input,
    kits: &Kits,
    new: &Compiled,
    terminal: &mut Terminal<'_>,
) -> Result<Option<Snapshot>, Failure> {
    let args = asked.args;
    if let Some(file) = &args.manifest {
        let mut diags = Diagnostics::new();
        let other = load::load(file, &terminal.places.kits, &mut diags)?;
        return compiled_side(&other, kits, diags, terminal);
    }
    if let Some(kit) = &args.kit {
        let other = with_kit(input, kit);
        return compiled_side(&other, kits, Diagnostics::new(), terminal);
    }
    if let Some(directory) = &args.directory {
        return Ok(Some(load::snapshot(&directory.join(new.tree.root().as_str()))?));
    }
    let repository = asked.repository()?;
    Ok(Some(repository.staged_beside(new.tree.root(), &Known::new(&new.tree))?))
}

/// Returns where earlier versions of the manifest put their tree, if it is compared with a commit and not there yet.
fn former(asked: Asked<'_>, old: &Snapshot, new: &Compiled) -> Result<Vec<TreePath>, Failure> {
    let args = asked.args;
    if !old.is_empty() || args.manifest.is_some() || args.kit.is_some() || args.directory.is_some() {
        return Ok(Vec::new());
    }
    let repository = asked.repository()?;
    let commit = match &args.against {
        Some(revision) => Some(repository.resolve(revision)?),
        None => repository.head()?,
    };
    let path = repository.relative(asked.file).map(|path| path.to_string_lossy().into_owned());
    let (Some(commit), Some(path)) = (commit, path) else { return Ok(Vec::new()) };
    Ok(publish::orphaned_roots(&repository, commit, &path, new.tree.root())?)
}

/// Returns the directory of a file.
pub(super) fn beside(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn compiled_side(
    input: &Input,
    kits: &Kits,
    mut diags: Diagnostics,
    terminal: &mut Terminal<'_>,
) -> Result<Option<Snapshot>, Failure> {
    let compiled = diags.verdict().and_then(|()| compile_with_objects(input, kits, &mut diags));
    if let Ok(compiled) = compiled {
        return Ok(Some(Snapshot::from_tree(&compiled.tree)));
    }
    report::print(&diags, input, kits, Format::Human, terminal)?;
    Ok(None)
}

/// Returns the same input with another kit: only the text of the value is replaced.
fn with_kit(input: &Input, kit: &str) -> Input {
    let source = input.manifest();
    let Some(named) = kit_of(input) else { return input.clone() };
    let mut text = source.text().to_owned();
    text.replace_range(named.span.range(), &format!("{kit:?}"));
    let manifest = Source::manifest(source.name(), text.into_bytes()).unwrap_or_else(|(_, source)| source);
    input.with_manifest(manifest)
}

/// Returns the same, but `None` where the manifest names a kit of its own, or none: that extends what it extends.
pub(super) fn on_kit(input: &Input, kit: &str) -> Option<Input> {
    let is_embedded = matches!(kit_of(input)?.value, KitChoice::Embedded(_));
    is_embedded.then(|| with_kit(input, kit))
}

fn kit_of(input: &Input) -> Option<Spanned<KitChoice>> {
    sovereign_language::manifest::decode(input.manifest(), &mut Diagnostics::new())?.kit
}
