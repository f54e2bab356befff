//! Functions of templates that matter beyond what they print.

/// Functions that give something else each time: what they make changes with every render, and differs in each region.
/// Source: Sprig 3.3 (`functions.go`), which Helm 3.16 to 3.19 link.
const RANDOM: [&str; 17] = [
    "bcrypt",
    "encryptAES",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "htpasswd",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "uuidv4",
];

/// Functions with the first Helm that has each. Source: `pkg/engine/funcs.go` of Helm 3.14.0, 3.16.1, 3.17.3 and 3.19.0,
/// and Sprig 3.2.3 against 3.3.0.
const NEWER: [(&str, &str); 3] = [("fromToml", "3.17"), ("sha512sum", "3.16"), ("toYamlPretty", "3.17")];

/// Returns whether a function gives something else each time.
pub(crate) fn is_random(name: &str) -> bool {
    RANDOM.binary_search(&name).is_ok()
}

/// Returns the first version of Helm that has a function, where that is not any.
pub(crate) fn first_helm(name: &str) -> Option<&'static str> {
    NEWER.iter().find(|(known, _)| *known == name).map(|(_, version)| *version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(RANDOM.is_sorted());
        assert!(is_random("uuidv4") && !is_random("quote"));
        assert_eq!(first_helm("toYamlPretty"), Some("3.17"));
    }
}
