//! Edits of manifests: what becomes of a text, what the commands say, and many that are committed at once.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]
#![expect(clippy::print_stdout, reason = "what bots find is part of what these tests show")]

#[cfg(test)]
#[allow(dead_code, reason = "the tests of commits use the rest of it")]
#[path = "../it/git/bench.rs"]
mod bench;
#[cfg(test)]
mod bots;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod races;
#[cfg(test)]
mod texts;
