//! The grammars of the domain: each kind of text is parsed once, into its own type.
//!
//! A type that implements [`Grammar`] can be the value of a key of the language; [`shape`](crate::shape) gives it
//! decoding with spans and its part of the JSON Schema. What a grammar refuses is reported at the very
//! characters that are wrong.

pub mod cidr;
pub mod dns;
pub mod duration;
pub mod identity;
pub mod location;
pub mod machine;
pub mod name;
pub mod place;
pub mod port;
pub mod quantity;
pub mod services;
pub mod shard;
pub mod storage;
pub mod tenant;
pub(crate) mod text;
pub mod version;

#[cfg(test)]
pub(crate) mod samples;

pub use crate::shape::choice;
pub use crate::shape::{Grammar, Malformed};
