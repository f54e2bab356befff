//! A [`Diff`] for a person at a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::objects::{FieldChange, ObjectChange};
use super::{Change, ClusterEvents, Diff, Event};
use crate::diag::Sources;
use crate::diff::events::What;
use crate::source::Span;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With colour.
    pub color: bool,
}

/// How many paths of one event are named before the rest is counted.
const PATHS: usize = 6;

impl Look {
    fn paint(self, color: AnsiColor, text: &str) -> String {
        let style = Style::new().fg_color(Some(color.into()));
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        let style = Style::new().bold();
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The summary: what will happen to each cluster.
pub fn summary(diff: &Diff, sources: &dyn Sources, look: Look) -> String {
    let mut out = String::new();
    if diff.is_empty() {
        return out;
    }
    for cluster in &diff.clusters {
        let _ = writeln!(out, "{}", look.bold(&cluster.cluster));
        for event in &cluster.events {
            let words = look.paint(color(event), &sentence(event));
            let _ = writeln!(out, "  {words}{}", cause(event.cause, sources));
        }
        out.push_str(&tail(cluster));
    }
    let _ = writeln!(out, "{}", totals(diff));
    out
}

fn color(event: &Event) -> AnsiColor {
    match event.what {
        What::ClusterRemoved | What::Deleted { .. } | What::Reinstalled { .. } | What::Removed => {
            AnsiColor::Red
        }
        What::Downgraded { .. } | What::Moved { .. } => AnsiColor::Yellow,
        What::ClusterAdded { .. } | What::Installed { .. } | What::Added => AnsiColor::Green,
        What::Upgraded { .. }
        | What::ValuesChanged { .. }
        | What::DependenciesChanged { .. }
        | What::Changed { .. } => AnsiColor::Cyan,
    }
}

/// What happens, as a sentence without its cause.
pub(super) fn sentence(event: &Event) -> String {
    let subject = &event.subject;
    let words = match &event.what {
        What::ClusterRemoved => format!("{subject} leaves the tree"),
        What::Deleted { version } => format!("{subject} {version} is uninstalled"),
        What::Reinstalled { changes } => {
            let change = |(path, from, to): &(String, String, String)| format!("{path} {from} → {to}");
            let changes: Vec<_> = changes.iter().map(change).collect();
            format!("{subject} is uninstalled and installed again: {}", changes.join(", "))
        }
        What::Removed => format!("{subject} is removed"),
        What::Downgraded { from, to } => format!("{subject} goes back from {from} to {to}"),
        What::Upgraded { from, to } => format!("{subject} is upgraded from {from} to {to}"),
        What::Moved { from, to } => format!("{subject} moves from {from} to {to}"),
        What::ValuesChanged { paths } => format!("{subject} gets other values: {}", some(paths)),
        What::DependenciesChanged { added, removed } => {
            let mut parts = Vec::new();
            if !added.is_empty() {
                parts.push(format!("now waits for {}", added.join(", ")));
            }
            if !removed.is_empty() {
                parts.push(format!("no longer waits for {}", removed.join(", ")));
            }
            format!("{subject} {}", parts.join(" and "))
        }
        What::Changed { paths } => format!("{subject} changes: {}", some(paths)),
        What::ClusterAdded { releases } => format!("{subject} is new, with {releases} releases"),
        What::Installed { version } => format!("{subject} {version} is installed"),
        What::Added => format!("{subject} is added"),
    };
    match event.risk {
        Some(risk) => format!("{words} — at risk: {}", risk.phrase()),
        None => words,
    }
}

fn some(paths: &[String]) -> String {
    let shown = paths.iter().take(PATHS).cloned().collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(PATHS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn cause(span: Option<Span>, sources: &dyn Sources) -> String {
    span.map_or_else(String::new, |span| format!("  ({})", place(span, sources)))
}

/// `sovereign.toml:12`.
pub(super) fn place(span: Span, sources: &dyn Sources) -> String {
    let source = sources.source(span.source);
    format!("{}:{}", source.name(), source.position(span.start).0)
}

/// Layers and restarts of a cluster.
pub(super) fn tail(cluster: &ClusterEvents) -> String {
    let mut out = String::new();
    if !cluster.layers.is_empty() {
        let _ = writeln!(out, "  layers touched: {}", cluster.layers.join(", "));
    }
    if !cluster.restarts.is_empty() {
        let _ = writeln!(out, "  releases that Flux works on again: {}", cluster.restarts.len());
    }
    out
}

/// Counts over everything, in one line.
pub(super) fn totals(diff: &Diff) -> String {
    let count = |test: fn(&Change) -> bool| diff.files.values().filter(|change| test(change)).count();
    let added = count(|change| matches!(change, Change::Added { .. }));
    let removed = count(|change| matches!(change, Change::Removed { .. }));
    let changed = diff.files.len() - added - removed;
    let risks = diff.clusters.iter().flat_map(|cluster| &cluster.events).filter(|e| e.risk.is_some()).count();
    let risky = if risks > 0 { format!(", {risks} with data at risk") } else { String::new() };
    format!("{}: {added} files added, {changed} changed, {removed} removed{risky}", diff.root)
}

/// The object-level diff: every field with its value before and after.
pub fn objects(diff: &Diff, sources: &dyn Sources, look: Look) -> String {
    let mut out = String::new();
    for change in &diff.objects {
        let _ = writeln!(out, "{}", look.bold(&title(change)));
        match (&change.old, &change.new) {
            (None, _) => {
                let _ = writeln!(out, "  {}", look.paint(AnsiColor::Green, "added"));
            }
            (_, None) => {
                let _ = writeln!(out, "  {}", look.paint(AnsiColor::Red, "removed"));
            }
            (Some((from, _)), Some((to, _))) if from != to => {
                let _ = writeln!(out, "  moved: {from} → {to}");
            }
            (Some(_), Some(_)) => {}
        }
        for field in &change.fields {
            out.push_str(&line(field, sources, look));
        }
    }
    out
}

fn line(field: &FieldChange, sources: &dyn Sources, look: Look) -> String {
    let mut out = format!("  {}{}\n", field.path(), cause(field.cause, sources));
    if let Some(old) = &field.old {
        let _ = writeln!(out, "    {}", look.paint(AnsiColor::Red, &format!("- {old}")));
    }
    if let Some(new) = &field.new {
        let _ = writeln!(out, "    {}", look.paint(AnsiColor::Green, &format!("+ {new}")));
    }
    out
}

/// `hel1: HelmRelease flux-system/bp-harbor`.
pub(super) fn title(change: &ObjectChange) -> String {
    let id = &change.id;
    let namespace = if id.namespace.is_empty() { String::new() } else { format!("{}/", id.namespace) };
    format!("{}: {} {namespace}{}", id.cluster, id.kind, id.name)
}

/// The unified text diff, with colour if asked for.
pub fn text(diff: &Diff, look: Look) -> String {
    let plain = super::text::render(diff);
    if !look.color {
        return plain;
    }
    let mut out = String::with_capacity(plain.len() * 2);
    for line in plain.split_inclusive('\n') {
        let body = line.strip_suffix('\n').unwrap_or(line);
        let painted = match body.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => look.bold(body),
            [b'+', ..] => look.paint(AnsiColor::Green, body),
            [b'-', ..] => look.paint(AnsiColor::Red, body),
            [b'@', ..] => look.paint(AnsiColor::Cyan, body),
            _ => body.to_owned(),
        };
        out.push_str(&painted);
        out.push('\n');
    }
    out
}
