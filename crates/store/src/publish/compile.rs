//! Compiling the manifests of a request on a base, and judging what that changes.

use git2::Oid;

use sovereign_change::rollout::{Migration, PhasePlan};
use sovereign_change::snapshot::Snapshot;
use sovereign_change::transition;
use sovereign_compile::lower::Lowered;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;

use crate::git::memory::Memory;
use crate::git::{GitError, Repository};

use super::base::{self, At};
use super::last_input::{self, Today};
use super::part::{self, Part, Recollection};
use super::{Manifest, Refused, Request, Step, editing, orphaned_roots};

/// Compiles every manifest on a base and holds each step against the transition rules.
///
/// # Errors
/// The repository or a file cannot be read.
pub fn compile(
    repository: &Repository,
    kits: &Kits,
    request: &Request<'_>,
    base: Option<Oid>,
) -> Result<Vec<Step>, GitError> {
    let mut steps = Vec::with_capacity(request.manifests.len());
    // What goes only a part of the way needs all files, and so does a work tree that follows to what others have pushed.
    let remembers = request.step.is_none() && !(request.worktree && request.push.is_some());
    // By the score: what is compiled and not yet compared is large, and the processors need no more to be busy.
    for manifests in request.manifests.chunks(AT_ONCE) {
        let mut group = Vec::with_capacity(manifests.len());
        for manifest in manifests {
            let mut diags =
                if request.deny_warnings { Diagnostics::denying_warnings() } else { Diagnostics::new() };
            let input = base::input(repository, manifest, base, &request.cache, &mut diags)?;
            let mut step = Step::compiled(input, diags, None, Snapshot::default());
            if let Some(editing) = request.edit {
                let at = At { repository, base, cache: &request.cache };
                editing::make(editing, at, manifest, &mut step);
            }
            group.push(step);
        }
        let known = base.filter(|_| remembers);
        compile_group(repository, kits, Bases { base, known }, request.large, &mut group)?;
        for (manifest, step) in manifests.iter().zip(&mut group) {
            step.manifest = manifest.path().map(str::to_owned);
            if let (Manifest::InRepository(path), Some(compiled), Some(base)) =
                (manifest, &step.compiled, base)
                && step.old.is_empty()
            {
                step.former = orphaned_roots::roots(repository, base, path, compiled.tree.root())?;
            }
        }
        // A step of a rollout is compared when it is known which part of the way it goes.
        if request.step.is_none() {
            each(&mut group, |step| step.judge(kits));
            for (manifest, step) in manifests.iter().zip(&mut group) {
                if let (Manifest::InRepository(path), Some(commit)) = (manifest, base) {
                    step.judge_at_cause(
                        kits,
                        At { repository, base: Some(commit), cache: &request.cache },
                        path,
                    )?;
                }
            }
            each(&mut group, |step| {
                step.refused = None;
                step.slim();
            });
        }
        steps.append(&mut group);
    }
    Ok(steps)
}

/// How many manifests are compiled before their trees are compared.
const AT_ONCE: usize = 64;

/// Does something to each item, on all processors if there is more than one item. Nothing depends on who is first.
fn each<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Sync) {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    if workers <= 1 {
        return items.iter_mut().for_each(work);
    }
    let (share, work) = (items.len().div_ceil(workers), &work);
    std::thread::scope(|scope| {
        for items in items.chunks_mut(share) {
            scope.spawn(move || items.iter_mut().for_each(work));
        }
    });
}

/// What steps are built on.
#[derive(Clone, Copy)]
struct Bases {
    /// The commit whose trees they are compared with.
    base: Option<Oid>,
    /// The same, if what is remembered of its trees may be left out.
    known: Option<Oid>,
}

/// Compiles steps side by side, and reads their trees at the base; where something is remembered of one, only the rest.
fn compile_group(
    repository: &Repository,
    kits: &Kits,
    bases: Bases,
    large: usize,
    steps: &mut [Step],
) -> Result<(), GitError> {
    let memories: Vec<_> = steps.iter().map(|step| part::memory(repository, &step.input)).collect();
    let remembrances: Vec<_> =
        memories.iter().map(|memory| memory.as_ref().and_then(Memory::recall)).collect();
    let mut jobs = Vec::with_capacity(steps.len());
    for ((step, memory), remembrance) in steps.iter_mut().zip(&memories).zip(&remembrances) {
        let recollection = match memory {
            Some(memory) => Some(Recollection::new(repository, bases.known, memory, remembrance.as_ref())?),
            None => None,
        };
        jobs.push(Job { step, recollection, part: None });
    }
    each(&mut jobs, |job| job.compile(kits, large));
    for Job { step, recollection, part } in jobs {
        let Some(part) = part else { continue };
        if let Some(base) = bases.base {
            step.old = part::old_side(repository, base, &part, recollection.as_ref())?;
        }
        step.compiled = Some(part.compiled);
    }
    Ok(())
}

/// A step that is compiled.
struct Job<'s, 'm> {
    step: &'s mut Step,
    recollection: Option<Recollection<'m>>,
    part: Option<Part<'m>>,
}

impl Job<'_, '_> {
    fn compile(&mut self, kits: &Kits, large: usize) {
        let Self { step, recollection, part } = self;
        if step.diags.verdict().is_ok() {
            let compiled = part::compile(recollection.as_ref(), &step.input, kits, &mut step.diags);
            *part = compiled.ok();
        }
        // Now, since this too is work for all processors.
        let remembered = part.as_mut().zip(recollection.as_ref());
        step.pending = remembered.and_then(|(part, recollection)| part.remember(recollection, large));
    }
}

impl Step {
    /// Compares with the tree before, and holds the step against the transition rules. A tree that stays as it is
    /// needs neither.
    pub fn judge(&mut self, kits: &Kits) {
        let Some(compiled) = &self.compiled else { return };
        let unchanged = self.old.holds(&compiled.tree);
        // A consent that is still written down after its commit is spent, and only a comparison says so.
        if unchanged && compiled.consents.is_empty() {
            return;
        }
        let found = self.diags.clone();
        let diff =
            transition::judge(&self.old, compiled, kits.catalog(), &self.former, false, &mut self.diags);
        if !unchanged {
            self.phases_ahead =
                PhasePlan::new(Migration { old: &self.old, new: compiled }, &diff, kits.catalog());
        }
        self.diff = Some(diff).filter(|_| !unchanged);
        if self.diags.verdict().is_err() {
            self.refused = self.compiled.take().map(|compiled| Box::new(Refused { compiled, found }));
        }
    }

    /// Judges a step once more that was refused, with what its manifest says otherwise than the one that the tree was written
    /// for: findings point at the lines that changed. That is looked up for a refusal alone, since it reads the history.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub(crate) fn judge_at_cause(&mut self, kits: &Kits, at: At<'_>, path: &str) -> Result<(), GitError> {
        let At { repository, base: Some(commit), cache } = at else { return Ok(()) };
        let Some(refused) = self.refused.take() else { return Ok(()) };
        let today = Today { repository, commit, path, input: &self.input };
        if let Some(changes) = last_input::changes(today, &self.old, cache)? {
            self.old.know(changes);
            self.compiled = Some(refused.compiled);
            self.diags = refused.found;
            self.judge(kits);
        }
        Ok(())
    }

    /// Lets go of what nobody asks for after [`Step::judge`]: of a thousand Sovereigns it is most of the memory.
    fn slim(&mut self) {
        if let Some(compiled) = &mut self.compiled {
            compiled.lowered = Lowered { clusters: Vec::new(), shared: Vec::new() };
        }
        if let Some(diff) = &mut self.diff {
            diff.objects = Vec::new();
            diff.variables = Vec::new();
        }
    }
}
