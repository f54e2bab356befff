//! The Sovereign compiler: one typed `sovereign.toml` in, the complete Flux tree of an OpenOva Sovereign out.
//!
//! # The sentence
//!
//! A **source** is decoded into a **manifest**, resolved against a **kit** into a **plan**, **checked**,
//! **lowered** to Kubernetes **objects**, rendered as **YAML** into a **tree**, and the tree is **compared**,
//! **written** or **committed**. The modules are the words of that sentence, and one data type leaves each stage:
//!
//! | stage | takes | gives | promise |
//! |---|---|---|---|
//! | [`Input::gather`] | texts | [`Input`] | valid UTF-8 with line tables and ids |
//! | [`read::read`] | [`Input`] | [`manifest::Document`] | every text is parsed once; every value follows its grammar and knows its span |
//! | [`Kits::open`] | name, further blueprints | [`kit::Kit`] | blueprints whose required keys are all there |
//! | [`plan::resolve`] | document, kit | [`plan::Plan`] | defaults filled, names derived, networks allocated, releases placed |
//! | [`check::plan`], [`check::objects`] | plan, objects | diagnostics | every rule has had its say |
//! | [`lower::platform`], [`lower::tenants`] | plan | [`lower::Lowered`] | typed objects with places; cannot fail |
//! | [`dns::zone`] | plan | [`dns::Zone`] | one answer and one writer for a name; cannot fail |
//! | [`render::render`] | objects | [`tree::Tree`] | safe paths to bytes, sorted, locked |
//! | [`artifacts::of`], [`secrets::of`] | plan, objects | lists | what the tree needs and does not hold |
//! | [`diff::diff`] | old snapshot, compiled tree | [`diff::Diff`] | every change of a file, an object, a cluster |
//! | [`transition::judge`] | two trees | diff, diagnostics | what the step may not do without consent |
//! | [`write::apply`] | tree | [`write::Applied`] | the directory is the old tree or the new one |
//! | [`build::build`] | input, directory | [`build::Built`] | both in one, without compiling what an earlier build knows |
//! | [`simulate::Simulation`] | plan, lost regions | [`simulate::Outcome`] | what a loss comes to, from the plan alone |
//! | [`publish::publish`] | repository, manifests | [`publish::Outcome`] | one commit or none, only our paths, the branch moved by compare-and-swap |
//!
//! # Invariants
//!
//! - Nothing that [`compile()`] calls reads the file system, the environment or the clock.
//! - No map with a random order exists in this crate; the same input gives the same bytes on every machine, in
//!   any order of tables and keys.
//! - Every value carries the [`source::Span`] that caused it, in the manifest or in a kit entry. It is copied and
//!   never looked up while compiling.
//! - [`diag::Reported`] can only be had by reporting an error, so nothing fails in silence.
//! - A [`tree::TreePath`] cannot leave the tree. A secret has no place in the language.
//! - A user's `values` are never a template. Expressions stand in blueprints only, and only in a language without
//!   statements and functions.
//! - YAML is written by [`yaml`] alone. Only [`diff`] reads it, and only the files of an old tree that change.
//! - A region's directory speaks of that region only: what speaks of all regions stands beside them.
//! - What becomes of an Organization follows from its own table and from what all of them have in common. Others see of it
//!   only what its [`plan::Resident`] says.

pub mod artifacts;
pub mod build;
pub mod check;
pub mod cli;
pub mod compile;
pub mod diag;
pub mod diff;
pub mod dns;
pub mod expression;
pub mod git;
pub mod grammar;
pub mod host;
pub mod image;
pub mod input;
pub mod kit;
pub mod knowledge;
pub mod load;
pub mod lower;
pub mod manifest;
pub mod node;
pub mod object;
pub mod parallel;
pub mod plan;
pub mod probes;
pub mod prose;
pub mod provision;
pub mod publish;
pub mod read;
pub mod record;
pub mod reference;
pub mod render;
pub mod rollout;
pub mod secrets;
pub mod shape;
pub mod simulate;
pub mod snapshot;
pub mod source;
pub mod transition;
pub mod tree;
pub mod words;
pub mod write;
pub mod yaml;

pub use compile::{Compiled, compile, compile_whole, with_plan};
pub use diag::{Diagnostics, Reported};
pub use input::{Input, SourceMap};
pub use kit::Kits;
pub use tree::Tree;
