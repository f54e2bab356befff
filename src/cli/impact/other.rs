//! Another build of this program, as a process: it writes the tree of one manifest to a directory of its own.

use std::error::Error;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use super::Failure;

/// How long it may take for one manifest. The largest that are known take seconds.
const LONGEST: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(5);
/// How much of its words is shown.
const WORDS: u64 = 2000;

/// Why the other program builds no tree.
#[derive(Debug)]
pub(super) struct Refused {
    program: PathBuf,
    /// What it says.
    words: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refuses it: {}", self.program.display(), self.words)
    }
}

impl Error for Refused {}

/// Builds the tree of a manifest. Gives the directory that holds `clusters/`, which goes with it; or why the other program builds none.
///
/// # Errors
/// The program cannot be run, or does not end.
pub(super) fn build(program: &Path, file: &Path) -> Result<Result<tempfile::TempDir, Refused>, Failure> {
    let cannot =
        |error: &io::Error| Failure::Environment(format!("cannot run {}: {error}", program.display()));
    let directory = tempfile::tempdir().map_err(|error| cannot(&error))?;
    let said = directory.path().join("said");
    let words = File::create(&said).map_err(|error| cannot(&error))?;
    let mut command = Command::new(program);
    command.arg("build").arg(file).arg("--out").arg(directory.path()).args(["--quiet", "--format", "short"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(words);
    let child = command.spawn().map_err(|error| cannot(&error))?;
    let ended = wait(child).map_err(|error| cannot(&error))?;
    let Some(ended) = ended else {
        let seconds = LONGEST.as_secs();
        let words = format!("{} took more than {seconds} s for {}", program.display(), file.display());
        return Err(Failure::Environment(words));
    };
    if ended.success() {
        return Ok(Ok(directory));
    }
    let mut text = Vec::new();
    let read =
        OpenOptions::new().read(true).open(&said).and_then(|said| said.take(WORDS).read_to_end(&mut text));
    read.map_err(|error| cannot(&error))?;
    let text = String::from_utf8_lossy(&text);
    Ok(Err(Refused { program: program.to_owned(), words: text.trim().to_owned() }))
}

/// Waits for a process, and ends it if it takes too long.
fn wait(mut child: Child) -> io::Result<Option<ExitStatus>> {
    let mut left = LONGEST;
    loop {
        if let Some(ended) = child.try_wait()? {
            return Ok(Some(ended));
        }
        let Some(rest) = left.checked_sub(PAUSE) else {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        };
        left = rest;
        thread::sleep(PAUSE);
    }
}
