//! The tree of a Sovereign on disk and in Git.

pub mod build;
pub mod git;
pub mod load;
pub mod publish;
pub mod write;
