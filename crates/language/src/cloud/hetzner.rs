//! Hetzner Cloud.

use super::form::is_digits;
use super::{Cloud, ControlPlanes, Generation, ModuleFacts, Region, RegionInLabel, Sizes, StorageHosts};
use crate::scalar::text::{self, text};

pub(super) const CLOUD: Cloud = Cloud {
    word: "hetzner",
    code: "hz",
    letter: 'h',
    regions: &[
        Region::new(&["fsn1"], "fsn", 'f'),
        Region::new(&["nbg1"], "nbg", 'n'),
        Region::new(&["hel1"], "hel", 'l'),
        Region::new(&["ash"], "ash", 'a'),
        Region::new(&["hil"], "hil", 'i'),
        Region::new(&["sin"], "sin", 's'),
    ],
    region_in_label: RegionInLabel::Code,
    sizes: Sizes {
        known: &[
            "cx23", "cx33", "cx43", "cx53", "cpx22", "cpx32", "cpx42", "cpx52", "cpx62", "cax11", "cax21",
            "cax31", "cax41", "ccx13", "ccx23", "ccx33", "ccx43", "ccx53", "ccx63", "cx22", "cx32", "cx42",
            "cx52", "cpx11", "cpx21", "cpx31", "cpx41", "cpx51",
        ],
        to_begin_with: Some("cpx32"),
        form: "a Hetzner server type, which is `cx`, `cpx`, `ccx` or `cax` and two digits",
        has_form: |text| size_number(text).is_some_and(|number| number.len() == 2),
    },
    private_ip_annotation: Some("load-balancer.hetzner.cloud/use-private-ip"),
    storage_classes: &["hcloud", "hcloud-volumes"],
    // Domain section 8.3.
    object_storage: Some(StorageHosts::BehindRegion(".your-objectstorage.com")),
    modules: &[
        ModuleFacts {
            path: "infra/hetzner",
            generation: Generation::First,
            // `ha_enabled` is about the first.
            control_planes: ControlPlanes::OfFirst,
            unasked_workers: None,
            credentials: &[],
        },
        ModuleFacts {
            path: "infra/providers/hetzner",
            generation: Generation::Second,
            control_planes: ControlPlanes::OfFirst,
            unasked_workers: None,
            credentials: &[
                "hcloud-cloud-init",
                "hcloud-firewall-name",
                "hcloud-network-name",
                "hcloud-ssh-key-name",
                "hcloud-token",
            ],
        },
    ],
};

/// The families of server types. None of them begins another.
pub const FAMILIES: [&str; 4] = ["cx", "cpx", "ccx", "cax"];

/// The locations that the modules take as the region of a run (domain section 8.1).
pub const MODULE_LOCATIONS: [&str; 5] = ["fsn1", "nbg1", "hel1", "ash", "hil"];

/// The locations that have object storage.
pub const STORAGE_LOCATIONS: [&str; 3] = ["fsn1", "nbg1", "hel1"];

/// Returns the digits of a server type behind its family, however many: what the modules look at.
pub fn size_number(text: &str) -> Option<&str> {
    let number = FAMILIES.iter().find_map(|family| text.strip_prefix(family));
    number.filter(|number| is_digits(number))
}

text! {
    /// The number of a Hetzner Cloud project, as its console has it in the address.
    ProjectNumber, "the number of a Hetzner project", "1234567",
    number,
    text::schema("^[0-9]+$", 1, 20)
}

text! {
    /// The number of a Hetzner Cloud network.
    NetworkId, "the number of a network", "4711",
    number,
    text::schema("^[0-9]+$", 1, 20)
}

/// Returns a number as Hetzner Cloud gives to what it has.
fn number(text: &str) -> text::Checked {
    text::length(text, 1, usize::MAX)?;
    text::only(text, "digits", |c| c.is_ascii_digit())?;
    text::length(text, 1, 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::tests::has_sizes;
    use crate::scalar::samples::agree;

    #[test]
    fn server_types_are_a_family_and_two_digits() {
        has_sizes(
            &CLOUD,
            &["cx22", "cpx32", "ccx63", "cax41", "cx99"],
            &["cx2", "cx222", "CX22", "dx22", "m6i.large", "cpx"],
        );
        assert_eq!((size_number("cx222"), size_number("cx")), (Some("222"), None));
        assert_eq!(CLOUD.sizes.nearest("cpx322"), Some("cpx32"));
        let begins_another =
            |family: &str| FAMILIES.iter().any(|other| *other != family && other.starts_with(family));
        assert!(!FAMILIES.iter().any(|family| begins_another(family)));
    }

    #[test]
    fn locations_are_regions_and_have_no_other_name() {
        assert!(CLOUD.region_names().eq(["fsn1", "nbg1", "hel1", "ash", "hil", "sin"]));
        for location in MODULE_LOCATIONS.iter().chain(&STORAGE_LOCATIONS) {
            assert!(CLOUD.region_names().any(|name| name == *location), "{location}");
        }
        assert_eq!(CLOUD.region("hel"), None, "Hetzner has no location of that name");
    }

    #[test]
    fn projects_and_networks_are_numbers() {
        let of = |n| "7".repeat(n);
        agree::<NetworkId>(&["1", &of(20)], &["", "a", "1.5", "-1", &of(21)]);
        agree::<ProjectNumber>(&["1", &of(20)], &["", "a", "1.5", "-1", &of(21)]);
    }
}
