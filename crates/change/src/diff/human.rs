//! A [`Diff`] for a person at a terminal.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::groups::{self, Group, Line, Tone, count, place, plain};
use super::lost;
use super::objects::{FieldChange, ObjectChange};
use super::sections::{self, Section};
use super::{Change, Diff};
use sovereign_text::diag::Sources;
use sovereign_text::look::Look;

/// What stands above the tables that consent.
pub(super) const CONSENTS: &str =
    "if all of that is meant, add this to the manifest, and remove it after the commit:";
/// The widest column of names.
const WIDEST: usize = 44;

/// Returns the summary: what is lost, and what will happen to each cluster.
pub fn summary(diff: &Diff, sources: &dyn Sources, look: Look) -> String {
    let mut out = String::new();
    if diff.is_empty() {
        return out;
    }
    if let Some(kit) = kit(diff) {
        let _ = writeln!(out, "{}", look.bold(&kit));
    }
    let losses = lost::collect(diff);
    if !losses.is_empty() {
        let _ = writeln!(out, "{}", look.paint(AnsiColor::Red, &losses_heading(losses.len())));
        for loss in &losses {
            let cause = groups::cause(&loss.causes, sources);
            let cause = cause.map_or_else(String::new, |cause| format!("  ({cause})"));
            let _ = writeln!(out, "  {}{cause}", plain(&loss.words));
        }
    }
    for section in sections::collect(&diff.clusters) {
        let _ = writeln!(out, "{}", look.bold(&plain(&section.name())));
        for group in groups::collect(&section.happenings) {
            let _ = writeln!(out, "  {}", look.paint(color(group.tone), &heading(&group)));
            let width = group.lines.iter().map(|line| line.subject.chars().count()).max().unwrap_or_default();
            for line in &group.lines {
                let _ = writeln!(out, "    {}", row(line, width.min(WIDEST), sources).trim_end());
            }
        }
        out.push_str(&tail(&section));
    }
    let _ = writeln!(out, "{}", totals(diff));
    out
}

/// Returns the tables that consent to what is lost, as one block to paste; nothing if there are none.
pub fn consents(tables: &[String], look: Look) -> String {
    let mut out = String::new();
    if tables.is_empty() {
        return out;
    }
    let _ = writeln!(out, "{}", look.bold(&plain(CONSENTS)));
    for line in tables.iter().flat_map(|table| table.lines()) {
        let _ = writeln!(out, "  {}", plain(line));
    }
    out
}

/// `kit 2026.04 → 2026.05`.
pub(super) fn kit(diff: &Diff) -> Option<String> {
    diff.kit.as_ref().map(|kit| plain(&format!("kit {} → {}", kit.from, kit.to)))
}

/// `lost (2)`: what happens by consent only, or is at risk.
pub(super) fn losses_heading(count: usize) -> String {
    format!("lost ({count})")
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

/// `bp-harbor  1.0.0 → 1.2.22  (2026.05/19-harbor.toml:3)`.
fn row(line: &Line, width: usize, sources: &dyn Sources) -> String {
    let mut out = format!("{:width$}", line.subject);
    let cause = groups::cause(&line.causes, sources).map(|cause| format!("({cause})"));
    for part in [Some(line.detail.clone()).filter(|detail| !detail.is_empty()), cause].into_iter().flatten() {
        out.push_str("  ");
        out.push_str(&part);
    }
    out
}

/// Layers and restarts of clusters.
pub(super) fn tail(section: &Section) -> String {
    let mut out = String::new();
    if !section.layers.is_empty() {
        let _ = writeln!(out, "  layers touched: {}", section.layers.join(", "));
    }
    if section.restarts > 0 {
        let _ = writeln!(out, "  releases that Flux works on again: {}", section.restarts);
    }
    out
}

/// Counts over everything, in one line.
pub(super) fn totals(diff: &Diff) -> String {
    let files = |test: fn(&Change) -> bool| diff.files.values().filter(|change| test(change)).count();
    let added = files(|change| matches!(change, Change::Added { .. }));
    let removed = files(|change| matches!(change, Change::Removed { .. }));
    let changed = diff.files.len() - added - removed;
    let mut out =
        format!("{}: {} added, {changed} changed, {removed} removed", diff.root, count(added, "file"));
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
    for (change, clusters) in sections::objects(diff) {
        let _ = writeln!(out, "{}", look.bold(&title(change, &clusters)));
        match (&change.old, &change.new) {
            (None, _) => {
                let _ = writeln!(out, "  {}", look.paint(AnsiColor::Green, "added"));
            }
            (_, None) => {
                let _ = writeln!(out, "  {}", look.paint(AnsiColor::Red, "removed"));
            }
            (Some((from, _)), Some((to, _))) if from != to => {
                let [from, to] = [from, to].map(|path| below(path.as_str(), &clusters));
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

/// Returns a path, without its cluster where that is one of several.
fn below<'p>(path: &'p str, clusters: &[&str]) -> &'p str {
    match path.split_once('/') {
        Some((_, below)) if clusters.len() > 1 => below,
        Some(_) | None => path,
    }
}

/// `hel1, nbg1: HelmRelease flux-system/bp-harbor`.
pub(super) fn title(change: &ObjectChange, clusters: &[&str]) -> String {
    let id = &change.id;
    let namespace = if id.namespace.is_empty() { String::new() } else { format!("{}/", id.namespace) };
    plain(&format!("{}: {} {namespace}{}", clusters.join(", "), id.kind, id.name))
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
