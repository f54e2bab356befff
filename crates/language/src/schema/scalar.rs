//! Text of one kind: what a scalar type of the language says of itself.

use std::ops::Range;

use sovereign_text::diag::Code;

/// Text of one kind.
pub trait Scalar: Sized {
    /// What the text is, with its article: `a DNS label`. Used in messages.
    const NAME: &'static str;
    /// A value that a person could write, without quotes. Used in help.
    const EXAMPLE: &'static str;

    /// Returns the JSON Schema of the text; must accept exactly what [`Scalar::parse`] accepts as far as draft 7 can say.
    fn schema() -> serde_json::Value;

    /// Returns the text as a value, or what is wrong with it.
    ///
    /// # Errors
    /// The text does not follow the grammar.
    fn parse(text: &str) -> Result<Self, Malformed>;
}

/// Why a text does not follow its grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The fact, as a phrase that follows the text: `` begins with a digit ``.
    pub reason: String,
    /// The bytes that are wrong, if not all of them.
    pub at: Option<Range<usize>>,
    /// What to write instead, if that is certain.
    pub meant: Option<String>,
    /// The finding to report, where the fault has a name of its own.
    pub code: Option<Code>,
}

impl Malformed {
    /// The whole text is wrong.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), at: None, meant: None, code: None }
    }

    /// Only these bytes are wrong.
    #[must_use]
    pub fn at(mut self, range: Range<usize>) -> Self {
        self.at = Some(range);
        self
    }

    /// The fault has a name of its own.
    #[must_use]
    pub fn code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }

    /// This was meant.
    #[must_use]
    pub fn meant(mut self, text: impl Into<String>) -> Self {
        self.meant = Some(text.into());
        self
    }
}
