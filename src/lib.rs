//! Compiles `sovereign.toml`.
pub mod diag;
pub mod grammar;
pub mod node;
pub mod shape;
pub mod source;
pub mod tree;
pub mod write;
