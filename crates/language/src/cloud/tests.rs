//! What holds for every declaration, and the codes of the naming convention.

use std::collections::BTreeSet;
use std::fmt::Debug;

use super::{Cloud, Provider};
use crate::scalar::Scalar as _;
use crate::scalar::choice::Choice as _;
use crate::scalar::location::{RegionCode, RegionLetter, RegionName};
use crate::scalar::machine::MachineSize;

/// Accepts and refuses these sizes.
pub(super) fn has_sizes(cloud: &Cloud, accepted: &[&str], refused: &[&str]) {
    for text in accepted {
        assert!((cloud.sizes.has_form)(text), "{} {text}", cloud.word);
    }
    for text in refused {
        assert!(!(cloud.sizes.has_form)(text), "{} {text}", cloud.word);
    }
}

fn clouds() -> impl Iterator<Item = &'static Cloud> {
    Provider::all().map(Provider::cloud)
}

/// Every item is there once.
fn differ<T: Ord + Debug>(items: impl IntoIterator<Item = T>) {
    let mut seen = BTreeSet::new();
    for item in items {
        assert!(!seen.contains(&item), "{item:?} is there twice");
        seen.insert(item);
    }
}

#[test]
fn providers_are_told_apart_by_word_by_code_and_by_letter() {
    differ(clouds().map(|cloud| cloud.word));
    differ(clouds().map(|cloud| cloud.code));
    differ(clouds().map(|cloud| cloud.letter));
    for provider in Provider::all() {
        assert_eq!(Provider::from_word(provider.word()), Some(provider));
        let others = || clouds().filter(|cloud| cloud.word != provider.word());
        assert!(others().all(|other| other.word != provider.cloud().code), "{provider}");
    }
    assert!(Provider::WORDS.iter().copied().eq(Provider::all().map(Provider::word)));
}

#[test]
fn names_are_made_of_codes_and_letters() {
    for cloud in clouds() {
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
        assert!(is_word(cloud.word) && is_word(cloud.code), "{}", cloud.word);
        assert!(cloud.letter.is_ascii_lowercase(), "{}", cloud.word);
        for region in cloud.regions {
            assert!(RegionCode::parse(region.code).is_ok(), "{} {}", cloud.word, region.code);
            assert!(
                RegionLetter::parse(&region.letter.to_string()).is_ok(),
                "{} {}",
                cloud.word,
                region.code
            );
        }
    }
}

#[test]
fn regions_of_a_provider_are_told_apart_by_name_by_code_and_by_letter() {
    for cloud in clouds() {
        differ(cloud.regions.iter().map(|region| region.code));
        // A location code would have the same letter twice and mean two things.
        differ(cloud.regions.iter().map(|region| region.letter).chain([cloud.letter]));
        differ(cloud.region_names());
        for region in cloud.regions {
            assert!(!region.names.is_empty(), "{} {}", cloud.word, region.code);
            for name in region.names {
                assert!(RegionName::parse(name).is_ok(), "{} {name}", cloud.word);
                assert_eq!(cloud.region(name), Some(region), "{} {name}", cloud.word);
            }
        }
    }
}

#[test]
fn sizes_that_are_suggested_have_the_form_of_the_provider() {
    for cloud in clouds() {
        has_sizes(cloud, cloud.sizes.known, &[]);
        differ(cloud.sizes.known);
        for size in cloud.sizes.known {
            assert!(MachineSize::parse(size).is_ok(), "{} {size}", cloud.word);
            assert_eq!(cloud.sizes.nearest(size), Some(*size), "{}", cloud.word);
        }
    }
}

#[test]
fn storage_classes_and_modules_are_of_one_provider() {
    differ(clouds().flat_map(|cloud| cloud.storage_classes));
    differ(clouds().flat_map(|cloud| cloud.modules).map(|module| module.path));
    assert_eq!(Provider::of_storage_class("hcloud"), Some(Provider::Hetzner));
    assert_eq!(Provider::of_storage_class("evs-ssd"), Some(Provider::Huawei));
    assert_eq!(Provider::of_storage_class("local-path"), None);
}

/// Names of what runs are made of these: a tree of today has them for ever.
#[test]
fn codes_are_those_of_the_naming_convention() {
    let codes = |cloud: &Cloud| {
        let regions: Vec<_> = cloud.regions.iter().map(|r| format!("{} {}", r.code, r.letter)).collect();
        format!("{} {} {}: {}", cloud.word, cloud.code, cloud.letter, regions.join(", "))
    };
    let expected = [
        "hetzner hz h: fsn f, nbg n, hel l, ash a, hil i, sin s",
        "huawei hw w: apse p, cnn c, las q, mer r",
        "oci oci o: dxb x, fra r, sg g, iad d, syd y",
        "aws aws a: ",
        "gcp gcp g: ",
        "azure az z: ",
        "contabo ct c: eu e",
    ];
    for line in expected {
        assert!(clouds().any(|cloud| codes(cloud) == line), "{line}");
    }
}
