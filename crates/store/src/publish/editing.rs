//! An edit that goes into one commit with the trees that follow from it.

use super::base::{self, At};
use super::{Manifest, Step};
use sovereign_language::input::{Input, Revised};

/// An edit of what a person wrote: an operation, so that it can be made again where somebody else was faster.
pub trait Editing {
    /// Returns the files of an input that it changes, as they are then.
    ///
    /// # Errors
    /// It cannot be made there: why.
    fn edit(&self, input: &Input) -> Result<Vec<Revised>, String>;

    /// Returns what it does, for the subject of a commit.
    fn words(&self) -> String;
}

/// What an edit made of the files of one step.
#[derive(Default)]
pub(crate) struct Edited {
    /// The files that it changes, by their paths in the repository.
    pub(crate) files: Vec<(String, String)>,
    /// Why it could not be made.
    pub(crate) refused: Option<String>,
}

/// Makes an edit in a step that is not compiled yet.
pub(crate) fn make(editing: &dyn Editing, at: At<'_>, manifest: &Manifest, step: &mut Step) {
    let Manifest::InRepository(path) = manifest else {
        let words = "the manifest is in no repository, so an edit of it cannot be committed; make it without --commit";
        step.edited.refused = Some(words.to_owned());
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
        Err(words) => step.edited.refused = Some(words),
    }
}
