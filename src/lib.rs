//! The program `sovereign`: its command line. The compiler itself is in the crates beside it.

pub mod cli;
pub mod page;
