//! When each file of a tree takes its new shape: what the planner has decided.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::Phase;
use sovereign_compile::lower::Placed;
use sovereign_compile::tree::TreePath;

/// A file at a phase.
#[derive(Debug)]
pub(crate) struct Turn {
    /// When.
    pub phase: Phase,
    /// What it then is.
    pub state: State,
}

/// What a file is from some phase on.
#[derive(Debug)]
pub(crate) enum State {
    /// It is not there.
    Absent,
    /// It is what the manifest gives.
    New,
    /// It holds this object, which the manifest gives with another path or without an annotation.
    Held(Box<Placed>),
    /// It holds this text.
    Text(String),
}

/// The turns of every file that changes, by path, each in order.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    turns: BTreeMap<TreePath, Vec<Turn>>,
}

impl Schedule {
    /// Returns every phase in which a file takes another shape.
    pub(crate) fn phases(&self) -> impl Iterator<Item = Phase> {
        self.turns.values().flatten().map(|turn| turn.phase)
    }

    /// Returns every file that takes another shape.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &TreePath> {
        self.turns.keys()
    }

    /// Returns the last turn of a file up to a phase.
    pub(crate) fn state(&self, path: &TreePath, phase: Phase) -> Option<&State> {
        let turns = self.turns.get(path)?;
        turns.iter().rev().find(|turn| turn.phase <= phase).map(|turn| &turn.state)
    }

    pub(super) fn add(&mut self, path: &TreePath, phase: Phase, state: State) {
        let turns = self.turns.entry(path.clone()).or_default();
        turns.push(Turn { phase, state });
        turns.sort_by_key(|turn| turn.phase);
    }

    /// When a file first takes another shape.
    pub(super) fn first(&self, path: &TreePath) -> Option<Phase> {
        self.turns.get(path)?.first().map(|turn| turn.phase)
    }

    /// When the last file goes.
    pub(super) fn last_removal(&self) -> Option<Phase> {
        let gone = self.turns.values().flatten().filter(|turn| matches!(turn.state, State::Absent));
        gone.map(|turn| turn.phase).max()
    }

    /// When a file comes.
    pub(super) fn comes(&self, path: &TreePath) -> Option<Phase> {
        let turns = self.turns.get(path)?;
        turns.iter().find(|turn| !matches!(turn.state, State::Absent)).map(|turn| turn.phase)
    }

    /// When a file goes.
    pub(super) fn gone(&self, path: &TreePath) -> Option<Phase> {
        let turns = self.turns.get(path)?;
        turns.iter().find(|turn| matches!(turn.state, State::Absent)).map(|turn| turn.phase)
    }

    /// Keeps files that go until a phase.
    pub(super) fn keep(&mut self, which: impl Fn(&TreePath) -> bool, phase: Phase) {
        let turns = self.turns.iter_mut().filter(|(path, _)| which(path)).flat_map(|(_, turns)| turns);
        for turn in turns.filter(|turn| matches!(turn.state, State::Absent)) {
            turn.phase = turn.phase.max(phase);
        }
    }

    /// Gives a file its new shape not before a phase. Says whether that changes anything.
    pub(super) fn delay(&mut self, path: &TreePath, phase: Phase) -> bool {
        let turns = self.turns.get_mut(path).into_iter().flatten();
        let early = turns.filter(|turn| matches!(turn.state, State::New) && turn.phase < phase);
        let mut delayed = false;
        for turn in early {
            turn.phase = phase;
            delayed = true;
        }
        delayed
    }

    /// When the first file of a directory that was not there comes, or the last one that was goes.
    pub(super) fn bound(&self, directory: &str, comes: bool) -> Option<Phase> {
        let near = self.turns.range::<str, _>((Bound::Excluded(directory), Bound::Unbounded));
        let near = near.take_while(|(path, _)| path.as_str().starts_with(directory));
        let inside = near.filter(|(path, _)| is_below(path, directory));
        let phases = inside.filter_map(|(_, turns)| {
            let turn = if comes { turns.first() } else { turns.last() }?;
            (matches!(turn.state, State::Absent) != comes).then_some(turn.phase)
        });
        if comes { phases.min() } else { phases.max() }
    }
}

/// Returns whether a file lies below a directory.
pub(super) fn is_below(path: &TreePath, directory: &str) -> bool {
    path.as_str().strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
