//! Findings as a person reads them in a terminal: the source with what is wrong underlined, facts, advice.
//!
//! This is the only file that knows annotate-snippets. It gets an `Excerpt` and never a whole source.

mod excerpt;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Padding, Patch, Renderer, Snippet, normalize_untrusted_str,
};

use self::excerpt::{Excerpt, Text};
use super::{Diagnostic, Diagnostics, Edit, Severity, Sources};
use crate::source::{Source, SourceId};

/// Lines further apart than this are shown as two excerpts of the same file.
const FAR: usize = 1000;
/// A narrower terminal is treated as this wide; less leaves no room for source text.
const NARROWEST: usize = 40;

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to use the escape sequences of a terminal.
    pub color: bool,
    /// The columns of the terminal; longer source lines are cut.
    pub width: usize,
}

/// Returns all findings with their source text, and a line that counts them; nothing if there are none.
pub fn render(diags: &Diagnostics, sources: &dyn Sources, style: Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(style.width.max(NARROWEST)).decor_style(DecorStyle::Ascii);
    let view = View { sources, hidden: diags.hidden() };
    let mut out = String::new();
    for finding in diags.sorted() {
        let level = level(diags.severity(finding.code));
        out.push_str(&renderer.render(&report(finding, level, &view)));
        out.push_str("\n\n");
    }
    if let Some((severity, text)) = summary(diags) {
        out.push_str(&renderer.render(&[Group::with_title(level(severity).primary_title(text))]));
        out.push('\n');
    }
    out
}

/// The sources, and what of them is not shown.
struct View<'s> {
    sources: &'s dyn Sources,
    hidden: BTreeMap<SourceId, Vec<Range<usize>>>,
}

impl<'s> View<'s> {
    fn text(&'s self, id: SourceId) -> Text<'s> {
        let hidden = self.hidden.get(&id).map(Vec::as_slice).unwrap_or_default();
        Text { source: self.sources.source(id), hidden }
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// Returns the worst severity and `3 errors, 1 warning`.
fn summary(diags: &Diagnostics) -> Option<(Severity, String)> {
    let count = |severity| Some(diags.count(severity)).filter(|&n| n > 0).map(|n| (severity, n));
    let counts: Vec<_> = [Severity::Error, Severity::Warning].into_iter().filter_map(count).collect();
    let worst = counts.first()?.0;
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let mut parts: Vec<_> = counts.iter().map(|&(s, n)| format!("{n} {}{}", s.name(), plural(n))).collect();
    if diags.dropped() > 0 {
        parts.push(format!("{} more finding{} not shown", diags.dropped(), plural(diags.dropped())));
    }
    Some((worst, parts.join(", ")))
}

/// Returns one finding: a group of what is wrong, and one group for each edit that fits on a screen.
fn report<'a>(finding: &'a Diagnostic, level: Level<'a>, view: &View<'_>) -> Vec<Group<'a>> {
    let mut main = Group::with_title(level.primary_title(&*finding.message).id(finding.code.name()));
    let mut patches = Vec::new();
    for excerpt in excerpts(finding, view) {
        main = main.elements(excerpt);
    }
    main = main.elements(finding.notes.iter().map(|note| Level::NOTE.message(normalize_untrusted_str(note))));
    for help in &finding.help {
        let text = normalize_untrusted_str(&help.text);
        match help.edit.as_ref().and_then(|edit| patch(edit, finding.primary.span.source, view)) {
            Some(patch) => patches.push(Level::HELP.secondary_title(text).element(patch)),
            None => main = main.element(Level::HELP.message(text)),
        }
    }
    std::iter::once(main).chain(patches).collect()
}

/// A place of a finding: its text is `None` where there is nothing to say.
struct Place<'a> {
    source: SourceId,
    range: Range<usize>,
    text: Option<&'a str>,
    kind: AnnotationKind,
}

/// Returns the labels of a finding in the fewest excerpts that are still small, the primary one first.
fn excerpts<'a>(finding: &'a Diagnostic, view: &View<'_>) -> Vec<Vec<Element<'a>>> {
    let kinds = std::iter::once(AnnotationKind::Primary).chain(std::iter::repeat(AnnotationKind::Context));
    let mut sets: Vec<Vec<Place<'a>>> = Vec::new();
    for (label, kind) in std::iter::once(&finding.primary).chain(&finding.related).zip(kinds) {
        let source = view.sources.source(label.span.source);
        let text = Some(label.text.as_str()).filter(|text| !text.is_empty());
        let place = Place { source: source.id(), range: excerpt::underline(source, label.span), text, kind };
        match sets.iter_mut().find(|set| set.iter().all(|other| together(source, other, &place))) {
            Some(set) => set.push(place),
            None => sets.push(vec![place]),
        }
    }
    let draw = |(n, set): (usize, &Vec<Place<'a>>)| elements(view, set, n == 0);
    sets.iter().enumerate().map(draw).collect()
}

/// Returns whether two places can be shown in one excerpt.
fn together(source: &Source, a: &Place<'_>, b: &Place<'_>) -> bool {
    let far =
        || excerpt::line_of(source, a.range.start).abs_diff(excerpt::line_of(source, b.range.start)) > FAR;
    let long = |place: &Place<'_>| excerpt::on_long_line(source, place.range.start);
    a.source == b.source && !long(a) && !long(b) && !far()
}

/// Returns one excerpt. On a cut line the renderer would count columns from the cut, so the position is ours there.
fn elements<'a>(view: &View<'_>, set: &[Place<'a>], is_first: bool) -> Vec<Element<'a>> {
    let Some(place) = set.first() else {
        return Vec::new();
    };
    let text = view.text(place.source);
    let source = text.source;
    let ranges: Vec<_> = set.iter().map(|place| place.range.clone()).collect();
    let excerpt = Excerpt::new(&text, &ranges);
    let mark = |place: &Place<'a>| place.kind.span(excerpt.range(&place.range)).label(place.text);
    let marks: Vec<_> = set.iter().map(mark).collect();
    let snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line).annotations(marks);
    if !excerpt::on_long_line(source, place.range.start) {
        return vec![snippet.path(name(source)).into()];
    }
    let (line, column) = source.position(u32::try_from(place.range.start).unwrap_or(u32::MAX));
    let origin = Origin::path(name(source)).line(line).char_column(column);
    let space = (!is_first).then_some(Element::Padding(Padding));
    space.into_iter().chain([origin.into(), snippet.into()]).collect()
}

/// Returns the edit as a patch, with the name of the file if it is another one than that of the finding.
fn patch<'a>(edit: &'a Edit, shown: SourceId, view: &View<'_>) -> Option<Snippet<'a, Patch<'a>>> {
    let text = view.text(edit.span.source);
    let source = text.source;
    if !excerpt::is_small(source, edit.span, &edit.replacement) {
        return None;
    }
    let range = excerpt::bytes(source, edit.span);
    let excerpt = Excerpt::new(&text, std::slice::from_ref(&range));
    let patch = Patch::new(excerpt.range(&range), edit.replacement.replace("\r\n", "\n"));
    let snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line).patch(patch);
    Some(if source.id() == shown { snippet } else { snippet.path(name(source)) })
}

fn name(source: &Source) -> Cow<'static, str> {
    Cow::Owned(normalize_untrusted_str(source.name()))
}

#[cfg(test)]
mod tests;
