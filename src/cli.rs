//! The command line: the only part of the program that reads the environment and speaks to a person.
//!
//! Data goes to standard output, words to standard error. [`run`] takes arguments and two writers and gives an exit
//! code, so tests call it in process.

pub mod args;
pub mod build;
pub mod check;
pub mod completions;
pub mod explain;
pub mod init;
pub mod kit;
pub mod load;
pub mod report;
pub mod schema;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Color, Command};

/// How a run ended. The numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, nothing to say.
    Done,
    /// The manifest has errors, or a comparison found a difference.
    Found,
    /// The arguments are wrong.
    Usage,
    /// The world failed: disk, repository, network.
    World,
}

impl Exit {
    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::World => 3,
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
    /// The width of the screen in columns.
    pub width: usize,
}

/// Why a command could not do its work: words for a person.
#[derive(Debug)]
pub enum Failure {
    /// A reader of ours went away (`sovereign kit list | head`): no failure at all.
    ClosedPipe,
    /// The world failed; what, and perhaps why.
    World(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::World(format!("cannot write the output: {error}"))
        }
    }
}

/// Runs the program with the arguments, streams and environment of the process.
pub fn main() -> ExitCode {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let tty = io::stderr().is_terminal();
    let environment = Environment {
        no_color: variable("NO_COLOR"),
        github: variable("GITHUB_ACTIONS"),
        columns: std::env::var_os("COLUMNS").and_then(|text| text.to_str()?.parse().ok()),
        tty,
    };
    ExitCode::from(run(std::env::args_os(), &environment, (&mut out, &mut err)).code())
}

fn variable(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// What the environment says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Environment {
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// The run is a GitHub or Gitea workflow.
    pub github: bool,
    /// The width of the screen, if it is known.
    pub columns: Option<usize>,
    /// Standard error is a terminal.
    pub tty: bool,
}

/// Runs the program. `args` begins with its name.
pub fn run(
    args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    environment: &Environment,
    (out, err): (&mut dyn Write, &mut dyn Write),
) -> Exit {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => return usage(&error, environment, (out, err)),
    };
    let color = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => environment.tty && !environment.no_color,
    };
    let mut terminal = Terminal { out, err, color, width: environment.columns.unwrap_or(100) };
    let result = match args.command {
        Command::Check(args) => check::run(&args, &mut terminal),
        Command::Build(args) => build::run(&args, &mut terminal),
        Command::Schema => schema::run(&mut terminal),
        Command::Explain(args) => explain::run(&args, &mut terminal),
        Command::Init(args) => init::run(&args, &mut terminal),
        Command::Kit(args) => kit::run(&args, &mut terminal),
        Command::Completions(args) => completions::run(&args, &mut terminal),
    };
    match result.and_then(|exit| terminal.out.flush().map(|()| exit).map_err(Failure::from)) {
        Ok(exit) => exit,
        Err(Failure::ClosedPipe) => Exit::Done,
        Err(Failure::World(words)) => {
            // If standard error is gone too there is nobody left to tell.
            drop(writeln!(terminal.err, "error: {words}"));
            Exit::World
        }
    }
}

/// Prints clap's words: help and version are data, mistakes are not.
fn usage(
    error: &clap::Error,
    environment: &Environment,
    (out, err): (&mut dyn Write, &mut dyn Write),
) -> Exit {
    let color = environment.tty && !environment.no_color;
    let text = if color { error.render().ansi().to_string() } else { error.render().to_string() };
    let is_data = !error.use_stderr();
    drop(if is_data { out.write_all(text.as_bytes()) } else { err.write_all(text.as_bytes()) });
    if is_data { Exit::Done } else { Exit::Usage }
}
