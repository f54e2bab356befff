//! What an editor asks of `sovereign.toml`: the language server, which `sovereign lsp` runs over its standard streams.
//!
//! - [`serve`] reads messages, answers requests, and sends findings. One thread answers; another one compiles.
//! - `syntax` reads any text into a tree with places, also one that is no TOML yet; `names` knows what refers to what.
//!   The keys are known by `sovereign_language::described`.
//! - `analysis` is what the compiler says of a text: findings, defaults, what becomes of each key. It is as old as the last
//!   compilation; the tree is as new as the text. What is asked of both is joined by keys and never by places.
//! - The other modules are the requests, each by its name in the protocol.
//!
//! Places count in bytes inside, and in what the editor counts in outside, see `position`.

mod analysis;
mod completion;
mod diagnostics;
mod documents;
mod edits;
mod format;
mod goto;
mod helm;
mod hints;
mod hover;
mod names;
mod position;
mod rename;
mod server;
mod symbols;
mod syntax;
mod wire;
mod worker;

pub use server::{Ended, serve};
