//! The few lines of a source that a finding is about, as a small text of their own.
//!
//! annotate-snippets walks the whole text that it is given, several times per finding. An excerpt has the same
//! line numbers as its source, but lines that will not be shown are empty and long ones are cut around the spans,
//! so that its size depends on the finding and not on the file.

use std::ops::Range;

use super::super::mask::MASK;
use crate::source::{Source, Span};

/// Lines with more bytes than this are cut. Three lines of a wide terminal; no sane manifest has one.
const LONG: usize = 500;
/// How much of a cut line is kept before and after the spans.
const AROUND: usize = 60;
/// A span of more lines than this is shown by its first line.
const TALL: usize = 8;
/// Stands for the part of a line that was cut away.
const CUT: &str = "...";

/// A part of a source.
pub(super) struct Excerpt {
    /// The number of its first line in the source.
    pub(super) first_line: usize,
    /// Its text; every line ends with a newline.
    pub(super) text: String,
    pieces: Vec<Kept>,
}

/// A text, and the ranges of it that are not shown: in order, none within another.
pub(super) struct Text<'a> {
    pub(super) source: &'a Source,
    pub(super) hidden: &'a [Range<usize>],
}

/// What an excerpt has of one line, up to or from what is hidden.
struct Kept {
    source: Range<usize>,
    at: usize,
}

impl Excerpt {
    /// Returns the lines from the first to the last of `ranges`, which are byte ranges of the source's text.
    pub(super) fn new(text: &Text<'_>, ranges: &[Range<usize>]) -> Self {
        let source = text.source;
        let spans: Vec<_> =
            ranges.iter().map(|r| (line_of(source, r.start), line_of(source, r.end), r)).collect();
        let first_line = spans.iter().map(|span| span.0).min().unwrap_or(1);
        let last_line = spans.iter().map(|span| span.1).max().unwrap_or(1);
        let mut excerpt = Self { first_line, text: String::new(), pieces: Vec::new() };
        for number in first_line..=last_line {
            // A line alone between two shown lines is shown too, therefore the neighbours.
            let near = |span: &&(usize, usize, &Range<usize>)| number + 1 >= span.0 && number <= span.1 + 1;
            let line = source.line(number);
            if spans.iter().any(|span| near(&span)) {
                let kept = window(source.text(), &line, spans.iter().filter(near).map(|span| span.2));
                excerpt.keep(text, &line, kept);
            } else {
                excerpt.keep(text, &(line.start..line.start), line.start..line.start);
            }
        }
        excerpt
    }

    fn keep(&mut self, text: &Text<'_>, line: &Range<usize>, kept: Range<usize>) {
        if kept.start > line.start {
            self.text.push_str(CUT);
        }
        let after = text.hidden.partition_point(|hidden| hidden.end <= kept.start);
        let hidden = text.hidden.iter().skip(after).take_while(|hidden| hidden.start < kept.end);
        let mut from = kept.start;
        for hidden in hidden {
            let hidden = hidden.start.max(kept.start)..hidden.end.min(kept.end);
            self.piece(text.source, from..hidden.start);
            self.pieces.push(Kept { source: hidden.start..hidden.start, at: self.text.len() });
            self.text.push_str(MASK);
            from = hidden.end;
        }
        self.piece(text.source, from..kept.end);
        if kept.end < line.end {
            self.text.push_str(CUT);
        }
        self.text.push('\n');
    }

    fn piece(&mut self, source: &Source, range: Range<usize>) {
        let at = self.text.len();
        self.text.push_str(source.text().get(range.clone()).unwrap_or_default());
        self.pieces.push(Kept { source: range, at });
    }

    /// Returns the place of a range of the source inside the excerpt.
    pub(super) fn range(&self, range: &Range<usize>) -> Range<usize> {
        self.offset(range.start)..self.offset(range.end)
    }

    fn offset(&self, offset: usize) -> usize {
        // Offsets in a part that was cut away, or in a line end, go to the nearest text that was kept before them.
        let after = self.pieces.partition_point(|piece| piece.source.start <= offset);
        let Some(piece) = self.pieces.get(after.saturating_sub(1)) else {
            return 0;
        };
        piece.at + offset.clamp(piece.source.start, piece.source.end) - piece.source.start
    }
}

/// Returns whether the line of this offset is cut when it is shown.
pub(super) fn on_long_line(source: &Source, offset: usize) -> bool {
    source.line(line_of(source, offset)).len() > LONG
}

/// Returns the number of the line of this offset.
pub(super) fn line_of(source: &Source, offset: usize) -> usize {
    source.line_number(u32::try_from(offset).unwrap_or(u32::MAX))
}

/// Returns the byte range of a span, on character boundaries of the text even if the span is not.
pub(super) fn bytes(source: &Source, span: Span) -> Range<usize> {
    let start = source.text().floor_char_boundary(span.range().start);
    start..source.text().floor_char_boundary(span.range().end).max(start)
}

/// Returns the byte range to underline for a span: without a line end at its end, and only the first line of a tall one.
pub(super) fn underline(source: &Source, span: Span) -> Range<usize> {
    let range = bytes(source, span);
    let first = line_of(source, range.start);
    let mut last = line_of(source, range.end);
    if last > first && source.line(last).start == range.end {
        last -= 1;
    }
    let end = if last - first >= TALL { source.line(first).end } else { source.line(last).end };
    range.start..range.end.min(end).max(range.start)
}

/// Returns whether an edit is small enough to be shown as a patch.
pub(super) fn is_small(source: &Source, span: Span, replacement: &str) -> bool {
    let range = bytes(source, span);
    let lines = line_of(source, range.end) - line_of(source, range.start);
    range.len() <= LONG && replacement.len() <= LONG && lines <= TALL
}

/// Returns the part of a line to show: all of it, or what is around the ranges in it.
fn window<'a>(
    text: &str,
    line: &Range<usize>,
    ranges: impl Iterator<Item = &'a Range<usize>>,
) -> Range<usize> {
    if line.len() <= LONG {
        return line.clone();
    }
    let inside = |r: &&Range<usize>| r.start <= line.end && r.end >= line.start;
    let inside: Vec<_> =
        ranges.filter(inside).map(|r| r.start.max(line.start)..r.end.min(line.end)).collect();
    let start = inside.iter().map(|r| r.start).min().unwrap_or(line.start);
    let end = inside.iter().map(|r| r.end).max().unwrap_or(line.start).min(start + LONG);
    let from = text.floor_char_boundary(start.saturating_sub(AROUND));
    let to = text.floor_char_boundary(end + AROUND);
    from.max(line.start)..to.min(line.end)
}
