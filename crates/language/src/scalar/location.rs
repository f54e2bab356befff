//! Where: names and codes of regions, building blocks and environment types. Which of them a provider has, its file in
//! `cloud` declares.

use serde_json::Value as Json;

use super::choice::choice;
use super::text::{self, text};

choice! {
    /// What a host cluster is for. The vCluster of `mgt` is called `mgmt`.
    BuildingBlock, "a building block" {
        /// Restricted trust zone: workloads.
        Rtz "rtz",
        /// The edge.
        Dmz "dmz",
        /// The control plane.
        Mgt "mgt",
    }
}

impl BuildingBlock {
    /// Returns the third letter of location codes.
    pub fn letter(self) -> char {
        match self {
            Self::Rtz => 'r',
            Self::Dmz => 'd',
            Self::Mgt => 'm',
        }
    }
}

choice! {
    /// The type of an environment.
    Env, "an environment type" {
        /// Production.
        Prod "prod",
        /// Staging.
        Stg "stg",
        /// Acceptance by users.
        Uat "uat",
        /// Development.
        Dev "dev",
        /// Proof of concept.
        Poc "poc",
    }
}

impl Env {
    /// Returns the last letter of location codes. Proof of concept has `c`, since `p` is production.
    pub fn letter(self) -> char {
        match self {
            Self::Prod => 'p',
            Self::Stg => 's',
            Self::Uat => 'u',
            Self::Dev => 'd',
            Self::Poc => 'c',
        }
    }
}

text! {
    /// The provider's own name of a region: `hel1`. It becomes the name of a directory.
    RegionName, "the name of a region", "hel1",
    |text| text::word(text, 1, 63),
    text::word_schema(1, 63)
}

text! {
    /// The code of a region in names: `hel`.
    RegionCode, "the code of a region", "hel",
    |text| text::word(text, 2, 20),
    text::word_schema(2, 20)
}

text! {
    /// The letter of a region in location codes: `l`.
    RegionLetter, "the letter of a region", "l",
    |text| {
        text::length(text, 1, usize::MAX)?;
        text::only(text, "a letter from `a` to `z`", |c| c.is_ascii_lowercase())?;
        text::length(text, 1, 1)
    },
    region_letter_schema()
}

impl RegionLetter {
    /// Returns the letter.
    pub fn letter(&self) -> char {
        self.0.chars().next().unwrap_or_default()
    }
}

fn region_letter_schema() -> Json {
    text::schema("^[a-z]$", 1, 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn letters_are_unambiguous() {
        let letters: BTreeSet<_> =
            [Env::Prod, Env::Stg, Env::Uat, Env::Dev, Env::Poc].map(Env::letter).into();
        assert_eq!(letters.len(), 5);
        let blocks = [BuildingBlock::Rtz, BuildingBlock::Dmz, BuildingBlock::Mgt];
        assert_eq!(blocks.map(BuildingBlock::letter), ['r', 'd', 'm']);
    }

    #[test]
    fn names_of_regions_become_directories() {
        let of = |n| "a".repeat(n);
        agree::<RegionName>(
            &["a", "hel1", "me-east-215", &of(63)],
            &["", "1a", "a-", "-a", "Hel1", "a.b", "a/b", "..", &of(64)],
        );
        agree::<RegionCode>(&["sg", "apse", &of(20)], &["", "a", "1a", "a-", "A1", &of(21)]);
        agree::<RegionLetter>(&["a", "z"], &["", "A", "1", "ab", "ä", "-"]);
        assert_eq!(fault::<RegionName>("Hel1"), ("H", Some("hel1".into())));
        assert_eq!(fault::<RegionLetter>("ab"), ("b", None));
    }
}
