//! The values of a lock as the program carries them: a third of their text, and still a path is found without reading the rest.
//!
//! Lines are sorted by path, so a line says how many bytes of the path before it go on; every sixteenth says its path
//! whole, and a search halves those. The build script packs, so this file uses nothing of the crate.
//!
//! ```text
//! words of kinds and marks, an end of line behind each, and a zero
//! the number of blocks, and where each begins among the lines: four bytes each, the lowest first
//! lines: bytes of the path before, which word, the rest of the path, a space and the default if there is one, end of line
//! ```

/// Lines of a block.
const BLOCK: usize = 16;

/// Packs the values of a lock, as they stand in its text; `None` where there are more of them than the form can count.
pub(super) fn pack(values: &str) -> Option<Vec<u8>> {
    let mut words: Vec<&str> = Vec::new();
    let (mut starts, mut lines, mut before) = (Vec::new(), Vec::new(), "");
    for (number, line) in values.lines().enumerate() {
        let (path, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (word, default) = rest.split_once(' ').map_or((rest, None), |(word, text)| (word, Some(text)));
        let shared = if number.is_multiple_of(BLOCK) {
            starts.push(u32::try_from(lines.len()).ok()?);
            0
        } else {
            shared(before, path)
        };
        let place = words.iter().position(|known| *known == word).unwrap_or(words.len());
        if place == words.len() {
            words.push(word);
        }
        lines.extend([u8::try_from(shared).ok()?, u8::try_from(place).ok()?]);
        lines.extend(path.bytes().skip(shared));
        lines.extend(default.iter().flat_map(|default| std::iter::once(b' ').chain(default.bytes())));
        lines.push(b'\n');
        before = path;
    }
    let mut packed: Vec<u8> = words.iter().flat_map(|word| word.bytes().chain([b'\n'])).collect();
    packed.push(0);
    packed.extend(u32::try_from(starts.len()).ok()?.to_le_bytes());
    packed.extend(starts.iter().flat_map(|start| start.to_le_bytes()));
    packed.extend(lines);
    Some(packed)
}

/// Returns how many bytes two paths begin with alike, whole characters, and no more than a byte counts.
fn shared(one: &str, other: &str) -> usize {
    let alike = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    (0..=alike.min(255)).rev().find(|&end| other.is_char_boundary(end)).unwrap_or_default()
}
