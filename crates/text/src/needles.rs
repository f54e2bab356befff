//! Many texts, looked for in one walk over another text.
//!
//! Takes the texts one by one, gives the places where one of them stands. A walk over thousands of texts costs little more than
//! one over a single text, so that whoever writes many secrets cannot make a compilation long.

use std::collections::BTreeSet;
use std::ops::Bound::{Included, Unbounded};
use std::ops::Range;

/// The texts that are looked for.
#[derive(Clone, Debug)]
pub struct Needles {
    texts: BTreeSet<String>,
    /// Whether a text begins with a byte: most places of a haystack are passed over by this alone.
    begins: [bool; 256],
}

impl Default for Needles {
    fn default() -> Self {
        Self { texts: BTreeSet::new(), begins: [false; 256] }
    }
}

impl Needles {
    /// Adds a text; an empty one stands nowhere.
    pub fn insert(&mut self, text: impl Into<String>) {
        let text = text.into();
        if let Some(first) = text.bytes().next() {
            self.begins[usize::from(first)] = true;
            self.texts.insert(text);
        }
    }

    /// Adds all texts of another set.
    pub fn extend(&mut self, other: Self) {
        other.texts.into_iter().for_each(|text| self.insert(text));
    }

    /// Returns whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Returns the longest text that `hay` begins with and that is accepted there.
    pub fn longest<'h>(&self, hay: &'h str, accepts: impl Fn(&str) -> bool) -> Option<&'h str> {
        if !self.may_begin(hay) {
            return None;
        }
        let mut end = hay.len();
        while end > 0 {
            // Whatever `hay` begins with comes before it in order, and the longer the later.
            let text = self.texts.range::<str, _>((Unbounded, Included(&hay[..end]))).next_back()?;
            let common = text.bytes().zip(hay[..end].bytes()).take_while(|(one, other)| one == other).count();
            if common == text.len() && accepts(text) {
                return hay.get(..common);
            }
            end = hay.floor_char_boundary(if common == text.len() { common - 1 } else { common });
        }
        None
    }

    /// Returns whether a text begins with this.
    pub fn begin_with(&self, beginning: &str) -> bool {
        let next = self.texts.range::<str, _>((Included(beginning), Unbounded)).next();
        self.may_begin(beginning) && next.is_some_and(|text| text.starts_with(beginning))
    }

    /// Returns the places of the texts in `hay`: of those that meet the first one, and of those that begin together the longest.
    pub fn places(&self, hay: &str) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        let mut from = 0;
        let begins = |byte: &u8| self.begins[usize::from(*byte)];
        while let Some(at) = hay.as_bytes().get(from..).and_then(|rest| rest.iter().position(begins)) {
            let start = from + at;
            let found = hay.get(start..).and_then(|rest| self.longest(rest, |_| true));
            from = start + found.map_or(1, str::len);
            places.extend(found.map(|_| start..from));
        }
        places
    }

    fn may_begin(&self, hay: &str) -> bool {
        hay.bytes().next().is_some_and(|first| self.begins[usize::from(first)])
    }
}

#[cfg(test)]
mod tests {
    use super::Needles;

    fn needles<'t>(texts: impl IntoIterator<Item = &'t str>) -> Needles {
        let mut needles = Needles::default();
        texts.into_iter().for_each(|text| needles.insert(text));
        needles
    }

    #[test]
    fn of_texts_that_begin_together_the_longest_accepted_one_is_found() {
        let needles = needles(["ab", "abcd", "abce", "abcdefz", "é"]);
        assert_eq!(needles.longest("abcdefg", |_| true), Some("abcd"));
        assert_eq!(needles.longest("abcdefg", |text| text.len() < 4), Some("ab"));
        assert_eq!(needles.longest("abcdefg", |_| false), None);
        assert_eq!(needles.longest("xab", |_| true), None);
        assert_eq!(needles.places("xab-abcd-é-a"), [1..3, 4..8, 9..11]);
        assert!(needles.begin_with("abcde") && !needles.begin_with("abcdg") && !needles.begin_with(""));
    }

    /// Returns every text of at most so many of these letters.
    fn every(length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        for _ in 0..length {
            let longer = all.iter().flat_map(|text| ["a", "b", "é"].map(|letter| format!("{text}{letter}")));
            let longer: Vec<_> = longer.collect();
            all.extend(longer);
        }
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn one_look_finds_what_a_look_for_each_text_finds() {
        let texts = every(3);
        for hay in every(5) {
            for step in 1..7 {
                let some = || texts.iter().skip(step).step_by(step).map(String::as_str);
                let longest =
                    some().filter(|text| !text.is_empty() && hay.starts_with(text)).max_by_key(|t| t.len());
                assert_eq!(needles(some()).longest(&hay, |_| true), longest, "{hay}");
            }
        }
    }
}
