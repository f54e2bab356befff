//! Where: providers, their regions, building blocks and environment types, with the codes of the naming convention.

use serde_json::Value as Json;

use super::choice::{Choice, choice};
use super::text::{self, text};

choice! {
    /// Who provides the machines.
    Provider, "a provider" {
        /// Hetzner Cloud.
        Hetzner "hetzner",
        /// Huawei Cloud.
        Huawei "huawei",
        /// Oracle Cloud Infrastructure.
        Oci "oci",
        /// Amazon Web Services.
        Aws "aws",
        /// Google Cloud.
        Gcp "gcp",
        /// Microsoft Azure.
        Azure "azure",
        /// Contabo.
        Contabo "contabo",
    }
}

impl Provider {
    /// Every provider.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::WORDS.iter().filter_map(|word| Self::from_word(word))
    }

    /// The first part of names: `hz`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hetzner => "hz",
            Self::Huawei => "hw",
            Self::Oci => "oci",
            Self::Aws => "aws",
            Self::Gcp => "gcp",
            Self::Azure => "az",
            Self::Contabo => "ct",
        }
    }

    /// The first letter of location codes.
    pub fn letter(self) -> char {
        match self {
            Self::Hetzner => 'h',
            Self::Huawei => 'w',
            Self::Oci => 'o',
            Self::Aws => 'a',
            Self::Gcp => 'g',
            Self::Azure => 'z',
            Self::Contabo => 'c',
        }
    }
}

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
    /// The third letter of location codes.
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
    /// The last letter of location codes. Proof of concept has `c`, since `p` is production.
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
    /// The letter.
    pub fn letter(&self) -> char {
        self.0.chars().next().unwrap_or_default()
    }
}

fn region_letter_schema() -> Json {
    text::schema("^[a-z]$", 1, 1)
}

/// A row of the table of regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Whose region it is; codes are unique within one provider only.
    pub provider: Provider,
    /// The provider's own names.
    pub natives: &'static [&'static str],
    /// The code in names.
    pub code: &'static str,
    /// The letter in location codes; never the provider's own.
    pub letter: char,
    /// Whether one may also write the code.
    pub by_code: bool,
    /// The beginning that the names of this region have in common, for providers that number them.
    pub family: Option<&'static str>,
}

/// What names are made of for a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The code in names.
    pub code: &'static str,
    /// The letter in location codes.
    pub letter: char,
}

const fn hetzner(natives: &'static [&'static str], code: &'static str, letter: char) -> Region {
    Region { provider: Provider::Hetzner, natives, code, letter, by_code: false, family: None }
}

const fn huawei(
    family: &'static str,
    natives: &'static [&'static str],
    code: &'static str,
    letter: char,
) -> Region {
    Region { provider: Provider::Huawei, natives, code, letter, by_code: true, family: Some(family) }
}

const fn oci(natives: &'static [&'static str], code: &'static str, letter: char) -> Region {
    Region { provider: Provider::Oci, natives, code, letter, by_code: true, family: None }
}

/// The regions that have codes. AWS, GCP and Azure have none in the naming convention; nothing is invented.
pub const REGIONS: [Region; 16] = [
    hetzner(&["fsn1"], "fsn", 'f'),
    hetzner(&["nbg1"], "nbg", 'n'),
    hetzner(&["hel1"], "hel", 'l'),
    hetzner(&["ash"], "ash", 'a'),
    hetzner(&["hil"], "hil", 'i'),
    hetzner(&["sin"], "sin", 's'),
    huawei(
        "ap-southeast",
        &["ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"],
        "apse",
        'p',
    ),
    huawei("cn-north", &["cn-north-1", "cn-north-4", "cn-north-9"], "cnn", 'c'),
    huawei("la-south", &["la-south-2"], "las", 'q'),
    huawei("me-east", &["me-east-1", "me-east-215"], "mer", 'r'),
    oci(&["me-dubai-1"], "dxb", 'x'),
    oci(&["eu-frankfurt-1"], "fra", 'r'),
    oci(&["ap-singapore-1"], "sg", 'g'),
    oci(&["us-ashburn-1"], "iad", 'd'),
    oci(&["ap-sydney-1"], "syd", 'y'),
    Region {
        provider: Provider::Contabo,
        natives: &["eu"],
        code: "eu",
        letter: 'e',
        by_code: true,
        family: None,
    },
];

impl Region {
    fn is(&self, name: &str) -> bool {
        let numbered =
            |family| name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        self.natives.contains(&name) || self.by_code && self.code == name || self.family.is_some_and(numbered)
    }
}

/// The codes of a provider's region, if the naming convention has them.
pub fn lookup(provider: Provider, name: &str) -> Option<Place> {
    let region = REGIONS.iter().find(|region| region.provider == provider && region.is(name))?;
    Some(Place { code: region.code, letter: region.letter })
}

/// The provider's own names of the regions that have codes.
pub fn known_regions(provider: Provider) -> impl Iterator<Item = &'static str> {
    REGIONS
        .iter()
        .filter(move |region| region.provider == provider)
        .flat_map(|region| region.natives)
        .copied()
}

/// What Hetzner offers at a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HetznerLocation {
    /// The location's name.
    pub name: &'static str,
    /// The zone that its private networks are in.
    pub network_zone: &'static str,
    /// Whether there is object storage.
    pub object_storage: bool,
    /// Whether the provisioner's modules take it as the region of a run (domain section 8.1).
    pub of_module: bool,
}

/// Hetzner's locations.
pub const HETZNER_LOCATIONS: [HetznerLocation; 6] = [
    HetznerLocation { name: "fsn1", network_zone: "eu-central", object_storage: true, of_module: true },
    HetznerLocation { name: "nbg1", network_zone: "eu-central", object_storage: true, of_module: true },
    HetznerLocation { name: "hel1", network_zone: "eu-central", object_storage: true, of_module: true },
    HetznerLocation { name: "ash", network_zone: "us-east", object_storage: false, of_module: true },
    HetznerLocation { name: "hil", network_zone: "us-west", object_storage: false, of_module: true },
    HetznerLocation { name: "sin", network_zone: "ap-southeast", object_storage: false, of_module: false },
];

/// What Hetzner offers at a location, if it is one.
pub fn hetzner_location(name: &str) -> Option<&'static HetznerLocation> {
    HETZNER_LOCATIONS.iter().find(|location| location.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::samples::{agree, fault};

    fn place(provider: Provider, name: &str) -> Option<(&'static str, char)> {
        lookup(provider, name).map(|place| (place.code, place.letter))
    }

    #[test]
    fn regions_have_the_codes_of_the_naming_convention() {
        use Provider::{Aws, Azure, Contabo, Gcp, Hetzner, Huawei, Oci};
        assert_eq!(place(Hetzner, "hel1"), Some(("hel", 'l')));
        assert_eq!(place(Hetzner, "hel"), None, "Hetzner has no location of that name");
        assert_eq!(place(Hetzner, "sin"), Some(("sin", 's')));
        for (name, code, letter) in [
            ("ap-southeast-3", "apse", 'p'),
            ("cn-north-11", "cnn", 'c'),
            ("la-south-2", "las", 'q'),
            ("me-east-215", "mer", 'r'),
            ("me-east-215-a", "mer", 'r'),
            ("mer", "mer", 'r'),
            ("apse", "apse", 'p'),
        ] {
            assert_eq!(place(Huawei, name), Some((code, letter)), "{name}");
        }
        assert_eq!(place(Huawei, "me-eastern"), None);
        assert_eq!((place(Oci, "dxb"), place(Oci, "me-dubai-1")), (Some(("dxb", 'x')), Some(("dxb", 'x'))));
        assert_eq!((place(Oci, "iad"), place(Oci, "fsn1")), (Some(("iad", 'd')), None));
        assert_eq!(place(Contabo, "eu"), Some(("eu", 'e')));
        for provider in [Aws, Gcp, Azure] {
            assert_eq!((place(provider, "eu-central-1"), known_regions(provider).count()), (None, 0));
        }
        assert_eq!(known_regions(Hetzner).collect::<Vec<_>>(), ["fsn1", "nbg1", "hel1", "ash", "hil", "sin"]);
    }

    #[test]
    fn letters_and_codes_are_unambiguous() {
        for provider in Provider::all() {
            let regions: Vec<_> = REGIONS.iter().filter(|r| r.provider == provider).collect();
            for (n, region) in regions.iter().enumerate() {
                assert_ne!(region.letter, provider.letter(), "{}", region.code);
                for other in &regions[..n] {
                    assert!(region.letter != other.letter && region.code != other.code, "{}", region.code);
                }
            }
        }
        let all = |letters: Vec<char>| letters.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(all(Provider::all().map(Provider::letter).collect()), 7);
        assert_eq!(all([Env::Prod, Env::Stg, Env::Uat, Env::Dev, Env::Poc].map(Env::letter).to_vec()), 5);
        let blocks = [BuildingBlock::Rtz, BuildingBlock::Dmz, BuildingBlock::Mgt];
        assert_eq!(blocks.map(BuildingBlock::letter), ['r', 'd', 'm']);
        assert_eq!(
            Provider::all().map(Provider::code).collect::<Vec<_>>(),
            ["hz", "hw", "oci", "aws", "gcp", "az", "ct"]
        );
    }

    #[test]
    fn every_hetzner_region_is_a_location() {
        assert!(known_regions(Provider::Hetzner).eq(HETZNER_LOCATIONS.iter().map(|location| location.name)));
        assert_eq!(
            hetzner_location("hil").map(|l| (l.network_zone, l.object_storage)),
            Some(("us-west", false))
        );
        assert_eq!(
            hetzner_location("fsn1").map(|l| (l.network_zone, l.object_storage)),
            Some(("eu-central", true))
        );
        assert!(hetzner_location("xyz").is_none());
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
