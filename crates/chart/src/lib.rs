//! Reads a Helm chart without running it: its values and their defaults, which of them its templates read, and what it
//! brings to a cluster.
//!
//! Bytes go in (a `.tgz`, or the files of a directory), a [`Lock`](sovereign_language::lock::Lock) comes out. Nothing is asked of a disk, a network or a clock,
//! and nothing of the chart is executed. Everything is bounded, so that an archive of strangers can neither fill the
//! memory nor write outside of where it is read.
//!
//! # What is read by templates
//!
//! Templates are parsed as Go parses them and followed with symbolic values: `.Values` is a place in the values, and so
//! is what `with`, variables, `index`, `dig`, dictionaries and named templates of helper charts make of it. Where that
//! ends (a function that takes a whole table, a name that is only known at run time) everything below counts as read.
//! So a value that is called unread is read by nothing; one that is called read may still be read by nothing.

mod archive;
mod chart;
mod definitions;
mod error;
mod facts;
mod files;
mod functions;
mod ignore;
mod metadata;
mod reads;
mod schema;
mod template;
mod values;
mod yaml;

pub use chart::Chart;
pub use error::ReadError;
pub use facts::lock;
pub use files::Files;
pub use metadata::{Dependency, Metadata};
