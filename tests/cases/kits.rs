//! Kits decode without a finding and hold no template but expressions; no tree holds a template at all.
#![expect(clippy::disallowed_methods, reason = "locks are files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use serde_json::Value as Json;
use sovereign_language::kit::{Blueprint, KitTable};
use sovereign_language::lock::{self, EmbeddedLock, Judgement};
use sovereign_language::schema;
use sovereign_text::diag::{Code, Diagnostics};
use sovereign_text::node::{Map, Step, path_text};
use sovereign_text::source::Source;
use toml::de::{DeTable, DeValue};

use super::compiled::{Compiled, KITS};
use super::expected::{is_named, stems, walk};

/// What no final string holds.
const LEFTOVERS: [&str; 3] = ["${", "_PLACEHOLDER", "{{"];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for kit in KITS.names() {
        for source in KITS.files(kit).into_iter().flatten() {
            let name = source.name().trim_start_matches("kit ").trim_end_matches(".toml").replace('/', "::");
            trials.push(Trial::test(format!("kits::{name}"), move || file(source)));
        }
    }
    for lock in lock::all() {
        trials.push(Trial::test(format!("kits::lock::{}", lock.name()), move || is_carried(lock)));
    }
    for name in stems("examples", ".toml") {
        trials.push(Trial::test(format!("leftovers::{name}"), move || leftovers(&name)));
    }
    trials
}

/// What the program carries of a lock is the file, byte for byte.
fn is_carried(lock: &EmbeddedLock) -> Result<(), Failed> {
    let name = format!("{}.toml", lock.name());
    let directories = KITS.names().map(|kit| Path::new("kits").join(format!("{kit}.lock")));
    let file = directories.map(|directory| directory.join(&name)).find(|file| file.exists());
    let file = file.ok_or_else(|| format!("no file of a lock is called {name}"))?;
    if fs::read_to_string(file)? == lock.to_string() {
        Ok(())
    } else {
        Err(format!("{name} is another text").into())
    }
}

fn file(source: &'static Source) -> Result<(), Failed> {
    let mut diags = Diagnostics::new();
    let of_kit = source.name().ends_with("/kit.toml");
    let decoded = if of_kit { None } else { Blueprint::decode(source, &mut diags) };
    let right = decoded.is_some() || of_kit && schema::decode::<KitTable>(source, &mut diags).is_some();
    let findings: Vec<_> = diags.sorted().iter().map(|finding| finding.message.clone()).collect();
    if !right || !findings.is_empty() {
        return Err(format!("{}: {}", source.name(), findings.join("; ")).into());
    }
    let document = DeTable::parse(source.text())?;
    let mut wrong = Vec::new();
    toml_strings(&DeValue::Table(document.into_inner()), &mut |text| {
        if without_expressions(text).contains("${") {
            wrong.push(text.to_owned());
        }
    });
    if !wrong.is_empty() {
        return Err(format!("{}: {wrong:?}", source.name()).into());
    }
    decoded.iter().try_for_each(|blueprint| {
        hosts_are_in_the_values(source, blueprint)?;
        values_are_read(source, blueprint)
    })
}

/// Every value that a kit sets, in whichever case, is one that its chart reads, where that was opened.
fn values_are_read(source: &Source, blueprint: &Blueprint) -> Result<(), Failed> {
    let (chart, version) = (blueprint.chart.value.as_str(), blueprint.version.value.as_str());
    let Some(lock) = lock::embedded(chart, version) else {
        return Err(format!("{}: there is no lock of {chart} {version}", source.name()).into());
    };
    let Some(values) = lock.values() else { return Ok(()) };
    let mut dead = Vec::new();
    let mut see = |path: &str, keys: &[&str]| {
        if values.judge(keys) == Judgement::Unread {
            dead.push(path.to_owned());
        }
    };
    let overlays = blueprint.overlays.iter().filter_map(|overlay| Some(&overlay.values.as_ref()?.value.0));
    for tree in [&blueprint.values].into_iter().chain(&blueprint.sovereign_values).chain(overlays) {
        tree.walk(&mut |path, node| {
            let keys: Vec<_> = path
                .iter()
                .map_while(|step| if let Step::Key(key) = step { Some(*key) } else { None })
                .collect();
            let is_leaf = node.as_map().is_none_or(Map::is_empty) && keys.len() == path.len();
            if is_leaf && !keys.is_empty() {
                see(&path_text(path), &keys);
            }
        });
    }
    let sources = blueprint.values_from.iter().filter_map(|from| from.target_path.as_ref());
    let gate = blueprint.gate.as_ref().and_then(|gate| gate.value.as_ref());
    let named = [gate, blueprint.continuum.as_ref(), blueprint.collector.as_ref()].into_iter().flatten();
    for path in sources.chain(named).chain(&blueprint.controller_owned) {
        see(path.value.as_str(), &path.value.keys());
    }
    if dead.is_empty() {
        return Ok(());
    }
    Err(format!("{}: {chart} {version} does not read {}", source.name(), dead.join(", ")).into())
}

/// Every host that a blueprint is said to publish is one that its values hold.
fn hosts_are_in_the_values(source: &Source, blueprint: &Blueprint) -> Result<(), Failed> {
    for host in blueprint.publishes.iter().filter_map(|published| published.host.as_ref()) {
        let mut held = false;
        let wanted = format!("{}.{{{{ fqdn }}}}", host.value);
        blueprint.values.walk(&mut |_, node| held |= node.as_str() == Some(&wanted));
        if !held {
            return Err(format!("{}: no value is `{wanted}`", source.name()).into());
        }
    }
    Ok(())
}

fn toml_strings(value: &DeValue<'_>, see: &mut dyn FnMut(&str)) {
    match value {
        DeValue::String(text) => see(text),
        DeValue::Array(items) => items.iter().for_each(|item| toml_strings(item.get_ref(), see)),
        DeValue::Table(table) => {
            for (key, item) in table {
                see(key.get_ref());
                toml_strings(item.get_ref(), see);
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// A text with each `{{ … }}` taken out.
fn without_expressions(text: &str) -> String {
    let mut parts = text.split("{{");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once("}}").map_or("", |(_, rest)| rest))
}

/// No string of a tree holds what a template would, unless its author wrote that very text, and no value is dead.
fn leftovers(name: &str) -> Result<(), Failed> {
    let compiled = Compiled::new(&format!("examples/{name}.toml"))?;
    if compiled.has(Code::UnknownValue) {
        return Err(compiled.picture().into());
    }
    let mut literal = Vec::new();
    let document = DeTable::parse(compiled.input().manifest().text())?;
    toml_strings(&DeValue::Table(document.into_inner()), &mut |text| literal.push(text.to_owned()));

    let (mut files, mut wrong) = (BTreeMap::new(), Vec::new());
    walk(Path::new("golden"), name, &mut files)?;
    if files.is_empty() {
        return Err(format!("golden/{name} is empty").into());
    }
    for (path, bytes) in files.iter().filter(|(path, _)| is_named(path, ".yaml")) {
        let value: Json = serde_saphyr::from_slice(bytes).map_err(|error| format!("{path}: {error}"))?;
        json_strings(&value, &mut |text| {
            let is_leftover = LEFTOVERS.iter().any(|leftover| text.contains(leftover));
            if is_leftover && !literal.iter().any(|written| written == text) {
                wrong.push(format!("{path}: {text:?}"));
            }
        });
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn json_strings(value: &Json, see: &mut dyn FnMut(&str)) {
    match value {
        Json::String(text) => see(text),
        Json::Array(items) => items.iter().for_each(|item| json_strings(item, see)),
        Json::Object(map) => {
            for (key, item) in map {
                see(key);
                json_strings(item, see);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
