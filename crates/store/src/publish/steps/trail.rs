//! The steps of a rollout that a history has, by the trailers of its commits.

use std::collections::BTreeSet;

use git2::Oid;

use crate::git::commit::OURS;
use crate::git::{GitError, Repository};
use crate::publish::Step;

/// The trailer that says which step of how many a commit is.
pub(crate) const TRAILER: &str = "Sovereign-Step: ";
/// How many commits are looked at for earlier steps.
const MOST: usize = 1000;

/// The commits of one rollout in a history.
pub(super) struct Trail {
    /// The roots that it is about.
    pub(super) roots: BTreeSet<String>,
    /// The steps, from the first.
    pub(super) commits: Vec<Oid>,
    /// How many steps there are.
    pub(super) of: usize,
    /// The commit before the first.
    pub(super) before: Option<Oid>,
}

impl Trail {
    /// Returns the last rollout of exactly these Sovereigns, if the last commit about any of them is a step of it.
    pub(super) fn find(
        repository: &Repository,
        base: Oid,
        roots: &BTreeSet<&str>,
    ) -> Result<Option<Self>, GitError> {
        let trail = Self::begun(repository, base, roots)?;
        Ok(trail.filter(|trail| trail.roots.iter().map(String::as_str).eq(roots.iter().copied())))
    }

    /// Returns the rollouts of some of these Sovereigns that are begun and not ended: of each, the last
    /// commit about it is a step that is not the last.
    pub(super) fn all_under_way(
        repository: &Repository,
        base: Oid,
        roots: &BTreeSet<&str>,
    ) -> Result<Vec<Self>, GitError> {
        let (mut open, mut heads) = (roots.clone(), BTreeSet::new());
        for (_, message, _) in repository.messages(base, MOST)? {
            if open.is_empty() {
                break;
            }
            let about = about(&message);
            let is_first = about.iter().any(|root| open.contains(root.as_str()));
            let goes_on = message.lines().find_map(numbered).is_some_and(|(step, of)| step < of);
            open.retain(|root| !about.contains(*root));
            if is_first && goes_on {
                heads.insert(about);
            }
        }
        let trail = |about: BTreeSet<String>| {
            Self::begun(repository, base, &about.iter().map(String::as_str).collect()).transpose()
        };
        heads.into_iter().filter_map(trail).collect()
    }

    /// Returns the last rollout of any of these Sovereigns, if the last commit about one of them is a step of it.
    fn begun(repository: &Repository, base: Oid, roots: &BTreeSet<&str>) -> Result<Option<Self>, GitError> {
        let mut trail: Option<Self> = None;
        for (id, message, parent) in repository.messages(base, MOST)? {
            let about = about(&message);
            if !about.iter().any(|root| roots.contains(root.as_str())) {
                continue;
            }
            let Some((step, of)) = message.lines().find_map(numbered) else { return Ok(None) };
            let mut found = match trail.take() {
                None => Self { roots: about, commits: vec![Oid::ZERO_SHA1; step], of, before: None },
                Some(trail) if trail.of == of && trail.roots == about => trail,
                Some(_) => return Ok(None),
            };
            // Newest first, so each fills the last place that is still free.
            match found.commits.iter().rposition(Oid::is_zero) {
                Some(place) if place + 1 == step => found.commits[place] = id,
                Some(_) | None => return Ok(None),
            }
            if step == 1 {
                found.before = parent;
                return Ok(Some(found));
            }
            trail = Some(found);
        }
        Ok(None)
    }

    pub(super) fn is_about(&self, step: &Step) -> bool {
        step.root().is_some_and(|root| self.roots.contains(root))
    }
}

/// Returns the roots of the trees that a commit is about, as its message says.
fn about(message: &str) -> BTreeSet<String> {
    let roots = message.lines().filter_map(|line| line.strip_prefix(OURS)?.split(' ').next());
    roots.map(str::to_owned).collect()
}

/// `Sovereign-Step: 2/4`.
fn numbered(line: &str) -> Option<(usize, usize)> {
    let (step, of) = line.strip_prefix(TRAILER)?.split_once('/')?;
    let (step, of) = (step.parse().ok()?, of.trim().parse().ok()?);
    (1 <= step && step <= of && of <= MOST).then_some((step, of))
}
