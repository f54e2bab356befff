//! From a manifest and a kit to the whole Flux tree of a Sovereign, without a file system, a clock or an environment.

pub mod artifacts;
pub mod build_cache;
pub mod check;
mod compile;
pub use compile::{Compiled, Outline, compile, compile_partly, compile_whole, outline, with_plan};
pub mod dns;
pub mod host;
pub mod lower;
pub mod object;
pub mod plan;
pub mod probes;
pub mod prose;
pub mod provision;
pub mod read;
pub mod render;
pub mod secrets;
pub mod simulate;
pub mod tree;
