//! `Chart.yaml`: what a chart says of itself.

use serde_json::Value;

use crate::error::ReadError;
use crate::yaml;

/// What a chart says of itself.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The versions of Kubernetes that it accepts.
    pub kube_version: Option<String>,
    /// Whether it is a library: its templates render nothing by themselves.
    pub is_library: bool,
    /// The charts that it needs.
    pub dependencies: Vec<Dependency>,
}

/// A chart that another one needs.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Which versions will do.
    pub version: String,
    /// Where it comes from.
    pub repository: Option<String>,
    /// The key of its values, where that is not its name.
    pub alias: Option<String>,
    /// The values that switch it, the first that is there.
    pub condition: Option<String>,
    /// The tags that switch it.
    pub tags: Vec<String>,
    /// The tables of its values that its parent takes over.
    pub imports: Vec<String>,
}

impl Metadata {
    /// Returns what a `Chart.yaml` says.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, ReadError> {
        let table = yaml::parse("Chart.yaml", bytes)?;
        let missing =
            |key| ReadError::File { path: "Chart.yaml".to_owned(), reason: format!("it has no `{key}`") };
        let dependencies = table.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            name: text(&table, "name").ok_or_else(|| missing("name"))?,
            version: text(&table, "version").ok_or_else(|| missing("version"))?,
            kube_version: text(&table, "kubeVersion"),
            is_library: text(&table, "type").as_deref() == Some("library"),
            dependencies: dependencies.filter_map(Dependency::new).collect(),
        })
    }
}

impl Dependency {
    fn new(table: &Value) -> Option<Self> {
        let list = |key| table.get(key).and_then(Value::as_array).into_iter().flatten();
        let imported = |item: &Value| match item.as_str() {
            Some(name) => Some(format!("exports.{name}")),
            None => text(item, "child"),
        };
        Some(Self {
            name: text(table, "name")?,
            version: text(table, "version").unwrap_or_default(),
            repository: text(table, "repository").filter(|url| !url.is_empty()),
            alias: text(table, "alias").filter(|alias| !alias.is_empty()),
            condition: text(table, "condition").filter(|condition| !condition.is_empty()),
            tags: list("tags").filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
            imports: list("import-values").filter_map(imported).collect(),
        })
    }

    /// Returns the key of its values in those of its parent.
    pub fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// Returns a scalar as text: versions are often written as numbers.
fn text(table: &Value, key: &str) -> Option<String> {
    match table.get(key)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
