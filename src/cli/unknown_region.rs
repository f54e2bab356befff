//! A region that a person asked for and that no manifest at hand has.

use std::error::Error;
use std::fmt;

use sovereign_compile::plan::Plan;
use sovereign_text::diag::suggest;

/// Regions that were asked for and are not there, and those that are.
#[derive(Debug)]
pub(super) struct UnknownRegions {
    asked: Vec<String>,
    known: Vec<String>,
}

impl UnknownRegions {
    /// Returns those that are not there, at least one, and all that are.
    pub(super) fn new(asked: Vec<String>, known: Vec<String>) -> Self {
        Self { asked, known }
    }

    /// Returns one that a plan does not have.
    pub(super) fn of_plan(asked: Vec<String>, plan: &Plan<'_>) -> Self {
        Self::new(asked, plan.regions.iter().map(|region| region.name.value.as_str().to_owned()).collect())
    }

    /// Returns the regions that there are, as a list to read.
    pub(super) fn known(&self) -> String {
        suggest::list(self.known.iter().map(String::as_str), usize::MAX)
    }

    /// Returns each that is not there as an error of its own, with what may have been meant.
    pub(super) fn each(&self) -> impl Iterator<Item = UnknownRegion<'_>> {
        let known = || self.known.iter().map(String::as_str);
        self.asked.iter().map(move |name| UnknownRegion { name, near: suggest::nearest(name, known()) })
    }
}

impl fmt::Display for UnknownRegions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, region) in self.each().enumerate() {
            f.write_str(if place == 0 { "" } else { "\n" })?;
            write!(f, "{region}")?;
        }
        Ok(())
    }
}

impl Error for UnknownRegions {}

/// One region that is not there.
#[derive(Debug)]
pub(super) struct UnknownRegion<'a> {
    name: &'a str,
    /// The known region that is written much like it.
    pub(super) near: Option<&'a str>,
}

impl fmt::Display for UnknownRegion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no region `{}`", self.name.escape_debug())
    }
}

impl Error for UnknownRegion<'_> {}
