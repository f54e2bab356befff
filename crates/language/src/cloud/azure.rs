//! Microsoft Azure.

use super::form::is_word;
use super::{Cloud, RegionInLabel, Sizes};

pub(super) const CLOUD: Cloud = Cloud {
    word: "azure",
    code: "az",
    letter: 'z',
    regions: &[],
    region_in_label: RegionInLabel::Code,
    sizes: Sizes {
        known: &["Standard_D2s_v5", "Standard_D4s_v5", "Standard_D8s_v5"],
        to_begin_with: Some("Standard_D4s_v5"),
        form: "an Azure size, which begins with `Standard_`",
        has_form: is_size,
    },
    private_ip_annotation: None,
    storage_classes: &[],
    object_storage: None,
    modules: &[],
};

fn is_size(text: &str) -> bool {
    let rest = text.strip_prefix("Standard_");
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()) && is_word(rest))
}

#[cfg(test)]
mod tests {
    use super::CLOUD;
    use crate::cloud::tests::has_sizes;

    #[test]
    fn sizes_begin_with_standard() {
        has_sizes(
            &CLOUD,
            &["Standard_D4s_v5", "Standard_E4-2s_v5"],
            &["Standard_", "D4s_v5", "standard_D4s_v5", "Standard_D4 v5"],
        );
    }
}
