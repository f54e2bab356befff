//! The Sovereign compiler: one typed `sovereign.toml` in, the complete Flux tree of an OpenOva Sovereign out.
//!
//! # The sentence
//!
//! A **source** is decoded into a **manifest**, resolved against a **kit** into a **plan**, **checked**, **lowered** to
//! Kubernetes **objects**, and rendered as **YAML** into a **tree**. The modules are the words of that sentence, and one
//! data type leaves each stage. What happens to a tree afterwards is no part of this crate: `sovereign-change` compares
//! two of them, `sovereign-store` writes and commits one.
//!
//! # Embedding it
//!
//! A text and the kits go in, a tree and findings come out. Nothing is read from a disk, an environment or a clock:
//!
//! ```
//! use sovereign_compile::{Diagnostics, Input, Kits, Source, SourceMap, compile, findings};
//!
//! let text = include_str!("../../../examples/minimal.toml");
//! let manifest = Source::manifest("sovereign.toml", text.into()).expect("UTF-8");
//! let (input, kits) = (Input::new(manifest), Kits::embedded());
//! let mut diags = Diagnostics::new();
//! match compile(&input, &kits, &mut diags) {
//!     Ok(tree) => assert!(tree.files().contains_key("sovereign.lock")),
//!     Err(_) => panic!("{}", findings(&diags, &SourceMap { input: &input, kits: &kits })),
//! }
//! ```
//!
//! A manifest that names directories of blueprints or Organizations is gathered by `Input::gather`, which asks a
//! `ReadDirectory` of yours for their files. [`compile_with_objects`] also returns the objects, each value with
//! the place that caused it. `examples/embed.rs` is the same as a program.
//!
//! # Invariants
//!
//! - Nothing that [`compile()`] calls reads the file system, the environment or the clock. The dependencies of this crate
//!   show it, and a test over its sources holds it (`tests/it/structure.rs`).
//! - No map with a random order exists; the same input gives the same bytes on every machine, in any order of tables and
//!   keys.
//! - Every value carries the span that caused it, in the manifest or in a kit entry. It is copied and never looked up
//!   while compiling.
//! - [`Reported`] can only be had by reporting an error, so nothing fails in silence.
//! - A [`TreePath`](tree::TreePath) cannot leave the tree. A secret has no place in the language.
//! - A user's `values` are never a template. Expressions are in blueprints only, in a language without statements.
//! - A region's directory speaks of that region only: what speaks of all regions has directories beside them.
//! - What becomes of an Organization follows from its own table and from what all of them have in common. Others see of
//!   it only what its [`TenantSummary`](plan::TenantSummary) tells.

pub mod artifacts;
pub mod build_cache;
mod chart_values;
pub mod check;
mod compile;
mod consequences;
pub mod dns;
pub mod graph;
pub mod host;
pub mod lower;
pub mod manual_checks;
pub mod object;
pub mod plan;
pub mod prose;
pub mod provenance;
pub mod provision;
pub mod read;
pub mod render;
pub mod secrets;
pub mod simulate;
pub mod tree;
mod written;

pub use compile::{
    Beside, Compiled, Outline, compile, compile_beside, compile_incremental, compile_with_objects, examine,
    outline, with_plan,
};
pub use sovereign_language::input::{Input, ReadDirectory, SourceMap};
pub use sovereign_language::kit::Kits;
pub use sovereign_text::diag::short::render as findings;
pub use sovereign_text::diag::{Diagnostics, Reported};
pub use sovereign_text::source::Source;
pub use tree::Tree;
pub use written::{Written, WrittenAt};
