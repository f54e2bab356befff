//! Sizes of machines: free text for the language, and what each provider calls its own.

use super::location::Provider;
use super::text::{self, text};
use sovereign_text::diag::suggest;

text! {
    /// What a provider calls a size of machine. Which names a provider has is checked by [`fits`].
    MachineSize, "the size of a machine", "cpx32",
    |text| {
        text::length(text, 1, usize::MAX)?;
        let ok = |c: char| c.is_ascii_alphanumeric() || "._- ".contains(c);
        text::only(text, "letters, digits, dots, dashes, underscores and spaces", ok)?;
        text::edges(text, |c| c.is_ascii_alphabetic(), |c| c != ' ')?;
        text::length(text, 2, 63)
    },
    text::schema("^[A-Za-z][A-Za-z0-9._ -]*[A-Za-z0-9._-]$", 2, 63)
}

/// Hetzner's server types, those it sells first.
const HETZNER: [&str; 28] = [
    "cx23", "cx33", "cx43", "cx53", "cpx22", "cpx32", "cpx42", "cpx52", "cpx62", "cax11", "cax21", "cax31",
    "cax41", "ccx13", "ccx23", "ccx33", "ccx43", "ccx53", "ccx63", "cx22", "cx32", "cx42", "cx52", "cpx11",
    "cpx21", "cpx31", "cpx41", "cpx51",
];

/// How many machines a control plane may have: one that is alone, or the fewest that can lose one and agree.
pub const CONTROL_PLANES: [i64; 2] = [1, 3];

/// The families of Hetzner's server types. None of them begins another.
pub const HETZNER_FAMILIES: [&str; 4] = ["cx", "cpx", "ccx", "cax"];

/// Sizes to suggest; a provider may have more.
pub fn known_sizes(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Hetzner => &HETZNER,
        Provider::Huawei => &[
            "s7.large.2",
            "s7.xlarge.2",
            "c7n.large.2",
            "c7n.xlarge.2",
            "c7n.2xlarge.2",
            "m7.large.8",
            "m7n.large.8",
            "m7n.xlarge.8",
        ],
        Provider::Oci => &["VM.Standard.E5.Flex.1.8", "VM.Standard.E5.Flex.2.16", "VM.Standard.E5.Flex.4.32"],
        Provider::Aws => &["t3.large", "t3.xlarge", "m6i.large", "m6i.xlarge", "m6i.2xlarge"],
        Provider::Gcp => &["e2-standard-2", "e2-standard-4", "n2-standard-4", "n2-standard-8"],
        Provider::Azure => &["Standard_D2s_v5", "Standard_D4s_v5", "Standard_D8s_v5"],
        Provider::Contabo => &[],
    }
}

/// The size that was most likely meant.
pub fn nearest_size(provider: Provider, size: &MachineSize) -> Option<&'static str> {
    suggest::nearest(size.as_str(), known_sizes(provider).iter().copied())
}

/// Whether a provider could have a size of this name: the form is checked, not the price list, which changes.
///
/// # Errors
/// The reason, as a phrase that follows the size.
pub fn fits(provider: Provider, size: &MachineSize) -> Result<(), String> {
    let text = size.as_str();
    let (ok, what) = match provider {
        Provider::Hetzner => {
            (is_hetzner(text), "a Hetzner server type, which is `cx`, `cpx`, `ccx` or `cax` and two digits")
        }
        Provider::Huawei => (is_huawei(text), "a Huawei flavor, such as `c7n.xlarge.2`"),
        Provider::Oci => (is_oci(text), "an OCI shape, which begins with `VM.` or `BM.`"),
        Provider::Aws => (is_aws(text), "an AWS instance type, such as `m6i.large`"),
        Provider::Gcp => (is_gcp(text), "a Google machine type, such as `n2-standard-4`"),
        Provider::Azure => (is_azure(text), "an Azure size, which begins with `Standard_`"),
        Provider::Contabo => (!text.contains(' '), "a Contabo product, whose name has no space"),
    };
    if ok {
        return Ok(());
    }
    Err(match nearest_size(provider, size) {
        Some(near) => format!("is not {what}; the nearest is `{near}`"),
        None => format!("is not {what}"),
    })
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn lower(text: &str) -> bool {
    !text.is_empty() && text.chars().all(text::is_lower_alnum)
}

fn begins_with_letter(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_hetzner(text: &str) -> bool {
    hetzner_number(text).is_some_and(|number| number.len() == 2)
}

/// The digits of a Hetzner server type behind its family, however many: what the provider's module looks at.
pub fn hetzner_number(text: &str) -> Option<&str> {
    let number = HETZNER_FAMILIES.iter().find_map(|family| text.strip_prefix(family));
    number.filter(|number| digits(number))
}

fn is_huawei(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    let [family, size, ratio] = parts[..] else {
        return false;
    };
    let size = matches!(size, "small" | "medium" | "large" | "xlarge")
        || size.strip_suffix("xlarge").is_some_and(digits);
    begins_with_letter(family) && lower(family) && size && digits(ratio)
}

fn is_oci(text: &str) -> bool {
    let rest = text.strip_prefix("VM.").or_else(|| text.strip_prefix("BM."));
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    rest.is_some_and(|rest| rest.split('.').all(part))
}

fn is_aws(text: &str) -> bool {
    let family = |family: &str| begins_with_letter(family) && family.split('-').all(lower);
    text.split_once('.').is_some_and(|(before, size)| family(before) && size.split('-').all(lower))
}

fn is_gcp(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [family, class, size] = parts[..] else {
        return false;
    };
    let class = !class.is_empty() && class.bytes().all(|b| b.is_ascii_lowercase());
    begins_with_letter(family) && lower(family) && class && digits(size)
}

fn is_azure(text: &str) -> bool {
    let rest = text.strip_prefix("Standard_");
    rest.is_some_and(|rest| {
        let ok = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        rest.starts_with(|c: char| c.is_ascii_uppercase()) && rest.bytes().all(ok)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::Grammar;
    use crate::grammar::samples::{agree, fault};

    fn fit(provider: Provider, text: &str) -> Result<(), String> {
        fits(provider, &MachineSize::parse(text).expect("a size"))
    }

    #[test]
    fn sizes_are_any_name_of_2_to_63_characters() {
        let of = |n| "a".repeat(n);
        agree::<MachineSize>(
            &["cx22", "VM.Standard.E5.Flex.2.16", "Standard_D4s_v5", "VPS 20", "aa", &of(63)],
            &["", "a", "1a", ".a", "a ", " a", "a/b", "a\tb", "ä1", &of(64)],
        );
        assert_eq!(fault::<MachineSize>("cx22 "), (" ", Some("cx22".into())));
        assert_eq!(fault::<MachineSize>("2xlarge"), ("2", None));
    }

    #[test]
    fn every_provider_has_its_own_form() {
        let forms: [(Provider, &[&str], &[&str]); 7] = [
            (
                Provider::Hetzner,
                &["cx22", "cpx32", "ccx63", "cax41", "cx99"],
                &["cx2", "cx222", "CX22", "dx22", "m6i.large", "cpx"],
            ),
            (
                Provider::Huawei,
                &["c7n.xlarge.2", "m7n.large.8", "s7.small.1", "kc1.16xlarge.4"],
                &[
                    "c7n.xlarge",
                    "c7n.huge.2",
                    "c7n.xlarge.x",
                    "C7n.large.2",
                    "c7n.-xlarge.2",
                    "c7n.large.2.1",
                ],
            ),
            (
                Provider::Oci,
                &["VM.Standard.E5.Flex.2.16", "BM.Standard3.64"],
                &["VM.", "VMX.Standard", "VM..Standard", "cx22", "vm.Standard.E5"],
            ),
            (
                Provider::Aws,
                &["m6i.large", "t3.micro", "u-6tb1.metal", "c7i.metal-24xl"],
                &["m6i", "m6i.", "M6i.large", "m6i.large.2", "cx22"],
            ),
            (
                Provider::Gcp,
                &["e2-standard-4", "n2d-highmem-16"],
                &["e2-medium", "e2-standard-x", "E2-standard-4"],
            ),
            (
                Provider::Azure,
                &["Standard_D4s_v5", "Standard_E4-2s_v5"],
                &["Standard_", "D4s_v5", "standard_D4s_v5", "Standard_D4 v5"],
            ),
            (Provider::Contabo, &["vps-20", "VPS10"], &["VPS 10"]),
        ];
        for (provider, accepted, refused) in forms {
            for text in accepted.iter().chain(known_sizes(provider)) {
                assert_eq!(fit(provider, text), Ok(()), "{provider} {text}");
            }
            for text in refused {
                assert!(fit(provider, text).is_err(), "{provider} {text}");
            }
        }
    }

    #[test]
    fn the_nearest_size_is_offered() {
        let reason = fit(Provider::Hetzner, "cpx322").expect_err("no such type");
        assert!(reason.ends_with("the nearest is `cpx32`"), "{reason}");
        let reason = fit(Provider::Huawei, "c7n.xlarge").expect_err("no such flavor");
        assert!(reason.ends_with("the nearest is `c7n.xlarge.2`"), "{reason}");
        let reason = fit(Provider::Hetzner, "m6i.large").expect_err("no such type");
        assert!(reason.ends_with("two digits"), "{reason}");
    }
}
