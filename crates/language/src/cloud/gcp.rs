//! Google Cloud.

use super::form::{begins_with_letter, is_digits, is_lower_alnum};
use super::{Cloud, RegionInLabel, Sizes};

pub(super) const CLOUD: Cloud = Cloud {
    word: "gcp",
    code: "gcp",
    letter: 'g',
    regions: &[],
    region_in_label: RegionInLabel::Code,
    sizes: Sizes {
        known: &["e2-standard-2", "e2-standard-4", "n2-standard-4", "n2-standard-8"],
        to_begin_with: Some("e2-standard-4"),
        form: "a Google machine type, such as `n2-standard-4`",
        has_form: is_machine_type,
    },
    private_ip_annotation: None,
    storage_classes: &[],
    object_storage: None,
    modules: &[],
};

fn is_machine_type(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [family, class, size] = parts[..] else {
        return false;
    };
    let class = !class.is_empty() && class.bytes().all(|b| b.is_ascii_lowercase());
    begins_with_letter(family) && is_lower_alnum(family) && class && is_digits(size)
}

#[cfg(test)]
mod tests {
    use super::CLOUD;
    use crate::cloud::tests::has_sizes;

    #[test]
    fn machine_types_are_a_family_a_class_and_a_number() {
        has_sizes(
            &CLOUD,
            &["e2-standard-4", "n2d-highmem-16"],
            &["e2-medium", "e2-standard-x", "E2-standard-4", "e2-4"],
        );
    }
}
