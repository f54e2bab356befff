//! Amazon Web Services.

use super::form::{begins_with_letter, is_lower_alnum};
use super::{Cloud, RegionInLabel, Sizes};

pub(super) const CLOUD: Cloud = Cloud {
    word: "aws",
    code: "aws",
    letter: 'a',
    regions: &[],
    region_in_label: RegionInLabel::Code,
    sizes: Sizes {
        known: &["t3.large", "t3.xlarge", "m6i.large", "m6i.xlarge", "m6i.2xlarge"],
        to_begin_with: Some("t3.xlarge"),
        form: "an AWS instance type, such as `m6i.large`",
        has_form: is_instance_type,
    },
    private_ip_annotation: None,
    storage_classes: &[],
    object_storage: None,
    modules: &[],
};

fn is_instance_type(text: &str) -> bool {
    let family = |family: &str| begins_with_letter(family) && family.split('-').all(is_lower_alnum);
    text.split_once('.').is_some_and(|(before, size)| family(before) && size.split('-').all(is_lower_alnum))
}

#[cfg(test)]
mod tests {
    use super::CLOUD;
    use crate::cloud::tests::has_sizes;

    #[test]
    fn instance_types_are_a_family_and_a_size() {
        has_sizes(
            &CLOUD,
            &["m6i.large", "t3.micro", "u-6tb1.metal", "c7i.metal-24xl"],
            &["m6i", "m6i.", "M6i.large", "m6i.large.2", "cx22"],
        );
    }
}
