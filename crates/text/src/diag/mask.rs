//! What no output shows: secrets that somebody wrote down. Logs of pipelines are read by more people than the file.
//!
//! Whoever finds a secret says where it stands and how it reads ([`Diagnostics::hide`](super::Diagnostics::hide)). Its place
//! is left out of every excerpt, and its text out of everything that a finding says.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Diagnostic, Help};
use crate::needles::Needles;
use crate::source::{SourceId, Span};

/// Stands for a secret, whatever its length.
pub(super) const MASK: &str = "***";
/// A shorter text, or one that could be a word, is masked only where it is quoted: `x` would blank half of a sentence.
const LONGEST_WORD: usize = 16;
/// Fewer characters of a secret before a cut (`ghp_0…`) tell nothing about it.
const LEAST_CUT: usize = 4;
/// Ends a text that was cut for a message.
const CUT: char = '…';

/// The secrets of a compilation.
#[derive(Clone, Debug, Default)]
pub(super) struct Mask {
    /// Where they stand.
    places: BTreeSet<Span>,
    /// How they read, also as a message writes them.
    texts: Needles,
}

impl Mask {
    /// Adds a secret and one of the places where it stands.
    pub(super) fn add(&mut self, place: Span, text: &str) {
        self.places.insert(place);
        if !text.trim().is_empty() {
            self.texts.insert(text);
            self.texts.insert(text.escape_debug().to_string());
        }
    }

    /// Adds those of another part of the work.
    pub(super) fn take_in(&mut self, part: Self) {
        self.places.extend(part.places);
        self.texts.extend(part.texts);
    }

    /// Returns the ranges that hold secrets, by source: in order, none within or beside another.
    pub(super) fn ranges(&self) -> BTreeMap<SourceId, Vec<Range<usize>>> {
        let mut ranges: BTreeMap<SourceId, Vec<Range<usize>>> = BTreeMap::new();
        for span in &self.places {
            let (of_source, range) = (ranges.entry(span.source).or_default(), span.range());
            match of_source.last_mut().filter(|last| range.start <= last.end) {
                Some(last) => last.end = last.end.max(range.end),
                None if range.is_empty() => {}
                None => of_source.push(range),
            }
        }
        ranges
    }

    /// Takes every secret, and every password of a URL, out of what a finding says. An edit that would write one is left
    /// out: its advice stays.
    pub(super) fn apply(&self, finding: &mut Diagnostic) {
        let masked = |text: &mut String| {
            self.without_secrets(text);
            without_passwords(text);
        };
        let labels = std::iter::once(&mut finding.primary).chain(&mut finding.related);
        labels.for_each(|label| masked(&mut label.text));
        finding.notes.iter_mut().for_each(masked);
        for Help { text, edit } in &mut finding.help {
            masked(text);
            if edit.as_ref().is_some_and(|edit| {
                let mut replacement = edit.replacement.clone();
                masked(&mut replacement);
                replacement != edit.replacement
            }) {
                *edit = None;
            }
        }
        masked(&mut finding.message);
    }

    /// Replaces the secrets in a text wherever one stands, also if its end was cut off or it is written with escapes.
    fn without_secrets(&self, text: &mut String) {
        if self.texts.is_empty() {
            return;
        }
        let mut out = String::new();
        let (mut from, mut kept) = (0, 0);
        while let Some(first) = text.get(from..).and_then(|rest| rest.chars().next()) {
            match self.secret_at(text, from) {
                Some(end) => {
                    out.push_str(&text[kept..from]);
                    out.push_str(MASK);
                    (from, kept) = (end, end);
                }
                None => from += first.len_utf8(),
            }
        }
        if kept > 0 {
            out.push_str(&text[kept..]);
            *text = out;
        }
    }

    /// Returns the end of the secret that begins here, if one does.
    fn secret_at(&self, text: &str, start: usize) -> Option<usize> {
        let (before, rest) = text.split_at_checked(start)?;
        let is_meant = |secret: &str| !could_be_word(secret) || is_quoted(before, &rest[secret.len()..]);
        let whole = self.texts.longest(rest, is_meant).map(str::len);
        whole.or_else(|| self.cut_off(rest)).map(|length| start + length)
    }

    /// Returns how long the beginning of a secret is that a text cuts off.
    fn cut_off(&self, rest: &str) -> Option<usize> {
        if rest.len() < LEAST_CUT || !self.texts.begin_with(&rest[..rest.ceil_char_boundary(LEAST_CUT)]) {
            return None;
        }
        rest.find(CUT).filter(|cut| *cut >= LEAST_CUT && self.texts.begin_with(&rest[..*cut]))
    }
}

/// Returns whether what stands between these is quoted, or the value of something.
fn is_quoted(before: &str, after: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    before.ends_with(['`', '"', '\'', ':', '=', '/', '@', '>']) && !after.starts_with(joins)
}

fn could_be_word(secret: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '-' | '.' | ' ');
    secret.len() < LEAST_CUT * 2 || (secret.len() < LONGEST_WORD && secret.chars().all(plain))
}

/// Replaces the password between `://user:` and `@`, or a cut, in every URL of a text.
fn without_passwords(text: &mut String) {
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("://")).map(|at| from + at + 3) {
        from = start;
        let rest = &text[start..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '`' | '"' | '\'' | CUT);
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let is_cut = rest[authority.len()..].starts_with(CUT);
        let Some(colon) = authority.find(':') else { continue };
        let end = match authority.rfind('@') {
            Some(at) => at,
            // A port is no password, and a password whose end was cut off is one.
            None if is_cut && !authority[colon + 1..].bytes().all(|byte| byte.is_ascii_digit()) => {
                authority.len()
            }
            None => continue,
        };
        if colon + 1 < end {
            text.replace_range(start + colon + 1..start + end, MASK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    /// Returns what is left of a message after a secret was masked.
    fn left(message: &str, secret: &str) -> String {
        let span = Span::new(SourceId::MANIFEST, 0..1);
        let mut mask = Mask::default();
        mask.add(span, secret);
        let mut finding = Diagnostic::new(Code::MalformedValue, span, message).fix("write", span, message);
        mask.apply(&mut finding);
        assert_eq!(finding.help[0].edit.is_none(), finding.message != message);
        finding.message
    }

    #[test]
    fn a_secret_is_masked_wherever_it_is_quoted() {
        for (message, secret, masked) in [
            ("`Tr0ub4dor&3` is not a name", "Tr0ub4dor&3", "`***` is not a name"),
            ("`aTr0ub4dor&3b` is not a name", "Tr0ub4dor&3", "`a***b` is not a name"),
            ("`Tr0ub4d…` is not a name", "Tr0ub4dor&3", "`***…` is not a name"),
            ("`a\\\"bcdefgh9` is not", "a\"bcdefgh9", "`***` is not"),
            ("`grafana`, in `blueprint.grafana.values`", "grafana", "`***`, in `blueprint.grafana.values`"),
            ("x is what `x` says", "x", "x is what `***` says"),
            ("nothing of it", "Tr0ub4dor&3", "nothing of it"),
            ("`…` and `…`", "Tr0ub4dor&3", "`…` and `…`"),
        ] {
            assert_eq!(left(message, secret), masked);
        }
    }

    #[test]
    fn the_password_of_any_url_is_masked_and_its_port_is_not() {
        for (message, masked) in [
            ("`https://bob:pw@a.example/x` is", "`https://bob:***@a.example/x` is"),
            ("`https://bob:p@w@a.example`", "`https://bob:***@a.example`"),
            ("`redis://:pw@a:6379` and `amqp://u:pw@b`", "`redis://:***@a:6379` and `amqp://u:***@b`"),
            ("`https://bob:very-long-pass…` is", "`https://bob:***…` is"),
            ("`https://a.example:8443/x` is", "`https://a.example:8443/x` is"),
            ("`https://a.example:8443…` is", "`https://a.example:8443…` is"),
            ("`ssh://git@a.example/x` is", "`ssh://git@a.example/x` is"),
        ] {
            assert_eq!(left(message, "no secret"), masked);
        }
    }

    #[test]
    fn ranges_are_whole_and_in_order() {
        let mut mask = Mask::default();
        for range in [4..8, 6..9, 1..2, 9..10, 20..20] {
            mask.add(Span::new(SourceId::MANIFEST, range), "");
        }
        mask.add(Span::new(SourceId::of_input(0), 0..1), "");
        let ranges = mask.ranges();
        assert_eq!(ranges[&SourceId::MANIFEST], [1..2, 4..10]);
        assert_eq!(ranges[&SourceId::of_input(0)].first(), Some(&(0..1)));
    }
}
