//! Commits in real repositories with the real `git`: over every transport, in races, under `kill -9`, and in every odd
//! state that a repository can be in.
#![expect(clippy::print_stdout, reason = "the figures of races and kills are part of what these tests show")]
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

mod bench;
mod checkout;
mod kills;
mod locks;
mod memory;
mod odd;
mod ownership;
mod packs;
mod plan;
mod races;
mod signing;
mod transport;
mod trust;
mod verify;
mod worktree;
