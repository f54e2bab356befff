//! Regions that the naming convention has codes for.

/// A region, or several that share their codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// The provider's own names.
    pub names: &'static [&'static str],
    /// The code in names; unique within one provider only.
    pub code: &'static str,
    /// The letter in location codes; never the provider's own.
    pub letter: char,
    /// Whether the code may be written for the name.
    by_code: bool,
    /// What further names begin with, at providers that number them.
    family: Option<&'static str>,
}

/// What stands for a region in the label of its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionInLabel {
    /// Its code.
    Code,
    /// Its name as it is written.
    Name,
}

impl Region {
    pub(super) const fn new(names: &'static [&'static str], code: &'static str, letter: char) -> Self {
        Self { names, code, letter, by_code: false, family: None }
    }

    /// Accepts its code for its name.
    pub(super) const fn or_by_code(self) -> Self {
        Self { by_code: true, ..self }
    }

    /// Accepts every name of a family: `me-east-215` of `me-east`.
    pub(super) const fn or_of_family(self, family: &'static str) -> Self {
        Self { family: Some(family), ..self }
    }

    /// Returns whether a name is one of this region.
    pub fn is(&self, name: &str) -> bool {
        let numbered =
            |family| name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        self.names.contains(&name) || self.by_code && self.code == name || self.family.is_some_and(numbered)
    }
}
