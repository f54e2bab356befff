//! The events of a cluster as groups of short lines: what a reviewer reads, whatever the format.
//!
//! One kind of event is one group, worst first. Settings that change in many objects are one line with a count, and
//! long lists of paths are folded to the mappings that hold them.

use std::collections::{BTreeMap, BTreeSet};

use super::events::{ValueChange, What};
use super::objects::{Step, path_text};
use super::sections::Happening;
use super::shift::shift;
use sovereign_text::diag::Sources;
use sovereign_text::source::Span;

/// How many paths or names stand in one line.
const MOST: usize = 6;
/// In how many ways a setting changes that are all written out.
const FEW: usize = 3;

/// Events of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    /// What happens to each line.
    pub title: &'static str,
    /// How bad it is.
    pub tone: Tone,
    /// What it happens to.
    pub lines: Vec<Line>,
}

/// How bad a kind of event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something goes.
    Bad,
    /// Somebody should look.
    Odd,
    /// Something that stays changes.
    Change,
    /// Something comes.
    New,
}

/// One thing that happens. Subject and detail hold what users wrote; no control characters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// What it happens to.
    pub subject: String,
    /// Versions, paths, names.
    pub detail: String,
    /// What caused it, the first of perhaps several.
    pub causes: Vec<Span>,
}

/// Returns the groups of a list of events, which are sorted by kind.
pub(super) fn collect(happenings: &[Happening]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for alike in happenings.chunk_by(|a, b| title(&a.event.what).0 == title(&b.event.what).0) {
        let Some(first) = alike.first() else { continue };
        let (title, tone) = title(&first.event.what);
        let lines = if matches!(first.event.what, What::Changed { .. }) {
            settings(alike)
        } else {
            alike.iter().map(line).collect()
        };
        groups.push(Group { title, tone, lines });
    }
    groups
}

fn title(what: &What) -> (&'static str, Tone) {
    match what {
        What::ClusterRemoved { .. } => ("region removed", Tone::Bad),
        What::Deleted { .. } => ("uninstalled", Tone::Bad),
        What::Reinstalled { .. } => ("uninstalled and installed again", Tone::Bad),
        What::LeftBehind => ("left behind in the cluster, without an owner", Tone::Bad),
        What::Removed => ("removed", Tone::Bad),
        What::Downgraded { .. } => ("downgraded", Tone::Odd),
        What::Upgraded { .. } => ("upgraded", Tone::Change),
        What::Moved { .. } => ("moved to another layer", Tone::Odd),
        What::VariablesChanged { .. } => ("variables of machines changed", Tone::Odd),
        What::ValuesChanged { .. } => ("values changed", Tone::Change),
        What::DependenciesChanged { .. } => ("dependencies changed", Tone::Change),
        What::Changed { .. } => ("settings changed", Tone::Change),
        What::ClusterAdded { .. } => ("region added", Tone::New),
        What::Installed { .. } => ("installed", Tone::New),
        What::Added => ("added", Tone::New),
    }
}

/// Returns what happens in a few words: `uninstalled 1.0.0`.
pub(super) fn words(what: &What) -> String {
    let (title, detail) = (title(what).0, detail(what));
    if detail.is_empty() { title.to_owned() } else { format!("{title} {detail}") }
}

fn line(happening: &Happening) -> Line {
    let Happening { event, causes } = happening;
    Line { subject: plain(&event.subject), detail: plain(&detail(&event.what)), causes: causes.clone() }
}

/// Returns versions, paths, names.
fn detail(what: &What) -> String {
    match what {
        What::ClusterRemoved { releases, at_risk } if at_risk.is_empty() => count(*releases, "release"),
        What::ClusterRemoved { releases, at_risk } => {
            format!(
                "{}, {} with something to lose: {}",
                count(*releases, "release"),
                at_risk.len(),
                some(at_risk)
            )
        }
        What::Deleted { version } | What::Installed { version } => version.clone(),
        What::Reinstalled { changes } => {
            let change = |(path, from, to): &(String, String, String)| format!("{path} {from} → {to}");
            changes.iter().map(change).collect::<Vec<_>>().join(", ")
        }
        What::Downgraded { from, to } | What::Upgraded { from, to } | What::Moved { from, to } => {
            format!("{from} → {to}")
        }
        What::VariablesChanged { values } | What::ValuesChanged { values } | What::Changed { values } => {
            some(&fold(values))
        }
        What::DependenciesChanged { added, removed } => {
            let edges = added.iter().map(|name| format!("+{name}"));
            edges.chain(removed.iter().map(|name| format!("-{name}"))).collect::<Vec<_>>().join(" ")
        }
        What::ClusterAdded { releases } => count(*releases, "release"),
        What::LeftBehind | What::Removed | What::Added => String::new(),
    }
}

/// Returns one line a setting, with the objects in which it changes. What stands in a list counts as the list.
fn settings(happenings: &[Happening]) -> Vec<Line> {
    let mut settings: BTreeMap<String, Setting<'_>> = BTreeMap::new();
    for happening in happenings {
        let What::Changed { values } = &happening.event.what else { continue };
        for value in values {
            let keys = value.path.iter().take_while(|step| step.key().is_some()).count();
            let setting = settings.entry(path_text(&value.path[..keys])).or_default();
            setting.within |= keys < value.path.len();
            setting.add(happening, value);
        }
    }
    let line = |(path, setting): (String, Setting<'_>)| Line {
        subject: plain(&path),
        detail: plain(&setting.words()),
        causes: setting.with.iter().flat_map(|happening| happening.causes.iter().copied()).collect(),
    };
    settings.into_iter().map(line).collect()
}

/// A setting that changes in some objects.
#[derive(Default)]
struct Setting<'a> {
    /// The objects.
    with: Vec<&'a Happening>,
    /// The names of those in which it changes from one value to another, by both.
    shifts: BTreeMap<String, BTreeSet<&'a str>>,
    /// Whether what changes stands in a list, so that no shift is that of the whole.
    within: bool,
}

impl<'a> Setting<'a> {
    fn add(&mut self, happening: &'a Happening, value: &ValueChange) {
        let subject = happening.event.subject.as_str();
        self.shifts.entry(shift(value.old.as_ref(), value.new.as_ref())).or_default().insert(subject);
        if !self.with.iter().any(|other| other.event.subject == subject) {
            self.with.push(happening);
        }
    }

    /// `2 → 1, bp-a, bp-b`; where the values differ, so for each, if they are few.
    fn words(&self) -> String {
        let names: Vec<_> = self.with.iter().map(|happening| happening.event.subject.as_str()).collect();
        if self.shifts.len() > if self.within { 1 } else { FEW } {
            return few(&names);
        }
        let of_shift = |(shift, names): (&String, &BTreeSet<&str>)| {
            format!("{shift}, {}", few(&names.iter().copied().collect::<Vec<_>>()))
        };
        self.shifts.iter().map(of_shift).collect::<Vec<_>>().join("; ")
    }
}

/// Paths with their values; if they are many, the mappings that hold them, as deep as there are few, with counts.
fn fold(values: &[ValueChange]) -> Vec<String> {
    let deepest = values.iter().map(|value| value.path.len()).max().unwrap_or_default();
    for depth in (1..=deepest).rev() {
        let mut groups: Vec<(&[Step], &ValueChange, usize)> = Vec::new();
        for value in values {
            let above = &value.path[..value.path.len().min(depth)];
            match groups.iter_mut().find(|(group, _, _)| *group == above) {
                Some((_, _, count)) => *count += 1,
                None => groups.push((above, value, 1)),
            }
        }
        if groups.len() <= MOST || depth == 1 {
            let text = |(path, value, count): &(&[Step], &ValueChange, usize)| match count {
                1 => format!("{} {}", path_text(&value.path), shift(value.old.as_ref(), value.new.as_ref())),
                count => format!("{}.* ({count})", path_text(path)),
            };
            return groups.iter().map(text).collect();
        }
    }
    Vec::new()
}

/// Returns a few names, or how many there are.
fn few(names: &[&str]) -> String {
    match names {
        [] | [_] | [_, _] | [_, _, _] => names.join(", "),
        many => format!("{} objects: {}, {} …", many.len(), many[0], many[1]),
    }
}

fn some(texts: &[String]) -> String {
    let shown = texts.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match texts.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 release`, `2 releases`.
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Returns the causes of a line: the first, and how many more places there are.
pub(super) fn cause(causes: &[Span], sources: &dyn Sources) -> Option<String> {
    let mut places: Vec<String> = Vec::new();
    for place in causes.iter().map(|span| place(*span, sources)) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    match places.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first, more @ ..] => Some(format!("{first} and {} more", more.len())),
    }
}

/// `sovereign.toml:12`, `2026.05/19-harbor.toml:3`.
pub(super) fn place(span: Span, sources: &dyn Sources) -> String {
    let source = sources.source(span.source);
    let name = source.name().strip_prefix("kit ").unwrap_or(source.name());
    plain(&format!("{name}:{}", source.position(span.start).0))
}

/// Returns a text in which no character steers a terminal or turns the direction of reading: an old tree may hold anything.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let steers = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if steers { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}
