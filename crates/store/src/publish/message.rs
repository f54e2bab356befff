//! The message of a commit: one line of what changes, the summary, trailers with the digests.

use std::fmt::Write as _;

use super::steps::{Number, TRAILER};
use super::{Step, ownership, twin};
use sovereign_change::diff::{What, human};
use sovereign_language::input::SourceMap;
use sovereign_language::kit::Kits;
use sovereign_text::look::Look;

/// How many lines of one Sovereign's summary a message holds; the rest is counted.
const LINES: usize = 60;
/// How many lines of summary a message holds in all, as far as each Sovereign gets [`FEWEST`].
const ALL_LINES: usize = 600;
/// How many lines each Sovereign gets in any case.
const FEWEST: usize = 2;
/// The trailers, by the head line of the lock that each repeats.
pub(crate) const TRAILERS: [(&str, &str); 3] =
    [("input", "Sovereign-Input"), ("kit", "Sovereign-Kit"), ("compiler", "Sovereign-Compiler")];

/// Returns the message for these steps, as one numbered step of a rollout if it is one. Equal steps give equal text.
/// The subject says what an edit did, if there was one: what follows from it is the summary.
pub(crate) fn compose(steps: &[&Step], number: Option<Number>, edit: Option<&str>, kits: &Kits) -> String {
    let mut out = format!("{}\n", subject(steps, number, edit));
    if let Some(number) = number {
        let _ = writeln!(out, "\n{}", number.phase.sentence());
    }
    let most = (ALL_LINES / steps.len().max(1)).clamp(FEWEST, LINES);
    for step in steps {
        let Some(diff) = &step.diff else { continue };
        let sources = SourceMap { input: &step.input, kits };
        let text = human::summary(diff, &sources, Look { color: false });
        let lines: Vec<_> = text.lines().collect();
        out.push('\n');
        for line in lines.iter().take(most) {
            let _ = writeln!(out, "{line}");
        }
        if lines.len() > most {
            let _ = writeln!(out, "  … and {} lines more", lines.len() - most);
        }
    }
    out.push('\n');
    if let Some(Number { step, of, phase: _ }) = number {
        let _ = writeln!(out, "{TRAILER}{step}/{of}");
    }
    for step in steps {
        let Some(compiled) = &step.compiled else { continue };
        let lock = compiled.tree.lock();
        for (key, trailer) in TRAILERS {
            let value = lock.origin(key).unwrap_or_default();
            let _ = writeln!(out, "{trailer}: {value}");
        }
        // What cannot stand in one line is not named.
        if let Some(path) = step.manifest.as_ref().filter(|path| !path.contains(char::is_control)) {
            let _ = writeln!(out, "{}{path}", twin::TRAILER);
        }
        let _ = writeln!(out, "Sovereign-Tree: {} sha256:{}", compiled.tree.root(), compiled.tree.digest());
    }
    out
}

/// `omantel.omani.works: 3 upgraded, 1 installed`; `omantel.omani.works, step 1/3: 1 region added`.
fn subject(steps: &[&Step], number: Option<Number>, edit: Option<&str>) -> String {
    let names: Vec<_> = steps
        .iter()
        .filter_map(|step| step.compiled.as_ref())
        .map(|compiled| compiled.tree.root().as_str().rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    let name = match names.as_slice() {
        [one] => one.clone(),
        many => format!("{} Sovereigns", many.len()),
    };
    let name = match number {
        Some(Number { step, of, phase: _ }) => format!("{name}, step {step}/{of}"),
        None => name,
    };
    if let Some(words) = edit {
        return format!("{name}: {words}");
    }
    let events = steps
        .iter()
        .filter_map(|step| step.diff.as_ref())
        .flat_map(|diff| &diff.clusters)
        .flat_map(|c| &c.events);
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for event in events {
        let word = match event.what {
            What::ClusterRemoved { .. } => "region removed",
            What::ClusterAdded { .. } => "region added",
            What::Deleted { .. } => "uninstalled",
            What::Reinstalled { .. } => "reinstalled",
            What::Downgraded { .. } => "downgraded",
            What::Upgraded { .. } => "upgraded",
            What::Moved { .. } => "moved",
            What::Installed { .. } => "installed",
            What::ValuesChanged { .. } => "with other values",
            What::LeftBehind
            | What::Removed
            | What::Added
            | What::DependenciesChanged { .. }
            | What::VariablesChanged { .. }
            | What::Changed { .. } => continue,
        };
        match counts.iter_mut().find(|(w, _)| *w == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    if counts.is_empty() {
        let (added, changed, removed) = steps
            .iter()
            .filter_map(|step| step.diff.as_ref())
            .map(|diff| ownership::counts(&diff.files))
            .fold((0, 0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1, sum.2 + n.2));
        return format!("{name}: {added} files added, {changed} changed, {removed} removed");
    }
    let words: Vec<_> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    format!("{name}: {}", words.join(", "))
}
