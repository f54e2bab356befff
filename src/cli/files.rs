//! The files that a command writes where a person has named a place: whole or not at all.
#![expect(clippy::disallowed_methods, reason = "a file that could not be written whole is taken back")]

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use super::Failure;

/// Writes a file that is not there yet.
///
/// # Errors
/// It is there, or cannot be written.
pub(super) fn create(file: &Path, text: &str) -> Result<(), Failure> {
    // `create_new` makes the check and the creation one step: a file that appears in between is not lost.
    let mut out =
        OpenOptions::new().write(true).create_new(true).open(file).map_err(|error| cannot(file, &error))?;
    if let Err(error) = out.write_all(text.as_bytes()) {
        // Half a file would only stand in the way of the next try. If it stays, the error says where.
        fs::remove_file(file).ok();
        return Err(cannot(file, &error));
    }
    Ok(())
}

/// Returns an error if one of some files is there.
///
/// # Errors
/// That one.
pub(super) fn are_new(files: &[(&Path, &str)]) -> Result<(), Failure> {
    match files.iter().find(|(file, _)| file.exists()) {
        Some((file, _)) => Err(cannot(file, &ErrorKind::AlreadyExists.into())),
        None => Ok(()),
    }
}

/// Writes files that are not there yet: all of them, or none.
///
/// # Errors
/// One of them is there, or cannot be written.
pub(super) fn create_all(files: &[(&Path, &str)]) -> Result<(), Failure> {
    for (done, (file, text)) in files.iter().enumerate() {
        if let Err(failure) = create(file, text) {
            for (made, _) in files.iter().take(done) {
                fs::remove_file(made).ok();
            }
            return Err(failure);
        }
    }
    Ok(())
}

/// Writes a page, also over one that is there: what a command made before is made anew.
///
/// # Errors
/// It cannot be written.
pub(super) fn replace(file: &Path, text: &str) -> Result<(), Failure> {
    let out = OpenOptions::new().write(true).create(true).truncate(true).open(file);
    out.and_then(|mut out| out.write_all(text.as_bytes())).map_err(|error| cannot(file, &error))
}

fn cannot(file: &Path, error: &io::Error) -> Failure {
    let name = file.display();
    Failure::Environment(if error.kind() == ErrorKind::AlreadyExists {
        format!("cannot write {name}: it exists already; name another file, or remove it first")
    } else if error.kind() == ErrorKind::NotFound {
        let directory = file.parent().unwrap_or(file).display();
        format!("cannot write {name}: there is no directory `{directory}`")
    } else {
        format!("cannot write {name}: {error}")
    })
}
