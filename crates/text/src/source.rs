//! Takes bytes that a person wrote, gives [`Source`]: valid UTF-8 with a line table and an id.
//!
//! A [`Span`] is twelve bytes and `Copy`, so that every value of the compiler can carry the place that
//! caused it. Kit entries are sources too: "kit entry and key" is a span like any other.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

/// The largest file that is read, in bytes. A fleet of 10,000 Organizations is below 4 MiB of TOML; what is
/// larger is a mistake or an attack, and the parser's memory grows with it.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Names one [`Source`] of a compilation. Ids are given by `Input` and `Kits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// The `sovereign.toml` itself.
    pub const MANIFEST: Self = Self(0);
    /// Kit sources are numbered from here on, so that they never meet those of an input.
    const FIRST_OF_KITS: u32 = 1 << 24;

    /// Returns the id of the `n`-th further file of an input (of its sources), counted from 0.
    pub fn of_input(n: usize) -> Self {
        Self(u32::try_from(n + 1).unwrap_or(Self::FIRST_OF_KITS - 1))
    }

    /// Returns the id of the `n`-th file over all kits, counted from 0.
    pub fn of_kits(n: usize) -> Self {
        Self(Self::FIRST_OF_KITS + u32::try_from(n).unwrap_or(0))
    }

    /// Returns the place of this source among the further files of an input, if it is one.
    pub fn input_index(self) -> Option<usize> {
        (self.0 > 0 && self.0 < Self::FIRST_OF_KITS).then(|| self.0 as usize - 1)
    }

    /// Returns the place of this source among the files of all kits, if it is one.
    pub fn kits_index(self) -> Option<usize> {
        self.0.checked_sub(Self::FIRST_OF_KITS).map(|n| n as usize)
    }

    /// Returns whether a user wrote this source (the manifest or a file beside it), as opposed to a kit.
    pub fn is_input(self) -> bool {
        self.0 < Self::FIRST_OF_KITS
    }
}

/// A half-open range of byte offsets in one source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that the offsets count in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns a span from the byte range that the TOML parser gives.
    pub fn new(source: SourceId, range: std::ops::Range<usize>) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { source, start: clamp(range.start), end: clamp(range.end) }
    }

    /// Returns whether some character is in both.
    pub fn meets(self, other: Self) -> bool {
        self.source == other.source && self.start < other.end && other.start < self.end
    }

    /// Returns whether another span lies in this one.
    pub fn contains(self, inner: Self) -> bool {
        self.source == inner.source && self.start <= inner.start && inner.end <= self.end
    }

    /// Returns the byte range inside the source's text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.source.0, self.start, self.end)
    }
}

/// A value and the place that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// What was given.
    pub value: T,
    /// Where it was given.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Binds a value to its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Returns the same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }

    /// Returns a borrowed value at the same place.
    pub fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span }
    }
}

/// One text with a name to show and a table of line starts.
#[derive(Clone, Debug)]
pub struct Source {
    id: SourceId,
    name: Cow<'static, str>,
    text: Cow<'static, str>,
    /// Where each line begins; counted when the first finding points here.
    lines: OnceLock<Vec<u32>>,
}

/// Why bytes did not become a [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotText {
    /// More than [`MAX_BYTES`]; holds the size.
    TooLarge(usize),
    /// Not UTF-8; holds the offset of the first bad byte.
    NotUtf8(usize),
}

impl Source {
    /// Returns the manifest of a compilation. `name` is shown in diagnostics, usually the path as the user gave it.
    ///
    /// # Errors
    /// The bytes are larger than [`MAX_BYTES`] or not UTF-8. The text before the fault is given too, so that
    /// the report can point at it.
    pub fn manifest(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, (NotText, Self)> {
        Self::from_bytes(SourceId::MANIFEST, name.into(), bytes)
    }

    /// Returns a source of these bytes.
    ///
    /// # Errors
    /// They are too many, or no UTF-8: why, and a source of what can be shown.
    pub fn from_bytes(id: SourceId, name: String, bytes: Vec<u8>) -> Result<Self, (NotText, Self)> {
        if bytes.len() > MAX_BYTES {
            return Err((NotText::TooLarge(bytes.len()), Self::from_text(id, name, "")));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::from_text(id, name, text)),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let mut bytes = error.into_bytes();
                bytes.truncate(valid);
                let text = String::from_utf8(bytes).unwrap_or_default();
                Err((NotText::NotUtf8(valid), Self::from_text(id, name, text)))
            }
        }
    }

    /// Returns a source of this text.
    pub fn from_text(
        id: SourceId,
        name: impl Into<Cow<'static, str>>,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { id, name: name.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// Returns the id that spans into this source carry.
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// Returns the name to show: a path, or `kit 2026.05/01-cilium.toml`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let starts = self.text.match_indices('\n').map(|(n, _)| n + 1);
            std::iter::once(0).chain(starts).map(|n| u32::try_from(n).unwrap_or(u32::MAX)).collect()
        })
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn position(&self, offset: u32) -> (usize, usize) {
        let line = self.line_number(offset);
        let start = self.lines().get(line - 1).map_or(0, |&n| n as usize);
        let before = self.text.get(start..offset as usize).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// Returns the line of a byte offset, from 1; costs nothing on a long line, unlike the column.
    pub fn line_number(&self, offset: u32) -> usize {
        self.lines().partition_point(|&start| start <= offset).max(1)
    }

    /// Returns the byte range of a line, counted from 1, without its line end; empty past the last line.
    pub fn line(&self, number: usize) -> std::ops::Range<usize> {
        let start = |n: usize| self.lines().get(n).map(|&at| at as usize);
        let from = start(number.saturating_sub(1)).unwrap_or(self.text.len());
        let line = self.text.get(from..start(number).unwrap_or(self.text.len())).unwrap_or_default();
        let line = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        from..from + line.len()
    }

    /// Returns the text of a span; empty if the span does not lie in this source.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::from_text(SourceId::MANIFEST, "t", text.to_owned())
    }

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = source("ä = 1\nb = 2\n");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(3), (1, 3), "ä is two bytes and one column");
        assert_eq!(source.position(7), (2, 1));
        assert_eq!(source.position(13), (3, 1), "past the last newline");
    }

    #[test]
    fn lines_come_without_their_ends() {
        let source = source("a = 1\r\nb\n");
        assert_eq!(
            [source.line(1), source.line(2), source.line(3), source.line(9)],
            [0..5, 7..8, 9..9, 9..9]
        );
    }

    #[test]
    fn bytes_that_are_not_text_are_refused_where_they_go_wrong() {
        let error = Source::manifest("t", b"a = 1\n\xff".to_vec()).map_err(|(e, s)| (e, s.text().len()));
        assert_eq!(error.err(), Some((NotText::NotUtf8(6), 6)));
        let error = Source::manifest("t", vec![b'#'; MAX_BYTES + 1]).map_err(|(e, _)| e);
        assert_eq!(error.err(), Some(NotText::TooLarge(MAX_BYTES + 1)));
    }
}
