//! The ground floor: texts with spans, findings, values that know their cause, YAML, digests.
//!
//! - [`source`]: a text with its line table; a span is two offsets and the id of a source.
//! - [`diag`]: a finding is data with a code, a span, a message and a fix. `diag::human`, `short`, `json`, `sarif` and
//!   `github` render the same findings; nothing else prints them.
//! - [`node`]: a tree of values, each with the span that caused it. [`yaml`] writes it; nothing else writes YAML.
//! - [`needles`]: many texts, looked for in one walk over another.
//! - [`line_diff`]: how the lines of two texts differ.
//! - [`digest`]: SHA-256. [`parallel`]: one piece of work over many items on all processors.
//!
//! It knows nothing of Sovereigns but the names of their findings.

pub mod diag;
pub mod digest;
pub mod key_hint;
pub mod line_diff;
pub mod look;
pub mod needles;
pub mod node;
pub mod parallel;
pub mod source;
pub mod yaml;
