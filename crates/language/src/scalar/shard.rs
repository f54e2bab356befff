//! Shards: one set of Flux's controllers among several, and the label that says what it works on.

use std::fmt;

/// The label that says which shard works on an object of Flux.
pub const LABEL: &str = "sharding.fluxcd.io/key";
/// What keeps Flux's own controllers off every object of a shard.
pub const UNSHARDED: &str = "--watch-label-selector=!sharding.fluxcd.io/key";

/// One shard, shown as the value of its label: `shard1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard(i64);

impl Shard {
    /// Returns the shard of a number, counted from 1.
    pub fn new(number: i64) -> Self {
        Self(number)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard{}", self.0)
    }
}
