//! The language of `sovereign.toml` and of kits.
//!
//! - [`scalar`]: the scalar types, each with its parser and its schema; [`cloud`]: what is known of each provider.
//! - [`schema`]: one declaration of a table gives its type, its decoder and its JSON Schema.
//! - [`manifest`]: the tables of `sovereign.toml`; [`kit`]: those of a blueprint and a kit, and the kits that are embedded.
//! - [`fleet`]: the rings of many Sovereigns.
//! - [`lock`]: what is known of the charts of a kit. [`pool`]: the zones that OpenOva runs.
//! - [`keys`]: which key of a text a place belongs to. [`described`]: what is declared of each; [`guide`]: the same as pages.
//! - [`input`]: a manifest with the files that it names, as texts. Whoever reads them decides from where.
//!
//! A decoded value has followed its grammar and knows its span. What the values mean together is the plan's, in
//! `sovereign-compile`.

pub mod cloud;
pub mod described;
pub mod expression;
pub mod fleet;
pub mod guide;
pub mod image;
pub mod input;
pub mod keys;
pub mod kit;
pub mod lock;
pub mod manifest;
pub mod pool;
pub mod reference;
pub mod scalar;
pub mod schema;
