//! What `tofu output -json` says, written down as the observed facts of regions.

use serde_json::{Map, Value as Json};
use sovereign_language::input::{Input, Revised};
use sovereign_text::diag::suggest;

use crate::language::Language;
use crate::list;
use crate::place::Opened;
use crate::{Path, Refused};

/// Writes down what outputs say of regions.
pub(crate) fn apply(input: &Input, output: &str, region: Option<&str>) -> Result<Vec<Revised>, Refused> {
    let language = Language::new();
    let mut opened = Opened::manifest(input, &language)?;
    let outputs: Map<String, Json> = serde_json::from_str(output).map_err(|error| {
        Refused::new(format!("this is not what `tofu output -json` prints: {error}"))
            .help("write `tofu output -json | sovereign observe`")
    })?;
    let regions = regions(&opened);
    let primary = match region {
        Some(named) if !regions.iter().any(|region| region == named) => {
            let words = Refused::new(format!("there is no region `{named}`"));
            let known = || regions.iter().map(String::as_str);
            return Err(words.help(match suggest::nearest(named, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the regions are {}", suggest::list(known(), 12)),
            }));
        }
        Some(named) => Some(named.to_owned()),
        None => primary(&opened, &regions),
    };
    let facts = facts(&language);
    let mut found = Vec::new();
    for (name, output) in &outputs {
        let is_secret = output.get("sensitive").and_then(Json::as_bool) == Some(true);
        let Some(value) = output.get("value").filter(|_| !is_secret) else { continue };
        let fact = fact(&facts, name);
        match (fact, &primary) {
            (Some(fact), Some(primary)) if text(value).is_some() => {
                found.extend(text(value).map(|text| (primary.clone(), fact, text)));
            }
            (fact, _) => of_regions(value, fact, &facts, &regions, &mut found),
        }
    }
    if found.is_empty() {
        return Err(Refused::new("no output says anything of a region").help(format!(
            "an output may be called {}, or hold such keys for each region",
            suggest::list(facts.iter().map(|fact| fact.output.as_str()), 12)
        )));
    }
    for (region, key, value) in found {
        opened.set(&Path::of(["region", &region, "observed", key]), &format!("{value:?}"))?;
    }
    Ok(vec![opened.revised()])
}

/// A fact that the language has of a region, and what outputs call it.
struct Fact {
    key: String,
    /// As modules call it: an address is an `ip` there.
    output: String,
    /// As the language calls it.
    own: String,
}

/// Returns the facts that the language has of a region.
fn facts(language: &Language) -> Vec<Fact> {
    let region = language.root().below("region").and_then(|list| list.items());
    let observed = region.and_then(|region| region.below("observed"));
    let keys = observed.map(|observed| observed.keys()).unwrap_or_default();
    let fact = |key: &str| {
        let own = key.replace('-', "_");
        let output = own.strip_suffix("_address").map_or_else(|| own.clone(), |what| format!("{what}_ip"));
        Fact { key: key.to_owned(), output, own }
    };
    keys.into_iter().map(fact).collect()
}

/// Returns the key of the fact that an output is about: one of it, or of each region.
fn fact<'f>(facts: &'f [Fact], output: &str) -> Option<&'f str> {
    let output = output.replace('-', "_");
    let one = output.strip_suffix('s').unwrap_or(&output);
    let is_meant =
        |fact: &&Fact| [&fact.output, &fact.own].into_iter().any(|name| *name == output || name == one);
    facts.iter().find(is_meant).map(|fact| fact.key.as_str())
}

/// Takes what a value says of each region: a map by their names, or a list of tables that name theirs.
fn of_regions<'f>(
    value: &Json,
    about: Option<&'f str>,
    facts: &'f [Fact],
    regions: &[String],
    found: &mut Vec<(String, &'f str, String)>,
) {
    let mut take = |region: &str, value: &Json| {
        if !regions.iter().any(|known| known == region) {
            return;
        }
        if let (Some(key), Some(text)) = (about, text(value)) {
            found.push((region.to_owned(), key, text));
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            if let (Some(key), Some(text)) = (fact(facts, name), text(value)) {
                found.push((region.to_owned(), key, text));
            }
        }
    };
    for (region, value) in value.as_object().into_iter().flatten() {
        take(region, value);
    }
    for value in value.as_array().into_iter().flatten() {
        let region =
            ["name", "region", "code", "location"].into_iter().find_map(|key| value.get(key)?.as_str());
        if let Some(region) = region {
            take(region, value);
        }
    }
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Returns the names of all regions.
fn regions(opened: &Opened<'_>) -> Vec<String> {
    let list = opened.get(&Path::of(["region"])).map(list::Found::entries).unwrap_or_default();
    let names = list.into_iter().filter_map(|region| region.table().and_then(list::name));
    names.map(str::to_owned).collect()
}

/// Returns the region that says it is the primary, or the first one.
fn primary(opened: &Opened<'_>, regions: &[String]) -> Option<String> {
    let says = |region: &&String| {
        opened.get(&Path::of(["region", region, "role"])).and_then(list::Found::text) == Some("primary")
    };
    regions.iter().find(says).or_else(|| regions.first()).cloned()
}
