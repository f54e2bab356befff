//! How the lines of two texts differ, as `diff -u` says it.
//!
//! All that is compared by lines is compared here, over numbers of lines: the algorithm is generic, and each type that it
//! was called with, in each crate, was a copy of it in the program.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::ops::Range;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{DiffOp, DiffTag, group_diff_ops};

/// Lines of an old text, and the lines of a new one that stand in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The places of the old lines.
    pub old: Range<usize>,
    /// The places of the new lines.
    pub new: Range<usize>,
    /// Whether they are the same lines.
    pub same: bool,
}

/// Returns how one list of lines becomes another, from the first line to the last.
pub fn stretches(old: &[&str], new: &[&str]) -> Vec<Stretch> {
    let stretch = |op: &DiffOp| {
        let (tag, old, new) = op.as_tag_tuple();
        Stretch { old, new, same: tag == DiffTag::Equal }
    };
    operations(old, new).iter().map(stretch).collect()
}

/// Returns a unified diff with so many lines of context, and with the names of both texts; nothing where they are the same.
pub fn unified(old: &str, new: &str, context: usize, (from, to): (&str, &str)) -> String {
    let (old, new) = (lines(old), lines(new));
    let mut out = String::new();
    for hunk in group_diff_ops(operations(&old, &new), context) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        // Writing to a string cannot fail.
        if out.is_empty() {
            let _ = write!(out, "--- {from}\n+++ {to}\n");
        }
        let lines_of = |first: Range<usize>, last: Range<usize>| place(first.start..last.end);
        let (was, is) =
            (lines_of(first.old_range(), last.old_range()), lines_of(first.new_range(), last.new_range()));
        let _ = writeln!(out, "@@ -{was} +{is} @@");
        for (tag, gone, come) in hunk.iter().map(DiffOp::as_tag_tuple) {
            if tag == DiffTag::Equal {
                put(&mut out, ' ', old.get(gone));
            } else {
                put(&mut out, '-', old.get(gone));
                put(&mut out, '+', new.get(come));
            }
        }
    }
    out
}

/// Returns the lines of a text with their ends.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut numbers = BTreeMap::new();
    let (old, new) = (numbered(old, &mut numbers), numbered(new, &mut numbers));
    let mut hook = Compact::new(Replace::new(Capture::new()), &*old, &*new);
    let done: Result<(), Infallible> = myers::diff(&mut hook, &*old, 0..old.len(), &*new, 0..new.len());
    match done {
        Ok(()) => hook.into_inner().into_inner().into_ops(),
        Err(never) => match never {},
    }
}

/// Returns a number for each line; the same line has the same one in both texts.
fn numbered<'t>(lines: &[&'t str], numbers: &mut BTreeMap<&'t str, usize>) -> Vec<usize> {
    let mut number = |line| {
        let next = numbers.len();
        *numbers.entry(line).or_insert(next)
    };
    lines.iter().map(|line| number(*line)).collect()
}

/// Returns the first line of a range and how many there are, as the head of a hunk has them: from 1 on, and the line before
/// where there is none.
fn place(lines: Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

/// Writes lines behind a mark, and says of the last line of a text that it does not end.
fn put(out: &mut String, mark: char, lines: Option<&[&str]>) {
    for line in lines.unwrap_or_default() {
        out.push(mark);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unified_diff_is_that_of_diff() {
        let old: String = (1..=20).map(|n: u32| n.to_string() + "\n").collect();
        let new = old.replace("3\n4\n", "3\nthree and a half\n4\n").replace("\n20\n", "\n20");
        let said = unified(&old, &new, 1, ("a", "b"));
        assert_eq!(
            said,
            "--- a\n+++ b\n@@ -3,2 +3,3 @@\n 3\n+three and a half\n 4\n@@ -19,2 +20,2 @@\n 19\n-20\n+20\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn a_text_that_is_new_or_gone_has_its_line_of_nothing() {
        assert_eq!(unified("", "a\n", 3, ("/dev/null", "b")), "--- /dev/null\n+++ b\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(unified("a\nb\n", "", 3, ("a", "c")), "--- a\n+++ c\n@@ -1,2 +0,0 @@\n-a\n-b\n");
        assert_eq!(unified("a\n", "a\n", 3, ("a", "b")), "");
    }

    #[test]
    fn stretches_cover_both_texts() {
        let (old, new) = (["a\n", "b\n", "c\n"], ["a\n", "x\n", "y\n", "c\n"]);
        assert_eq!(
            stretches(&old, &new),
            [
                Stretch { old: 0..1, new: 0..1, same: true },
                Stretch { old: 1..2, new: 1..3, same: false },
                Stretch { old: 2..3, new: 3..4, same: true },
            ]
        );
    }
}
