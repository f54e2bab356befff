//! The tree of a Sovereign on disk and in Git: the only library here that touches either.
//!
//! - [`load`]: a manifest and the files that it names, from a disk. [`rewrite`]: one of them, written anew.
//! - [`mod@write`]: a tree in a directory, whole or not at all. [`build`]: from an input to that, without compiling what an
//!   earlier build knows.
//! - [`kit_files`]: a kit as one thing with one digest, packed and unpacked. [`kit_cache`]: those that were fetched.
//! - [`manifests`]: which manifests are meant. [`fleet`]: rings of them, as a commit holds them.
//! - [`git`]: repositories, through libgit2 and the `git` program. [`publish`]: from a manifest to a commit.

pub mod build;
mod checked_out;
mod conflict;
pub mod fleet;
pub mod git;
pub mod kit_cache;
pub mod kit_files;
pub mod load;
pub mod manifests;
pub mod publish;
pub mod rewrite;
pub mod write;
