#![doc = include_str!("../../../../docs/diagnostics/secret-literal.md")]

mod assignments;
mod base64;
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

use std::collections::BTreeSet;
use std::ops::Range;

use self::inspect::Found;
use self::judge::Trust;
use self::scalars::Scalar;
use crate::plan::Plan;
use crate::plan::release::value_trees;
use sovereign_language::kit::Blueprint;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::{Node, path_text};
use sovereign_text::source::{Source, SourceId, Span};

/// A shorter secret is part of other words too.
const SHORTEST: usize = 6;

/// Reports everything that looks like a secret: in values as they are decoded, in keys and in comments; anywhere in a text
/// that is no TOML. What was found is hidden from all output.
pub(crate) fn check(source: &Source, tree: Option<&Node>, diags: &mut Diagnostics) {
    let Some(tree) = tree else {
        return prose(source, 0..source.text().len(), diags);
    };
    scalars::visit(tree, &mut |scalar| {
        let found = inspect::scalar(scalar);
        if found.len() == inspect::MOST {
            hide_whole(scalar, diags);
        }
        for found in &found {
            report(source, scalar, found, diags);
        }
    });
    for comment in comments::of(source.text(), tree) {
        prose(source, comment, diags);
    }
    keys(source, tree, diags);
}

/// Reports secrets that only come of expressions: `{{ ['hunt', 'er2'] | join }}`.
pub(crate) fn computed(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let computed: BTreeSet<Span> = plan.kit.blueprints.iter().flat_map(computed_by).collect();
    if computed.is_empty() {
        return;
    }
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
                diags.hide(cause, &found.secret);
                diags.push(finding(cause, &found, scalar));
            }
        });
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

fn report(source: &Source, scalar: &Scalar<'_, '_>, found: &Found, diags: &mut Diagnostics) {
    let whole = scalar.node.cause;
    let span = written(source, whole, &found.shown).next().unwrap_or(whole);
    let places: Vec<Span> = written(source, whole, &found.secret).take(inspect::MOST).collect();
    // A value that cannot be read as it is found is hidden whole, and so is one with a secret that any word may hold.
    let is_short =
        found.secret.len() < SHORTEST && scalar.node.as_str().is_some_and(|text| text != found.secret);
    if places.is_empty() || places.len() == inspect::MOST || is_short {
        diags.hide(whole, &found.secret);
        hide_whole(scalar, diags);
    } else {
        for place in places {
            diags.hide(place, &found.secret);
        }
        hide_elsewhere(source, &found.secret, diags);
    }
    if !diags.reported(Code::SecretLiteral, span) && !diags.overflows(Code::SecretLiteral) {
        diags.push(finding(span, found, scalar));
    }
}

/// Hides a secret where it stands under names that promise none: beside its name it is known, and here it reads the same.
fn hide_elsewhere(source: &Source, secret: &str, diags: &mut Diagnostics) {
    let is_word = secret.len() < SHORTEST || !secret.contains(|c: char| c.is_ascii_digit());
    // Of so many that findings are dropped, nobody looks for each in the whole text.
    if is_word || diags.dropped() > 0 {
        return;
    }
    let all = Span::new(source.id(), 0..source.text().len());
    for place in written(source, all, secret).take(inspect::MOST) {
        diags.hide(place, secret);
    }
}

fn hide_whole(scalar: &Scalar<'_, '_>, diags: &mut Diagnostics) {
    diags.hide(scalar.node.cause, scalar.node.as_str().unwrap_or_default());
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
    let message = match found.what {
        Some(what) => format!("this looks like {what}"),
        None => format!("this looks like a secret, in `{}`", path_text(scalar.path)),
    };
    advised(Diagnostic::new(Code::SecretLiteral, span, message))
}

fn advised(finding: Diagnostic) -> Diagnostic {
    finding.note("what is committed stays in the history for ever").help(
        "revoke it, put the new one into a Secret, and refer to that: `{ secret = \"…\", key = \"…\" }`",
    )
}

/// Hides the secrets of a text that nobody reads any further, and reports none.
pub(crate) fn hide(source: &Source, diags: &mut Diagnostics) {
    hidden(source, 0..source.text().len(), diags);
}

/// Hides secrets in text that nothing speaks for, and returns them with their places.
fn hidden(source: &Source, range: Range<usize>, diags: &mut Diagnostics) -> Vec<(Span, Found)> {
    let text = source.text().get(range.clone()).unwrap_or_default();
    let place = Span::new(source.id(), range);
    let list = inspect::prose(text);
    if list.len() == inspect::MOST {
        diags.hide(place, text);
    }
    let locate = |found: Found| {
        diags.hide(written(source, place, &found.secret).next().unwrap_or(place), &found.secret);
        let shown = written(source, place, &found.shown).next();
        (shown.unwrap_or(place), found)
    };
    list.into_iter().map(locate).collect()
}

/// Reports secrets in text that nothing speaks for.
fn prose(source: &Source, range: Range<usize>, diags: &mut Diagnostics) {
    for (span, found) in hidden(source, range, diags) {
        let what = found.what.unwrap_or("a secret");
        if !diags.reported(Code::SecretLiteral, span) && !diags.overflows(Code::SecretLiteral) {
            diags.push(advised(Diagnostic::new(
                Code::SecretLiteral,
                span,
                format!("this looks like {what}"),
            )));
        }
    }
}

/// Reports keys that are secrets themselves.
fn keys(source: &Source, tree: &Node, diags: &mut Diagnostics) {
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    tree.walk(&mut |_, node| {
        keys.extend(node.as_map().into_iter().flat_map(|map| map.iter().map(|(key, _)| key)));
    });
    for key in keys {
        kinds::find(key, &mut |kind| {
            let secret = &key[kind.at];
            for (start, _) in source.text().match_indices(secret) {
                let span = Span::new(source.id(), start..start + secret.len());
                diags.hide(span, secret);
                if !diags.reported(Code::SecretLiteral, span) {
                    diags.push(advised(Diagnostic::new(
                        Code::SecretLiteral,
                        span,
                        format!("this looks like {}", kind.what),
                    )));
                }
            }
        });
    }
}

#[cfg(test)]
mod tests;
