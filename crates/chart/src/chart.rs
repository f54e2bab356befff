//! A chart as it is packed, with those that it holds.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sovereign_text::digest::Digest;

use crate::error::ReadError;
use crate::files::Files;
use crate::ignore::Ignore;
use crate::metadata::Metadata;
use crate::{archive, yaml};

/// How deep charts may stand in charts. Kit 2026.04 has four.
const DEEPEST: usize = 12;
/// How many charts may stand in one, over all levels.
const MOST_CHARTS: usize = 500;

/// A chart and those in it.
#[derive(Debug)]
pub struct Chart {
    /// What it says of itself.
    pub metadata: Metadata,
    /// The digest of what it was read from.
    pub digest: Digest,
    /// The defaults of its values.
    pub(crate) values: Value,
    /// What its values must be, if it says so.
    pub(crate) schema: Option<Value>,
    /// Its templates, by path.
    pub(crate) templates: BTreeMap<String, String>,
    /// The files of `crds/`, by path.
    pub(crate) definitions: BTreeMap<String, String>,
    /// The charts in it.
    pub(crate) charts: Vec<Chart>,
}

impl Chart {
    /// Reads a packed chart.
    ///
    /// # Errors
    /// It is no chart, or there is more in it than a chart has.
    pub fn unpack(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut count = 0;
        let chart = Self::at_depth(archive::unpack(bytes)?, 0, &mut count)?;
        Ok(Self { digest: Digest::hash(bytes), ..chart })
    }

    /// Reads a chart from the files of its directory.
    ///
    /// # Errors
    /// It is no chart, or there is more in it than a chart has.
    pub fn of_files(files: Files) -> Result<Self, ReadError> {
        Self::at_depth(files, 0, &mut 0)
    }

    fn at_depth(mut files: Files, depth: usize, count: &mut usize) -> Result<Self, ReadError> {
        *count += 1;
        if depth > DEEPEST || *count > MOST_CHARTS {
            return Err(ReadError::TooLarge("charts in charts"));
        }
        if let Some(patterns) = files.get(".helmignore").map(String::from_utf8_lossy) {
            let ignore = Ignore::new(&patterns);
            files.retain(|path| matches!(path, "Chart.yaml" | "values.yaml") || !ignore.matches(path));
        }
        let metadata = files.get("Chart.yaml").ok_or(ReadError::Missing("Chart.yaml"))?;
        let values = files.get("values.yaml").map(|bytes| yaml::parse("values.yaml", bytes)).transpose()?;
        let schema = files.get("values.schema.json").map(|bytes| {
            serde_json::from_slice(bytes).map_err(|error| ReadError::File {
                path: "values.schema.json".to_owned(),
                reason: error.to_string(),
            })
        });
        Ok(Self {
            metadata: Metadata::new(metadata)?,
            digest: files.digest(),
            values: values.unwrap_or(Value::Null),
            schema: schema.transpose()?,
            templates: texts(&files, "templates"),
            definitions: texts(&files, "crds"),
            charts: charts(&files, depth, count)?,
        })
    }

    /// Returns the chart in it that a dependency means.
    pub(crate) fn chart(&self, name: &str) -> Option<&Self> {
        self.charts.iter().find(|chart| chart.metadata.name == name)
    }
}

/// Returns the texts of a directory. What is no text is no template.
fn texts(files: &Files, directory: &str) -> BTreeMap<String, String> {
    let texts = files.below(directory).filter_map(|(path, bytes)| {
        Some((format!("{directory}/{path}"), std::str::from_utf8(bytes).ok()?.to_owned()))
    });
    texts.collect()
}

/// Returns the charts in `charts/`: directories and packed ones. Helm leaves out what begins with `_` or `.`.
fn charts(files: &Files, depth: usize, count: &mut usize) -> Result<Vec<Chart>, ReadError> {
    let mut directories: BTreeMap<&str, Files> = BTreeMap::new();
    let mut charts = Vec::new();
    for (path, bytes) in files.below("charts").filter(|(path, _)| !path.starts_with(['_', '.'])) {
        let of = |source: ReadError| ReadError::Subchart { name: path.to_owned(), source: Box::new(source) };
        match path.split_once('/') {
            Some((name, inner)) => directories.entry(name).or_default().insert(inner, bytes.to_vec())?,
            None if Path::new(path).extension().is_some_and(|end| end == "tgz") => {
                charts.push(
                    Chart::at_depth(archive::unpack(bytes).map_err(of)?, depth + 1, count).map_err(of)?,
                );
            }
            None => {}
        }
    }
    for (name, files) in directories {
        let of = |source| ReadError::Subchart { name: name.to_owned(), source: Box::new(source) };
        if files.get("Chart.yaml").is_some() {
            charts.push(Chart::at_depth(files, depth + 1, count).map_err(of)?);
        }
    }
    charts.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    Ok(charts)
}
