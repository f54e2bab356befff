//! SARIF 2.1.0, for code scanning: one run with the rules that occur, their pages, and the edits as fixes.
//!
//! The specification is at <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::json::{Finding, Region};
use super::{Code, Compilation, Diagnostics, Sources};

/// Returns the log file, with a newline at its end.
pub fn render(diags: &Diagnostics, sources: &dyn Sources) -> String {
    render_all(&[Compilation { diags, sources }])
}

/// Returns one log file of several compilations that are equally strict: one run, with the findings of each in their order.
pub fn render_all(compilations: &[Compilation<'_>]) -> String {
    let all = compilations.iter().flat_map(|it| it.diags.iter().map(|finding| (finding.code, it.diags)));
    let codes: BTreeMap<Code, &Diagnostics> = all.collect();
    let codes: Vec<(Code, &Diagnostics)> = codes.into_iter().collect();
    let results = compilations.iter().flat_map(|Compilation { diags, sources }| {
        let codes = &codes;
        diags.sorted().into_iter().map(move |finding| {
            let index = codes.iter().position(|(code, _)| *code == finding.code);
            result(&Finding::new(finding, diags, *sources), index)
        })
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sovereign",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": codes.iter().map(|(code, diags)| rule(*code, diags)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: Code, diags: &Diagnostics) -> Value {
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.summary() },
        "help": { "text": code.page(), "markdown": code.page() },
        "defaultConfiguration": { "level": diags.severity(code).name() },
    })
}

/// Returns one finding. Viewers show little but the message, so notes and advice are part of it.
fn result(finding: &Finding<'_>, index: Option<usize>) -> Value {
    let notes = finding.notes.iter().map(|note| format!("\nnote: {note}"));
    let helps = finding.help.iter().map(|help| format!("\nhelp: {}", help.text));
    let message: String = std::iter::once(finding.message.to_owned()).chain(notes).chain(helps).collect();
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": { "text": message },
        "locations": [location(finding.file, finding.span, finding.label)],
    });
    let related = finding.related.iter().zip(1..).map(|(place, id)| {
        let mut location = location(place.file, place.span, place.label);
        location["id"] = json!(id);
        location
    });
    let related: Vec<_> = related.collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    let fixes = finding.help.iter().filter_map(|help| {
        let edit = help.edit.as_ref()?;
        let replacement = json!({
            "deletedRegion": region(edit.span),
            "insertedContent": { "text": edit.replacement },
        });
        Some(json!({
            "description": { "text": help.text },
            "artifactChanges": [{ "artifactLocation": { "uri": uri(edit.file) }, "replacements": [replacement] }],
        }))
    });
    let fixes: Vec<_> = fixes.collect();
    if !fixes.is_empty() {
        result["fixes"] = json!(fixes);
    }
    result
}

fn location(file: &str, span: Region, label: &str) -> Value {
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(file) }, "region": region(span) },
    });
    if !label.is_empty() {
        location["message"] = json!({ "text": label });
    }
    location
}

fn region(span: Region) -> Value {
    json!({
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    })
}

/// Returns the name of a file as a URI: relative for a relative path, `file://` for an absolute one.
fn uri(name: &str) -> String {
    let name = name.replace('\\', "/");
    let name = name.strip_prefix("./").unwrap_or(&name);
    let mut out = String::from(if name.starts_with('/') { "file://" } else { "" });
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn run(diags: &Diagnostics, texts: &samples::Texts) -> Value {
        let log: Value = serde_json::from_str(&render(diags, texts)).expect("SARIF is JSON");
        assert_eq!(log["version"], "2.1.0");
        assert_eq!(log["runs"].as_array().map(Vec::len), Some(1));
        log["runs"][0].clone()
    }

    #[test]
    fn a_run_has_what_the_standard_requires() {
        let (texts, diags) = samples::mixed();
        let run = run(&diags, &texts);
        assert_eq!(run["tool"]["driver"]["name"], "sovereign");
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), 3);
        for result in run["results"].as_array().expect("results") {
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert_eq!(rules[index]["defaultConfiguration"]["level"], result["level"]);
            assert!(rules[index]["help"]["text"].is_string(), "`text` is required beside `markdown`");
            assert!(result["message"]["text"].is_string());
            let region = &result["locations"][0]["physicalLocation"]["region"];
            for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(region[key].as_u64() >= Some(1), "{key} counts from one");
            }
        }
    }

    #[test]
    fn places_and_edits_are_regions_of_encoded_files() {
        let (texts, diags) = samples::mixed();
        let results = run(&diags, &texts)["results"].clone();
        let region = json!({ "startLine": 3, "startColumn": 14, "endLine": 3, "endColumn": 23 });
        let fix = json!([{
            "description": { "text": "a blueprint with a similar name exists" },
            "artifactChanges": [{
                "artifactLocation": { "uri": "sovereign.toml" },
                "replacements": [{ "deletedRegion": region, "insertedContent": { "text": "\"harbor\"" } }],
            }],
        }]);
        assert_eq!(results[0]["fixes"], fix);
        let place = json!({
            "physicalLocation": {
                "artifactLocation": { "uri": "blue%20prints/empty.toml" },
                "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 },
            },
            "message": { "text": "and never here" },
            "id": 2,
        });
        assert_eq!(results[1]["relatedLocations"][1], place);
        let text = "name `ä` is declared twice\nnote: a name becomes a directory, so: 100 % unique\n\
            help: rename one of them";
        assert_eq!(results[1]["message"]["text"], text);
        assert_eq!(results[2].get("fixes"), None);
    }

    #[test]
    fn a_run_without_findings_has_an_empty_list_of_results() {
        let run = run(&Diagnostics::new(), &samples::Texts::new(&[("t", "")]));
        assert_eq!(run["results"], json!([]), "no list would mean that nothing was checked");
    }

    #[test]
    fn names_become_uris() {
        assert_eq!(uri("./a b\\ö:%.toml"), "a%20b/%C3%B6%3A%25.toml");
        assert_eq!(uri("/srv/s.toml"), "file:///srv/s.toml");
    }
}
