#![doc = include_str!("../../../../docs/diagnostics/secret-literal.md")]

mod assignments;
mod base64;
mod commands;
mod comments;
mod expressions;
mod inspect;
mod judge;
mod kinds;
mod logins;
mod names;
mod random;
mod references;
#[cfg(test)]
mod samples;
mod scalars;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use self::inspect::Found;
use self::judge::Trust;
use self::scalars::Scalar;
use crate::plan::Plan;
use crate::plan::release::value_trees;
use sovereign_language::kit::Blueprint;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::needles::Needles;
use sovereign_text::node::{Map, Node, path_text};
use sovereign_text::source::{Source, SourceId, Span};

/// A shorter secret is part of other words too.
const SHORTEST: usize = 6;

/// Reports everything that looks like a secret: in values as they are decoded, in keys and in comments; anywhere in a text
/// that is no TOML. What was found is hidden from all output.
pub(crate) fn check(source: &Source, tree: Option<&Node>, diags: &mut Diagnostics) {
    let mut sweep = Sweep::new(source);
    match tree {
        None => sweep.prose(0..source.text().len()),
        Some(tree) => {
            scalars::visit(tree, &mut |scalar| sweep.scalar(scalar));
            for comment in comments::of(source.text(), tree) {
                sweep.prose(comment);
            }
            sweep.keys(tree);
        }
    }
    sweep.hide(diags);
    give(sweep.found, sweep.further, diags);
}

/// Hides the secrets of a text that nobody reads any further, and reports none.
pub(crate) fn hide(source: &Source, diags: &mut Diagnostics) {
    let mut sweep = Sweep::new(source);
    sweep.prose(0..source.text().len());
    sweep.hide(diags);
}

/// Reports secrets that only come of expressions: `{{ 'hunt' ~ 'er2' }}`.
pub(crate) fn computed(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let computed: BTreeSet<Span> = plan.kit.blueprints.iter().flat_map(computed_by).collect();
    if computed.is_empty() {
        return;
    }
    let (mut hidden, mut findings, mut further) = (Vec::new(), Vec::new(), 0);
    let values = plan.regions.iter().flat_map(|region| &region.releases).map(|release| &release.values);
    for values in values.chain(plan.sovereign_values.iter().map(|(_, values)| values)) {
        scalars::visit(values, &mut |scalar| {
            let cause = scalar.node.cause;
            if !computed.contains(&cause) || diags.reported(Code::SecretLiteral, cause) {
                return;
            }
            // Facts are in it too, and none of them is a secret.
            let guess = Scalar {
                name: scalar.name,
                trust: Trust::Guess,
                of_secret: false,
                node: scalar.node,
                path: scalar.path,
            };
            for found in inspect::scalar(&guess) {
                if findings.len() < Diagnostics::MOST {
                    findings.push(finding(cause, &found, scalar));
                } else {
                    further += 1;
                }
                hidden.push((cause, found.secret));
            }
        });
    }
    diags.hide(hidden);
    give(findings, further, diags);
}

/// Hands findings over, and counts those that there was no room for.
fn give(findings: Vec<Diagnostic>, further: usize, diags: &mut Diagnostics) {
    diags.extend(findings);
    for _ in 0..further {
        diags.overflows(Code::SecretLiteral);
    }
}

/// Returns the values of a user's blueprint that expressions with literals give.
fn computed_by(blueprint: &Blueprint) -> BTreeSet<Span> {
    let mut causes = BTreeSet::new();
    for values in value_trees(blueprint) {
        values.walk(&mut |_, node| {
            let is_users = node.cause.source.is_input() && node.cause.source != SourceId::MANIFEST;
            if is_users && node.as_str().is_some_and(|text| expressions::literal(text).is_some()) {
                causes.insert(node.cause);
            }
        });
    }
    causes
}

/// What is found in one text: first all of it, then it is hidden, then it is reported, so that no finding shows what another
/// one is about.
struct Sweep<'s> {
    source: &'s Source,
    hidden: Vec<(Span, String)>,
    /// What is hidden wherever it stands: beside its name it is known, and elsewhere it reads the same.
    everywhere: Needles,
    found: Vec<Diagnostic>,
    /// How many more there are than anybody is shown.
    further: usize,
}

impl<'s> Sweep<'s> {
    fn new(source: &'s Source) -> Self {
        Self { source, hidden: Vec::new(), everywhere: Needles::default(), found: Vec::new(), further: 0 }
    }

    /// Takes what is found in a value.
    fn scalar(&mut self, scalar: &Scalar<'_, '_>) {
        let whole = scalar.node.cause;
        let text = scalar.node.as_str().unwrap_or_default();
        let list = inspect::scalar(scalar);
        if list.len() == inspect::MOST {
            self.hidden.push((whole, text.to_owned()));
        }
        for found in list {
            let span = written(self.source, whole, &found.shown).next().unwrap_or(whole);
            let places: Vec<Span> = written(self.source, whole, &found.secret).take(inspect::MOST).collect();
            // A value that cannot be read as it is found is hidden whole, and so is one with a secret that any word may hold.
            let is_short = found.secret.len() < SHORTEST && text != found.secret && !text.is_empty();
            self.find(span, || finding(span, &found, scalar));
            if places.is_empty() || places.len() == inspect::MOST || is_short {
                self.hidden.extend([(whole, found.secret), (whole, text.to_owned())]);
                continue;
            }
            if found.secret.len() >= SHORTEST && found.secret.contains(|c: char| c.is_ascii_digit()) {
                self.everywhere.insert(found.secret.as_str());
            }
            self.hidden.extend(places.into_iter().map(|place| (place, found.secret.clone())));
        }
    }

    /// Takes what is found in a part of the text that nothing speaks for.
    fn prose(&mut self, range: Range<usize>) {
        let text = self.source.text().get(range.clone()).unwrap_or_default();
        let whole = Span::new(self.source.id(), range);
        let list = inspect::prose(text);
        if list.len() == inspect::MOST {
            self.hidden.push((whole, text.to_owned()));
        }
        for found in list {
            let place = |text| written(self.source, whole, text).next().unwrap_or(whole);
            let (span, hidden) = (place(&found.shown), place(&found.secret));
            self.find(span, || looks_like(span, found.what.unwrap_or("a secret")));
            self.hidden.push((hidden, found.secret));
        }
    }

    /// Takes keys that are secrets themselves.
    fn keys(&mut self, tree: &Node) {
        let mut kinds: BTreeMap<String, &'static str> = BTreeMap::new();
        tree.walk(&mut |_, node| {
            for (key, _) in node.as_map().into_iter().flat_map(Map::iter) {
                kinds::find(key, &mut |kind| {
                    kinds.insert(key[kind.at].to_owned(), kind.what);
                });
            }
        });
        let mut needles = Needles::default();
        for secret in kinds.keys() {
            needles.insert(secret.as_str());
        }
        for place in needles.places(self.source.text()) {
            let span = Span::new(self.source.id(), place);
            let secret = self.source.slice(span);
            let what = kinds.get(secret).copied().unwrap_or("a secret");
            self.find(span, || looks_like(span, what));
            self.hidden.push((span, secret.to_owned()));
        }
    }

    /// Takes a finding, unless it is of the same place as another one, or more than anybody is shown.
    fn find(&mut self, span: Span, finding: impl FnOnce() -> Diagnostic) {
        if self.found.len() >= Diagnostics::MOST {
            self.further += 1;
        } else if !self.found.iter().any(|found| found.primary.span.meets(span)) {
            self.found.push(finding());
        }
    }

    /// Hides what was found, and what reads the same elsewhere in the text.
    fn hide(&mut self, diags: &mut Diagnostics) {
        let mut hidden = std::mem::take(&mut self.hidden);
        for place in self.everywhere.places(self.source.text()) {
            let place = Span::new(self.source.id(), place);
            hidden.push((place, self.source.slice(place).to_owned()));
        }
        diags.hide(hidden);
    }
}

/// Returns the places of a text within a value, if it is written there as it reads.
fn written<'s>(source: &'s Source, whole: Span, text: &'s str) -> impl Iterator<Item = Span> + 's {
    let starts = source.slice(whole).match_indices(text).filter(|(_, text)| !text.is_empty());
    starts.map(move |(start, text)| {
        let start = whole.range().start + start;
        Span::new(whole.source, start..start + text.len())
    })
}

fn finding(span: Span, found: &Found, scalar: &Scalar<'_, '_>) -> Diagnostic {
    match found.what {
        Some(what) => looks_like(span, what),
        None => looks_like(span, &format!("a secret, in `{}`", path_text(scalar.path))),
    }
}

fn looks_like(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::SecretLiteral, span, format!("this looks like {what}"))
        .note("what is committed stays in the history for ever")
        .help(
            "revoke it, put the new one into a Secret, and refer to that: `{ secret = \"…\", key = \"…\" }`",
        )
}

#[cfg(test)]
mod tests;
