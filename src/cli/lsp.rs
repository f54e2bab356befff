//! `sovereign lsp`: answers an editor over the standard streams.

use std::io::BufReader;

use super::{Exit, Failure, Terminal};
use sovereign_lsp::Ended;

/// `sovereign lsp`.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(
    after_help = "An editor starts it and speaks the Language Server Protocol with it; docs/editors.md says how to set up
VS Code, Neovim, Helix and Zed.
Exit codes: 0 when the editor has said goodbye, 1 when it went without.

Examples:
  sovereign lsp
  sovereign lsp --stdio"
)]
pub struct Lsp {
    /// Speak over the standard streams, which it always does: editors say so by habit
    #[arg(long)]
    pub stdio: bool,
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub fn run(terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    match sovereign_lsp::serve(BufReader::new(std::io::stdin()), terminal.out, terminal.places.kits.clone())?
    {
        Ended::Orderly => Ok(Exit::Done),
        Ended::Abruptly => Ok(Exit::Found),
    }
}
