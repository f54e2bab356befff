//! What no output shows: secrets that somebody wrote down. Logs of pipelines are read by more people than the file.
//!
//! Whoever finds a secret says where it stands and how it reads ([`Diagnostics::hide`](super::Diagnostics::hide)). Its place
//! is left out of every excerpt, and its text out of everything that a finding says.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Diagnostic, Help};
use crate::source::{SourceId, Span};

/// Stands for a secret, whatever its length.
pub(super) const MASK: &str = "***";
/// How many secrets are looked for in every finding; what hostile input has beyond is looked for where it stands.
const MOST: usize = 1000;
/// A shorter text, or one that could be a word, is masked only where it is quoted: `x` would blank half of a sentence.
const LONGEST_WORD: usize = 16;
/// Fewer characters of a secret before a cut (`ghp_0…`) tell nothing about it.
const LEAST_CUT: usize = 4;
/// Ends a text that was cut for a message.
const CUT: char = '…';

/// A secret and one of the places where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Secret {
    pub(super) span: Span,
    pub(super) text: String,
}

/// The secrets of a compilation.
#[derive(Clone, Debug, Default)]
pub(super) struct Mask {
    secrets: BTreeSet<Secret>,
}

impl Mask {
    /// Adds a secret.
    pub(super) fn add(&mut self, secret: Secret) {
        self.secrets.insert(secret);
    }

    /// Adds those of another part of the work.
    pub(super) fn take_in(&mut self, part: Self) {
        self.secrets.extend(part.secrets);
    }

    /// Returns the ranges that hold secrets, by source: in order, none within or beside another.
    pub(super) fn ranges(&self) -> BTreeMap<SourceId, Vec<Range<usize>>> {
        let mut ranges: BTreeMap<SourceId, Vec<Range<usize>>> = BTreeMap::new();
        for span in self.secrets.iter().map(|secret| secret.span) {
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
        let texts: BTreeSet<&str> = self.near(finding).map(|secret| secret.text.as_str()).collect();
        let masked = |text: &mut String| {
            for secret in &texts {
                masked(text, secret);
            }
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

    /// Returns the secrets that a finding might quote: the first ones, and those in its places.
    fn near(&self, finding: &Diagnostic) -> impl Iterator<Item = &Secret> {
        let spans = std::iter::once(&finding.primary).chain(&finding.related).map(|label| label.span);
        let further = spans.filter(|_| self.secrets.len() > MOST).flat_map(|span| {
            let from = Secret { span, text: String::new() };
            self.secrets
                .range(from..)
                .take_while(move |secret| secret.span.source == span.source && secret.span.start <= span.end)
        });
        self.secrets.iter().take(MOST).chain(further)
    }
}

/// Replaces a secret in a text wherever it stands, also if its end was cut off or it is written with escapes.
fn masked(text: &mut String, secret: &str) {
    if secret.trim().is_empty() {
        return;
    }
    replace(text, secret);
    let escaped = secret.escape_debug().to_string();
    if escaped != secret {
        replace(text, &escaped);
    }
    let mut from = 0;
    while let Some(cut) = text.get(from..).and_then(|rest| rest.find(CUT)).map(|at| from + at) {
        match cut_off(&text[..cut], secret) {
            Some(start) => {
                text.replace_range(start..cut, MASK);
                from = start + MASK.len() + CUT.len_utf8();
            }
            None => from = cut + CUT.len_utf8(),
        }
    }
}

/// Returns where the beginning of a secret starts that a text ends with.
fn cut_off(text: &str, secret: &str) -> Option<usize> {
    let lengths =
        secret.char_indices().map(|(at, _)| at).filter(|length| (LEAST_CUT..=text.len()).contains(length));
    let longest = lengths.rev().find(|&length| text.ends_with(&secret[..length]))?;
    Some(text.len() - longest)
}

fn replace(text: &mut String, secret: &str) {
    let is_word = could_be_word(secret);
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(secret)).map(|at| from + at) {
        let end = start + secret.len();
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let is_quoted = text[..start].ends_with(['`', '"', '\'', ':', '=', '/', '@', '>']);
        if is_word && (!is_quoted || text[end..].starts_with(joins)) {
            from = end;
        } else {
            text.replace_range(start..end, MASK);
            from = start + MASK.len();
        }
    }
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
        mask.add(Secret { span, text: secret.to_owned() });
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
            mask.add(Secret { span: Span::new(SourceId::MANIFEST, range), text: String::new() });
        }
        mask.add(Secret { span: Span::new(SourceId::of_input(0), 0..1), text: String::new() });
        let ranges = mask.ranges();
        assert_eq!(ranges[&SourceId::MANIFEST], [1..2, 4..10]);
        assert_eq!(ranges[&SourceId::of_input(0)].first(), Some(&(0..1)));
    }
}
