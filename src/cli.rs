//! The command line: the only part of the program that reads the environment and speaks to a person.
//!
//! Data goes to standard output, words to standard error. [`run`] takes arguments and two writers and gives an exit
//! code, so tests call it in process.

mod again;
pub mod args;
pub mod artifacts;
pub mod build;
pub mod check;
pub mod commit;
pub mod completions;
pub mod diff;
pub mod edit;
pub mod explain;
mod files;
pub mod fleet;
pub mod graph;
pub mod hook;
pub mod html;
pub mod impact;
pub mod import;
pub mod init;
pub mod kit;
pub mod lsp;
pub mod man;
pub mod many;
pub mod output;
pub mod places;
pub mod plan;
pub mod progress;
pub mod report;
pub mod schema;
pub mod secrets;
pub mod simulate;
mod unknown_region;
pub mod verify;
pub mod why;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _, ValueEnum as _};

use args::groups::grouped;
use args::{Args, Color, Command};
use many::Among;
use output::Lenient;
use places::Places;
use progress::{Before, Progress, Watched};
use sovereign_language::kit::Kits;

/// How a run ended, the better first. The numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, nothing to say.
    Done,
    /// The manifest has errors, a comparison found a difference, or an objective cannot be met.
    Found,
    /// The arguments are wrong.
    Usage,
    /// The world failed: disk, repository, network.
    Environment,
}

impl Exit {
    /// Returns the exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Environment => 3,
        }
    }
}

/// Where a command writes, and how.
pub struct Terminal<'a> {
    /// Data.
    pub out: &'a mut dyn Write,
    /// Words.
    pub err: &'a mut dyn Write,
    /// Whether words may have colour.
    pub color: bool,
    /// Whether data may have colour, where people read it.
    pub out_color: bool,
    /// The width of the screen in columns.
    pub width: usize,
    /// Where the person who runs it keeps things.
    pub places: &'a Places,
    /// The kits, which many manifests share.
    pub kits: Arc<Kits>,
    /// What differs where the manifest is one of many.
    pub among: Option<Among>,
    /// What a person is shown while it takes long.
    pub progress: Progress,
}

/// Why a command could not do its work: words for a person.
#[derive(Debug)]
pub enum Failure {
    /// The world failed; what, and perhaps why.
    Environment(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Environment(format!("cannot write the output: {error}"))
    }
}

impl From<sovereign_store::load::FileError> for Failure {
    fn from(error: sovereign_store::load::FileError) -> Self {
        Self::Environment(error.to_string())
    }
}

impl From<sovereign_store::kit_cache::KitCacheError> for Failure {
    fn from(error: sovereign_store::kit_cache::KitCacheError) -> Self {
        Self::Environment(error.to_string())
    }
}

impl From<tera::Error> for Failure {
    fn from(error: tera::Error) -> Self {
        Self::Environment(error.to_string())
    }
}

impl From<sovereign_store::write::WriteError> for Failure {
    fn from(error: sovereign_store::write::WriteError) -> Self {
        Self::Environment(error.to_string())
    }
}

impl From<sovereign_store::git::GitError> for Failure {
    fn from(error: sovereign_store::git::GitError) -> Self {
        Self::Environment(error.to_string())
    }
}

/// Runs the program with the arguments, streams and environment of the process.
pub fn main() -> ExitCode {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let environment = Environment {
        no_color: variable("NO_COLOR"),
        columns: std::env::var_os("COLUMNS")
            .and_then(|text| text.to_str()?.parse().ok())
            .or_else(|| width(&err)),
        out_tty: out.is_terminal(),
        err_tty: err.is_terminal(),
        is_unattended: variable("CI") || std::env::var_os("TERM").is_none_or(|term| term == "dumb"),
        places: Places::of_environment(),
    };
    ExitCode::from(run(std::env::args_os(), &environment, &mut out, &mut err).code())
}

/// Returns the width of the screen that a stream leads to.
fn width(stream: &impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0)
}

fn variable(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// What the environment says.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the surroundings")]
pub struct Environment {
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// The width of the screen, if it is known.
    pub columns: Option<usize>,
    /// Standard output is a terminal.
    pub out_tty: bool,
    /// Standard error is a terminal.
    pub err_tty: bool,
    /// `CI` is set, or the terminal takes no control sequences.
    pub is_unattended: bool,
    /// Where the person who runs it keeps things.
    pub places: Places,
}

impl Environment {
    /// Returns whether a stream may have colour. What a person asks for on the command line goes before `NO_COLOR`.
    fn color(&self, wanted: Color, tty: bool) -> bool {
        match wanted {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => tty && !self.no_color,
        }
    }

    /// Returns whether somebody looks at a terminal who may be shown what goes on.
    fn is_watched(&self, wanted: Color) -> bool {
        self.err_tty && !self.is_unattended && self.color(wanted, self.err_tty)
    }
}

/// Runs the program. `args` begins with its name.
pub fn run(
    args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    environment: &Environment,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    let (mut out, mut err) = (Lenient::data(out), Lenient::words(err));
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let parsed = grouped(Args::command()).try_get_matches_from(&args);
    let result = match parsed.and_then(|matches| Args::from_arg_matches(&matches)) {
        Ok(args) => {
            let color = environment.color(args.color, environment.err_tty);
            let out_color = environment.color(args.color, environment.out_tty);
            let width = environment.columns.unwrap_or(100);
            let kits = Arc::new(Kits::embedded());
            let long = args.command.takes_long().filter(|_| environment.is_watched(args.color));
            let watched = long.map(Watched::on_standard_error);
            let progress = watched.as_ref().map(Watched::progress).unwrap_or_default();
            let (mut out, mut err) = (Before::new(&mut out, &progress), Before::new(&mut err, &progress));
            let mut terminal = Terminal {
                out: &mut out,
                err: &mut err,
                progress,
                color,
                out_color,
                width,
                places: &environment.places,
                kits,
                among: None,
            };
            dispatch(args.command, &mut terminal)
        }
        Err(error) => {
            let color =
                [environment.out_tty, environment.err_tty].map(|tty| environment.color(wanted(&args), tty));
            usage(&error, color, &mut out, &mut err)
        }
    };
    match result.and_then(|exit| out.flush().map(|()| exit).map_err(Failure::from)) {
        Ok(exit) => exit,
        Err(Failure::Environment(words)) => {
            // If standard error is gone too there is nobody left to tell.
            drop(writeln!(err, "error: {words}"));
            Exit::Environment
        }
    }
}

fn dispatch(command: Command, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(&args, terminal),
        Command::Build(args) => build::run(&args, terminal),
        Command::Diff(args) => diff::run(&args, terminal),
        Command::Plan(args) => plan::run(&args, terminal),
        Command::Commit(args) => commit::run(&args, terminal),
        Command::Verify(args) => verify::run(&args, terminal),
        Command::Simulate(args) => simulate::run(&args, terminal),
        Command::Why(args) => why::run(&args, terminal),
        Command::Graph(args) => graph::run(&args, terminal),
        Command::Report(args) => html::run(&args, terminal),
        Command::Set(args) => edit::set(&args, terminal),
        Command::Unset(args) => edit::unset(&args, terminal),
        Command::Add(args) => edit::add(&args, terminal),
        Command::Bump(args) => edit::bump(&args, terminal),
        Command::Observe(args) => edit::observe(&args, terminal),
        Command::Fmt(args) => edit::fmt(&args, terminal),
        Command::Fleet(args) => fleet::run(&args, terminal),
        Command::Impact(args) => impact::run(&args, terminal),
        Command::Import(args) => import::run(&args, terminal),
        Command::Hook(args) => hook::run(&args, terminal),
        Command::Schema(args) => schema::run(&args, terminal),
        Command::Artifacts(args) => artifacts::run(&args, terminal),
        Command::Secrets(args) => secrets::run(&args, terminal),
        Command::Explain(args) => explain::run(&args, terminal),
        Command::Init(args) => init::run(&args, terminal),
        Command::Kit(args) => kit::run(&args, terminal),
        Command::Lsp(_) => lsp::run(terminal),
        Command::Completions(args) => completions::run(&args, terminal),
        Command::Man(args) => man::run(&args, terminal),
    }
}

/// Returns the `--color` of arguments that do not parse, or that ask for help: clap gives none then.
fn wanted(args: &[OsString]) -> Color {
    let mut wanted = Color::Auto;
    let mut args = args.iter().skip(1).map_while(|arg| arg.to_str().filter(|arg| *arg != "--"));
    while let Some(arg) = args.next() {
        let value = if arg == "--color" { args.next() } else { arg.strip_prefix("--color=") };
        wanted = value.and_then(|value| Color::from_str(value, false).ok()).unwrap_or(wanted);
    }
    wanted
}

/// Prints clap's words: help and version are data, mistakes are not.
fn usage(
    error: &clap::Error,
    [out_color, err_color]: [bool; 2],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Exit, Failure> {
    let is_data = !error.use_stderr();
    let color = if is_data { out_color } else { err_color };
    let text = if color { error.render().ansi().to_string() } else { error.render().to_string() };
    if is_data {
        out.write_all(text.as_bytes())?;
        return Ok(Exit::Done);
    }
    err.write_all(text.as_bytes())?;
    Ok(Exit::Usage)
}
