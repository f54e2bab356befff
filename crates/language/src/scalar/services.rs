//! Names that the platform's own services know: projects of the registry, exports of the collector.

use super::Malformed;
use super::text::{self, text};

text! {
    /// A project of the registry, by Harbor's rule; short enough for the name of a file.
    ProjectName, "the name of a project", "platform",
    |name| {
        text::length(name, 1, 128)?;
        text::only(name, "lower-case letters, digits and `.`, `_`, `-`", |c| text::is_lower_alnum(c) || "._-".contains(c))?;
        text::edges(name, text::is_lower_alnum, text::is_lower_alnum)?;
        let pair = name.as_bytes().windows(2).position(|pair| pair.iter().all(|b| b"._-".contains(b)));
        pair.map_or(Ok(()), |at| Err(Malformed::new("has two signs in a row").at(at..at + 2)))
    },
    text::schema("^[a-z0-9]+([._-][a-z0-9]+)*$", 1, 128)
}

text! {
    /// The name of an export, which begins names of volumes.
    ExportName, "the name of an export", "corporate",
    |name| text::word(name, 1, 32),
    text::word_schema(1, 32)
}

text! {
    /// The name of an HTTP header.
    HeaderName, "the name of a header", "X-API-Key",
    |name| {
        text::length(name, 1, 64)?;
        text::only(name, "letters, digits and hyphens", |c| c.is_ascii_alphanumeric() || c == '-')
    },
    text::schema("^[A-Za-z0-9-]+$", 1, 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::samples::{agree, fault};

    #[test]
    fn names_are_what_harbor_and_the_collector_take() {
        agree::<ProjectName>(&["platform", "a", "0", "a.b_c-d"], &["", "A", "a..b", "a-", "-a", "a/b"]);
        agree::<ExportName>(&["corporate", "a", "a-1"], &["", "1a", "A", "a-", "a_b"]);
        agree::<HeaderName>(&["X-API-Key", "authorization"], &["", "X Key", "X:Key"]);
        assert_eq!(fault::<ProjectName>("a._b"), ("._", None));
    }
}
