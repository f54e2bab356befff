//! Moments at which tests kill a process: the same in every run, as far as the machine allows.

use std::ops::ControlFlow;

/// Xorshift.
pub(crate) struct Random(pub u64);

impl Random {
    /// A number below `most`.
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most.max(1)
    }
}

/// Whether a round has shown [`rounds`] what there is to be seen.
pub(crate) fn enough(seen: bool) -> ControlFlow<()> {
    if seen { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Runs `round` so many times, and then on until [`enough`] was seen: on a machine that does much besides, most kills
/// come too late to show anything. It ends at ten times as many, whatever was seen; the caller judges that. Gives the
/// number of rounds.
pub(crate) fn rounds(least: usize, mut round: impl FnMut(usize) -> ControlFlow<()>) -> usize {
    let most = least * 10;
    (0..most).find(|&n| round(n).is_break() && n + 1 >= least).map_or(most, |last| last + 1)
}
