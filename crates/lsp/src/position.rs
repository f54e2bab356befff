//! Places as the protocol has them: a line and a column, in units that client and server agree on.

use ls_types::{Position, PositionEncodingKind, Range};

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// What the protocol means if nobody says otherwise: units of two bytes.
    Utf16,
}

impl Encoding {
    /// Returns the best of those that a client offers.
    pub(crate) fn agreed(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offers_bytes = offered.is_some_and(|offered| offered.contains(&PositionEncodingKind::UTF8));
        if offers_bytes { Self::Utf8 } else { Self::Utf16 }
    }

    /// Returns its name in the protocol.
    pub(crate) fn name(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn length(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
        }
    }
}

/// A text with the places of its lines.
#[derive(Clone, Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str, encoding: Encoding) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts, encoding }
    }

    /// Returns the byte of a place. A column behind the end of its line is that end, a line behind the last one the end of
    /// the text: so the protocol has it.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let Some(start) = self.starts.get(line).copied() else { return self.text.len() };
        let mut units = 0;
        let wanted = usize::try_from(position.character).unwrap_or(usize::MAX);
        for (at, c) in self.line_from(start).char_indices() {
            if units >= wanted {
                return start + at;
            }
            units += self.encoding.length(c);
        }
        start + self.line_from(start).len()
    }

    /// Returns the place of a byte.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        let units: usize = before.chars().map(|c| self.encoding.length(c)).sum();
        Position { line: number(line), character: number(units) }
    }

    /// Returns the places of a range of bytes.
    pub(crate) fn range(&self, range: std::ops::Range<usize>) -> Range {
        Range { start: self.position(range.start), end: self.position(range.end) }
    }

    /// Returns the bytes between two places; nothing, if they stand in the wrong order.
    pub(crate) fn bytes(&self, range: Range) -> std::ops::Range<usize> {
        let start = self.offset(range.start);
        start..self.offset(range.end).max(start)
    }

    /// Returns what follows from a byte to the end of its line.
    fn line_from(&self, start: usize) -> &'t str {
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_count_what_was_agreed_on() {
        // A flag is two characters of four bytes, and four units of two bytes.
        let text = "a = 'ä🇴🇲x'\r\nb = 1";
        let x = text.find('x').expect("x");
        let (bytes, units) = (Lines::new(text, Encoding::Utf8), Lines::new(text, Encoding::Utf16));
        assert_eq!((bytes.position(x), units.position(x)), (at(0, 15), at(0, 10)));
        assert_eq!((bytes.offset(at(0, 15)), units.offset(at(0, 10))), (x, x));
        assert_eq!(units.position(text.find('b').expect("b")), at(1, 0));
    }

    #[test]
    fn places_that_are_not_there_are_the_nearest_that_are() {
        let lines = Lines::new("ab\r\ncd", Encoding::Utf16);
        assert_eq!([lines.offset(at(0, 99)), lines.offset(at(1, 99)), lines.offset(at(9, 0))], [2, 6, 6]);
        let inside = Lines::new("🇴", Encoding::Utf16);
        assert_eq!(inside.offset(at(0, 1)), 4, "no place splits a character");
        assert_eq!(Lines::new("ab", Encoding::Utf8).bytes(Range { start: at(0, 2), end: at(0, 1) }), 2..2);
    }

    #[test]
    fn bytes_are_counted_where_both_can() {
        let offered = [PositionEncodingKind::UTF16, PositionEncodingKind::UTF8];
        assert_eq!(Encoding::agreed(Some(&offered)), Encoding::Utf8);
        assert_eq!(Encoding::agreed(Some(&offered[..1])), Encoding::Utf16);
        assert_eq!(Encoding::agreed(None), Encoding::Utf16);
    }
}
