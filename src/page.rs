//! A Sovereign as one page for a browser: its regions, what runs where and waits for what, what a change does, and what the
//! loss of regions comes to. One file that asks no network; without its script everything is still there to read.
//!
//! What users wrote reaches the page as text alone: Tera escapes it, drawings escape it themselves, and a policy in the
//! page lets no script run but its own, which is named by its digest.

pub mod impact;

use std::collections::BTreeMap;

use std::error::Error;
use std::fmt;

use serde_json::{Value as Json, json};
use tera::{Context, Tera};

use sovereign_change::diff::Diff;
use sovereign_change::diff::json as diff_json;
use sovereign_compile::graph::{self, svg};
use sovereign_compile::lower::Lowered;
use sovereign_compile::plan::{Absence, Plan, Region};
use sovereign_compile::simulate::{Lost, Simulation, json as outcomes_json};
use sovereign_text::diag::json::Finding;
use sovereign_text::diag::{Diagnostics, Sources};
use sovereign_text::digest::Digest;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
/// The template goes by a name for which Tera escapes.
const NAME: &str = "page.html";

/// Of how many regions at most the loss of every two is shown.
const MOST_PAIRED: usize = 12;

/// What the manifest is compared with.
pub enum Changes<'d> {
    /// What differs, and the name of the other side.
    Against(&'d Diff, String),
    /// Why there is no comparison.
    None(Incomparable),
}

/// Why a manifest is compared with nothing.
#[derive(Clone, Copy, Debug)]
pub enum Incomparable {
    /// No repository has it.
    NoRepository,
    /// It does not compile.
    Errors,
}

impl fmt::Display for Incomparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRepository => "the manifest is in no repository",
            Self::Errors => "the manifest has errors",
        })
    }
}

impl Error for Incomparable {}

/// Returns what the page says of a plan and its objects.
pub fn of_plan(plan: &Plan<'_>, lowered: &Lowered) -> Json {
    let simulation = Simulation::new(plan);
    // Losses of one region come first; of many regions, those of two are too many to read.
    let most = if plan.regions.len() > MOST_PAIRED { plan.regions.len() } else { usize::MAX };
    let losses = Lost::every(plan).into_iter().take(most);
    let outcomes: Vec<_> = losses.map(|lost| simulation.lose(lost)).collect();
    let outcomes: Json =
        serde_json::from_str(&outcomes_json::render(&simulation, &outcomes)).unwrap_or_default();
    let regions: Vec<_> = plan.regions.iter().map(|region| of_region(plan, region, lowered)).collect();
    json!({
        "fqdn": plan.fqdn.value.as_str(),
        "kit": plan.kit.name,
        "compiler": concat!("sovereign ", env!("CARGO_PKG_VERSION")),
        "releases": plan.regions.iter().map(|region| region.releases.len()).sum::<usize>(),
        "topology": svg::drawing(&graph::topology(plan)),
        "regions": regions,
        "blueprints": blueprints(plan),
        "outcomes": outcomes["outcomes"].as_array().into_iter().flatten().map(outcome).collect::<Vec<_>>(),
        "unknown": outcomes["cannot-know"],
    })
}

/// Returns the page. `says` is what [`of_plan`] gave.
///
/// # Errors
/// The template does not take what it is given, which is a mistake in this program.
pub fn render(
    mut says: Json,
    changes: &Changes<'_>,
    diags: &Diagnostics,
    sources: &dyn Sources,
) -> Result<String, tera::Error> {
    says["changes"] = of_changes(changes, sources);
    says["findings"] = findings(diags, sources);
    says["style"] = STYLE.into();
    says["script"] = SCRIPT.into();
    says["style_digest"] = base64(Digest::hash(STYLE.as_bytes()).bytes()).into();
    says["script_digest"] = base64(Digest::hash(SCRIPT.as_bytes()).bytes()).into();
    let mut tera = Tera::default();
    tera.add_raw_template(NAME, TEMPLATE)?;
    let context = Context::from_serialize(&says)?;
    tera.render(NAME, &context)
}

fn of_region(plan: &Plan<'_>, region: &Region<'_>, lowered: &Lowered) -> Json {
    let layers = graph::layers(plan, region, lowered);
    let ranks = graph::ranks(&layers);
    let count = ranks.iter().max().map_or(0, |highest| highest + 1);
    let mut waves: Vec<Vec<Json>> = vec![Vec::new(); count];
    for (node, rank) in layers.nodes.iter().zip(ranks) {
        if let Some(wave) = waves.get_mut(rank) {
            wave.push(json!({ "name": node.name, "path": node.note }));
        }
    }
    let tiers: Vec<_> = region.vclusters.iter().map(|tier| tier.value.to_string()).collect();
    let address = region.load_balancer_address().map(|address| address.value.to_string());
    json!({
        "name": region.name.value.as_str(),
        "role": region.role.value.to_string(),
        "provider": region.provider.value.to_string(),
        "pods": region.pods.value.to_string(),
        "services": region.services.value.to_string(),
        "network": region.network.value.to_string(),
        "mesh": format!("{} ({})", region.mesh.name.value, region.mesh.id.value),
        "vclusters": if tiers.is_empty() { "none".to_owned() } else { tiers.join(", ") },
        "address": address.unwrap_or_else(|| "not known yet".to_owned()),
        "graph": svg::drawing(&graph::dependencies(plan, region)),
        "waves": waves,
    })
}

/// Returns what runs where, and why not elsewhere, for blueprints that run somewhere.
fn blueprints(plan: &Plan<'_>) -> Vec<Json> {
    let rows = plan.kit.blueprints.iter().filter_map(|blueprint| {
        let name = blueprint.name.value.as_str();
        let version =
            plan.regions.iter().find_map(|region| Some(region.release(name)?.version.value.to_string()))?;
        let cells = plan.regions.iter().map(|region| {
            let (state, why) = match (region.release(name), region.absent.get(name)) {
                (Some(_), _) => ("runs", "a release of this version"),
                (None, Some(Absence::Off(_))) => ("off", "switched off"),
                (None, Some(Absence::Elsewhere(why, _))) => ("elsewhere", *why),
                (None, None) => ("elsewhere", "nothing places it here"),
            };
            json!({ "state": state, "why": why })
        });
        Some(json!({ "name": name, "version": version, "cells": cells.collect::<Vec<_>>() }))
    });
    rows.collect()
}

fn outcome(outcome: &Json) -> Json {
    let gone = outcome["gone"].as_array().into_iter().flatten().filter_map(|gone| gone["release"].as_str());
    let applications = outcome["applications"].as_array().into_iter().flatten().map(|it| {
        let status = it["status"].as_str().unwrap_or_default();
        let tone = match status {
            "unaffected" => "good",
            "degraded" | "moves" => "odd",
            _ => "bad",
        };
        let bound = it["bound"].as_u64().map(|seconds| format!("answers everybody again after {seconds} s at most"));
        let reasons = texts(&it["reasons"]).join(", ");
        let words = bound.unwrap_or(reasons);
        let loss = it["loss"].as_str().unwrap_or_default();
        json!({ "name": it["name"], "status": status, "tone": tone, "words": format!("{words}; data lost: {loss}") })
    });
    json!({
        "lost": texts(&outcome["lost"]).join(", "),
        "met": outcome["met"],
        "gone": gone.collect::<Vec<_>>().join(", "),
        "applications": applications.collect::<Vec<_>>(),
    })
}

fn texts(list: &Json) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

fn of_changes(changes: &Changes<'_>, sources: &dyn Sources) -> Json {
    let (diff, against) = match changes {
        Changes::None(reason) => {
            return json!({ "against": null, "reason": reason.to_string(), "losses": 0, "rows": [] });
        }
        Changes::Against(diff, against) => (diff, against),
    };
    let value = diff_json::value(diff, sources);
    // What happens to several regions alike is one row.
    let mut rows: BTreeMap<String, (Json, Vec<String>)> = BTreeMap::new();
    for cluster in value["clusters"].as_array().into_iter().flatten() {
        for event in cluster["events"].as_array().into_iter().flatten() {
            let mut detail = event.clone();
            let cause = &event["cause"];
            let place = cause["file"].as_str().map(|file| format!("{file}:{}", cause["line"]));
            for key in ["event", "subject", "risk", "cause"] {
                detail.as_object_mut().and_then(|map| map.remove(key));
            }
            let row = json!({
                "event": event["event"], "subject": event["subject"], "risk": event["risk"],
                "cause": place, "detail": words(&detail),
            });
            // Losses first.
            let key = format!("{}{row}", u8::from(event["risk"].is_null()));
            let of = cluster["cluster"].as_str().unwrap_or_default().to_owned();
            rows.entry(key).or_insert_with(|| (row, Vec::new())).1.push(of);
        }
    }
    let rows: Vec<_> = rows
        .into_values()
        .map(|(mut row, clusters)| {
            row["clusters"] = clusters.join(", ").into();
            row
        })
        .collect();
    let losses = rows.iter().filter(|row| !row["risk"].is_null()).count();
    json!({ "against": against, "losses": losses, "rows": rows })
}

/// Returns what a change says besides, as words: `old 1.0.0, new 1.1.0`.
fn words(detail: &Json) -> String {
    let parts = detail.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let parts = parts.map(|(key, value)| match value {
        Json::String(text) => format!("{key} {text}"),
        Json::Array(list) => {
            let list: Vec<_> =
                list.iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect();
            format!("{key} {}", list.join(", "))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => format!("{key} {value}"),
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn findings(diags: &Diagnostics, sources: &dyn Sources) -> Json {
    let found = diags.sorted().into_iter().map(|found| {
        let found = Finding::new(found, diags, sources);
        json!({
            "severity": found.severity, "code": found.code, "message": found.message, "file": found.file,
            "line": found.span.start.line,
        })
    });
    found.collect()
}

/// Returns bytes in base64 (RFC 4648, section 4), as a policy names a digest.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or_default());
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = usize::try_from(word >> (18 - 6 * place) & 63).unwrap_or_default();
            let is_padding = place > u32::try_from(three.len()).unwrap_or_default();
            let digit = DIGITS.get(digit).copied().filter(|_| !is_padding).unwrap_or(b'=');
            out.push(char::from(digit));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_the_standard() {
        let encoded = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
