//! YAML as Helm reads it: the last of two equal keys counts, and nothing is anything but JSON.

use serde_json::Value;

use crate::error::ReadError;

/// Returns the first document of a YAML text; an empty text is `null`.
pub(crate) fn parse(path: &str, bytes: &[u8]) -> Result<Value, ReadError> {
    let wrong = |reason: String| ReadError::File { path: path.to_owned(), reason };
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}');
    if text.lines().all(|line| line.trim_start().starts_with('#') || matches!(line.trim(), "" | "---")) {
        return Ok(Value::Null);
    }
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| wrong(error.to_string().lines().next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let value = parse("values.yaml", b"# a\na: 1\nb: yes\na: 2\n").expect("YAML");
        assert_eq!(value["a"], 2);
    }

    #[test]
    fn a_text_of_comments_says_nothing() {
        assert_eq!(parse("values.yaml", b"# nothing\n\n").expect("YAML"), Value::Null);
    }
}
