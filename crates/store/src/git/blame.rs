//! Which commit brought a line of a file as it is on the disk.

use std::path::Path;

use super::{GitError, Repository, failed, short};

/// The last change of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blamed {
    /// The commit, in short.
    pub commit: String,
    /// When it was made, in seconds since 1970.
    pub seconds: i64,
    /// The name of its author.
    pub author: String,
    /// The title of its message.
    pub title: String,
}

impl Repository {
    /// Returns, line by line, which commit brought a file of the work tree as it is; `None` for a line that no commit has.
    /// `text` is the file as it is on the disk.
    ///
    /// # Errors
    /// No commit has the file, or the history cannot be read.
    pub fn blame(&self, file: &Path, text: &[u8]) -> Result<Vec<Option<Blamed>>, GitError> {
        let cannot = || failed(format!("read who wrote {}", file.display()));
        let committed = self.inner().blame_file(file, None).map_err(cannot())?;
        let here = committed.blame_buffer(text).map_err(cannot())?;
        let lines = text.split_inclusive(|byte| *byte == b'\n').count();
        let mut blamed = vec![None; lines];
        for hunk in here.iter() {
            let id = hunk.final_commit_id();
            let Some(commit) = (!id.is_zero()).then(|| self.inner().find_commit(id).ok()).flatten() else {
                continue;
            };
            let found = Blamed {
                commit: short(id),
                seconds: commit.time().seconds(),
                author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
                title: String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned(),
            };
            let first = hunk.final_start_line().saturating_sub(1);
            for slot in blamed.iter_mut().skip(first).take(hunk.lines_in_hunk()) {
                *slot = Some(found.clone());
            }
        }
        Ok(blamed)
    }
}
