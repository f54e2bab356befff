//! What changes between two trees of a Sovereign.
//!
//! - [`snapshot`]: a tree as it is somewhere: at a commit, in the index, in a directory.
//! - [`consent`]: the tables that let a loss happen, as whoever means it writes them.
//! - [`diff`]: every change of a file, an object and a cluster, and what each comes to.
//! - [`fleet`]: which commits of many Sovereigns are due, ring by ring.
//! - [`impact`]: what another kit or compiler does to many Sovereigns.
//! - [`import`]: from a tree that exists to the manifest that gives it back.
//! - [`input_changes`]: what an input says otherwise than the one of the tree before.
//! - [`transition`]: the rules between two trees: what may not happen without consent.
//! - [`rollout`]: changes that take several commits: which file takes its new shape when.

pub mod consent;
pub mod diff;
pub mod fleet;
pub mod impact;
pub mod import;
pub mod input_changes;
pub mod rollout;
pub mod snapshot;
pub mod transition;
