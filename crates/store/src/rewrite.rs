//! Writing one file anew, whole or not at all.
#![expect(
    clippy::disallowed_methods,
    reason = "what a person wrote is a file, and is edited where they asked for it"
)]

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::load::FileError;

/// Writes a text in place of another one. A file that holds another text by now is left as it is: somebody else has edited
/// it. A symlink stays one, and permissions stay.
///
/// # Errors
/// The file cannot be written, or is another one by now.
pub fn replace(file: &Path, before: &str, text: &str) -> Result<(), FileError> {
    let cannot = FileError::writing(file);
    let target = file.canonicalize().map_err(cannot)?;
    let unfinished = beside(&target);
    let written = write(&target, &unfinished, text).and_then(|()| {
        if fs::read(&target)? == before.as_bytes() {
            fs::rename(&unfinished, &target)
        } else {
            Err(io::Error::other("it was edited in between; run the command again"))
        }
    });
    if written.is_err() {
        // The error says more than what is left over.
        fs::remove_file(&unfinished).ok();
    }
    written.map_err(cannot)
}

/// Writes a file that is not there yet.
///
/// # Errors
/// It is there, or cannot be written.
pub fn create(file: &Path, text: &str) -> Result<(), FileError> {
    let created = File::create_new(file).and_then(|mut new| {
        new.write_all(text.as_bytes())?;
        new.sync_all()
    });
    created.map_err(FileError::writing(file))
}

fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    // Hidden, so that no reader of a directory of sources takes it for one.
    target.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

fn write(target: &Path, unfinished: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(unfinished)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::metadata(target)?.permissions())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_unless_somebody_else_was_faster() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("a.toml");
        fs::write(&file, "a = 1\n").expect("a file");
        replace(&file, "a = 1\n", "a = 2\n").expect("written");
        assert_eq!(fs::read_to_string(&file).expect("a file"), "a = 2\n");
        let words = replace(&file, "a = 1\n", "a = 3\n").expect_err("somebody was faster").to_string();
        assert!(words.contains("edited in between"), "{words}");
        assert_eq!(fs::read_to_string(&file).expect("a file"), "a = 2\n");
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 1, "nothing is left over");
    }
}
