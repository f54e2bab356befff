//! The fields of a file, each with its cause and with the facts that an expression read for it.

use super::Provenance;
use super::files::{File, Holds};
use crate::dns::{Data, RecordSet};
use crate::plan::{Region, reads};
use crate::render;
use sovereign_language::keys;
use sovereign_text::node::{Node, Step, Value, path_text};
use sovereign_text::source::Span;
use sovereign_text::yaml::{self, Leaf};

/// A field of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where in the file: `spec.values.hubble.enabled`; of several documents the number first: `[1].metadata.name`.
    pub path: String,
    /// The value, as text.
    pub value: String,
    /// The line of the file that it begins on, from 1.
    pub line: usize,
    /// What caused it.
    pub cause: Span,
    /// The facts that the expression at its cause reads, and those that decide whether it stands.
    pub reads: Vec<Read>,
}

/// A fact that an expression reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Its name: `region.pod_cidr`.
    pub name: String,
    /// Its value, if it is one.
    pub value: String,
    /// What caused it.
    pub cause: Span,
}

/// What of one file follows from something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Follows {
    /// Whether the file is there because of it, or speaks of it as a whole.
    pub whole: bool,
    /// The fields.
    pub fields: Vec<Field>,
}

impl Field {
    /// Returns every place that it follows from.
    pub fn places(&self) -> impl Iterator<Item = Span> {
        std::iter::once(self.cause).chain(self.reads.iter().map(|read| read.cause))
    }
}

impl Provenance<'_> {
    /// Returns the fields of a file, in its order.
    pub fn fields(&self, file: &File<'_>) -> Vec<Field> {
        let mut fields = Fields { of: self, region: file.region, list: Vec::new() };
        match &file.holds {
            Holds::Object(placed) => {
                let is_shared = self.lowered.shared.iter().any(|shared| shared.path == placed.path);
                // Below the line that says where it comes from.
                yaml::leaves(&placed.object.node(), &mut |leaf| fields.push("", 1, leaf));
                if is_shared {
                    fields.read_by_all(&placed.object.meta().name.value);
                }
            }
            Holds::Listing(names) => {
                let names = names.iter().map(|name| name.as_ref().map(String::as_str));
                let node = render::listing_node(names, file.cause);
                yaml::leaves(&node, &mut |leaf| fields.push("", 1, leaf));
            }
            Holds::Bootstrap(cluster) => {
                let mut above = BOOTSTRAP_HEAD;
                for (place, placed) in render::bootstrap_objects(cluster).enumerate() {
                    let node = placed.object.node();
                    // The mark between documents, and the line that says where the object comes from.
                    above += 2;
                    let prefix = format!("[{place}]");
                    yaml::leaves(&node, &mut |leaf| fields.push(&prefix, above, leaf));
                    let mut text = String::new();
                    yaml::append(&mut text, &node);
                    above += text.lines().count();
                }
            }
            Holds::Variables(node) => yaml::leaves_of_json(node, &mut |leaf| fields.push("", 0, leaf)),
            Holds::Records(text) => self.of_records(file, text, &mut fields),
            Holds::Whole => {}
        }
        fields.list
    }

    /// JSON has the records as a list, in the order of the zone; a master file has each on lines of its own.
    fn of_records(&self, file: &File<'_>, text: &str, fields: &mut Fields<'_, '_>) {
        let is_of_zone = file.path.starts_with(&format!("{}/{}.", crate::dns::DIRECTORY, self.zone.name));
        let records = if is_of_zone { self.zone.records() } else { &[] };
        if let Ok(json) = serde_json::from_str(text) {
            let node = Node::from_json(json, file.cause);
            yaml::leaves_of_json(&node, &mut |leaf| {
                let record = match leaf.path {
                    [Step::Key("rrsets"), Step::Index(place), ..] => records.get(*place),
                    _ => None,
                };
                fields.push_caused("", 0, leaf, record.map_or(file.cause, |record| record.cause));
                if let (Some(record), Some(content), Some(field)) =
                    (record, leaf.node.as_str(), fields.list.last_mut())
                {
                    field.reads = self.addresses(record, content);
                }
            });
            return;
        }
        for (number, line) in text.lines().enumerate() {
            // LUA stands in two forms, and is the same record in both.
            let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
            let bare = line.strip_prefix(";lua ").unwrap_or(line);
            if bare.starts_with([';', '$']) || bare.is_empty() {
                continue;
            }
            let is_same = |of: &String| of == bare || bare.contains(" TYPE") && name(of) == name(bare);
            let record = records.iter().find(|record| record.lines().iter().any(is_same));
            fields.list.push(Field {
                path: bare.split(' ').filter(|word| *word != "IN").take(3).collect::<Vec<_>>().join(" "),
                value: bare.to_owned(),
                line: number + 1,
                cause: record.map_or(file.cause, |record| record.cause),
                reads: record.map(|record| self.addresses(record, bare)).unwrap_or_default(),
            });
        }
    }
}

impl Provenance<'_> {
    /// Returns the addresses of regions that a record of the zone answers with, where a text of it names them.
    fn addresses(&self, record: &RecordSet, content: &str) -> Vec<Read> {
        if !matches!(record.data, Data::A(_) | Data::Lua(_)) {
            return Vec::new();
        }
        let address = |region: &Region<'_>| {
            let address = region.load_balancer_address()?;
            let value = address.value.to_string();
            let is_named =
                content.split(|c: char| !(c.is_ascii_digit() || c == '.')).any(|word| word == value);
            let name = format!("region[{}].observed.load-balancer-address", region.name.value);
            is_named.then_some(Read { name, value, cause: address.span })
        };
        self.plan.regions.iter().filter_map(address).collect()
    }
}

/// How many lines stand above the documents of a bootstrap file.
const BOOTSTRAP_HEAD: usize = 2;

struct Fields<'f, 'p> {
    of: &'f Provenance<'p>,
    region: Option<usize>,
    list: Vec<Field>,
}

impl Fields<'_, '_> {
    fn push(&mut self, prefix: &str, above: usize, leaf: Leaf<'_, '_>) {
        self.push_caused(prefix, above, leaf, leaf.node.cause);
    }

    fn push_caused(&mut self, prefix: &str, above: usize, leaf: Leaf<'_, '_>, cause: Span) {
        let path = path_text(leaf.path);
        let dot = if prefix.is_empty() || path.starts_with('[') { "" } else { "." };
        let mut names = self.of.causes.names(cause);
        names.extend(self.of.conditions.get(&cause).into_iter().flatten().cloned());
        self.list.push(Field {
            path: format!("{prefix}{dot}{path}"),
            value: shown(leaf.node),
            line: above + leaf.line,
            cause,
            reads: self.reads(&names),
        });
    }

    /// Values of all regions are one text, made by all expressions of a blueprint for them.
    fn read_by_all(&mut self, config_map: &str) {
        let of = self.of;
        let values = of.plan.sovereign_values.iter();
        let blueprint = values.map(|(blueprint, _)| blueprint);
        let mut blueprint =
            blueprint.filter(|it| crate::lower::sovereign_values::config_map(it) == config_map);
        let Some(values) = blueprint.next().and_then(|it| it.sovereign_values.as_ref()) else { return };
        let mut names = Vec::new();
        values.walk(&mut |_, node| names.extend(of.causes.names(node.cause)));
        names.sort();
        names.dedup();
        let reads = self.reads(&names);
        if let Some(text) = self.list.iter_mut().find(|field| field.path.starts_with("data.")) {
            text.reads = reads;
        }
    }

    fn reads(&self, names: &[String]) -> Vec<Read> {
        let of = self.of;
        let facts = self.region.and_then(|place| of.facts.get(place)).unwrap_or(&of.shared_facts);
        let mut reads: Vec<Read> = Vec::new();
        for name in names {
            let Some(fact) = reads::fact(facts, name) else { continue };
            yaml::leaves(fact, &mut |leaf| {
                let below = path_text(leaf.path);
                let dot = if below.is_empty() || below.starts_with('[') { "" } else { "." };
                let read = Read {
                    name: format!("{name}{dot}{below}"),
                    value: shown(leaf.node),
                    cause: leaf.node.cause,
                };
                if !reads.contains(&read) {
                    reads.push(read);
                }
            });
        }
        reads
    }
}

/// Returns a scalar as text, as it would be written in TOML without its quotes.
pub(super) fn shown(node: &Node) -> String {
    match &node.value {
        Value::String(text) => text.to_string(),
        Value::Null
        | Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::List(_)
        | Value::Map(_) => node.to_json().to_string(),
    }
}

/// Returns what a field is called when its path is compared: without quotes, as people type it.
pub(super) fn plain(path: &str) -> String {
    if path.contains('"') { keys::unquoted(path) } else { path.to_owned() }
}
