//! `sovereign hook`: the pre-commit hook. It judges what is staged, not what lies in the work tree.

use std::path::Path;

use super::args::{Format, Hook as Args, HookCommand, HookInstall, HookRun};
use super::{Exit, Failure, Terminal, report};
use crate::git::commit::Change;
use crate::git::{Repository, program};
use crate::input::ReadDirectory;
use crate::publish::{Step, former, ownership, verify};
use crate::snapshot::Snapshot;
use crate::source::Source;
use crate::tree::TreePath;
use crate::write::{self, Options};
use crate::{Diagnostics, Input, Kits, compile_whole};

/// The file name that makes a staged file a manifest.
pub const MANIFEST: &str = "sovereign.toml";
/// Where a hook that was there before is kept, and called first.
const BEFORE: &str = "pre-commit.before-sovereign";
/// By this line a hook of ours is known.
const MARK: &str = "# written by `sovereign hook install`";

/// Runs the command.
///
/// # Errors
/// The repository cannot be read or written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    match &args.command {
        HookCommand::Install(args) => install(args, terminal),
        HookCommand::Run(args) => judge(args, terminal),
    }
}

fn install(args: &HookInstall, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let repository = Repository::open(Path::new("."))?;
    let output = program::git(repository.directory(), &["rev-parse", "--git-path", "hooks"])?;
    let directory = repository.directory().join(String::from_utf8_lossy(&output.stdout).trim());
    let program =
        std::env::current_exe().map_or_else(|_| "sovereign".to_owned(), |exe| exe.display().to_string());
    let run = if args.fix { "hook run --fix" } else { "hook run" };
    let script = format!(
        "#!/bin/sh\n{MARK}\nbefore=\"$(dirname \"$0\")/{BEFORE}\"\nif [ -x \"$before\" ]; then \"$before\" \"$@\" || exit $?; fi\n\
         if command -v sovereign >/dev/null 2>&1; then exec sovereign {run}; fi\nexec '{}' {run}\n",
        program.replace('\'', "'\\''"),
    );
    let installed = write::hook::install(&directory, &script, (MARK, BEFORE));
    let installed = installed.map_err(|error| {
        Failure::World(format!("cannot write the hook in {}: {error}", directory.display()))
    })?;
    let before = if installed { "; the hook that was there is called first" } else { "" };
    writeln!(terminal.err, "wrote {}{before}", directory.join("pre-commit").display())?;
    Ok(Exit::Done)
}

fn judge(args: &HookRun, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let repository = Repository::from_environment()?;
    let changed = repository.staged_changes()?;
    let concerned = |path: &String| {
        path.starts_with("clusters/") || path.rsplit_once('.').is_some_and(|(_, end)| end == "toml")
    };
    if !changed.iter().any(concerned) {
        return Ok(Exit::Done);
    }
    let manifests: Vec<String> = if args.files.is_empty() {
        let all = repository.staged_paths()?;
        all.into_iter().filter(|path| path.rsplit('/').next() == Some(MANIFEST)).collect()
    } else {
        args.files.iter().filter_map(|file| inside(&repository, file)).collect()
    };
    let kits = Kits::embedded();
    let mut exit = Exit::Done;
    for manifest in manifests {
        if one(&repository, &kits, (&manifest, args.fix), terminal)? != Exit::Done {
            exit = Exit::Found;
        }
    }
    Ok(exit)
}

fn inside(repository: &Repository, file: &Path) -> Option<String> {
    repository.relative(file).map(|path| path.to_string_lossy().into_owned())
}

fn one(
    repository: &Repository,
    kits: &Kits,
    (manifest, fix): (&str, bool),
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    let Some(bytes) = repository.staged_file(manifest)? else { return Ok(Exit::Done) };
    if ownership::has_markers(&bytes) {
        writeln!(terminal.err, "error: {manifest} holds the markers of an unresolved merge")?;
        return Ok(Exit::Found);
    }
    let mut diags = Diagnostics::new();
    let source = Source::manifest(manifest, bytes).unwrap_or_else(|(fault, source)| {
        diags.push(crate::check::not_text::report(fault, &source));
        source
    });
    let directory = manifest.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
    let input = Input::gather(source, &Staged { repository, directory });
    let compiled = diags.verdict().and_then(|()| compile_whole(&input, kits, &mut diags)).ok();
    let root = compiled.as_ref().map(|compiled| compiled.tree.root().clone());
    let head = repository.head()?;
    let old = match (&root, head) {
        (Some(root), Some(head)) => repository.snapshot(head, root)?,
        _ => Snapshot::default(),
    };
    let earlier = match (&root, head) {
        (Some(root), Some(head)) if old.is_empty() => former::roots(repository, (head, manifest), root)?,
        _ => Vec::new(),
    };
    let mut step = Step { input, diags, compiled, old, former: earlier, diff: None };
    step.judge(kits);
    report::print(&step.diags, (&step.input, kits), Format::Human, terminal)?;
    let Some(root) = root.filter(|_| step.compiled.is_some()) else { return Ok(Exit::Found) };
    let staged = repository.staged(&root)?;
    tree(repository, &step, (&root, &staged, fix), terminal)
}

/// Compares with the staged tree; with `fix`, stages what the staged manifest gives.
fn tree(
    repository: &Repository,
    step: &Step,
    (root, staged, fix): (&TreePath, &Snapshot, bool),
    terminal: &mut Terminal<'_>,
) -> Result<Exit, Failure> {
    let Some(compiled) = &step.compiled else { return Ok(Exit::Found) };
    let lock = staged.lock().unwrap_or_default().unwrap_or_default();
    let findings = verify::findings(staged, &lock, &compiled.tree);
    if findings.is_empty() {
        return Ok(Exit::Done);
    }
    if !fix {
        writeln!(terminal.err, "error: the staged tree {root} is not what the staged manifest gives")?;
        for finding in findings.iter().take(20) {
            writeln!(terminal.err, "  {finding}")?;
        }
        if findings.len() > 20 {
            writeln!(terminal.err, "  and {} more", findings.len() - 20)?;
        }
        writeln!(terminal.err, "help: `sovereign hook run --fix` writes and stages it")?;
        return Ok(Exit::Found);
    }
    let mut trespass = Vec::new();
    let on_staged = Step {
        input: step.input.clone(),
        diags: Diagnostics::new(),
        compiled: Some(compiled.clone()),
        old: staged.clone(),
        former: Vec::new(),
        diff: None,
    };
    ownership::of_step(&on_staged, false, &mut trespass);
    for trespass in &trespass {
        writeln!(terminal.err, "error: {trespass}")?;
    }
    if !trespass.is_empty() {
        return Ok(Exit::Found);
    }
    if let Some(worktree) = repository.worktree() {
        write::apply(&compiled.tree, worktree, Options { overwrite: false })
            .map_err(|error| Failure::World(error.to_string()))?;
    }
    repository.stage(&Change { tree: &compiled.tree, old: Some(lock) })?;
    writeln!(terminal.err, "wrote and staged {root}: {} files changed", findings.len())?;
    Ok(Exit::Done)
}

/// Reads directories beside a staged manifest.
struct Staged<'a> {
    repository: &'a Repository,
    directory: String,
}

impl ReadDirectory for Staged<'_> {
    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
        let prefix = if self.directory.is_empty() {
            format!("{path}/")
        } else {
            format!("{}/{path}/", self.directory)
        };
        let words = |error: crate::git::GitError| error.to_string();
        let mut files = Vec::new();
        for staged in self.repository.staged_paths().map_err(words)? {
            let Some(name) = staged.strip_prefix(&prefix).filter(|name| !name.contains('/')) else {
                continue;
            };
            let is_blueprint =
                !name.starts_with('.') && name.rsplit_once('.').is_some_and(|(_, end)| end == "toml");
            if let (true, Some(bytes)) = (is_blueprint, self.repository.staged_file(&staged).map_err(words)?)
            {
                files.push((name.to_owned(), bytes));
            }
        }
        if files.is_empty() { Err("is not staged".to_owned()) } else { Ok(files) }
    }
}
