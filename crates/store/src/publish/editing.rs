//! An edit that goes into one commit with the trees that follow from it.

use std::error::Error;
use std::fmt;

use super::base::{self, At};
use super::{Manifest, Step};
use sovereign_language::input::{Input, Revised};

/// An edit of what a person wrote: an operation, so that it can be made again where somebody else was faster.
pub trait Editing {
    /// Returns the files of an input that it changes, as they are then.
    ///
    /// # Errors
    /// It cannot be made there: why.
    fn edit(&self, input: &Input) -> Result<Vec<Revised>, Box<dyn Error + Send + Sync>>;

    /// Returns what it does, for the subject of a commit.
    fn words(&self) -> String;
}

/// What an edit made of the files of one step.
#[derive(Default)]
pub(crate) struct Edited {
    /// The files that it changes, by their paths in the repository.
    pub(crate) files: Vec<(String, String)>,
    /// Why it could not be made.
    pub(crate) refused: Option<EditRefused>,
}

/// Why an edit is not made on a branch.
#[derive(Debug)]
pub enum EditRefused {
    /// No commit has the manifest.
    Elsewhere,
    /// It cannot be made of what the commit has: why.
    Edit(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for EditRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere => f.write_str(
                "the manifest is in no repository, so an edit of it cannot be committed; make it without --commit",
            ),
            Self::Edit(error) => error.fmt(f),
        }
    }
}

impl Error for EditRefused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Elsewhere => None,
            // Its words are those of the edit, so that its cause is the edit's, too.
            Self::Edit(error) => error.source(),
        }
    }
}

/// Makes an edit in a step that is not compiled yet.
pub(crate) fn make(editing: &dyn Editing, at: At<'_>, manifest: &Manifest, step: &mut Step) {
    let Manifest::InRepository(path) = manifest else {
        step.edited.refused = Some(EditRefused::Elsewhere);
        return;
    };
    match editing.edit(&step.input) {
        Ok(revised) if revised.is_empty() => {}
        Ok(revised) => {
            step.input = base::revised(at, path, &step.input, &revised);
            let files = revised.into_iter().map(|Revised { file, text }| {
                let directory = base::directory(path);
                let file = match file {
                    None => path.clone(),
                    Some(file) if directory.is_empty() => file,
                    Some(file) => format!("{directory}/{file}"),
                };
                (file, text)
            });
            step.edited.files = files.collect();
        }
        Err(error) => step.edited.refused = Some(EditRefused::Edit(error)),
    }
}
