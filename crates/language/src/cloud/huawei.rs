//! Huawei Cloud.

use super::form::{begins_with_letter, is_digits, is_lower_alnum};
use super::{Cloud, ControlPlanes, Generation, ModuleFacts, Region, RegionInLabel, Sizes, StorageHosts};
use crate::scalar::Malformed;
use crate::scalar::text::{self, text};

pub(super) const CLOUD: Cloud = Cloud {
    word: "huawei",
    code: "hw",
    letter: 'w',
    regions: &[
        family(
            "ap-southeast",
            Region::new(
                &["ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"],
                "apse",
                'p',
            ),
        ),
        family("cn-north", Region::new(&["cn-north-1", "cn-north-4", "cn-north-9"], "cnn", 'c')),
        family("la-south", Region::new(&["la-south-2"], "las", 'q')),
        family("me-east", Region::new(&["me-east-1", "me-east-215"], "mer", 'r')),
    ],
    region_in_label: RegionInLabel::Name,
    sizes: Sizes {
        known: &[
            "s7.large.2",
            "s7.xlarge.2",
            "c7n.large.2",
            "c7n.xlarge.2",
            "c7n.2xlarge.2",
            "m7.large.8",
            "m7n.large.8",
            "m7n.xlarge.8",
        ],
        to_begin_with: Some("s7.xlarge.2"),
        form: "a Huawei flavor, such as `c7n.xlarge.2`",
        has_form: is_flavor,
    },
    private_ip_annotation: None,
    storage_classes: &["evs-ssd"],
    object_storage: Some(StorageHosts::Beginning("obs.")),
    modules: &[ModuleFacts {
        path: "infra/providers/huawei",
        generation: Generation::Second,
        // `huawei_control_plane_count` is about every region.
        control_planes: ControlPlanes::OfEach,
        unasked_workers: Some("two to four workers"),
        credentials: &["huawei-ak", "huawei-project-id", "huawei-region", "huawei-sk"],
    }],
};

const fn family(name: &'static str, region: Region) -> Region {
    region.or_by_code().or_of_family(name)
}

fn is_flavor(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    let [family, size, ratio] = parts[..] else {
        return false;
    };
    let size = matches!(size, "small" | "medium" | "large" | "xlarge")
        || size.strip_suffix("xlarge").is_some_and(is_digits);
    begins_with_letter(family) && is_lower_alnum(family) && size && is_digits(ratio)
}

text! {
    /// The id of a Huawei Cloud project, which belongs to one region.
    ProjectId, "the id of a Huawei project", "0f2ac74b498b48028cb68387c421e279",
    |text| {
        text::length(text, 1, usize::MAX)?;
        text::only(text, "lower-case hexadecimal digits", is_lower_hex)?;
        text::length(text, 32, 32)
    },
    text::schema("^[0-9a-f]+$", 32, 32)
}

text! {
    /// The id of a Huawei Cloud image: a UUID in lower case. Images belong to one region.
    ImageId, "the id of an image", "9f2c1d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
    image,
    text::schema("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", 36, 36)
}

text! {
    /// An availability zone: `me-east-215a`.
    ZoneName, "the name of an availability zone", "me-east-215a",
    |text| text::word(text, 1, 63),
    text::word_schema(1, 63)
}

/// Digits between the dashes of a UUID.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

fn image(text: &str) -> text::Checked {
    text::length(text, 1, usize::MAX)?;
    text::only(text, "lower-case hexadecimal digits and dashes", |c| is_lower_hex(c) || c == '-')?;
    if text.split('-').map(str::len).eq(GROUPS) {
        return Ok(());
    }
    Err(Malformed::new("has not the groups of a UUID: 8, 4, 4, 4 and 12 digits"))
}

fn is_lower_hex(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::tests::has_sizes;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn flavors_are_a_family_a_size_and_a_ratio() {
        has_sizes(
            &CLOUD,
            &["c7n.xlarge.2", "m7n.large.8", "s7.small.1", "kc1.16xlarge.4"],
            &["c7n.xlarge", "c7n.huge.2", "c7n.xlarge.x", "C7n.large.2", "c7n.-xlarge.2", "c7n.large.2.1"],
        );
        assert_eq!(CLOUD.sizes.nearest("c7n.xlarge"), Some("c7n.xlarge.2"));
    }

    #[test]
    fn regions_are_known_by_their_family_and_their_code() {
        for (name, code) in [
            ("ap-southeast-3", "apse"),
            ("cn-north-11", "cnn"),
            ("la-south-2", "las"),
            ("me-east-215", "mer"),
            ("me-east-215-a", "mer"),
            ("mer", "mer"),
            ("apse", "apse"),
        ] {
            assert_eq!(CLOUD.region(name).map(|region| region.code), Some(code), "{name}");
        }
        assert_eq!(CLOUD.region("me-eastern"), None);
    }

    #[test]
    fn projects_are_hexadecimal_images_uuids_and_zones_words() {
        let of = |n| "7".repeat(n);
        agree::<ProjectId>(&[&of(32)], &["", "0f2a", "0F2AC74B498B48028CB68387C421E279", &of(31), &of(33)]);
        assert_eq!(fault::<ProjectId>("0F"), ("F", None));
        agree::<ImageId>(
            &["00000000-0000-0000-0000-000000000000"],
            &["", "9f2c1d34", "9f2c1d345e6f4a7b8c9d0e1f2a3b4c5d", "9F2C1D34-5E6F-4A7B-8C9D-0E1F2A3B4C5D"],
        );
        agree::<ZoneName>(&["me-east-215a", "a"], &["", "1a", "a-", "A"]);
    }
}
