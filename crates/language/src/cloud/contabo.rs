//! Contabo.

use super::{Cloud, Region, RegionInLabel, Sizes};

pub(super) const CLOUD: Cloud = Cloud {
    word: "contabo",
    code: "ct",
    letter: 'c',
    regions: &[Region::new(&["eu"], "eu", 'e')],
    region_in_label: RegionInLabel::Code,
    sizes: Sizes {
        known: &[],
        to_begin_with: None,
        form: "a Contabo product, whose name has no space",
        has_form: |text| !text.contains(' '),
    },
    private_ip_annotation: None,
    storage_classes: &[],
    object_storage: None,
    modules: &[],
};

#[cfg(test)]
mod tests {
    use super::CLOUD;
    use crate::cloud::tests::has_sizes;

    #[test]
    fn products_have_no_space() {
        has_sizes(&CLOUD, &["vps-20", "VPS10"], &["VPS 10"]);
    }
}
