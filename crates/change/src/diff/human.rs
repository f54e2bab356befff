//! A [`Diff`] for a person at a terminal.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::groups::{self, Group, Line, Tone, count, place, plain};
use super::objects::{FieldChange, ObjectChange};
use super::{Change, ClusterEvents, Diff};
use sovereign_text::diag::Sources;
use sovereign_text::look::Look;

/// The widest column of names.
const WIDEST: usize = 44;

/// Returns the summary: what will happen to each cluster.
pub fn summary(diff: &Diff, sources: &dyn Sources, look: Look) -> String {
    let mut out = String::new();
    if diff.is_empty() {
        return out;
    }
    if !diff.losses.is_empty() {
        let _ = writeln!(out, "{}", look.paint(AnsiColor::Red, &losses_heading(diff)));
        for loss in &diff.losses {
            let cause = loss.cause.map_or_else(String::new, |span| format!("  ({})", place(span, sources)));
            let _ = writeln!(out, "  {}{cause}", plain(&loss.words()));
        }
    }
    for cluster in &diff.clusters {
        let _ = writeln!(out, "{}", look.bold(&plain(&cluster.cluster)));
        for group in groups::collect(&cluster.events) {
            let _ = writeln!(out, "  {}", look.paint(color(group.tone), &heading(&group)));
            let width = group.lines.iter().map(|line| line.subject.chars().count()).max().unwrap_or_default();
            for line in &group.lines {
                let _ = writeln!(out, "    {}", row(line, width.min(WIDEST), sources).trim_end());
            }
        }
        out.push_str(&tail(cluster));
    }
    let _ = writeln!(out, "{}", totals(diff));
    out
}

/// `lost (2)`: what happens by consent only.
pub(super) fn losses_heading(diff: &Diff) -> String {
    format!("lost ({})", diff.losses.len())
}

/// `uninstalled (2)`.
pub(super) fn heading(group: &Group) -> String {
    format!("{} ({})", group.title, group.lines.len())
}

fn color(tone: Tone) -> AnsiColor {
    match tone {
        Tone::Bad => AnsiColor::Red,
        Tone::Odd => AnsiColor::Yellow,
        Tone::Change => AnsiColor::Cyan,
        Tone::New => AnsiColor::Green,
    }
}

/// `bp-harbor  1.0.0 → 1.2.22  at risk: its data  (sovereign.toml:4)`.
fn row(line: &Line, width: usize, sources: &dyn Sources) -> String {
    let mut out = format!("{:width$}", line.subject);
    let cause = groups::cause(&line.causes, sources).map(|cause| format!("({cause})"));
    let risk = line.risk.map(|risk| format!("at risk: {risk}"));
    for part in
        [Some(line.detail.clone()).filter(|detail| !detail.is_empty()), risk, cause].into_iter().flatten()
    {
        out.push_str("  ");
        out.push_str(&part);
    }
    out
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
    let files = |test: fn(&Change) -> bool| diff.files.values().filter(|change| test(change)).count();
    let added = files(|change| matches!(change, Change::Added { .. }));
    let removed = files(|change| matches!(change, Change::Removed { .. }));
    let changed = diff.files.len() - added - removed;
    let risks = diff.clusters.iter().flat_map(|cluster| &cluster.events).filter(|e| e.risk.is_some()).count();
    let mut out =
        format!("{}: {} added, {changed} changed, {removed} removed", diff.root, count(added, "file"));
    if risks > 0 {
        let _ = write!(out, "; {risks} with something to lose");
    }
    if !diff.unreadable.is_empty() {
        let _ = write!(
            out,
            "; {} of before cannot be read as YAML and count as text",
            count(diff.unreadable.len(), "file")
        );
    }
    out
}

/// Returns the object-level diff: every field with its value before and after.
pub fn objects(diff: &Diff, sources: &dyn Sources, look: Look) -> String {
    let mut out = String::new();
    for change in diff.variables.iter().chain(&diff.objects) {
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
    let cause = field.cause.map_or_else(String::new, |span| format!("  ({})", place(span, sources)));
    let mut out = format!("  {}{cause}\n", plain(&field.path()));
    if let Some(old) = &field.old {
        let _ = writeln!(out, "    {}", look.paint(AnsiColor::Red, &plain(&format!("- {old}"))));
    }
    if let Some(new) = &field.new {
        let _ = writeln!(out, "    {}", look.paint(AnsiColor::Green, &plain(&format!("+ {new}"))));
    }
    out
}

/// `hel1: HelmRelease flux-system/bp-harbor`.
pub(super) fn title(change: &ObjectChange) -> String {
    let id = &change.id;
    let namespace = if id.namespace.is_empty() { String::new() } else { format!("{}/", id.namespace) };
    plain(&format!("{}: {} {namespace}{}", id.cluster, id.kind, id.name))
}

/// Returns the unified text diff, with colour if asked for.
pub fn text(diff: &Diff, look: Look) -> String {
    let text = super::text::render(diff);
    if !look.color {
        return text;
    }
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.split_inclusive('\n') {
        let body = line.strip_suffix('\n').unwrap_or(line);
        let painted = match body.as_bytes() {
            // Colour means a terminal, and an old file may hold what steers one.
            _ if body.chars().any(|c| c.is_control() && c != '\t') => plain(body),
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
