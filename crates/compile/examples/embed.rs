//! Compiles a manifest from a text, without a file system, and prints the findings, or the paths of the tree.
//!
//! `cargo run -p sovereign-compile --example embed < examples/minimal.toml`
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example speaks to whoever runs it")]

use std::io::Read as _;
use std::process::ExitCode;

use sovereign_compile::{Diagnostics, Input, Kits, Source, SourceMap, compile, findings};

fn main() -> ExitCode {
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().read_to_end(&mut bytes) {
        eprintln!("standard input cannot be read: {error}");
        return ExitCode::FAILURE;
    }
    let Ok(manifest) = Source::manifest("sovereign.toml", bytes) else {
        eprintln!("sovereign.toml is no UTF-8, or too large");
        return ExitCode::FAILURE;
    };
    let (input, kits) = (Input::new(manifest), Kits::embedded());
    let mut diags = Diagnostics::new();
    let tree = compile(&input, &kits, &mut diags);
    eprint!("{}", findings(&diags, &SourceMap { input: &input, kits: &kits }));
    let Ok(tree) = tree else { return ExitCode::FAILURE };
    for (path, text) in tree.files() {
        println!("{}/{path}: {} bytes", tree.root(), text.len());
    }
    ExitCode::SUCCESS
}
