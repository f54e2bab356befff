//! The program. Everything it does is in the library, see [`sovereign::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    sovereign::cli::main()
}
