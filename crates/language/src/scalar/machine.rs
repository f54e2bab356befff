//! Sizes of machines: free text for the language. What each provider calls its own, its file in `cloud` declares.

use super::text::{self, text};

text! {
    /// What a provider calls a size of machine. Whether a provider could have the name is checked by a rule.
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

/// How many machines a control plane may have: one that is alone, or the fewest that can lose one and agree.
pub const CONTROL_PLANES: [i64; 2] = [1, 3];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

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
}
