//! Adding entries: regions, Organizations, applications, blueprints.

use sovereign_language::input::{Holds, Input, Revised};

use crate::language::Language;
use crate::list::Found;
use crate::place::{ORGANIZATION, Opened};
use crate::{Path, Refused};

/// What may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A `[[region]]`.
    Region,
    /// An `[[organization]]`, in a file of its own where the manifest names a directory for them.
    Organization,
    /// An application of an environment of an Organization.
    Application,
    /// A `[blueprint.*]`.
    Blueprint,
}

/// An entry to add.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub what: What,
    /// Its name; of an application `<organization>.<environment>.<name>`.
    pub name: String,
    /// What is written in it, by the path from there.
    pub values: Vec<(Path, String)>,
}

impl What {
    /// Returns its word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Organization => ORGANIZATION,
            Self::Application => "application",
            Self::Blueprint => "blueprint",
        }
    }

    /// Returns the key that holds its name.
    fn name_key(self) -> &'static str {
        match self {
            Self::Organization => "slug",
            Self::Region | Self::Application | Self::Blueprint => "name",
        }
    }
}

/// Adds an entry.
pub(crate) fn apply(input: &Input, entry: &Entry) -> Result<Vec<Revised>, Refused> {
    let language = Language::new();
    match entry.what {
        What::Region => in_list(Opened::manifest(input, &language)?, &["region"], &entry.name, entry),
        What::Organization => organization(input, &language, entry),
        What::Application => application(input, &language, entry),
        What::Blueprint => blueprint(Opened::manifest(input, &language)?, entry),
    }
}

/// Adds an entry to a list, behind the others.
fn in_list(
    mut opened: Opened<'_>,
    list: &[&str],
    name: &str,
    entry: &Entry,
) -> Result<Vec<Revised>, Refused> {
    let found = opened.get(&Path::of(list.iter().copied()));
    let place = found.map_or(0, |list| list.entries().len());
    let own = Path::of(list.iter().copied().chain([name]));
    if found.is_some_and(|list| list.is_called(name)) {
        return Err(there_already(&own));
    }
    let place = place.to_string();
    let path = |below: &[String]| {
        let steps = list.iter().copied().chain([place.as_str()]).map(str::to_owned);
        Path::of(steps.chain(below.iter().cloned()))
    };
    opened.set(&path(&[entry.what.name_key().to_owned()]), &format!("{name:?}"))?;
    for (below, value) in &entry.values {
        opened.set(&path(below.steps()), value)?;
    }
    Ok(vec![opened.revised()])
}

/// Adds an Organization: to the manifest, or as a file where the manifest has others as files.
fn organization(input: &Input, language: &Language, entry: &Entry) -> Result<Vec<Revised>, Refused> {
    let path = Path::of([ORGANIZATION, &entry.name]);
    if Opened::new(input, language, &path)?.get(&path).is_some() {
        return Err(there_already(&path));
    }
    let manifest = Opened::manifest(input, language)?;
    let sources = manifest.get(&Path::of(["organization-source"])).map(Found::entries).unwrap_or_default();
    let directory = sources.iter().find_map(|source| source.below("path")?.text()).map(str::to_owned);
    let Some(directory) = directory else { return in_list(manifest, &[ORGANIZATION], &entry.name, entry) };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if entry.name.is_empty() || !entry.name.chars().all(is_plain) {
        return Err(Refused::new(format!("`{}` is no name of an Organization", entry.name))
            .help("write lower-case letters, digits and `-`"));
    }
    let file = format!("{directory}/{}.toml", entry.name);
    if input.further().any(|other| other.holds == Holds::Organizations && other.path == file) {
        return Err(Refused::new(format!("{file} is there already, and holds another Organization")));
    }
    let mut opened = Opened::organization(&file, "", language)?;
    let below = |steps: &[String]| Path::of(path.steps().iter().chain(steps).cloned());
    opened.set(&below(&["slug".to_owned()]), &entry.name)?;
    for (key, value) in &entry.values {
        opened.set(&below(key.steps()), value)?;
    }
    Ok(vec![opened.revised()])
}

/// Adds an application to an environment.
fn application(input: &Input, language: &Language, entry: &Entry) -> Result<Vec<Revised>, Refused> {
    let path = Path::parse(&entry.name)?;
    let [organization, environment, name] = path.steps() else {
        return Err(Refused::new(format!("`{}` does not say of which environment it is", entry.name))
            .help("write `<organization>.<environment>.<name>`, such as `acme.prod.shop`"));
    };
    let steps = [ORGANIZATION, organization, "environment", environment];
    let opened = Opened::new(input, language, &Path::of(steps))?;
    if opened.get(&Path::of(steps)).is_none() {
        let known = opened.get(&Path::of([ORGANIZATION, organization]));
        let what = if known.is_some() {
            format!("environment `{environment}` of `{organization}`")
        } else {
            format!("Organization `{organization}`")
        };
        return Err(Refused::new(format!("there is no {what}")).help("add it first"));
    }
    let steps: Vec<&str> = steps.into_iter().chain(["application"]).collect();
    in_list(opened, &steps, name, entry)
}

/// Adds a table of a blueprint.
fn blueprint(mut opened: Opened<'_>, entry: &Entry) -> Result<Vec<Revised>, Refused> {
    let name = entry.name.strip_prefix("bp-").unwrap_or(&entry.name);
    let path = Path::of(["blueprint", name]);
    if opened.get(&path).is_some() {
        return Err(there_already(&path));
    }
    let below = |steps: &[String]| Path::of(path.steps().iter().chain(steps).cloned());
    // A table in which nothing is written says nothing.
    if entry.values.is_empty() {
        opened.set(&below(&["enabled".to_owned()]), "true")?;
    }
    for (key, value) in &entry.values {
        opened.set(&below(key.steps()), value)?;
    }
    Ok(vec![opened.revised()])
}

fn there_already(path: &Path) -> Refused {
    Refused::new(format!("`{path}` is there already")).help("`sovereign set` changes its keys")
}
