//! Locks of charts: what `sovereign kit lock` has read of a chart at a version, so that values can be held against it
//! without opening it again.
//!
//! A lock is a TOML file, one a chart and version. Its values are one literal text, a line each and sorted. The program carries
//! them packed so that a path is found without reading the rest: a compilation looks at hundreds of paths in dozens of charts.

mod judge;
mod keeps;
mod kinds;
mod lists;
mod pack;
mod values;

pub use judge::{Judgement, misspelt, nearest};
pub use keeps::{is_of_volume, keeps_data};
pub use kinds::{Mismatch, mismatch, printed};
pub use values::{Kind, LockedValues, Mark, ValueFact};

use std::fmt;

use crate::scalar::text::text as grammar;
use crate::schema::{decode, table};
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::{Source, Spanned};

/// The locks of the embedded kits, packed by the build script. Sorted by name.
const EMBEDDED: &[EmbeddedLock] = include!(concat!(env!("OUT_DIR"), "/locks.rs"));
/// What stands before the values.
const BEGIN: &str = "values = '''\n";
/// What stands behind them.
const END: &str = "'''\n";

grammar! {
    /// A text of a lock.
    Line, "a text", "text",
    |_| Ok(()),
    serde_json::json!({ "type": "string" })
}

table! {
    /// The lock of a chart.
    LockTable {
        /// The name of the chart.
        chart: Line = required,
        /// Its version.
        version: Line = required,
        /// Whether it was opened.
        opened: bool = required,
        /// Why it was not opened.
        reason: Line = optional,
        /// The SHA-256 digest of what was read: the archive, or the files of a directory by path.
        digest: Line = optional,
        /// The versions of Kubernetes that it accepts.
        kube_version: Line = optional,
        /// The charts in it.
        subcharts: Vec<Spanned<SubchartTable>> = optional,
        /// The definitions of custom resources in `crds/`, which Helm never upgrades: `group/Kind`.
        crds: Vec<Spanned<Line>> = optional,
        /// The definitions among its templates: `group/Kind`.
        templated_crds: Vec<Spanned<Line>> = optional,
        /// The API versions whose presence changes what it renders.
        capabilities: Vec<Spanned<Line>> = optional,
        /// What its templates look up in the cluster, so that they render otherwise there than without one.
        lookups: Vec<Spanned<Line>> = optional,
        /// The functions that give something else each time.
        random: Vec<Spanned<Line>> = optional,
        /// The functions that an older Helm lacks, with the first version that has each.
        newer_functions: Vec<Spanned<Line>> = optional,
        /// Templates that Helm would refuse, by path.
        refused: Vec<Spanned<Line>> = optional,
        /// Its values, a line each.
        values: Line = optional,
    }
}

table! {
    /// A chart in a chart.
    SubchartTable {
        /// Where its values stand.
        at: Line = required,
        /// Its name.
        name: Line = required,
        /// Its version; of one that was not opened, the versions that would do.
        version: Line = required,
        /// Where it comes from.
        repository: Line = optional,
        /// The values that switch it, in those of its parent.
        condition: Line = optional,
        /// The tags that switch it.
        tags: Vec<Spanned<Line>> = optional,
        /// The version that its parent asks for, where another one was opened in its place.
        wanted: Line = optional,
        /// Whether it was opened. Absent: yes.
        opened: bool = optional,
    }
}

/// Decodes a lock; `None` after a report.
pub fn read(source: &Source, diags: &mut Diagnostics) -> Option<LockTable> {
    decode(source, diags)
}

/// The lock of a chart of an embedded kit, as the program carries it.
#[derive(Debug)]
pub struct EmbeddedLock {
    /// Chart, dash, version: `bp-coraza-1.0.0`.
    name: &'static str,
    /// What stands before the values.
    head: &'static str,
    /// The values, packed; none where the chart was not opened.
    values: Option<&'static [u8]>,
}

impl EmbeddedLock {
    /// Returns chart, dash and version.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns its values; `None` where the chart was not opened.
    pub fn values(&self) -> Option<LockedValues<'static>> {
        self.values.map(LockedValues::of_packed)
    }

    /// Returns the functions that an older Helm lacks, each with the first version that has it: `3.17`.
    pub fn newer_functions(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        lists::newer_functions(self.head)
    }

    /// Returns the definitions of custom resources that it brings, in `crds/` and among its templates: group and kind.
    pub fn definitions(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        lists::definitions(self.head)
    }

    /// Returns the charts that the chart always brings with it, by name: no value and no tag switches them off.
    pub fn unswitched_subcharts(&self) -> impl Iterator<Item = &'static str> + use<> {
        lists::unswitched_subcharts(self.head)
    }
}

impl fmt::Display for EmbeddedLock {
    /// Writes the text that was packed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.head)?;
        let Some(values) = self.values() else { return Ok(()) };
        f.write_str(BEGIN)?;
        values.lines().try_for_each(|value| writeln!(f, "{value}"))?;
        f.write_str(END)
    }
}

/// Returns the embedded lock of a chart at a version.
pub fn embedded(chart: &str, version: &str) -> Option<&'static EmbeddedLock> {
    let before = |lock: &EmbeddedLock| {
        let name = lock.name;
        let of_chart = name.get(..chart.len()).unwrap_or(name).cmp(chart);
        let (dash, rest) =
            name.get(chart.len()..).unwrap_or_default().split_at_checked(1).unwrap_or_default();
        of_chart.then_with(|| dash.cmp("-")).then_with(|| rest.cmp(version))
    };
    EMBEDDED.get(EMBEDDED.binary_search_by(before).ok()?)
}

/// Returns the versions of a chart that were opened, each with its lock, in the order of their names.
pub fn opened(chart: &str) -> impl Iterator<Item = (&'static str, &'static EmbeddedLock)> {
    let start = EMBEDDED.partition_point(|lock| lock.name < chart);
    let of_chart = EMBEDDED.iter().skip(start).take_while(move |lock| lock.name.starts_with(chart));
    of_chart.filter_map(move |lock| {
        let version = lock.name.strip_prefix(chart)?.strip_prefix('-')?;
        let is_version = version.starts_with(|c: char| c.is_ascii_digit());
        (is_version && lock.values.is_some()).then_some((version, lock))
    })
}

/// Returns the version and the values of a chart at another version than this one, where that was opened.
pub fn of_another_version(chart: &str, version: &str) -> Option<(&'static str, LockedValues<'static>)> {
    let (version, lock) = opened(chart).filter(|(other, _)| *other != version).last()?;
    Some((version, lock.values()?))
}

/// Returns all embedded locks, sorted by name.
pub fn all() -> impl Iterator<Item = &'static EmbeddedLock> {
    EMBEDDED.iter()
}

/// What is written into a lock.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    /// The name of the chart.
    pub chart: String,
    /// Its version.
    pub version: String,
    /// Why it was not opened, if it was not.
    pub unopened: Option<String>,
    /// The digest of what was read.
    pub digest: Option<String>,
    /// The versions of Kubernetes that it accepts.
    pub kube_version: Option<String>,
    /// The charts in it.
    pub subcharts: Vec<Subchart>,
    /// What it has of each kind, by the key of the lock.
    pub lists: Vec<(&'static str, Vec<String>)>,
    /// Its values, sorted by path.
    pub values: Vec<ValueFact<'static>>,
}

/// A chart in a chart, as it is written into a lock.
#[derive(Clone, Debug, Default)]
pub struct Subchart {
    /// Where its values stand.
    pub at: String,
    /// Its name.
    pub name: String,
    /// Its version, or the versions that would do.
    pub version: String,
    /// Where it comes from.
    pub repository: Option<String>,
    /// The values that switch it.
    pub condition: Option<String>,
    /// The tags that switch it.
    pub tags: Vec<String>,
    /// The version that was asked for, where another one was opened.
    pub wanted: Option<String>,
    /// Whether it was opened.
    pub opened: bool,
}

impl Lock {
    /// Returns its values as the program would carry them; `None` where they are too many for that.
    pub fn packed_values(&self) -> Option<Vec<u8>> {
        let lines: Vec<_> = self.values.iter().map(ToString::to_string).collect();
        pack::pack(&lines.join("\n"))
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Read by `sovereign kit lock`. What a line of `values` says stands in docs/kits.md.")?;
        writeln!(f, "chart = {}\nversion = {}", text(&self.chart), text(&self.version))?;
        writeln!(f, "opened = {}", self.unopened.is_none())?;
        for (key, value) in
            [("reason", &self.unopened), ("digest", &self.digest), ("kube-version", &self.kube_version)]
        {
            if let Some(value) = value {
                writeln!(f, "{key} = {}", text(value))?;
            }
        }
        list(f, "subcharts", self.subcharts.iter().map(ToString::to_string))?;
        for (key, items) in &self.lists {
            list(f, key, items.iter().map(|item| text(item)))?;
        }
        if self.unopened.is_some() {
            return Ok(());
        }
        f.write_str(BEGIN)?;
        for value in &self.values {
            writeln!(f, "{value}")?;
        }
        f.write_str(END)
    }
}

impl fmt::Display for Subchart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{{ at = {}, name = {}, version = {}",
            text(&self.at),
            text(&self.name),
            text(&self.version)
        )?;
        for (key, value) in
            [("repository", &self.repository), ("condition", &self.condition), ("wanted", &self.wanted)]
        {
            if let Some(value) = value {
                write!(f, ", {key} = {}", text(value))?;
            }
        }
        if !self.tags.is_empty() {
            let tags: Vec<_> = self.tags.iter().map(|tag| text(tag)).collect();
            write!(f, ", tags = [{}]", tags.join(", "))?;
        }
        f.write_str(if self.opened { " }" } else { ", opened = false }" })
    }
}

/// Writes a list, an item a line; nothing where there is none.
fn list(f: &mut fmt::Formatter<'_>, key: &str, items: impl Iterator<Item = String>) -> fmt::Result {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return Ok(());
    }
    writeln!(f, "{key} = [")?;
    items.try_for_each(|item| writeln!(f, "    {item},"))?;
    f.write_str("]\n")
}

/// Returns a text as TOML has it: JSON's escapes are TOML's, but for the slash, which JSON need not escape.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Lock {
        Lock {
            chart: "web".to_owned(),
            version: "1.0.0".to_owned(),
            digest: Some("sha256:00".to_owned()),
            subcharts: vec![Subchart {
                at: "db".to_owned(),
                name: "postgresql".to_owned(),
                version: "16.x.x".to_owned(),
                condition: Some("db.enabled".to_owned()),
                tags: vec!["data".to_owned()],
                ..Subchart::default()
            }],
            lists: vec![("crds", vec!["example.com/Web".to_owned()]), ("random", Vec::new())],
            values: vec![
                ValueFact::new("it\u{2019}s".to_owned()).with_kind(Kind::Text).with_default("'''\u{7f}\\"),
                ValueFact::new("tag".to_owned()).with_kind(Kind::Text).with_default("1.0"),
            ],
            ..Lock::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let written = example().to_string();
        let mut diags = Diagnostics::new();
        let source = Source::from_text(sovereign_text::source::SourceId::MANIFEST, "lock", written.clone());
        let table = read(&source, &mut diags).expect("a lock");
        assert_eq!(diags.sorted(), Vec::<&sovereign_text::diag::Diagnostic>::new(), "{written}");
        assert_eq!(table.crds.expect("crds").value[0].value.as_str(), "example.com/Web");
        assert_eq!(
            table.subcharts.expect("subcharts").value[0].value.opened.map(|opened| opened.value),
            Some(false)
        );
        // The values are the same text, whether a TOML parser or the build script finds them.
        let values = table.values.expect("values").value;
        let packed = example().packed_values().expect("packed");
        let lines = LockedValues::of_packed(&packed).lines();
        assert_eq!(lines.map(|line| line.to_string() + "\n").collect::<String>(), values.as_str());
    }

    /// All of it is in every copy of the program.
    #[test]
    fn embedded_locks_stay_small() {
        const MOST: usize = 800_000;
        let bytes = |lock: &EmbeddedLock| lock.head.len() + lock.values.map_or(0, <[u8]>::len);
        let bytes: usize = EMBEDDED.iter().map(bytes).sum();
        assert!(bytes <= MOST, "{bytes} bytes");
    }

    #[test]
    fn every_embedded_lock_is_found_by_chart_and_version() {
        for lock in EMBEDDED {
            let source =
                Source::from_text(sovereign_text::source::SourceId::MANIFEST, "lock", lock.to_string());
            let mut diags = Diagnostics::new();
            let table = read(&source, &mut diags).expect("a lock");
            let findings: Vec<_> = diags.sorted().iter().map(|found| &found.message).collect();
            let name = lock.name;
            assert!(findings.is_empty(), "{name}: {findings:?}");
            let (chart, version) = (table.chart.expect("chart").value, table.version.expect("version").value);
            assert_eq!(name, format!("{chart}-{version}"));
            let found = embedded(&chart.to_string(), &version.to_string()).expect("found");
            assert_eq!(found.name, name);
        }
    }
}
