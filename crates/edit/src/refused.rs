//! Why an edit cannot be made.

use std::error::Error;
use std::fmt;

/// Why an edit cannot be made: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub words: String,
    /// What to do.
    pub help: Option<String>,
}

impl Refused {
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), help: None }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl Error for Refused {}
