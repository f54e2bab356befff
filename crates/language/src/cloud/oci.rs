//! Oracle Cloud Infrastructure.

use super::form::is_word;
use super::{Cloud, Region, RegionInLabel, Sizes};

pub(super) const CLOUD: Cloud = Cloud {
    word: "oci",
    code: "oci",
    letter: 'o',
    regions: &[
        Region::new(&["me-dubai-1"], "dxb", 'x').or_by_code(),
        Region::new(&["eu-frankfurt-1"], "fra", 'r').or_by_code(),
        Region::new(&["ap-singapore-1"], "sg", 'g').or_by_code(),
        Region::new(&["us-ashburn-1"], "iad", 'd').or_by_code(),
        Region::new(&["ap-sydney-1"], "syd", 'y').or_by_code(),
    ],
    region_in_label: RegionInLabel::Code,
    sizes: Sizes {
        known: &["VM.Standard.E5.Flex.1.8", "VM.Standard.E5.Flex.2.16", "VM.Standard.E5.Flex.4.32"],
        to_begin_with: Some("VM.Standard.E5.Flex.2.16"),
        form: "an OCI shape, which begins with `VM.` or `BM.`",
        has_form: is_shape,
    },
    private_ip_annotation: None,
    storage_classes: &[],
    object_storage: None,
    modules: &[],
};

fn is_shape(text: &str) -> bool {
    let rest = text.strip_prefix("VM.").or_else(|| text.strip_prefix("BM."));
    rest.is_some_and(|rest| rest.split('.').all(is_word))
}

#[cfg(test)]
mod tests {
    use super::CLOUD;
    use crate::cloud::tests::has_sizes;

    #[test]
    fn shapes_begin_with_vm_or_bm() {
        has_sizes(
            &CLOUD,
            &["VM.Standard.E5.Flex.2.16", "BM.Standard3.64"],
            &["VM.", "VMX.Standard", "VM..Standard", "cx22", "vm.Standard.E5"],
        );
    }

    #[test]
    fn a_region_has_its_name_and_its_code() {
        let code = |name| CLOUD.region(name).map(|region| region.code);
        assert_eq!((code("dxb"), code("me-dubai-1"), code("fsn1")), (Some("dxb"), Some("dxb"), None));
    }
}
