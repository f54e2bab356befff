//! Names of machine sizes.

use sovereign_text::diag::suggest;

/// How a provider names its machine sizes. The form is known, and not the price list, which changes.
#[derive(Debug)]
pub struct Sizes {
    /// Sizes to suggest, first those that are sold; a provider may have more.
    pub known: &'static [&'static str],
    /// The known one that a manifest to begin with has: four processors or so, enough for a control plane that runs the platform.
    pub to_begin_with: Option<&'static str>,
    /// What a name is, as a phrase with its article.
    pub form: &'static str,
    /// Whether a text has the form.
    pub has_form: fn(&str) -> bool,
}

impl Sizes {
    /// Returns the size that was most likely meant.
    pub fn nearest(&self, text: &str) -> Option<&'static str> {
        suggest::nearest(text, self.known.iter().copied())
    }
}
