//! Text that was written as base64.

/// A shorter text is a word as well as base64: `password` is both.
const LEAST: usize = 16;

/// Returns the text behind base64 of either alphabet, with or without padding and line ends; `None` if it is
/// none, or bytes that are no text.
pub(super) fn text(encoded: &str) -> Option<String> {
    let encoded = encoded.trim();
    let (mut bits, mut held, mut bytes) = (0_u32, 0_u32, Vec::with_capacity(encoded.len() / 4 * 3));
    let mut characters = 0_usize;
    for byte in encoded.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            _ => return None,
        };
        characters += 1;
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap_or_default());
        }
    }
    let text = String::from_utf8(bytes).ok().filter(|_| characters >= LEAST && characters % 4 != 1)?;
    let readable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(readable).then_some(text)
}
