//! Sources and spans, findings, nodes, YAML and digests: the ground floor of the Sovereign compiler.

pub mod diag;
pub mod digest;
pub mod look;
pub mod node;
pub mod parallel;
pub mod source;
pub mod words;
pub mod yaml;
