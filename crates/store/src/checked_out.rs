//! Files as Git sees them, where a check-out has given them other line ends (`core.autocrlf`, `eol=crlf`).
//!
//! No file of ours holds a carriage return: YAML and JSON write one as an escape. So nobody has to ask how Git is configured: a
//! file that differs in its line ends alone is the one that was written.

use std::borrow::Cow;

/// Returns the bytes that Git has of a text file with these bytes.
pub(crate) fn as_git_has(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.windows(2).any(|two| two == b"\r\n") {
        return Cow::Borrowed(bytes);
    }
    let mut kept = Vec::with_capacity(bytes.len());
    for (place, &byte) in bytes.iter().enumerate() {
        if byte != b'\r' || bytes.get(place + 1) != Some(&b'\n') {
            kept.push(byte);
        }
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_line_ends_are_other_ones() {
        assert!(matches!(as_git_has(b"a\nb\r"), Cow::Borrowed(b"a\nb\r")));
        assert_eq!(&*as_git_has(b"a\r\nb\r\r\n\n"), b"a\nb\r\n\n");
    }
}
